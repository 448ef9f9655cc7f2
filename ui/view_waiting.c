/* SPDX-License-Identifier: Apache-2.0
 *
 * WAITING and STARTING: the picture at the left, what to do at the right. Where there is no picture
 * a drawn phone stands in its place; where there is no camera, what to do about that.
 */
#include <stdio.h>

#include "base/text.h"
#include "ui/counter.h"
#include "ui/desk.h"
#include "ui/view_parts.h"
#include "ui/words.h"

#define SIDE_COLS_MIN 29 /* of the text */
#define SIDE_COLS_MAX 60
#define GAP_COLS 3

static bool camera_gone(const struct view_model *m)
{
	return m->scanner == VIEW_SCANNER_ENDED || m->scanner == VIEW_SCANNER_FAULT;
}

/* ---- text ---- */

static void checking(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	char text[GRID_TEXT_MAX];

	view_pen_text(p, GRID_BOLD, _("Checking the card..."));
	if (f->tries <= 1)
		return;
	view_pen_gap(p, 1);
	snprintf(text, sizeof(text), _("The server has not answered yet. Attempt %d of %d."),
		f->tries, FLOW_START_TRIES);
	view_pen_text(p, GRID_WARN, text);
}

static const char *camera_words(const struct view_model *m)
{
	switch (m->scanner) {
	case VIEW_SCANNER_STARTING:
		return _("The camera is starting.");
	case VIEW_SCANNER_RESTARTING:
		return _("The camera is starting again. Please wait a moment.");
	case VIEW_SCANNER_RUNNING:
	case VIEW_SCANNER_PAUSED:
	case VIEW_SCANNER_ENDED:
	case VIEW_SCANNER_FAULT:
		break;
	}
	return "";
}

/* With a hand-held reader in place of the camera. */
static const char *reader_words(const struct view_model *m)
{
	if (m->scanner == VIEW_SCANNER_STARTING)
		return _("The reader is starting.");
	if (m->scanner == VIEW_SCANNER_RESTARTING)
		return _("The reader is starting again. Please wait a moment.");
	return "";
}

static const char *show_words(const struct view_model *m)
{
	if (m->reader)
		return _("The customer opens the wallet. Hold the reader to the phone's screen.");
	return _("The customer opens the wallet and holds the phone's screen to the camera.");
}

/* Where the camera's picture would be. */
static void reader_name(struct grid *g, const struct grid_box *in)
{
	const char *text = _("Hand-held reader");
	int cols = grid_text_columns(text);

	if (cols <= in->cols)
		grid_text(g, in->col + (in->cols - cols) / 2, in->row + in->rows - 1, cols,
			GRID_DIM, text);
}

/* No card is taken now: who has to do what. The gravest reason first. */
static const struct {
	enum counter_closed why;
	const char *big, *words; /* N_() */
} CLOSED[] = {
	{COUNTER_CLOSED_OPERATOR, N_("SIGN IN"), N_("Press F9 and sign in. Then cards are taken.")},
	{COUNTER_CLOSED_TILL, N_("WAIT"), N_("The till starts the next sale.")},
	{COUNTER_CLOSED_AMOUNT, N_("HOW MUCH"),
		N_("Type the amount and press Enter. Then the customer shows the card.")},
};

/* Whoever comes back wants to know why the screen is another one. */
static void why_nobody(struct view_pen *p)
{
	const char *words = p->m->desk != NULL ? page_sign_in_over(&p->m->desk->operators) : "";

	if (words[0] == '\0')
		return;
	view_pen_gap(p, 1);
	view_pen_text(p, GRID_NORMAL, words);
}

static bool closed(struct view_pen *p)
{
	for (size_t i = 0; i < sizeof(CLOSED) / sizeof(CLOSED[0]); i++)
		if (p->m->closed & (unsigned)CLOSED[i].why) {
			view_pen_big(p, GRID_BOLD, _(CLOSED[i].big));
			view_pen_gap(p, 1);
			view_pen_text(p, GRID_BOLD, _(CLOSED[i].words));
			if (CLOSED[i].why == COUNTER_CLOSED_OPERATOR)
				why_nobody(p);
			return true;
		}
	return false;
}

/* What to do: the eye is here when the phone is not read. */
static void show_card(struct view_pen *p)
{
	char hint[GRID_TEXT_MAX];

	if (closed(p))
		return;
	view_hint(hint, p->m);
	if (hint[0]) {
		view_pen_big(p, GRID_WARN, words_hint(p->m->hint));
		view_pen_gap(p, 1);
		view_pen_text(p, GRID_WARN, hint);
		return;
	}
	view_pen_big(p, GRID_BOLD, _("SHOW CARD"));
	view_pen_gap(p, 1);
	if (p->m->flow->held_in_view)
		view_pen_text(p, GRID_WARN, _("This card has just been checked. To check it again, "
					      "the customer takes the phone away first."));
	else
		view_pen_text(p, GRID_BOLD, show_words(p->m));
}

/* No card can be checked: "show card" would be wrong. */
static void cannot(struct view_pen *p, const char *why, const char *next)
{
	view_pen_text(p, GRID_WARN, why);
	view_pen_gap(p, 1);
	view_pen_text(p, GRID_BOLD, next);
}

