/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators and administrators: signing in, calls to customer service, and what an identified call
 * allows. As in backend/rules.h: each function runs in the savepoint of its request.
 */
#ifndef BACKEND_RULES_PEOPLE_H
#define BACKEND_RULES_PEOPLE_H

#include "backend/rules.h"
#include "backend/store_people.h"

#define RULES_PASSPHRASE_MIN 12 /* characters */
#define RULES_PASSPHRASE_MAX 256 /* bytes */
#define RULES_ANSWER_MAX 128 /* bytes of the answer to a question, as typed */
#define RULES_CALL_WRONG_MAX 3 /* wrong answers that end a call */
#define RULES_CALL_FREEZE_RIGHT 1 /* right answers for a freeze; unfreezing needs call_right */
#define RULES_TOKEN_MAX 64

/* ---- sessions ---- */

/* A name that nobody has, and one that is stopped, get the same words after the same work as a
 * wrong passphrase. from: the address it comes from, empty = not known. Where a name signed in
 * before it has tries of its own, so that strangers elsewhere do not make it wait.
 */
ERR_MUST_CHECK enum err_code rules_sign_in_begin(const struct rules *r, struct rules_hash *hash,
	struct rules_problem *problem, const char *name, struct span from, struct span passphrase,
	struct err *err);

struct rules_session {
	uint8_t id[CODE_ID_LEN]; /* of the operator */
	char name[RULES_NAME_MAX];
	const char *role; /* "cashier" "teller" "supervisor" "administrator" */
	char token[RULES_TOKEN_MAX];
	int64_t expires_at;
};
/* hash: as begin made it. */
ERR_MUST_CHECK enum err_code rules_sign_in_finish(const struct rules *r, struct rules_session *out,
	struct rules_problem *problem, const char *name, struct span from,
	const struct rules_hash *hash, bool right, struct err *err);
ERR_MUST_CHECK enum err_code rules_sign_out(const struct rules *r,
	const struct rules_caller *caller, struct span token, struct err *err);
/* Leaves *out as it is when the digest is of no session. */
ERR_MUST_CHECK enum err_code rules_session_caller(const struct rules *r, struct rules_caller *out,
	const uint8_t digest[static SEC_SHA256_LEN], struct err *err);

/* What is hashed instead of a passphrase. */
ERR_MUST_CHECK enum err_code rules_passphrase_pepper(const struct rules *r,
	uint8_t out[static SEC_KEY_LEN], const uint8_t staff[static CODE_ID_LEN],
	struct span passphrase);
const char *rules_staff_role(enum staff_role role); /* its word */
enum rules_role rules_role_of(enum staff_role role);

/* Sessions and calls whose time is over; old wrong tries. */
ERR_MUST_CHECK enum err_code rules_people_sweep(const struct rules *r, struct err *err);

/* ---- calls to customer service ---- */

struct rules_call_in { /* exactly one of them */
	char credential[2 * CODE_ID_LEN + 1];
	char account[STORE_NUMBER_MAX]; /* number */
	char phone[STORE_PHONE_MAX];
};
struct rules_call {
	uint8_t id[CODE_ID_LEN];
	const char *state; /* "open" "identified" "ended" "failed" "expired" */
	struct {
		int number; /* of the question; its answer comes with it */
		char kind[STORE_WORD_MAX];
		char words[STORE_NAME_MAX];
		bool right; /* was answered */
	} questions[STORE_QUESTIONS_MAX];
	size_t question_count;
	int right;         /* answers */
	int needed;        /* right ones, to identify the holder */
	int attempts_left; /* wrong ones that end the call */
	bool may_freeze;
	bool may_act; /* unfreeze, void, renew */
	int64_t expires_at;
};
ERR_MUST_CHECK enum err_code rules_call_open(const struct rules *r, struct rules_call *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const struct rules_call_in *in, struct err *err);
ERR_MUST_CHECK enum err_code rules_call_state(const struct rules *r, struct rules_call *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code rules_call_end(const struct rules *r, struct rules_call *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
/* begin counts the answer as wrong, finish takes that back when it is right: answers sent at once
 * are no more tries than answers sent one after the other.
 */
ERR_MUST_CHECK enum err_code rules_call_answer_begin(const struct rules *r,
	struct rules_hash *hash, struct rules_call *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], int question,
	struct span answer, struct err *err);
ERR_MUST_CHECK enum err_code rules_call_answer_finish(const struct rules *r,
	struct rules_call *out, struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], int question, const struct rules_hash *hash,
	bool right, struct err *err);

/* What is hashed instead of an answer. ERR_FORMAT, ERR_INVALID, ERR_TOO_LARGE: answer_fold(). */
ERR_MUST_CHECK enum err_code rules_answer_pepper(const struct rules *r,
	uint8_t out[static SEC_KEY_LEN], const uint8_t holder[static CODE_ID_LEN],
	struct span answer, struct err *err);

/* ---- what a call allows ---- */

enum rules_call_act {
	CALL_ACT_LOOK,   /* at the holder's credentials: as for a freeze */
	CALL_ACT_FREEZE, /* one right answer */
	CALL_ACT_CHANGE  /* unfreeze, void, renew: identified */
};
/* May this operator do this to this credential, in this call ("" = none)? Administrators may
 * without one. Refuses call-needed, call-ended, not-identified, not-found.
 */
ERR_MUST_CHECK enum err_code rules_call_allows(const struct rules *r,
	struct rules_problem *problem, const struct rules_caller *caller, const char *call,
	const uint8_t credential[static CODE_ID_LEN], enum rules_call_act act, struct err *err);
/* Whose credentials may be looked at in this call. */
ERR_MUST_CHECK enum err_code rules_call_holder(const struct rules *r,
	struct store_holder *out, struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t call[static CODE_ID_LEN], struct err *err);

#endif
