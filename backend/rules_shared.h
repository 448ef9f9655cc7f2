/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the rules: what several of them do in the same way.
 */
#ifndef BACKEND_RULES_SHARED_H
#define BACKEND_RULES_SHARED_H

#include "backend/keyring.h"
#include "backend/policy.h"
#include "backend/rules.h"
#include "backend/rules_event.h"
#include "backend/store_rows.h"

/* ---- refusals ---- */

void rules_problem_clear(struct rules_problem *p);
void rules_refuse(struct rules_problem *p, int status, const char *word, const char *detail);
static inline bool rules_refused(const struct rules_problem *p)
{
	return p->word[0] != '\0';
}

/* ---- audit ---- */

#define RULES_MARK_LEN 8

struct rules_act { /* what a record tells; unset members are left out */
	const char *kind;
	const uint8_t *credential;
	const uint8_t *terminal;
	const uint8_t *verification;
	const uint8_t *call;   /* to customer service */
	const uint8_t *holder;
	const uint8_t *member; /* the operator it is about */
	const uint8_t *code;   /* first RULES_MARK_LEN bytes of the digest of an enrolment code */
	const char *reason;  /* word */
	const char *receipt;
	const char *operator_mark; /* of a cashier's name, or rules_actor() */
	int64_t until;
	int pin_try;
	int times; /* that it happened today, this one included; 0 = is not counted */
	const uint8_t *account;
	bool has_counts; /* what is counted now: so that a restored database can be told */
	int failures;    /* wrong answers of the credential, or wrong PINs of the account */
	int freezes;     /* of the credential */
	bool has_wrong;  /* and of its account: wrong answers of that day */
	int64_t day;
	int wrong;
	bool has_amount;
	uint64_t amount;
	const char *currency;
};
ERR_MUST_CHECK enum err_code rules_record(const struct rules *r, const struct rules_act *act,
	struct err *err);
/* Who acts, as the audit tells it without a name: the id of an operator in hex. The command line is
 * local:UID of the system, unless it was told which operator.
 */
void rules_actor(char out[static RULES_ACTOR_MAX], const struct rules_caller *caller);
/* The receipt number of the decision that is recorded next: date and number of that record. */
ERR_MUST_CHECK enum err_code rules_receipt(const struct rules *r,
	char out[static RULES_RECEIPT_MAX], struct err *err);

/* ---- verifications ---- */

/* The caller's verification with its time looked at: what is over is recorded as expired. A
 * verification of somebody else is refused as not-found, like one that does not exist.
 */
ERR_MUST_CHECK enum err_code rules_verification_load(const struct rules *r,
	struct store_verification *v, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], struct err *err);
/* What the terminal may know of it. */
void rules_verification_view(const struct rules *r, struct rules_verification *out,
	const struct store_verification *v);
/* As the customer's wallet showed them. False, and both are "": it had no challenge. */
bool rules_challenge_texts(char merchant[static CODE_MERCHANT_MAX + 1],
	char reference[static CODE_REFERENCE_MAX + 1], const struct store_verification *v);
/* What is over is recorded as expired. */
ERR_MUST_CHECK enum err_code rules_verification_expire(const struct rules *r,
	struct store_verification *v, struct err *err);
/* The code of its receipt; "" where it has none, or the policy gives none. The same verification
 * gets the same code, until the issuer's key is another one.
 */
void rules_receipt_code(const struct rules *r, char out[static CODE_TEXT_MAX],
	const struct store_verification *v);
/* Ends a verification that still waits for something, with its audit record. *v is what is recorded
 * afterwards, also when somebody else was first.
 */
ERR_MUST_CHECK enum err_code rules_verification_end(const struct rules *r,
	struct store_verification *v, enum rules_state state, const char *reason, const char *kind,
	struct err *err);
void rules_reason_set(struct store_verification *v, const char *word);

/* ---- who may: each refuses or returns with the row ---- */

ERR_MUST_CHECK enum err_code rules_terminal_load(const struct rules *r, struct store_terminal *out,
	struct rules_problem *problem, const struct rules_caller *caller, struct err *err);
