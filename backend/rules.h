/* SPDX-License-Identifier: Apache-2.0
 *
 * The decisions of PROTOCOL.md section 8. Knows the store's verbs and the codes, nothing of HTTP,
 * JSON text or threads: handlers give declared, validated fields and get an outcome.
 *
 * Every function runs on the store thread, inside the transaction (savepoint) of its request.
 * ERR_OK means that a decision was made, refusals included: then *out or *problem says which. Any
 * other code means that nothing was decided and the savepoint must be rolled back: the answer is
 * 503.
 */
#ifndef BACKEND_RULES_H
#define BACKEND_RULES_H

#include "base/clock.h"
#include "verifier/code.h"

struct store;   /* backend/store.h */
struct keyring; /* backend/keyring.h: master key, number key, issuer keys */
struct authority; /* backend/authority.h */
struct tally;   /* backend/tally.h */
struct ends;    /* backend/ends.h */
struct policy;  /* backend/policy.h: limits and amount classes from the configuration */

#define RULES_WORD_MAX 32
#define RULES_NAME_MAX 64
#define RULES_RECEIPT_MAX 32
#define RULES_PIN_MIN 4
#define RULES_PIN_MAX 12
#define RULES_PIN_TRIES 3
#define RULES_CLOCK_BACK_S 60 /* the clock set back by more ends what is open */
#define RULES_ACTOR_MAX 48 /* who did it: see rules_actor(), with NUL */

struct rules {
	struct store *store;
	const struct keyring *keys;
	const struct policy *policy;
	const struct clock *clock;
	const struct authority *authority; /* for certificates of terminals; NULL = there is none */
	struct tally *tally; /* what was decided is counted here; NULL = nobody counts */
	int64_t restored_at; /* the last restore of a backup, Unix seconds; 0 = none */
	struct ends *ends;   /* what ends soon is kept here; NULL = nobody asks */
	struct rules_issuer_kept *issuer; /* the last signed list; NULL = it is made each time */
};

enum rules_role {
	ROLE_NOBODY = 0,
	ROLE_TERMINAL,
	ROLE_WALLET,
	ROLE_OPERATOR, /* a teller */
	ROLE_ADMIN,
	ROLE_CASHIER,
	ROLE_SUPERVISOR
};

struct rules_caller {
	enum rules_role role;
	uint8_t id[CODE_ID_LEN]; /* of the terminal, the wallet's credential, the operator */
	char name[RULES_NAME_MAX];
};

/* A refusal: HTTP status and the stable word of PROTOCOL.md section 9. word[0] == 0: no problem. */
struct rules_problem {
	int status;
	char word[RULES_WORD_MAX];
	char detail[160];     /* what was wrong and what to do; never whether an answer was right */
	int64_t until_unix_s; /* frozen, too-many-attempts; 0 = not said */
	int attempts_left;    /* -1 = not said */
};

enum rules_state {
	STATE_CHALLENGED = 0,
	STATE_ACCEPTED,
	STATE_AUTHORISED,
	STATE_REJECTED,
	STATE_EXPIRED,
	STATE_CANCELLED
};
const char *rules_state_word(enum rules_state s);

/* Who is this token? ROLE_NOBODY when it is none of ours, revoked, or of another role. */
ERR_MUST_CHECK enum err_code rules_authenticate(const struct rules *r, struct rules_caller *out,
	struct span token, struct err *err);

/* ---- stage one ---- */

struct rules_start_in {
	char code[CODE_TEXT_MAX];
	uint64_t amount;   /* minor units, 0 = none */
	char currency[4];  /* "" = none */
	char reference[CODE_REFERENCE_MAX + 1];
	char operator_name[RULES_NAME_MAX];
};
struct rules_start_out {
	uint8_t id[CODE_ID_LEN];
	char number[CODE_DIGITS_MAX + 1];
	int digits;
	int64_t expires_at;
	char challenge_code[CODE_TEXT_MAX];
	char purpose[RULES_NAME_MAX];
	char face_value[RULES_NAME_MAX];
	char holder[RULES_NAME_MAX];
	bool pin_required;
};
ERR_MUST_CHECK enum err_code rules_verification_start(const struct rules *r,
	struct rules_start_out *out, struct rules_problem *problem,
	const struct rules_caller *caller, const struct rules_start_in *in, struct err *err);

/* ---- stage two, state, cancel ---- */

struct rules_verification { /* what is recorded, as the terminal may know it */
	uint8_t id[CODE_ID_LEN];
	enum rules_state state;
	char reason[RULES_WORD_MAX]; /* "" = none */
	bool pin_required;
	int attempts_left;           /* -1 = not said */
	int pin_tries;               /* used */
	char receipt[RULES_RECEIPT_MAX]; /* "" = none */
	char receipt_code[CODE_TEXT_MAX]; /* kind X, of that receipt; "" = none */
};
ERR_MUST_CHECK enum err_code rules_verification_answer(const struct rules *r,
	struct rules_verification *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN],
	const char *code_text, struct err *err);
