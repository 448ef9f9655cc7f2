/* SPDX-License-Identifier: Apache-2.0
 *
 * What several screens have in common.
 */
#include "ui/view_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/local.h"
#include "base/text.h"
#include "ui/words.h"

#define DETAIL_COLS 48
#define COUNTDOWN_COLS_MAX 100
#define COUNTDOWN_LATE_S 10 /* from here on the bar warns */
#define UNIX_S_MAX 253402300799 /* end of the year 9999 */

bool view_has(const char *text)
{
	return text && *text;
}

enum verdict view_verdict(const struct flow *f)
{
	if (f->phase == FLOW_UNCERTAIN)
		return VERDICT_UNCERTAIN;
	return f->phase == FLOW_RESULT ? f->verdict : VERDICT_NONE;
}

/* ---- time ---- */

int64_t view_left_ms(const struct view_model *m, int64_t deadline_ms)
{
	uint64_t left;

	if (deadline_ms <= m->now_ms)
		return 0;
	left = (uint64_t)deadline_ms - (uint64_t)m->now_ms;
	return left > FLOW_NUMBER_MS_MAX ? FLOW_NUMBER_MS_MAX : (int64_t)left;
}

int view_left_s(const struct view_model *m, int64_t deadline_ms)
{
	return (int)((view_left_ms(m, deadline_ms) + 999) / 1000);
}

/* Seconds as they are here; the first and the last day that can be written for others. */
static int64_t local_s(int64_t unix_s, int64_t offset_s)
{
	if (unix_s > UNIX_S_MAX)
		unix_s = UNIX_S_MAX;
	return (unix_s < 0 ? 0 : unix_s) + offset_s;
}

void view_time(char out[static VIEW_UNTIL_MAX], const struct view_model *m, int64_t unix_s)
{
	char then[LOCAL_DATE_MAX], now[LOCAL_DATE_MAX], time[LOCAL_DATE_MAX];
	int64_t offset_s = m->utc_offset_s % 86400;

	out[0] = '\0';
	if (unix_s == 0)
		return;
	local_date(then, local_s(unix_s, offset_s));
	local_date(now, local_s(m->now_unix_s, offset_s));
	local_time(time, local_s(unix_s, offset_s));
	if (strcmp(then, now) == 0)
		snprintf(out, VIEW_UNTIL_MAX, "%s", time);
	else
		snprintf(out, VIEW_UNTIL_MAX, "%s %s", then, time);
}

/* "The server cannot answer now" is true, and says nothing: it does not go away by itself. */
const char *view_certificate(const struct view_model *m)
{
	return m->flow->phase != FLOW_RESULT || m->flow->reason == REASON_NO_BACKEND
		       ? words_certificate(m->backend_fault)
		       : "";
}

void view_reason(char out[static VIEW_SENTENCE_MAX], const struct view_model *m)
{
	const struct flow *f = m->flow;
	const char *certificate = view_certificate(m);
	char until[VIEW_UNTIL_MAX];

	view_time(until, m, f->until_unix_s);
	if (certificate[0])
		snprintf(out, VIEW_SENTENCE_MAX, "%s", certificate);
	else if (f->reason == REASON_FROZEN && until[0])
		snprintf(out, VIEW_SENTENCE_MAX, _("This card is frozen until %s."), until);
	else if (f->reason == REASON_TOO_MANY_ATTEMPTS && until[0])
		snprintf(out, VIEW_SENTENCE_MAX,
			_("Too many attempts in a short time. The next one is possible at %s."),
			until);
	else
		snprintf(out, VIEW_SENTENCE_MAX, "%s", words_reason(f->reason));
}

/* ---- what the camera needs ---- */

void view_hint(char out[static GRID_TEXT_MAX], const struct view_model *m)
{
	const char *act = words_hint_do(m->hint);
	bool waits = (m->flow->phase == FLOW_WAITING && !m->flow->held_in_view) ||
		m->flow->phase == FLOW_NUMBER;

	out[0] = '\0';
	if (waits && m->scanner == VIEW_SCANNER_RUNNING && act[0])
		snprintf(out, GRID_TEXT_MAX, "!  %s", act);
}

/* ---- pen ---- */

void view_centre(struct grid *g, const struct view_model *m, const struct grid_box *box,
	void (*content)(struct view_pen *p))
{
	struct view_pen p = {
		.m = m,
		.col = box->col,
		.cols = box->cols,
		.row = box->row,
		.bottom = box->row + box->rows,
		.rows = box->rows,
		.window_cols = g->cols,
	};
	int spare;

	content(&p);
	spare = p.bottom - p.row;
	p.g = g;
	p.row = box->row + (spare > 0 ? spare / 2 : 0);
	content(&p);
}

