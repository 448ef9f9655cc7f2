/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the rules and to the service: what becomes of a credential after it was issued. The
 * same acts for the command line (service_credential.c, a transaction each) and for operators and
 * wallets over HTTP (in the savepoint of their request); whether they may is decided before.
 *
 * `actor` is who did it, as the audit tells it: see rules_actor().
 */
#ifndef BACKEND_RULES_CREDENTIAL_H
#define BACKEND_RULES_CREDENTIAL_H

#include "backend/rules_shared.h"

struct rules_issued {
	uint8_t id[CODE_ID_LEN];
	uint16_t generation;
	uint32_t not_after;
	char token[CODE_ACTIVATION_TEXT_LEN + 1]; /* activation, once; wipe after showing */
	char code[CODE_TEXT_MAX]; /* the same, kind A */
	int64_t token_expires_at;
};

/* ---- what may be told of one: nothing of its secret, no code ---- */

#define RULES_CREDENTIALS_MAX 16 /* of one holder, told at once */

struct rules_credential_seen {
	uint8_t id[CODE_ID_LEN];
	uint8_t holder[CODE_ID_LEN];
	uint8_t account[CODE_ID_LEN];
	char account_number[STORE_NUMBER_MAX];
	char purpose[RULES_NAME_MAX];
	char face_value[RULES_NAME_MAX];
	const char *status;   /* "active" "frozen" "void" "expired" */
	int64_t frozen_until; /* 0 = not frozen; STORE_FOR_EVER */
	uint16_t generation;
	uint32_t not_after;
	bool live;
	int digits;
	bool pin;        /* asked for */
	bool pin_locked; /* of the account */
	bool activated;  /* this generation */
	int failures;    /* wrong answers in a row */
	int freezes;     /* since the last success */
};
/* ERR_NOT_FOUND without a decision: the caller says what it means. */
ERR_MUST_CHECK enum err_code rules_credential_look(const struct rules *r,
	struct rules_credential_seen *out, const uint8_t id[static CODE_ID_LEN], struct err *err);
/* Of one holder, at most RULES_CREDENTIALS_MAX. */
ERR_MUST_CHECK enum err_code rules_credentials_of(const struct rules *r,
	struct rules_credential_seen out[static RULES_CREDENTIALS_MAX], size_t *count, bool *more,
	const uint8_t holder[static CODE_ID_LEN], struct err *err);

/* ---- parts of issuing ---- */

/* wanted: Unix seconds; 0 = valid_days of the policy from now; CODE_NO_END. ERR_RANGE. */
ERR_MUST_CHECK enum err_code rules_credential_end(const struct rules *r, uint32_t *out,
	int64_t wanted, struct err *err);
/* In: credential, generation and not_after. A new K, the signed static body, the row. */
ERR_MUST_CHECK enum err_code rules_key_make(const struct rules *r, struct store_key *key,
	struct err *err);
/* An activation token for that key. */
ERR_MUST_CHECK enum err_code rules_activation_make(const struct rules *r,
	struct rules_issued *out, const struct store_key *key, struct err *err);

/* Links of this credential that were not used are worth nothing; those not sent yet never are. */
ERR_MUST_CHECK enum err_code rules_activation_withdraw(const struct rules *r,
	const uint8_t credential[static CODE_ID_LEN], struct err *err);

/* ---- acts: each refuses with not-found or void, or does it with its audit record ---- */

/* until: Unix seconds; 0 = until unfrozen. Ends what the credential has open. */
ERR_MUST_CHECK enum err_code rules_credential_freeze(const struct rules *r,
	struct rules_problem *problem, const uint8_t id[static CODE_ID_LEN], int64_t until,
	const char *actor, struct err *err);
/* Also clears the count of failures and freezes. */
ERR_MUST_CHECK enum err_code rules_credential_unfreeze(const struct rules *r,
	struct rules_problem *problem, const uint8_t id[static CODE_ID_LEN], const char *actor,
	struct err *err);
ERR_MUST_CHECK enum err_code rules_credential_void(const struct rules *r,
	struct rules_problem *problem, const uint8_t id[static CODE_ID_LEN], const char *actor,
	struct err *err);
/* New K, next generation, new activation token; the old generation and its wallet stop working. */
ERR_MUST_CHECK enum err_code rules_credential_renew(const struct rules *r,
	struct rules_issued *out, struct rules_problem *problem,
	const uint8_t id[static CODE_ID_LEN], uint32_t not_after, const char *actor,
	struct err *err);
/* The next generation, for which nobody has a token yet. */
ERR_MUST_CHECK enum err_code rules_credential_supersede(const struct rules *r,
	const struct store_credential *c, struct err *err);

/* By the wallet itself, after the end of its generation and renewal_days of the policy at most.
 * The wallet keeps its bearer token until it used the activation token; asking again before that
 * gives another one for the same generation, so that a lost answer loses nothing.
 */
ERR_MUST_CHECK enum err_code rules_wallet_renew(const struct rules *r, struct rules_issued *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err);

#endif
