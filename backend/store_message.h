/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of messages to holders, and where and in which language a holder wants them. As in
 * store_rows.h: verbs, no decisions.
 */
#ifndef BACKEND_STORE_MESSAGE_H
#define BACKEND_STORE_MESSAGE_H

#include "backend/store_rows.h"

#define STORE_EMAIL_MAX 128
#define STORE_LANGUAGE_MAX 8
#define STORE_MESSAGE_KIND_MAX 16
#define STORE_MESSAGE_BODY_MAX 2560 /* sealed */

struct store_contact {
	char email[STORE_EMAIL_MAX];       /* "" = none */
	char language[STORE_LANGUAGE_MAX]; /* "en" "zh_CN"; "" = the policy's */
};
ERR_MUST_CHECK enum err_code store_contact_put(struct store *s, const struct store_contact *in,
	const uint8_t holder[static CODE_ID_LEN], struct err *err);
/* Empty when nothing was said. */
ERR_MUST_CHECK enum err_code store_contact_get(struct store *s, struct store_contact *out,
	const uint8_t holder[static CODE_ID_LEN], struct err *err);

enum store_message_state {
	MESSAGE_WAITS = 0,
	MESSAGE_SENT,
	MESSAGE_GIVEN_UP
};

struct store_message {
	uint8_t id[CODE_ID_LEN];
	uint8_t credential[CODE_ID_LEN];
	char kind[STORE_MESSAGE_KIND_MAX];
	int tries;
	int64_t ends; /* Unix seconds: of no use afterwards */
	uint8_t body[STORE_MESSAGE_BODY_MAX];
	size_t body_len;
};
ERR_MUST_CHECK enum err_code store_message_insert(struct store *s, const struct store_message *in,
	int64_t now, struct err *err);
/* The one that waits longest, which nobody else gets before `until`; its try is counted.
 * ERR_NOT_FOUND: none is due.
 */
ERR_MUST_CHECK enum err_code store_message_take(struct store *s, struct store_message *out,
	int64_t now, int64_t until, struct err *err);
/* What came of that try; ignored when somebody else has taken the message since. */
ERR_MUST_CHECK enum err_code store_message_again(struct store *s,
	const uint8_t id[static CODE_ID_LEN], int tries, int64_t due, struct err *err);
ERR_MUST_CHECK enum err_code store_message_over(struct store *s,
	const uint8_t id[static CODE_ID_LEN], int tries, enum store_message_state state,
	struct err *err);
/* Every one that waits is given up: its link is worth nothing any more, or it was sent already.
 * credential: only links of this one; NULL = all there is.
 */
ERR_MUST_CHECK enum err_code store_message_withdraw(struct store *s, const uint8_t *credential,
	struct err *err);
/* Those that are over and older. */
ERR_MUST_CHECK enum err_code store_message_prune(struct store *s, int64_t before, int rows,
	struct err *err);

#endif
