/* SPDX-License-Identifier: Apache-2.0
 *
 * The customer's screen. Sign, word and colour of a verdict are the operator's, so that both speak
 * of the same thing; everything else is said to the customer.
 */
#include "ui/view_customer.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/digits.h"
#include "ui/view_parts.h"
#include "ui/words.h"
#include "ui/words_customer.h"

#define GAP_COLS 2
#define WORDS_COLS_MIN 26    /* beside a code */
#define WORDS_ROWS 6         /* with the number: amount, what to do, time */
#define BIG_ROWS_MIN 18      /* rows from which an amount is drawn large */

/* ---- parts ---- */

/* In block letters, where they take at most rows_max; else as bold text. */
static void big_centred(struct view_pen *p, enum grid_style style, const char *text, int rows_max)
{
	static const int scales[] = {3, 2, 1};

	for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
		struct block_scale scale = {scales[i], scales[i]};
		struct block_size size;

		if (!block_text_size(&size, text, scale, false))
			break;
		if (size.cols > p->cols || size.rows > rows_max)
			continue;
		if (p->g)
			block_text_draw(p->g, p->col + (p->cols - size.cols) / 2, p->row, text,
				scale, false, style);
		p->row += size.rows;
		return;
	}
	view_pen_centred(p, style, text);
}

static void amount(struct view_pen *p, int rows_max)
{
	const struct view_model *m = p->m;
	char text[GRID_TEXT_MAX];

	if (!view_has(m->amount))
		return;
	snprintf(text, sizeof text, "%s %s", m->amount, m->currency ? m->currency : "");
	big_centred(p, GRID_BOLD, text, rows_max);
}

static void reference(struct view_pen *p)
{
	char text[GRID_TEXT_MAX];

	if (!view_has(p->m->reference))
		return;
	snprintf(text, sizeof text, "%s  %s", _("Reference"), p->m->reference);
	view_pen_centred(p, GRID_DIM, text);
}

/* What is in the way just now, or else what comes next. */
static void hint_or(struct view_pen *p, const char *next)
{
	const char *notice = words_customer_notice(p->m->flow->notice);
	char hint[GRID_TEXT_MAX];

	view_hint(hint, p->m);
	if (p->m->flow->notice != REASON_NONE && notice[0] != '\0')
		view_pen_centred(p, GRID_WARN_FILL, notice);
	else if (hint[0] != '\0')
		view_pen_centred(p, GRID_WARN_FILL, hint);
	else
		view_pen_centred(p, GRID_BOLD, next);
}

static void sign(struct view_pen *p, enum block_sign which, enum grid_style style)
{
	const struct block_glyph *glyph = block_sign(which);
	struct block_scale scale = {1, 1};

	if (p->rows >= 4 * block_rows(glyph, scale))
		scale = (struct block_scale){2, 2};
	if (p->g)
		block_draw(p->g, p->col + (p->cols - block_cols(glyph, scale)) / 2, p->row, glyph,
			scale, style);
	p->row += block_rows(glyph, scale);
}

/* ---- waiting ---- */

static void waiting(struct view_pen *p)
{
	bool large = p->rows >= BIG_ROWS_MIN;

	amount(p, large ? p->rows / 3 : 1);
	reference(p);
	view_pen_gap(p, large);
	if (large)
		sign(p, BLOCK_PHONE, GRID_NORMAL);
	view_pen_gap(p, large);
	if (p->m->flow->held_in_view)
		view_pen_centred(p, GRID_WARN_FILL,
			_("This card has just been checked. Please take the phone away."));
	else
		hint_or(p, p->m->reader
				? _("Please open your wallet and hold the phone to the reader.")
				: _("Please open your wallet and hold the phone to the camera."));
}

/* Nobody's turn: nothing is asked of the customer. */
static void closed(struct view_pen *p)
{
	bool large = p->rows >= BIG_ROWS_MIN;

	amount(p, large ? p->rows / 3 : 1);
	reference(p);
	view_pen_gap(p, large);
	view_pen_centred(p, GRID_BOLD, _("Welcome"));
}

static void not_now(struct view_pen *p)
{
	view_pen_centred(p, GRID_BOLD, _("No card can be taken at the moment. Please ask at the "
					 "counter."));
}

static void moment(struct view_pen *p)
{
	amount(p, p->rows >= BIG_ROWS_MIN ? p->rows / 3 : 1);
	view_pen_gap(p, 1);
	view_pen_centred(p, GRID_BOLD, _("One moment, please: it is being checked."));
}

