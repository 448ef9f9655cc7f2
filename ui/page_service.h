/* SPDX-License-Identifier: Apache-2.0
 *
 * The tellers' page: a holder is found, answers questions, and has cards frozen, unfrozen, made
 * void or renewed. Everything is asked of the backend with the operator's own session, and the
 * backend alone decides; what is shown here as possible is what it said of the call.
 *
 *   FIND -> ASK -> CARDS -> SURE (void, renewal)
 *                        -> CODE (the activation code, for the holder's phone)
 */
#ifndef UI_PAGE_SERVICE_H
#define UI_PAGE_SERVICE_H

#include "ui/entry.h"
#include "ui/page.h"
#include "verifier/client_ask.h"
#include "verifier/message_service.h"

#define SERVICE_CODE_MS 120000 /* an activation code stays on the screen so long */
#define SERVICE_CODE_SIDE_MAX 65 /* modules: version 12, for the longest link or code */

enum service_step {
	SERVICE_FIND = 0,
	SERVICE_ASK,
	SERVICE_CARDS,
	SERVICE_SURE,
	SERVICE_CODE
};
enum service_act {
	SERVICE_FREEZE = 0,
	SERVICE_UNFREEZE,
	SERVICE_VOID,
	SERVICE_RENEW,
	SERVICE_SHOW, /* renew, and show the activation code */
	SERVICE_ACT_COUNT
};
enum service_request { /* what the backend was asked */
	SERVICE_NOTHING = 0,
	SERVICE_OPENS,
	SERVICE_ANSWERS,
	SERVICE_LOOKS,
	SERVICE_ACTS
};

struct service_picture {
	int side; /* modules; 0 = there is none */
	uint8_t modules[SERVICE_CODE_SIDE_MAX * SERVICE_CODE_SIDE_MAX];
};

struct page_service {
	enum service_step step;
	enum message_call_by by;
	struct entry find;
	struct entry answer; /* as the holder says it: shown, wiped when it was sent */
	struct message_call call;
	size_t question; /* the one that is asked */
	struct message_credentials cards;
	size_t card;
	enum service_act act;

	enum service_request request;
	uint32_t ticket;
	/* What the last answer came to; "" = nothing to say. */
	char word[CLIENT_WORD_MAX];
	char words[CLIENT_FAULT_MAX];
	bool no_answer;
	const char *done; /* N_(); NULL = none */

	struct secret *code; /* struct message_renewed while it is shown */
	int64_t code_until_ms;
	int64_t code_left_s; /* as it was drawn */
	struct service_picture code_picture; /* kind A: where there is room for it */
	struct service_picture link_picture;
};

extern const struct page page_service;

void page_service_init(struct page_service *p);
void page_service_done(struct page_service *p); /* also on a zeroed struct */
int64_t page_service_next_ms(const struct page_service *p, int64_t now_ms); /* INT64_MAX = never */

/* ---- private to page_service*.c ---- */

/* What the backend said of the call allows it, and the card is so that it makes sense. */
bool page_service_may(const struct page_service *p, enum service_act act);
/* Of what the holder's phone is shown, while there is p->code; and away with all of it. */
void page_service_pictures_draw(struct page_service *p);
void page_service_code_forget(struct page_service *p);
const struct message_renewed *page_service_code(const struct page_service *p);
const struct message_credential *page_service_card(const struct page_service *p);
void page_service_code_draw(struct grid *g, const struct grid_box *body,
	const struct view_model *m);
void page_service_draw(struct grid *g, const struct grid_box *body, const struct view_model *m);

#endif
