/* SPDX-License-Identifier: Apache-2.0
 *
 * The operator's side of the counter: which page is open, what is sold next, and what a key does.
 *
 * One page at a time. On the page of the sale the counter takes cards; while another one is open it
 * takes none. A verification that runs has the screen: no page opens then but the list of keys and
 * the code in full size, and both let everything go on behind them.
 */
#ifndef UI_DESK_H
#define UI_DESK_H

#include "ui/counter.h"
#include "ui/page.h"
#include "ui/page_amount.h"
#include "ui/page_service.h"
#include "ui/page_sign_in.h"
#include "ui/page_history.h"
#include "ui/settings.h"
#include "ui/typing.h"

#define DESK_SAID_MS 4000 /* a short message of the desk stays so long */
#define DESK_SAID_MAX 160
#define DESK_LETTER_MS 60 /* a letter waits so long for being the first one of a scanner's */

enum desk_page {
	DESK_SALE = 0, /* the verification */
	DESK_HELP,
	DESK_AMOUNT,
	DESK_SIGN_IN,
	DESK_SERVICE,
	DESK_HISTORY,
	DESK_PAGE_COUNT
};

struct transactions;

struct desk {
	/* Set by desk_init(). */
	struct counter *counter;
	const struct settings *settings;
	struct transactions *transactions; /* NULL = nothing is written down; may be set later */
	struct client_sale first; /* of the command line: what every sale begins with */

	enum desk_page page;
	enum desk_page behind; /* of DESK_HELP: the page that it tells of */
	char said[DESK_SAID_MAX]; /* what was just done, or why not; "" = nothing */
	bool said_is_fault;
	int64_t said_until_ms;
	bool code_whole; /* the challenge code fills the window, until the number is over */
	struct typing typing; /* of a PIN and an amount */
	struct screen_input letter; /* on the page of the sale, not acted on yet; key NONE = none */
	int64_t quiet_ms; /* when a scanner was heard last; 0 = never */
	bool pin_length_wrong; /* the last key was Enter too early, or one digit too many */

	struct operators operators;
	struct page_amount amount;
	struct page_sign_in sign_in;
	struct page_service service;
	struct page_history history;
};

ERR_MUST_CHECK enum err_code desk_init(struct desk *d, struct counter *c,
	const struct settings *settings, struct err *err);
void desk_done(struct desk *d); /* wipes; also on a zeroed struct */

/* A key or a click on the key bar that meant it. */
void desk_key(struct desk *d, const struct screen_input *in);
void desk_tick(struct desk *d, int64_t now_ms);
int64_t desk_next_ms(const struct desk *d); /* INT64_MAX = nothing waits */

/* False, and nothing is opened, while a verification runs that the page would cover. */
bool desk_open(struct desk *d, enum desk_page page);
/* Back to the sale. */
void desk_close(struct desk *d);
/* One line for the operator, in his language: shown for DESK_SAID_MS. */
void desk_say(struct desk *d, bool fault, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The next customer: no amount, no reference. What the command line says stays. */
void desk_sale_clear(struct desk *d);
/* What a till sells, on the page of the sale. False, and why not, while a verification runs. */
bool desk_sale_take(struct desk *d, const struct client_sale *sale, const char **words);
/* The operator types amount and reference: there is a currency, and nobody else says them. */
bool desk_sale_is_typed(const struct desk *d);
bool desk_amount_is_required(const struct desk *d);
void desk_language_next(struct desk *d);

const struct page *desk_page(enum desk_page page);
/* What keys do on a page, or on the open one. */
size_t desk_keys_of(const struct view_model *m, enum desk_page page,
	struct page_key out[static PAGE_KEYS_MAX]);
size_t desk_keys(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX]);

#endif