/* ---- number ---- */

static void number_words(struct view_pen *p, bool code, bool open)
{
	amount(p, p->rows >= 2 * BIG_ROWS_MIN ? p->rows / 6 : 1);
	if (!open)
		view_pen_centred(p, GRID_BOLD, _("One moment, please: it is being checked."));
	else
		view_pen_centred(p, GRID_BOLD, code
				? _("Type this number into the wallet, or scan the code")
				: _("Type this number into the wallet on your phone"));
}

/* Below the number: how long, and what then. */
static void number_rest(struct view_pen *p, bool open)
{
	if (open)
		view_pen_countdown(p, p->m->flow->number_ms);
	if (open)
		hint_or(p, p->m->reader ? _("Then show the new code to the reader.")
					: _("Then hold the new code to the camera."));
}

static void group_draw(struct view_pen *p, const char *group, int rows)
{
	struct grid_box box = {.col = p->col, .row = p->row, .cols = p->cols, .rows = rows};
	struct digits_size size = digits_fit(group, p->cols, rows);

	if (size.rows == 0) {
		view_pen_centred(p, GRID_NUMBER, group);
		return;
	}
	if (p->g)
		digits_draw(p->g, &box, GRID_NUMBER, group);
	p->row += size.rows;
}

static void number_in_line(struct view_pen *p, bool code)
{
	bool open = p->m->flow->phase == FLOW_NUMBER;
	bool large = p->rows >= BIG_ROWS_MIN;
	char text[DIGITS_TEXT_MAX];
	int rows = p->rows / 2;

	number_words(p, code, open);
	view_pen_gap(p, large);
	if (digits_fit(p->m->flow->number, p->cols, rows).rows == 0) {
		digits_grouped(text, p->m->flow->number);
		view_pen_centred(p, GRID_NUMBER, text);
	} else {
		group_draw(p, p->m->flow->number, rows);
	}
	view_pen_gap(p, large);
	number_rest(p, open);
}

static void number_alone(struct view_pen *p)
{
	number_in_line(p, false);
}

static void number_with_code(struct view_pen *p)
{
	number_in_line(p, true);
}

/* The number's groups one below the other. Returns how many there are. */
static int groups(char out[static DIGITS_MAX][DIGITS_MAX + 1], const char *number)
{
	char text[DIGITS_TEXT_MAX];
	int n = 0;
	size_t at = 0;

	digits_grouped(text, number);
	for (const char *c = text; *c; c++) {
		if (*c == ' ') {
			n++;
			at = 0;
			continue;
		}
		out[n][at++] = *c;
		out[n][at] = '\0';
	}
	return at > 0 ? n + 1 : 0;
}

static int group_rows(int rows, int count)
{
	return count > 0 ? (rows - WORDS_ROWS - (count - 1)) / count : 0;
}

static void number_in_groups(struct view_pen *p)
{
	char list[DIGITS_MAX][DIGITS_MAX + 1];
	int count = groups(list, p->m->flow->number);

	number_words(p, true, true);
	for (int i = 0; i < count; i++) {
		view_pen_gap(p, i > 0);
		group_draw(p, list[i], group_rows(p->rows, count));
	}
	number_rest(p, true);
}

/* The customer has to scan, and there is no room for both. */
static void scan(struct view_pen *p)
{
	char text[DIGITS_TEXT_MAX];

	amount(p, 1);
	view_pen_gap(p, 1);
	view_pen_centred(p, GRID_BOLD, _("Please scan the code with your wallet and confirm the "
					 "amount."));
	view_pen_gap(p, 1);
	digits_grouped(text, p->m->flow->number);
	view_pen_centred(p, GRID_NUMBER, text);
	view_pen_countdown(p, p->m->flow->number_ms);
	view_pen_gap(p, 1);
	view_pen_centred(p, GRID_BOLD, p->m->reader ? _("Then show the new code to the reader.")
						    : _("Then hold the new code to the camera."));
}

struct place {
	struct qr_fit code;
	struct grid_box words;
	int code_col, code_row;
	void (*draw)(struct view_pen *p);
};

static bool large_enough(const struct view_model *m, int cols, int rows)
{
	return digits_fit(m->flow->number, cols, rows).rows >= DIGITS_ROWS_MIN;
}

