/* SPDX-License-Identifier: Apache-2.0
 *
 * The screen of a counter: fills the model of view.h, draws when something changed, and takes keys.
 */
#ifndef UI_DISPLAY_H
#define UI_DISPLAY_H

#include "base/local.h"
#include "ui/customer.h"
#include "ui/desk.h"
#include "ui/grid.h"
#include "ui/options.h"
#include "ui/qr.h"
#include "ui/settings.h"
#include "ui/view.h"

#define DISPLAY_FRAME_MS 40 /* shortest time between two pictures */

struct display {
	bool open;
	bool replay;
	const struct customer *customer; /* the customer's display; NULL = none */
	const struct settings *settings;
	struct desk desk;
	struct grid grid;
	struct view_model model;
	char amount[LOCAL_AMOUNT_MAX];
	int64_t drawn_ms; /* real clock */
	bool typed;       /* a key was taken since then */
	int64_t next_ms;  /* of the flow's clock: the picture changes by itself */
	struct qr_kept challenge;
};

struct display_options {
	bool no_colour, no_bell;
	enum screen_theme theme;
	bool replay;
};
ERR_MUST_CHECK enum err_code display_open(struct display *d, const struct display_options *opt,
	struct counter *c, const struct settings *settings, struct err *err);
void display_close(struct display *d); /* also when it is not open */

/* The window has another size. */
void display_resize(struct display *d, struct counter *c);
/* Every key that was typed. */
void display_keys(struct display *d, struct counter *c);
/* Time passed for the open page. */
void display_tick(struct display *d, int64_t now_ms);
/* Draws when it is time to. */
void display_draw(struct display *d, struct counter *c, int64_t real_ms);
/* Milliseconds of waiting until display_draw() has something to do. */
int64_t display_wait_ms(const struct display *d, const struct counter *c, int64_t real_ms);

#endif