static void instructions(struct view_pen *p)
{
	if (p->m->flow->phase == FLOW_STARTING) {
		checking(p);
		return;
	}
	const char *certificate = view_certificate(p->m);

	if (p->m->barred != REASON_NONE) {
		cannot(p, words_reason(p->m->barred), words_next_step(p->m->barred));
		return;
	}
	if (certificate[0]) {
		cannot(p, certificate, words_next_step(REASON_TERMINAL_STOPPED));
		return;
	}
	show_card(p);
	if (p->m->flow->held_in_view)
		return;
	const char *words = p->m->reader ? reader_words(p->m) : camera_words(p->m);

	if (words[0]) {
		view_pen_gap(p, 1);
		view_pen_text(p, GRID_WARN, words);
	}
	view_offline_waiting(p);
}

/* ---- picture ---- */

static void corners(struct grid *g, const struct grid_box *b)
{
	int right = b->col + b->cols - 1, bottom = b->row + b->rows - 1;

	for (int i = 0; i < 3; i++) {
		grid_put(g, b->col + i, b->row, i ? 0x2500 : 0x250c, GRID_BOLD);
		grid_put(g, right - i, b->row, i ? 0x2500 : 0x2510, GRID_BOLD);
		grid_put(g, b->col + i, bottom, i ? 0x2500 : 0x2514, GRID_BOLD);
		grid_put(g, right - i, bottom, i ? 0x2500 : 0x2518, GRID_BOLD);
	}
}

static void drawn_phone(struct grid *g, const struct grid_box *in)
{
	const struct block_glyph *phone = block_sign(BLOCK_PHONE);
	struct block_scale scale = {2, 2};

	if (block_rows(phone, scale) > in->rows || block_cols(phone, scale) > in->cols)
		scale = (struct block_scale){1, 1};
	block_draw(g, in->col + (in->cols - block_cols(phone, scale)) / 2,
		in->row + (in->rows - block_rows(phone, scale)) / 2, phone, scale, GRID_NORMAL);
}

/* The largest picture with about the camera's proportions; a cell is twice as high as wide. */
static struct grid_box picture_box(const struct grid_box *body)
{
	struct grid_box in = *body;

	in.rows = body->rows - 4;
	if (in.rows > VIEW_PREVIEW_ROWS / 2)
		in.rows = VIEW_PREVIEW_ROWS / 2;
	in.cols = in.rows * 2 * VIEW_PREVIEW_COLUMNS / VIEW_PREVIEW_ROWS;
	if (in.cols > body->cols - SIDE_COLS_MIN - GAP_COLS - 2) {
		in.cols = body->cols - SIDE_COLS_MIN - GAP_COLS - 2;
		in.rows = in.cols * VIEW_PREVIEW_ROWS / VIEW_PREVIEW_COLUMNS / 2;
	}
	return in;
}

static void with_picture(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	struct grid_box in = picture_box(body);
	struct grid_box frame = {.cols = in.cols + 2, .rows = in.rows + 2};
	struct grid_box side = *body;
	int spare;

	side.cols = body->cols - frame.cols - GAP_COLS;
	if (side.cols > SIDE_COLS_MAX)
		side.cols = SIDE_COLS_MAX;
	spare = body->cols - frame.cols - GAP_COLS - side.cols;
	frame.col = body->col + spare / 2;
	frame.row = body->row + (body->rows - frame.rows) / 2;
	in.col = frame.col + 1;
	in.row = frame.row + 1;
	side.col = frame.col + frame.cols + GAP_COLS;
	if (m->preview)
		view_preview_draw(g, &in, m);
	else
		drawn_phone(g, &in);
	if (m->reader)
		reader_name(g, &in);
	corners(g, &frame);
	view_centre(g, m, &side, instructions);
}

/* ---- no camera ---- */

static void no_camera(struct view_pen *p)
{
	const struct block_glyph *sign = block_sign(BLOCK_WARNING);
	struct block_scale scale = {1, 1};
	bool ended = p->m->scanner == VIEW_SCANNER_ENDED;

	if (p->g)
		block_draw(p->g, p->col + (p->cols - block_cols(sign, scale)) / 2, p->row, sign,
			scale, GRID_WARN);
	view_pen_gap(p, block_rows(sign, scale) + 1);
	view_pen_centred(p, GRID_BOLD, ended ? _("The camera's pictures have ended.")
		: p->m->reader		     ? _("The reader is out of order.")
					     : _("The camera is out of order."));
	if (!ended)
		view_pen_centred(p, GRID_WARN, words_scanner(p->m->scanner_code, p->m->reader));
	view_pen_gap(p, 1);
	view_pen_centred(p, GRID_NORMAL,
		ended ? _("No card can be checked now. Start the program again.")
		      : words_scanner_do(p->m->scanner_code, p->m->reader));
	if (view_has(p->m->scanner_words)) {
		view_pen_gap(p, 1);
		view_pen_centred(p, GRID_DIM, p->m->scanner_words);
	}
}

void view_waiting_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	if (camera_gone(m))
		view_centre(g, m, body, no_camera);
	else
		with_picture(g, body, m);
}