int view_pen_left(const struct view_pen *p)
{
	return p->bottom > p->row ? p->bottom - p->row : 0;
}

void view_pen_gap(struct view_pen *p, int rows)
{
	p->row += rows;
}

static void paragraph(struct view_pen *p, enum grid_style style, const char *text, bool centred)
{
	struct grid_box box = {
		.col = p->col,
		.row = p->row,
		.cols = p->cols,
		.rows = view_pen_left(p),
		.centred = centred,
	};

	p->row += grid_wrapped(p->g, &box, style, text);
}

void view_pen_text(struct view_pen *p, enum grid_style style, const char *text)
{
	paragraph(p, style, text, false);
}

void view_pen_centred(struct view_pen *p, enum grid_style style, const char *text)
{
	paragraph(p, style, text, true);
}

static bool big(struct view_pen *p, enum grid_style style, const char *text, bool centred)
{
	static const struct {
		struct block_scale scale;
		bool broken;
	} ways[] = {{{2, 2}, false}, {{2, 2}, true}, {{1, 1}, false}, {{1, 1}, true}};
	struct block_size size;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!block_text_size(&size, text, ways[i].scale, ways[i].broken))
			break;
		if (size.cols > p->cols || size.rows > p->rows * 3 / 4)
			continue;
		if (p->g)
			block_text_draw(p->g, p->col + (centred ? (p->cols - size.cols) / 2 : 0),
				p->row, text, ways[i].scale, ways[i].broken,
				style);
		p->row += size.rows;
		return true;
	}
	return false;
}

void view_pen_big(struct view_pen *p, enum grid_style style, const char *text)
{
	if (!big(p, style, text, false))
		view_pen_text(p, style, text);
}

void view_pen_big_centred(struct view_pen *p, enum grid_style style, const char *text)
{
	if (!big(p, style, text, true))
		view_pen_centred(p, style, text);
}

static int label_cols(void)
{
	const char *labels[] = {_("Holder"), _("Purpose"), _("Value"), _("Receipt"),
		_("Verification")};
	int cols = 0;

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (grid_text_columns(labels[i]) > cols)
			cols = grid_text_columns(labels[i]);
	return cols;
}

void view_pen_detail(struct view_pen *p, const char *label, const char *value)
{
	int labels = label_cols() + 2;
	int cols = p->cols < DETAIL_COLS ? p->cols : DETAIL_COLS;
	int col = p->col + (p->cols - cols) / 2;

	if (!view_has(value))
		return;
	if (p->g && view_pen_left(p) > 0) {
		grid_text(p->g, col, p->row, labels, GRID_DIM, label);
		grid_text(p->g, col + labels, p->row, cols - labels, GRID_BOLD, value);
	}
	p->row++;
}

void view_pen_credential(struct view_pen *p)
{
	const struct flow_credential *c = &p->m->flow->credential;

	view_pen_detail(p, _("Holder"), c->holder);
	view_pen_detail(p, _("Purpose"), c->purpose);
	view_pen_detail(p, _("Value"), c->face_value);
}

void view_pen_countdown(struct view_pen *p, int64_t total_ms)
{
	int64_t left_ms = view_left_ms(p->m, p->m->flow->deadline_ms);
	int seconds = view_left_s(p->m, p->m->flow->deadline_ms);
	enum grid_style style = seconds > COUNTDOWN_LATE_S ? GRID_NUMBER : GRID_WARN;
	int cols = p->cols < COUNTDOWN_COLS_MAX ? p->cols : COUNTDOWN_COLS_MAX;
	int col = p->col + (p->cols - cols) / 2;
	char text[32];
	int full, bar;

	snprintf(text, sizeof(text), _("%d s"), seconds);
	bar = cols - grid_text_columns(text) - 2;
	if (total_ms > FLOW_NUMBER_MS_MAX)
		total_ms = FLOW_NUMBER_MS_MAX;
	if (total_ms < left_ms)
		total_ms = left_ms;
	if (p->g && view_pen_left(p) > 0 && bar > 0) {
		/* rounded up: while there is time there is a bar */
		full = total_ms > 0 ? (int)((left_ms * bar + total_ms - 1) / total_ms) : 0;
		grid_fill(p->g, col, p->row, full, 1, 0x2588, style);
		grid_fill(p->g, col + full, p->row, bar - full, 1, 0x2591, GRID_DIM);
		grid_text_right(p->g, col + bar, p->row, cols - bar, style, text);
	}
	p->row++;
}