static bool place_beside(struct place *out, const struct view_model *m, const struct grid *g)
{
	int most = g->cols / 2 > g->cols - GAP_COLS - WORDS_COLS_MIN
			   ? g->cols - GAP_COLS - WORDS_COLS_MIN
			   : g->cols / 2 + 2 * GAP_COLS;

	if (!qr_grid_fit(&out->code, m->challenge_side, m->cell, most, g->rows, QR_GRID_QUIET))
		return false;
	out->words.cols = g->cols - out->code.cols - GAP_COLS;
	out->code_col = g->cols - out->code.cols;
	out->code_row = (g->rows - out->code.rows) / 2;
	out->draw = number_with_code;
	return large_enough(m, out->words.cols, out->words.rows / 2);
}

static bool place_below(struct place *out, const struct view_model *m, const struct grid *g)
{
	int above = WORDS_ROWS + 2 * DIGITS_ROWS_MIN;

	if (!qr_grid_fit(&out->code, m->challenge_side, m->cell, g->cols, g->rows - above,
		    QR_GRID_QUIET))
		return false;
	out->code_col = (g->cols - out->code.cols) / 2;
	out->code_row = g->rows - out->code.rows;
	out->words.rows -= out->code.rows;
	out->draw = number_with_code;
	return large_enough(m, out->words.cols, out->words.rows / 2);
}

/* The code as high as the window, the number's groups beside it. */
static bool place_groups(struct place *out, const struct view_model *m, const struct grid *g)
{
	char list[DIGITS_MAX][DIGITS_MAX + 1];
	int count = groups(list, m->flow->number), rows;

	if (!qr_grid_fit(&out->code, m->challenge_side, m->cell,
		    g->cols - GAP_COLS - WORDS_COLS_MIN, g->rows, QR_GRID_QUIET_LEAST))
		return false;
	out->words.cols = g->cols - out->code.cols - GAP_COLS;
	out->code_col = g->cols - out->code.cols;
	out->code_row = (g->rows - out->code.rows) / 2;
	out->draw = number_in_groups;
	rows = group_rows(out->words.rows, count);
	return count > 0 && digits_fit(list[0], out->words.cols, rows).rows >= DIGITS_ROWS_MIN;
}

static void number_draw(struct grid *g, const struct view_model *m, const struct grid_box *body)
{
	bool (*const places[])(struct place *, const struct view_model *, const struct grid *) = {
		place_beside, place_below, place_groups};
	bool must_scan = m->flow->notice == REASON_WEAK_BINDING;
	struct place place = {.draw = number_alone};
	bool found = false;

	for (size_t i = 0; view_code_there(m) && !found && i < sizeof places / sizeof places[0];
		i++) {
		place.words = *body;
		found = places[i](&place, m, g);
	}
	/* the place for groups again, now without them */
	if (!found && must_scan && view_code_there(m) && place.code.cols > 0) {
		place.draw = scan;
		found = true;
	}
	if (found)
		qr_grid_draw(g, place.code_col, place.code_row, &place.code, m->challenge,
			m->challenge_side);
	else
		place = (struct place){.words = *body, .draw = number_alone};
	view_centre(g, m, &place.words, place.draw);
}

/* ---- PIN ---- */

static void pin(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	char text[GRID_TEXT_MAX] = "";
	bool sent = f->phase == FLOW_PIN_SENT;

	amount(p, p->rows >= BIG_ROWS_MIN ? p->rows / 3 : 1);
	view_pen_gap(p, 1);
	view_pen_centred(p, GRID_BOLD, sent ? _("One moment, please: it is being checked.")
					    : _("Please type your PIN at the counter."));
	view_pen_gap(p, 1);
	for (int i = 0; i < p->m->pin_len && i < VIEW_PIN_LEN_MAX; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), i > 0 ? " *" : "*");
	view_pen_centred(p, GRID_NUMBER, text[0] != '\0' ? text : " ");
	view_pen_gap(p, 1);
	if (!sent)
		view_pen_countdown(p, FLOW_PIN_MS);
	if (f->notice != REASON_NONE)
		view_pen_centred(p, GRID_WARN_FILL, words_customer_notice(f->notice));
	view_pen_gap(p, 1);
	view_pen_centred(p, GRID_NORMAL, _("The camera is off."));
}

/* ---- verdict ---- */

