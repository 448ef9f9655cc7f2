/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of enrolment: codes that let a terminal in once, and the public keys that terminals have.
 * As in store_rows.h: verbs, no decisions.
 */
#ifndef BACKEND_STORE_ENROL_H
#define BACKEND_STORE_ENROL_H

#include "backend/store_rows.h"

struct store_enrolment {
	uint8_t code[STORE_DIGEST_LEN];
	char name[STORE_NAME_MAX];
	char merchant[STORE_NAME_MAX];
	int64_t expires_at;
};
ERR_MUST_CHECK enum err_code store_enrolment_insert(struct store *s,
	const struct store_enrolment *in, struct err *err);
/* ERR_NOT_FOUND also when its time is over. */
ERR_MUST_CHECK enum err_code store_enrolment_get(struct store *s, struct store_enrolment *out,
	const uint8_t code[static STORE_DIGEST_LEN], int64_t now, struct err *err);
/* Every code for this name, and those whose time is over. */
ERR_MUST_CHECK enum err_code store_enrolment_forget(struct store *s, const char *name,
	int64_t now, struct err *err);

struct store_terminal_key {
	uint8_t spki[STORE_DIGEST_LEN];
	uint8_t terminal[CODE_ID_LEN];
	char terminal_name[STORE_NAME_MAX]; /* read only */
	int64_t not_after;                  /* of its certificate */
	bool revoked;                       /* read only */
	int64_t created_at;                 /* written only */
};
ERR_MUST_CHECK enum err_code store_terminal_key_insert(struct store *s,
	const struct store_terminal_key *in, struct err *err);
ERR_MUST_CHECK enum err_code store_terminal_key_get(struct store *s,
	struct store_terminal_key *out, const uint8_t spki[static STORE_DIGEST_LEN],
	struct err *err);
/* *done is false when there is no such key that is not revoked. */
ERR_MUST_CHECK enum err_code store_terminal_key_renew(struct store *s, bool *done,
	const uint8_t spki[static STORE_DIGEST_LEN], int64_t not_after, struct err *err);
/* Keys that are not revoked and whose certificate ends after the one and not after the other. */
ERR_MUST_CHECK enum err_code store_terminal_key_ending(struct store *s, int64_t *count,
	int64_t after, int64_t until, struct err *err);

struct store_terminal_entry { /* of the list */
	uint8_t id[CODE_ID_LEN];
	char name[STORE_NAME_MAX];
	char merchant[STORE_NAME_MAX];
	bool stopped;
	int64_t created_at;
	int64_t keys;      /* that it ever had */
	int64_t not_after; /* of the certificate that counts; 0 = none */
};
/* The first one whose name is after this one ("" = of all). */
ERR_MUST_CHECK enum err_code store_terminal_after(struct store *s,
	struct store_terminal_entry *out, const char *name, struct err *err);
/* All keys of a terminal; *count: how many were not revoked yet. */
ERR_MUST_CHECK enum err_code store_terminal_key_revoke(struct store *s, int *count,
	const uint8_t terminal[static CODE_ID_LEN], struct err *err);

#endif