ERR_MUST_CHECK enum err_code rules_verification_state(const struct rules *r,
	struct rules_verification *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code rules_verification_cancel(const struct rules *r,
	struct rules_verification *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], struct err *err);

/* ---- what a person knows: argon2id takes 25 ms and runs outside the store thread ----
 *
 * A rule that compares a PIN, a passphrase or the answer to a question has two parts. begin says
 * what to do: its outcome is final when hash->wanted is false; else the caller calls
 * rules_hash_compare() on a pool thread, and finish with what came out. finish looks at everything
 * again: the state may have changed meanwhile, and what was compared must still be what is stored.
 */
struct rules_hash {
	bool wanted;
	char encoded[SEC_PASSWORD_TEXT_MAX]; /* what was stored */
	uint8_t secret[SEC_KEY_LEN];         /* what was typed, peppered; wiped by its owner */
};
/* The 25 ms. On any thread: touches no store and no key. *right is false on any error. */
ERR_MUST_CHECK enum err_code rules_hash_compare(bool *right, const struct rules_hash *hash,
	struct err *err);

/* ---- PIN ---- */

/* `pin` as typed. */
ERR_MUST_CHECK enum err_code rules_pin_begin(const struct rules *r, struct rules_hash *hash,
	struct rules_verification *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], int pin_try,
	struct span pin, struct err *err);
ERR_MUST_CHECK enum err_code rules_pin_finish(const struct rules *r, struct rules_verification *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], int pin_try, const struct rules_hash *hash,
	bool pin_is_right, struct err *err);

/* ---- activation ---- */

#define RULES_CLAIM_S 600 /* so long after it an activation can be claimed once more */

struct rules_activation_in {
	char token[CODE_TEXT_MAX]; /* as typed, or the text of a code of kind A */
	char claim[2 * CODE_ID_LEN + 1]; /* "" = none; made by the wallet before it asks */
};
struct rules_activation_out {
	uint8_t credential_id[CODE_ID_LEN];
	uint16_t generation;
	uint32_t not_after;
	bool live;                   /* policy */
	int digits;
	char purpose[RULES_NAME_MAX];
	char face_value[RULES_NAME_MAX];
	char holder[RULES_NAME_MAX];
	uint8_t secret[SEC_KEY_LEN]; /* K; the caller wipes it after sending */
	char first_code[CODE_TEXT_MAX];
	char issuer_name[RULES_NAME_MAX];
	char issuer_host[CODE_HOST_MAX + 1];
	uint8_t issuer_public[SEC_ED25519_PUBLIC_LEN];
	char token[64];              /* bearer token of the wallet */
	bool again;                  /* it was claimed once more */
};
/* Once for each token. The same token with the same claim within RULES_CLAIM_S of that gets the
 * same credential again, and the bearer token from before is worth nothing: so a lost answer is not
 * a lost credential.
 */
ERR_MUST_CHECK enum err_code rules_activation(const struct rules *r,
	struct rules_activation_out *out, struct rules_problem *problem,
	const struct rules_activation_in *in, struct err *err);

struct rules_activation_seen { /* nothing of the holder */
	char issuer_name[RULES_NAME_MAX];
	char issuer_host[CODE_HOST_MAX + 1];
	char purpose[RULES_NAME_MAX];
	char face_value[RULES_NAME_MAX];
	int64_t expires_at; /* of the token */
	uint32_t not_after; /* of the credential */
};
/* What waits for this token; changes nothing. */
ERR_MUST_CHECK enum err_code rules_activation_look(const struct rules *r,
	struct rules_activation_seen *out, struct rules_problem *problem, const char *token,
	struct err *err);

/* ---- what a wallet asks of its own credential ---- */

struct rules_wallet_verification {
	struct rules_verification v;
	uint64_t amount;  /* minor units; 0 = none */
	char currency[4]; /* "" = none */
	char merchant[RULES_NAME_MAX];
	char reference[CODE_REFERENCE_MAX + 1];
	int64_t started_at;
	int64_t decided_at; /* 0 = not yet */
};
/* Nothing of number and codes; another credential's is not there. */
ERR_MUST_CHECK enum err_code rules_wallet_verification(const struct rules *r,
	struct rules_wallet_verification *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], struct err *err);

/* Called now and then by the server: verifications whose time is over become `expired`, each with
 * its audit record. Expiry does not wait for this: every rule looks at the clock itself.
 */
ERR_MUST_CHECK enum err_code rules_sweep(const struct rules *r, int *expired, struct err *err);

#endif
