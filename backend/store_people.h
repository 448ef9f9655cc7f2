/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows and verbs of the store: operators and administrators ("staff"), their sessions, identity
 * questions, calls to customer service, and what an issuer tells of its credentials. As in
 * backend/store_rows.h.
 */
#ifndef BACKEND_STORE_PEOPLE_H
#define BACKEND_STORE_PEOPLE_H

#include "backend/store_rows.h"

/* ---- staff ---- */

enum staff_role {
	STAFF_OPERATOR = 1, /* a teller */
	STAFF_ADMIN,
	STAFF_CASHIER,
	STAFF_SUPERVISOR
};

struct store_staff {
	uint8_t id[CODE_ID_LEN];
	char name[STORE_NAME_MAX];
	enum staff_role role;
	char pass_hash[SEC_PASSWORD_TEXT_MAX];
	bool stopped;
	int64_t created_at;
};
ERR_MUST_CHECK enum err_code store_staff_insert(struct store *s, const struct store_staff *in,
	struct err *err);
ERR_MUST_CHECK enum err_code store_staff_get(struct store *s, struct store_staff *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code store_staff_by_name(struct store *s, struct store_staff *out,
	const char *name, struct err *err);
/* The first one whose name is after this one ("" = of all). */
ERR_MUST_CHECK enum err_code store_staff_after(struct store *s, struct store_staff *out,
	const char *name, struct err *err);
/* Writes role, pass_hash and stopped. */
ERR_MUST_CHECK enum err_code store_staff_put(struct store *s, const struct store_staff *in,
	struct err *err);
ERR_MUST_CHECK enum err_code store_staff_stop_all(struct store *s, struct err *err);

ERR_MUST_CHECK enum err_code store_session_insert(struct store *s,
	const uint8_t token[static STORE_DIGEST_LEN], const uint8_t staff[static CODE_ID_LEN],
	int64_t now, int64_t expires_at, struct err *err);
/* Whose session this is: not over, and its owner not stopped. */
ERR_MUST_CHECK enum err_code store_session_staff(struct store *s, struct store_staff *out,
	const uint8_t token[static STORE_DIGEST_LEN], int64_t now, struct err *err);
ERR_MUST_CHECK enum err_code store_session_end(struct store *s,
	const uint8_t token[static STORE_DIGEST_LEN], struct err *err);
/* Of one member; of all when staff is NULL. */
ERR_MUST_CHECK enum err_code store_session_end_of(struct store *s, const uint8_t *staff,
	struct err *err);
ERR_MUST_CHECK enum err_code store_session_prune(struct store *s, int64_t now, struct err *err);

struct store_try { /* wrong passphrases in a row */
	uint8_t slot[CODE_ID_LEN];
	int failures;
	int64_t at; /* of the last one */
};
/* In: slot. Zero when there is no row. */
ERR_MUST_CHECK enum err_code store_try_get(struct store *s, struct store_try *t, struct err *err);
ERR_MUST_CHECK enum err_code store_try_put(struct store *s, const struct store_try *t,
	struct err *err);
ERR_MUST_CHECK enum err_code store_try_forget(struct store *s,
	const uint8_t slot[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code store_try_prune(struct store *s, int64_t before, struct err *err);

/* ---- identity questions ---- */

#define STORE_QUESTIONS_MAX 8 /* of one holder; places 1 to this */

struct store_question {
	uint8_t holder[CODE_ID_LEN];
	int place;
	char kind[STORE_WORD_MAX];  /* document phone birth other */
	char words[STORE_NAME_MAX]; /* what is asked */
	char answer_hash[SEC_PASSWORD_TEXT_MAX];
};
/* New, or in the place of an older one. */
ERR_MUST_CHECK enum err_code store_question_put(struct store *s, const struct store_question *in,
	struct err *err);
/* The first one after this place (0 = of all). */
ERR_MUST_CHECK enum err_code store_question_after(struct store *s, struct store_question *out,
	const uint8_t holder[static CODE_ID_LEN], int place, struct err *err);
ERR_MUST_CHECK enum err_code store_question_remove(struct store *s, bool *removed,
	const uint8_t holder[static CODE_ID_LEN], int place, struct err *err);

/* ---- calls to customer service ---- */

enum store_call_state {
	CALL_OPEN = 0,
	CALL_ENDED,
	CALL_FAILED /* wrong answers */
};

struct store_call {
	uint8_t id[CODE_ID_LEN];
	uint8_t staff[CODE_ID_LEN];
	uint8_t holder[CODE_ID_LEN];
	enum store_call_state state;
	uint8_t asked[STORE_QUESTIONS_MAX]; /* places of the questions */
	size_t asked_len;
	unsigned right_mask; /* bit i: asked[i] was answered rightly */
	int wrong;
	bool identified;
	int64_t created_at;
	int64_t expires_at;
};
ERR_MUST_CHECK enum err_code store_call_insert(struct store *s, const struct store_call *in,
	struct err *err);
ERR_MUST_CHECK enum err_code store_call_get(struct store *s, struct store_call *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
/* Writes state, right_mask, wrong and identified. */
ERR_MUST_CHECK enum err_code store_call_put(struct store *s, const struct store_call *in,
	struct err *err);
ERR_MUST_CHECK enum err_code store_call_end_all(struct store *s, struct err *err);
/* Of this holder after that time, in which nobody was identified. */
ERR_MUST_CHECK enum err_code store_call_count(struct store *s, int64_t *out,
	const uint8_t holder[static CODE_ID_LEN], int64_t after, struct err *err);
ERR_MUST_CHECK enum err_code store_call_prune(struct store *s, int64_t before, struct err *err);

/* ---- finding people and their credentials ---- */

/* Phones are not unique: nth counts from 0. */
ERR_MUST_CHECK enum err_code store_holder_by_phone(struct store *s, struct store_holder *out,
	const char *phone, int nth, struct err *err);
ERR_MUST_CHECK enum err_code store_account_by_number(struct store *s, struct store_account *out,
	const char *number, struct err *err);
/* The first one after this id. */
ERR_MUST_CHECK enum err_code store_credential_of_holder(struct store *s,
	uint8_t out[static CODE_ID_LEN], const uint8_t holder[static CODE_ID_LEN],
	const uint8_t after[static CODE_ID_LEN], struct err *err);

/* ---- what an issuer tells of its credentials ---- */

struct store_barred {
	uint8_t id[CODE_ID_LEN];
	bool is_void;
	int64_t until; /* frozen; STORE_FOR_EVER = until unfrozen */
};
/* Frozen ones first, then void ones, each by id; at most max. */
ERR_MUST_CHECK enum err_code store_barred_list(struct store *s, struct store_barred *out,
	size_t max, size_t *count, int64_t now, struct err *err);
/* Number of the last audit record that changed what an issuer tells. */
ERR_MUST_CHECK enum err_code store_issuer_version(struct store *s, int64_t *out, struct err *err);

#endif
