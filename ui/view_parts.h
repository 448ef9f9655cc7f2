/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the views: the parts that several screens are made of.
 *
 * A pen goes down a column of the screen. With grid NULL it only measures, so that one function
 * says both how high a screen's content is and what it looks like.
 */
#ifndef UI_VIEW_PARTS_H
#define UI_VIEW_PARTS_H

#include "ui/block.h"
#include "ui/view.h"

#define VIEW_MARGIN_COLS 2
#define VIEW_ROWS_ABOVE 2 /* top bar, sale */
#define VIEW_ROWS_BELOW 3 /* notice, faults, keys */
#define VIEW_COLS_AROUND (2 * VIEW_MARGIN_COLS)
#define VIEW_ROWS_AROUND (VIEW_ROWS_ABOVE + VIEW_ROWS_BELOW)

struct view_pen {
	struct grid *g; /* NULL = measure */
	const struct view_model *m;
	int col, cols;
	int row;        /* of the next line */
	int bottom;     /* first row that is not ours */
	int rows; /* of the whole place: what sizes are chosen by, so that both passes agree */
	int window_cols; /* of the whole grid */
};

/* Measures content with the rows of box, then draws it in the middle of it. */
void view_centre(struct grid *g, const struct view_model *m, const struct grid_box *box,
	void (*content)(struct view_pen *p));

void view_pen_gap(struct view_pen *p, int rows);
/* A paragraph, broken to the pen's columns. "" draws nothing and takes no row. */
void view_pen_text(struct view_pen *p, enum grid_style style, const char *text);
void view_pen_centred(struct view_pen *p, enum grid_style style, const char *text);
/* In block letters where there is room and every character has a picture, else as bold text. */
void view_pen_big(struct view_pen *p, enum grid_style style, const char *text);
void view_pen_big_centred(struct view_pen *p, enum grid_style style, const char *text);
/* "label  value" with the labels of holder, purpose and value in one column. */
void view_pen_detail(struct view_pen *p, const char *label, const char *value);
void view_pen_credential(struct view_pen *p);
/* Time left as a draining bar and in seconds. */
void view_pen_countdown(struct view_pen *p, int64_t total_ms);

int view_pen_left(const struct view_pen *p); /* rows left to draw in */

/* Milliseconds to a deadline, 0 .. FLOW_NUMBER_MS_MAX; and whole seconds, rounded up. */
int64_t view_left_ms(const struct view_model *m, int64_t deadline_ms);
int view_left_s(const struct view_model *m, int64_t deadline_ms);

/* "14:05", or "2026-11-22 14:05" when it is not today. "" when unix_s is 0. */
void view_time(char out[static VIEW_UNTIL_MAX], const struct view_model *m, int64_t unix_s);

/* The verdict that a screen may show: that of a RESULT, UNCERTAIN while it is asked for, and NONE
 * in every other phase, whatever the flow holds.
 */
enum verdict view_verdict(const struct flow *f);

/* What to do about a phone that is not read, with a sign before it, while a code is waited for;
 * else "".
 */
void view_hint(char out[static GRID_TEXT_MAX], const struct view_model *m);

/* There is a challenge code that a phone can answer now. */
bool view_code_there(const struct view_model *m);

/* True when text is neither NULL nor "". */
bool view_has(const char *text);

/* What happened and what to do, with the time until which a card is frozen put in. */
#define VIEW_SENTENCE_MAX 512
void view_reason(char out[static VIEW_SENTENCE_MAX], const struct view_model *m);
/* Why the server cannot be reached, where that is a matter of certificates; else "". */
const char *view_certificate(const struct view_model *m);

/* ---- the screens ---- */

void view_frame_draw(struct grid *g, const struct view_model *m); /* bars, notice, faults */
void view_state_draw(struct grid *g, const struct view_model *m, int row);
void view_preview_draw(struct grid *g, const struct grid_box *box, const struct view_model *m);
void view_waiting_draw(struct grid *g, const struct grid_box *body, const struct view_model *m);
void view_number_draw(struct grid *g, const struct grid_box *body, const struct view_model *m);
void view_code_draw(struct grid *g, const struct view_model *m); /* view_code_there() */
void view_pin_draw(struct grid *g, const struct grid_box *body, const struct view_model *m);
void view_result_draw(struct grid *g, const struct grid_box *body, const struct view_model *m);
/* The words below UNCONFIRMED. */
void view_offline_result(struct view_pen *p);
/* While no card is looked at: a server out of reach, what was written down, what came of it. */
void view_offline_waiting(struct view_pen *p);
void view_small_draw(struct grid *g, const struct view_model *m);

#endif
