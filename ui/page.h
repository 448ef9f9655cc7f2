/* SPDX-License-Identifier: Apache-2.0
 *
 * A page of the desk: what the operator does beside a verification. One file each, page_NAME.c; its
 * state is a struct that struct desk holds.
 */
#ifndef UI_PAGE_H
#define UI_PAGE_H

#include "ui/screen.h"
#include "ui/view.h"

struct desk;

/* What a key does now: for the bar at the bottom, the list of F1, and the mouse. */
struct page_key {
	enum screen_key key;
	uint32_t character; /* of SCREEN_KEY_CHARACTER */
	const char *name;   /* "F4", "Enter" */
	const char *does;   /* in the operator's language */
};
#define PAGE_KEYS_MAX 16

struct page {
	/* N_(): the first row of the page. "" = none */
	const char *title;
	void (*open)(struct desk *d);  /* NULL = nothing to do */
	void (*close)(struct desk *d); /* NULL; wipes what was typed */
	/* False: not for this page. Then Esc closes it, F1 tells the keys. */
	bool (*key)(struct desk *d, const struct screen_input *in);
	/* The most important first. Returns how many. NULL = none of its own. */
	size_t (*keys)(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX]);
	/* Pure: reads the model (its desk, too), draws into the box. */
	void (*draw)(struct grid *g, const struct grid_box *body, const struct view_model *m);
	/* Time passes, or an answer may have come; NULL = never. */
	void (*tick)(struct desk *d, int64_t now_ms);
};

#endif
