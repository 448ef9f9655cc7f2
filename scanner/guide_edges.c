/* SPDX-License-Identifier: Apache-2.0
 *
 * What the edges in a part of the frame are like: how far apart, how wide, in which directions.
 */
#include "scanner/guide_look.h"

#include <stdlib.h>

#define LINES 8        /* in each of four directions */
#define LINE_MAX_LEN 192 /* pixels of one */
#define GRID 64        /* places for grey levels and slopes, across and down */
#define STEP_MIN 8     /* grey levels: less is no edge */

/* ---- grey levels ---- */

static int level_at(const unsigned count[static 256], unsigned from_dark)
{
	unsigned sum = 0;
	int i = 0;

	while (i < 255 && (sum += count[i]) < from_dark)
		i++;
	return i;
}

static unsigned count_in(const unsigned count[static 256], int from, int to)
{
	unsigned sum = 0;

	for (int i = from; i < to; i++)
		sum += count[i];
	return sum;
}

struct slopes {
	int64_t xx, yy, xy, count;
};

static unsigned isqrt(uint64_t v)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= v)
			root += bit;
	return (unsigned)root;
}

/* How much the slopes prefer one direction: 0 for a code that is sharp or evenly blurred, 100 for
 * bars. Noise has none, and is taken off.
 */
static int lean_of(const struct slopes *s, int noise)
{
	int64_t xx = s->xx / s->count, yy = s->yy / s->count, xy = s->xy / s->count;
	int64_t all = xx + yy - 3 * noise * noise;
	uint64_t one = isqrt((uint64_t)((xx - yy) * (xx - yy) + 4 * xy * xy));

	if (all < 1)
		return 0;
	return (int)one >= all ? 100 : (int)((int64_t)one * 100 / all);
}

static void greys_take(struct guide_measures *m, const struct scan_grey *frame,
	const struct qr_box *box)
{
	unsigned count[256] = {0}, all = 0;
	struct slopes s = {0, 0, 0, 0};
	ptrdiff_t stride = frame->width;
	int dx = (box->right - box->left) / GRID + 1, dy = (box->bottom - box->top) / GRID + 1;

	for (int y = box->top + 1; y < box->bottom - 1; y += dy)
		for (int x = box->left + 1; x < box->right - 1; x += dx) {
			const uint8_t *p = frame->pixels + y * stride + x;
			int gx = p[1] - p[-1], gy = p[stride] - p[-stride];

			count[*p]++;
			s.xx += gx * gx;
			s.yy += gy * gy;
			s.xy += gx * gy;
			s.count++;
		}
	all = (unsigned)s.count;
	if (!all)
		return;
	m->dark = level_at(count, all / 20 + 1);
	m->light = level_at(count, all - all / 20);
	m->ink = (int)(count_in(count, 0, (m->dark + m->light) / 2) * 100 / all);
	m->white = (int)(count_in(count, 250, 256) * 100 / all);
	m->lean = lean_of(&s, m->noise);
}

/* ---- edges along lines ---- */

struct line {
	const uint8_t *at;
	ptrdiff_t step;
	int len;
};

struct edges {
	int steps;  /* of at least a quarter of the contrast */
	int widths; /* how many were wide measured */
	int width;  /* sum, 1/16 pixel along the line */
	int len;    /* sum of the lines, pixels */
};

/* From one extreme to the next: the width that it would have at its steepest slope, which is taken
 * over two pixels because noise makes one-pixel slopes look steep.
 */
static void edge_add(struct edges *e, const struct line *l, int from, int to, int contrast)
{
	int height = abs(l->at[to * l->step] - l->at[from * l->step]), steepest = 1;

	e->steps++;
	if (height * 2 < contrast)
		return;
	for (int i = from; i + 2 <= to; i++) {
		int slope = abs(l->at[(i + 2) * l->step] - l->at[i * l->step]);

		steepest = slope > steepest ? slope : steepest;
	}
	if (to - from < 2)
		steepest = height;
	e->width += 32 * height / steepest;
	e->widths++;
}

/* Extremes that differ by at least `least`, one after the other. */
static void line_take(struct edges *e, const struct line *l, int least, int contrast)
{
	int way = 0, low = 0, high = 0, last = 0, extreme = 0;

	e->len += l->len;
	for (int i = 1; i < l->len; i++) {
		int v = l->at[i * l->step], was = l->at[extreme * l->step];

		if (way == 0) {
			low = v < l->at[low * l->step] ? i : low;
			high = v > l->at[high * l->step] ? i : high;
			if (l->at[high * l->step] - l->at[low * l->step] < least)
				continue;
			way = high > low ? 1 : -1;
			last = way > 0 ? low : high;
			extreme = i;
		} else if (way > 0 ? v >= was : v <= was) {
			extreme = i;
		} else if (abs(v - was) >= least) {
			edge_add(e, l, last, extreme, contrast);
			last = extreme;
			extreme = i;
			way = -way;
		}
	}
}

/* Direction 0 across, 1 down, 2 falling, 3 rising; line n of LINES. Diagonals begin at the left,
 * spread over the box so that all have the same length.
 */
static struct line line_at(const struct scan_grey *frame, const struct qr_box *box, int direction,
	int n)
{
	int width = box->right - box->left, height = box->bottom - box->top;
	int side = width < height ? width : height;
	ptrdiff_t stride = frame->width;
	int len = direction == 0 ? width : direction == 1 ? height : side / 2;
	int room = direction == 0 ? height : direction == 1 ? width : side - len;
	int offset = room * (2 * n + 1) / (2 * LINES);
	int x = box->left, y = box->top;

	if (len > LINE_MAX_LEN) {
		x += direction == 0 ? (len - LINE_MAX_LEN) / 2 : 0;
		y += direction == 1 ? (len - LINE_MAX_LEN) / 2 : 0;
		len = LINE_MAX_LEN;
	}
	switch (direction) {
	case 0:
		return (struct line){frame->pixels + (y + offset) * stride + x, 1, len};
	case 1:
		return (struct line){frame->pixels + y * stride + x + offset, stride, len};
	case 2:
		return (struct line){
			frame->pixels + (y + side / 4) * stride + x + offset, stride + 1, len};
	default:
		return (struct line){frame->pixels + (y + side * 3 / 4) * stride + x + offset,
			1 - stride, len};
	}
}

void guide_edges(struct guide_measures *m, const struct scan_grey *frame,
	const struct qr_box *box)
{
	int run = 0, ways = 0;

	m->run = m->edge = 0;
	if (box->right - box->left < 8 || box->bottom - box->top < 8)
		return;
	greys_take(m, frame, box);
	int contrast = m->light - m->dark, least = contrast / 4;
	if (least < 4 * m->noise)
		least = 4 * m->noise;
	if (least < STEP_MIN)
		least = STEP_MIN;
	for (int direction = 0; direction < 4; direction++) {
		struct edges e = {0, 0, 0, 0};
		int longer = direction < 2 ? 16 : 23; /* a step along a diagonal is 1.41 pixels */

		for (int n = 0; n < LINES; n++) {
			struct line l = line_at(frame, box, direction, n);
			line_take(&e, &l, least, contrast);
		}
		if (e.steps) {
			run += e.len * longer / e.steps;
			ways++;
		}
		if (e.widths) {
			int width = e.width / e.widths * longer / 16;
			m->edge = !m->edge || width < m->edge ? width : m->edge;
		}
	}
	m->run = ways ? run / ways : 0;
}