/* Why the credential may not be used now: "void" "superseded" "expired" "frozen"; "" = it may. */
const char *rules_credential_bar(const struct store_credential *c, const struct store_key *key,
	int64_t now);

/* ---- throttling (rules_throttle.c) ---- */

/* The slot whose failures are counted together: a live step, or a terminal's day. */
void rules_slot_live(struct store_verification *v, uint64_t step);
void rules_slot_static(struct store_verification *v, int64_t now);
bool rules_slot_is_live(const struct store_verification *v);

/* May this credential start at this terminal now? Refuses with too-many-attempts. tag: of the live
 * step, NULL for a static code.
 */
ERR_MUST_CHECK enum err_code rules_budget_check(const struct rules *r,
	struct rules_problem *problem, const struct store_verification *v,
	const struct store_account *account, const struct store_tag *tag, struct err *err);
/* A terminal asked for somebody else's verification: recorded, and counted like a wrong answer. */
ERR_MUST_CHECK enum err_code rules_count_foreign(const struct rules *r,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], struct err *err);
/* Too many wrong answers of all credentials of this account today? Refuses. */
void rules_account_check(const struct rules *r, struct rules_problem *problem,
	const struct store_account *a);
/* After the decision, in its transaction. */
ERR_MUST_CHECK enum err_code rules_count_wrong(const struct rules *r,
	const struct store_verification *v, struct store_credential *c, struct store_terminal *t,
	struct err *err);
ERR_MUST_CHECK enum err_code rules_count_right(const struct rules *r, struct store_credential *c,
	struct store_terminal *t, struct err *err);

/* ---- amounts (rules_amount.c) ---- */

/* What this amount needs and which level that is: PIN or challenge code are asked for where a
 * weaker level would not do. Refuses with not-allowed. In: need as policy_need_of() says; pin: the
 * account has one and the credential asks for it.
 */
ERR_MUST_CHECK enum err_code rules_amount_need(const struct rules *r, struct policy_need *need,
	int *level, struct rules_problem *problem, const struct store_verification *v, bool live,
	bool pin, struct err *err);
/* Once more when it is decided: others of the account may have been accepted meanwhile
 * ("not-allowed"), or the policy was changed ("limits-changed"). *bar becomes "" when it fits.
 */
ERR_MUST_CHECK enum err_code rules_amount_fits(const struct rules *r, const char **bar,
	const struct store_verification *v, struct err *err);

/* ---- begun under other limits (rules_again.c) ---- */

/* Begun before the policy of now was read, or before this process was started. */
bool rules_is_older(const struct rules *r, const struct store_verification *v);
/* The binding that its answer must have: as it was asked for, or more if more is needed now. */
int rules_least_binding(const struct rules *r, const struct store_verification *v);
/* Why this account gets nothing accepted now: "too-many-attempts" "limits-changed"; "" = it may. */
const char *rules_account_bar(const struct rules *r, const struct store_verification *v,
	const struct store_account *a);
/* *bar, where it was "", becomes the reason why an older one is not accepted. */
ERR_MUST_CHECK enum err_code rules_again(const struct rules *r, const char **bar,
	const struct store_verification *v, const struct store_credential *c, struct err *err);

/* ---- the end of old rows (rules_retire.c) ---- */

/* Once an hour, what ends soon into r->ends; part of rules_sweep(). */
ERR_MUST_CHECK enum err_code rules_ends_look(const struct rules *r, struct err *err);
/* A small bite of what is older than the policy says; part of rules_sweep(). */
ERR_MUST_CHECK enum err_code rules_retire(const struct rules *r, struct err *err);

/* ---- rehearsals: see rehearsal.h ---- */

/* For a look ahead, which asks for all that is usually read before it needs any of it. e: of one
 * read. *all becomes false when that is not there yet. True: there is something to go on from.
 */
static inline bool rules_asked(bool *all, enum err_code e)
{
	*all = *all && e != ERR_TIMEOUT;
	return e == ERR_OK;
}

/* The end of a look ahead: what was rehearsed ends here in any case. */
static inline enum err_code rules_ahead_end(bool all, struct err *err)
{
	return all ? err_set(err, ERR_EXISTS, "all of it was asked for")
		   : err_set(err, ERR_TIMEOUT, "not read yet");
}

#endif