static void verdict(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	enum verdict v = view_verdict(f);
	enum grid_style fill = v == VERDICT_ACCEPTED                       ? GRID_GOOD_FILL
		: v == VERDICT_UNCERTAIN || v == VERDICT_UNCONFIRMED ? GRID_WARN_FILL
								     : GRID_BAD_FILL;
	enum block_sign which = v == VERDICT_ACCEPTED                      ? BLOCK_CHECK
		: v == VERDICT_UNCERTAIN || v == VERDICT_UNCONFIRMED ? BLOCK_QUESTION
								     : BLOCK_CROSS;
	int top = p->row;

	/* twice: the ground's height is known when all of it was measured */
	for (int pass = 0; pass < 2; pass++) {
		struct view_pen in = *p;

		in.g = pass == 1 ? p->g : NULL;
		view_pen_gap(&in, 1);
		if (p->rows >= BIG_ROWS_MIN) {
			sign(&in, which, fill);
			view_pen_gap(&in, 1);
		}
		big_centred(&in, fill, words_verdict(v, f->pin_done), p->rows / 3);
		view_pen_gap(&in, 1);
		if (pass == 0 && p->g)
			grid_fill(p->g, 0, top, p->g->cols, in.row - top, ' ', fill);
		if (pass == 1)
			p->row = in.row;
	}
}

static void result(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	enum verdict v = view_verdict(f);

	verdict(p);
	view_pen_gap(p, 1);
	amount(p, 1);
	if (v == VERDICT_ACCEPTED) {
		view_pen_centred(p, GRID_BOLD, _("Thank you."));
		view_pen_detail(p, _("Receipt"), f->receipt);
	} else if (v == VERDICT_UNCERTAIN && f->phase == FLOW_UNCERTAIN) {
		view_pen_centred(p, GRID_BOLD,
			_("Please wait: it is not known yet what was decided."));
	} else if (v == VERDICT_UNCERTAIN) {
		view_pen_centred(p, GRID_BOLD,
			_("It is not known what was decided. Please ask at the counter."));
	} else {
		view_pen_centred(p, GRID_BOLD, words_customer_reason(f->reason));
	}
}

/* ---- the screen ---- */

static void bar(struct grid *g, const struct view_customer *v, int cols)
{
	const char *flag = v->m->simulator ? _("SIMULATOR") : v->m->replay ? _("REPLAY") : "";
	int right = cols - (flag[0] != '\0' ? grid_text_columns(flag) + 2 : 0);

	grid_fill(g, 0, 0, cols, 1, ' ', GRID_TITLE);
	if (flag[0] != '\0') {
		grid_fill(g, right, 0, cols - right, 1, ' ', GRID_WARN_FILL);
		grid_text(g, right + 1, 0, cols - right - 1, GRID_WARN_FILL, flag);
	}
	if (view_has(v->title))
		grid_text(g, 1, 0, right - 2, GRID_TITLE, v->title);
}

/* Up to where a bar at the top may reach: not over a code. */
static int bar_cols(const struct grid *g)
{
	for (int col = 0; col < g->cols; col++)
		if (grid_at(g, col, 0)->style == GRID_PAPER)
			return col;
	return g->cols;
}

static bool works(const struct view_model *m)
{
	return m->barred == REASON_NONE && m->scanner != VIEW_SCANNER_FAULT &&
		m->scanner != VIEW_SCANNER_ENDED && m->scanner != VIEW_SCANNER_RESTARTING;
}

typedef void content(struct view_pen *p);

static content *content_of(const struct view_customer *v)
{
	switch (v->m->flow->phase) {
	case FLOW_WAITING:
		return v->closed ? closed : works(v->m) ? waiting : not_now;
	case FLOW_STARTING:
		return moment;
	case FLOW_PIN:
	case FLOW_PIN_SENT:
		return pin;
	case FLOW_NUMBER:
	case FLOW_ANSWERING:
	case FLOW_UNCERTAIN:
	case FLOW_RESULT:
	case FLOW_PHASE_COUNT:
	default:
		return result;
	}
}

void view_customer_draw(struct grid *g, const struct view_customer *v)
{
	enum flow_phase phase = v->m->flow->phase;
	struct grid_box body = {.row = 1, .cols = g->cols, .rows = g->rows - 1};

	grid_clear(g);
	if (phase == FLOW_NUMBER || phase == FLOW_ANSWERING)
		number_draw(g, v->m, &body);
	else
		view_centre(g, v->m, &body, content_of(v));
	bar(g, v, bar_cols(g));
}
