/* SPDX-License-Identifier: Apache-2.0
 *
 * What holders are told by mail or text message: written in the transaction of what it tells,
 * sealed, and sent later by backend/messenger.h. None of these decides anything, and none fails
 * because a holder cannot be reached: then nothing is written.
 *
 *   activation   issued or renewed: the link that puts the credential into a wallet
 *   renewed      by the holder's phone, which has its link already
 *   frozen       until when      unfrozen      void      pin-locked
 *
 * The link is [messenger] link, or https://HOST/, then # and the activation token: what follows #
 * is never sent to a server, so the token is in nobody's log.
 */
#ifndef BACKEND_RULES_MESSAGE_H
#define BACKEND_RULES_MESSAGE_H

#include "backend/rules_shared.h"
#include "backend/store_message.h"

#define MESSAGE_LINK_MAX 256
#define MESSAGE_SUBJECT_MAX 128
#define MESSAGE_TEXT_MAX 800
#define MESSAGE_NOTICE_S 604800 /* a notice that could not be sent for so long is of no use */
#define MESSAGE_KEPT_S 2592000  /* rows of messages that are over; without their text */
#define MESSAGE_PRUNE_ROWS 64

struct message_body { /* what is sealed */
	char phone[STORE_PHONE_MAX];
	char email[STORE_EMAIL_MAX];
	char language[STORE_LANGUAGE_MAX];
	char subject[MESSAGE_SUBJECT_MAX];
	char text[MESSAGE_TEXT_MAX];
};

/* token: of an activation, until is its end; NULL otherwise. until: of a freeze; 0 = none. */
ERR_MUST_CHECK enum err_code rules_message(const struct rules *r, const char *kind,
	const uint8_t credential[static CODE_ID_LEN], const char *token, int64_t until,
	struct err *err);
/* Where a wallet that opens it finds its activation. */
void rules_message_link(const struct rules *r, char out[static MESSAGE_LINK_MAX],
	const char *token);
/* ERR_FORGED: it was not sealed here, or for another row. */
ERR_MUST_CHECK enum err_code rules_message_open(const struct rules *r, struct message_body *out,
	const struct store_message *m, struct err *err);
bool rules_message_language(const char *word); /* "en" "zh_CN" */

/* ---- message_text.c ---- */

struct message_words {
	const char *kind, *language, *issuer, *holder, *purpose;
	const char *link; /* of an activation */
	int64_t until;    /* 0 = not said; STORE_FOR_EVER */
};
/* False: no such kind, or it does not fit. */
bool message_text(struct message_body *out, const struct message_words *w);

#endif
