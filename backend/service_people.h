/* SPDX-License-Identifier: Apache-2.0
 *
 * What is administered about people: operators, identity questions of holders, and customer service
 * by command. As in backend/service.h: each verb is a transaction with its audit record.
 */
#ifndef BACKEND_SERVICE_PEOPLE_H
#define BACKEND_SERVICE_PEOPLE_H

#include "backend/rules_people.h"
#include "backend/service.h"

/* ---- operators and administrators ---- */

struct service_operator {
	uint8_t id[CODE_ID_LEN];
	char name[RULES_NAME_MAX];
	enum staff_role role;
	bool stopped;
	int64_t created_at;
};

/* ERR_INVALID: the passphrase is shorter than RULES_PASSPHRASE_MIN characters, has the name in it,
 * or is a few characters again and again. ERR_EXISTS.
 */
ERR_MUST_CHECK enum err_code service_operator_add(struct service *s, struct service_operator *out,
	const char *name, enum staff_role role, struct span passphrase, struct err *err);
/* A new passphrase ends the operator's sessions. ERR_NOT_FOUND. */
ERR_MUST_CHECK enum err_code service_operator_passphrase(struct service *s,
	struct service_operator *out, const char *name, struct span passphrase, struct err *err);
/* Ends all sessions and lets nobody sign in by this name; or lifts that. */
ERR_MUST_CHECK enum err_code service_operator_stop(struct service *s,
	struct service_operator *out, const char *name, bool stop, struct err *err);
/* Another role; ends all sessions. */
ERR_MUST_CHECK enum err_code service_operator_role(struct service *s,
	struct service_operator *out, const char *name, enum staff_role role, struct err *err);
/* The first one whose name is after this one; ERR_NOT_FOUND without words at the end. */
ERR_MUST_CHECK enum err_code service_operator_after(struct service *s,
	struct service_operator *out, const char *name, struct err *err);

/* From now on the verbs of this service are done by that operator, as the audit tells it.
 * ERR_NOT_FOUND; ERR_INVALID when it is stopped.
 */
ERR_MUST_CHECK enum err_code service_actor_set(struct service *s, const char *name,
	struct err *err);

/* ---- finding holders: service_find.c ---- */

struct service_find { /* exactly one of them */
	const char *phone, *account; /* numbers, as they were given when they were added */
	const uint8_t *credential;
};
struct service_holder {
	uint8_t id[CODE_ID_LEN];
	char name[RULES_NAME_MAX];
	char phone[SERVICE_PHONE_MAX];
	int64_t created_at;
};
/* nth from 0: several may have one telephone. ERR_NOT_FOUND. */
ERR_MUST_CHECK enum err_code service_holder_find(struct service *s, struct service_holder *out,
	const struct service_find *by, int nth, struct err *err);
/* The first credential of a holder after this id (zeroes: of all). ERR_NOT_FOUND without words. */
ERR_MUST_CHECK enum err_code service_credential_after(struct service *s,
	uint8_t out[static CODE_ID_LEN], const uint8_t holder[static CODE_ID_LEN],
	const uint8_t after[static CODE_ID_LEN], struct err *err);

/* ---- identity questions ---- */

/* kind: document phone birth other; words: what is asked, for `other`; NULL = the usual ones. A
 * question with the same words is replaced. *place is its number.
 */
ERR_MUST_CHECK enum err_code service_question_check(const char *kind, const char *words,
	struct err *err); /* ERR_INVALID */
ERR_MUST_CHECK enum err_code service_question_set(struct service *s, int *place,
	const uint8_t holder[static CODE_ID_LEN], const char *kind, const char *words,
	struct span answer, struct err *err);
ERR_MUST_CHECK enum err_code service_question_remove(struct service *s,
	const uint8_t holder[static CODE_ID_LEN], int place, struct err *err);
/* All of a holder, without the answers. ERR_NOT_FOUND: no such holder. */
ERR_MUST_CHECK enum err_code service_question_list(struct service *s,
	struct store_question out[static STORE_QUESTIONS_MAX], size_t *count,
	const uint8_t holder[static CODE_ID_LEN], struct err *err);

/* ---- calls, as the operator named with service_actor_set() ---- */

ERR_MUST_CHECK enum err_code service_call_open(struct service *s, struct rules_call *out,
	const struct rules_call_in *in, struct err *err);
ERR_MUST_CHECK enum err_code service_call_answer(struct service *s, struct rules_call *out,
	const uint8_t id[static CODE_ID_LEN], int question, struct span answer, struct err *err);
ERR_MUST_CHECK enum err_code service_call_show(struct service *s, struct rules_call *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code service_call_end(struct service *s, struct rules_call *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);

#endif
