/* SPDX-License-Identifier: Apache-2.0
 *
 * What the customer sees on a screen of his own: what is paid, what to do now, the number, the
 * code, the verdict, and what it means for him. Nothing of the operator, of other customers or of
 * how this terminal is. A pure function, as view.h.
 */
#ifndef UI_VIEW_CUSTOMER_H
#define UI_VIEW_CUSTOMER_H

#include "ui/view.h"

struct view_customer {
	const struct view_model *m; /* in the customer's language; desk, faults and the operator's
				     * fields are not looked at */
	const char *title;          /* whose counter this is; "" = none */
	bool closed;                /* cards are not taken now */
};

/* Draws the whole grid, of any size. */
void view_customer_draw(struct grid *g, const struct view_customer *v);

#endif
