/* SPDX-License-Identifier: Apache-2.0
 *
 * Who stands at the counter: coming back with a quick code, signing in with a passphrase, and
 * signing off. What is typed lives in secret memory and is wiped when the page is left.
 */
#ifndef UI_PAGE_SIGN_IN_H
#define UI_PAGE_SIGN_IN_H

#include "ui/entry.h"
#include "ui/page.h"
#include "ui/operators.h"

#define SIGN_IN_TYPED_MS 60000 /* a secret that was typed and not sent is gone after so long */

/* What the keys go to: a place in the list of operators, or one of these. */
enum sign_in_focus {
	SIGN_IN_NAME = OPERATORS_MAX,
	SIGN_IN_PASSPHRASE,
	SIGN_IN_QUICK, /* the code to come back with, chosen when signing in */
	SIGN_IN_FOCUS_COUNT
};

struct page_sign_in {
	struct entry name;
	struct entry passphrase; /* these three secret */
	struct entry quick;
	struct entry back; /* the quick code of who comes back */
	int focus;
	bool asked; /* the backend; what it answers is looked at in tick */
	bool tried; /* the words of the outcome are shown */
};

extern const struct page page_sign_in;

ERR_MUST_CHECK enum err_code page_sign_in_init(struct page_sign_in *p, struct err *err);
void page_sign_in_done(struct page_sign_in *p); /* also on a zeroed struct */
/* When what was typed is forgotten; INT64_MAX = nothing was. touched_ms: of the last key. */
int64_t page_sign_in_next_ms(const struct page_sign_in *p, int64_t touched_ms);

/* A role in the operator's language; "" = none. */
const char *page_sign_in_role(enum message_role role);
/* Why nobody stands there any more, likewise; "" = nobody was sent away. */
const char *page_sign_in_over(const struct operators *o);

#endif
