/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures of one frame: of finder patterns, where there are any, and of what looks like a code.
 */
#include "scanner/guide_look.h"

#define TRUSTED 0.5f    /* quality of a finder pattern */
#define REACH_MODULES 60 /* between two finder patterns of one symbol */
#define ROOM_MODULES 10  /* of the symbol around a finder pattern */
#define NEAR_MODULES 6   /* from its middle to the border: half a pattern and some quiet zone */
#define SMALL_TILES 5

/* A code that is too near. */
#define NEAR_CONTRAST 110   /* grey levels at least */
#define NEAR_BETWEEN_MAX 35 /* per cent that is neither light nor dark */
#define NEAR_DOUBT 15       /* grey levels around the middle */
#define NEAR_INK_MIN 30     /* per cent */
#define NEAR_INK_MAX 70
#define NEAR_LEAN_MAX 30
#define NEAR_LINES 16       /* across, and as many down */
#define NEAR_RUNS_MIN 60    /* along them */
#define NEAR_MODULE_MIN 12  /* pixels of the usual run */
#define NEAR_SHORT_MAX 8    /* per cent of the runs that are shorter than 2/5 of it */
#define NEAR_LONG_MIN 15    /* per cent of the runs that are longer than 3/2 of it, at least */
#define RUN_LEN_MAX 255     /* longer ones count as this */

/* ---- finder patterns ---- */

struct group {
	float left, top, right, bottom, module;
	unsigned count;
	bool near; /* one is so near to the border that there is no room for the quiet zone */
};

static bool is_trusted(const struct qr_finder *f)
{
	return f->quality >= TRUSTED && f->module > 0;
}

static bool belongs(const struct qr_finder *f, const struct qr_finder *to)
{
	float dx = f->x - to->x, dy = f->y - to->y, reach = REACH_MODULES * to->module;

	return f->inverted == to->inverted && f->module < 2 * to->module &&
		to->module < 2 * f->module && dx * dx + dy * dy < reach * reach;
}

static void group_add(struct group *g, const struct qr_finder *f, const struct scan_grey *frame)
{
	float room = ROOM_MODULES * f->module, near = NEAR_MODULES * f->module;

	if (!g->count || f->x - room < g->left)
		g->left = f->x - room;
	if (!g->count || f->y - room < g->top)
		g->top = f->y - room;
	if (!g->count || f->x + room > g->right)
		g->right = f->x + room;
	if (!g->count || f->y + room > g->bottom)
		g->bottom = f->y + room;
	g->near = g->near || f->x < near || f->y < near || f->x > (float)frame->width - near ||
		f->y > (float)frame->height - near;
	g->module += f->module;
	g->count++;
}

static int within(float v, int most)
{
	return v > 0 ? v < (float)most ? (int)v : most : 0;
}

/* The best one and those that may be of the same symbol. */
static void finders_measure(struct guide_measures *m, const struct scan_grey *frame,
	const struct qr_finders *finders)
{
	struct group group = {.count = 0};
	const struct qr_finder *first = NULL;

	for (unsigned i = 0; finders && i < finders->count && i < QR_FINDERS_MAX; i++) {
		const struct qr_finder *f = &finders->at[i];

		if (!is_trusted(f) || (first && !belongs(f, first)))
			continue;
		first = first ? first : f;
		group_add(&group, f, frame);
	}
	if (!first)
		return;
	m->finders = group.count;
	m->module = within(16 * group.module / (float)group.count, 16 * frame->width);
	m->cut = group.count < 3 && group.near;
	m->box = (struct qr_box){within(group.left, frame->width), within(group.top, frame->height),
		within(group.right, frame->width), within(group.bottom, frame->height)};
}

/* ---- the patch ---- */

static struct qr_box pixels_of(const struct scan_guide *g, const struct guide_box *b)
{
	int tile = GUIDE_TILE * g->step;

	return (struct qr_box){b->left * tile, b->top * tile, b->right * tile, b->bottom * tile};
}

static bool is_core(const struct scan_guide *g, int x, int y)
{
	return g->patch[y][x] == PATCH_CORE;
}

/* It is cut where the inside of the patch is at the frame's border, along a good part of it. */
static bool is_cut(const struct scan_guide *g, const struct guide_box *around)
{
	int left = 0, right = 0, top = 0, bottom = 0, low = g->tile_rows - 1;
	int last = g->tile_columns - 1;
	int wide = around->right - around->left, high = around->bottom - around->top;
	int whole = wide > high ? wide : high;

	for (int y = around->top; y < around->bottom; y++) {
		left += is_core(g, 0, y);
		right += is_core(g, last, y);
	}
	for (int x = around->left; x < around->right; x++) {
		top += is_core(g, x, 0);
		bottom += is_core(g, x, low);
	}
	int side = left > right ? left : right, end = top > bottom ? top : bottom;
	int most = side > end ? side : end;
	return most >= 3 && most * 3 >= whole;
}

/* The tiles at the rim of a small square are half beside the code. */
static struct qr_box inner_of(const struct scan_guide *g, const struct guide_box *square)
{
	struct qr_box inner = pixels_of(g, square);
	int side = square->right - square->left, tile = GUIDE_TILE * g->step;
	int off = side == 2 ? tile / 4 : side <= SMALL_TILES ? tile / 2 : 0;

	return (struct qr_box){
		inner.left + off, inner.top + off, inner.right - off, inner.bottom - off};
}

static void patch_measure(struct scan_guide *g, const struct scan_grey *frame,
	const struct guide_box *square)
{
	struct guide_box around;
	struct qr_box inner = inner_of(g, square);

	guide_grow(g, &around, square);
	guide_light(g, &around);
	g->seen.found = true;
	g->seen.cut = g->seen.cut || is_cut(g, &around);
	g->seen.box = pixels_of(g, &around);
	g->seen.square = 16 * GUIDE_TILE * g->step * (square->right - square->left);
	guide_edges(&g->seen, frame, &inner);
	guide_ring(g, &around);
	g->seen.area = (around.right - around.left) * (around.bottom - around.top) * 100 /
		(g->tile_columns * g->tile_rows);
}

/* ---- a code that is too near ---- */

struct runs {
	int count[RUN_LEN_MAX + 1];
	int all;
};

static void runs_along(struct runs *r, const uint8_t *at, ptrdiff_t step, int len, int middle)
{
	int from = 0;
	bool light = at[0] > middle;

	for (int i = 1; i < len; i++) {
		int v = at[i * step];

		if (light ? v >= middle - NEAR_DOUBT : v <= middle + NEAR_DOUBT)
			continue;
		light = !light;
		if (from > 0) { /* the first one begins outside */
			r->count[i - from < RUN_LEN_MAX ? i - from : RUN_LEN_MAX]++;
			r->all++;
		}
		from = i;
	}
}

static void runs_take(struct runs *r, const struct scan_grey *frame, const struct qr_box *b,
	int middle)
{
	ptrdiff_t stride = frame->width;
	int wide = b->right - b->left, high = b->bottom - b->top;
	const uint8_t *at = frame->pixels + b->top * stride + b->left;

	*r = (struct runs){.all = 0};
	for (int n = 1; n < 2 * NEAR_LINES; n += 2) {
		runs_along(r, at + high * n / (2 * NEAR_LINES) * stride, 1, wide, middle);
		runs_along(r, at + wide * n / (2 * NEAR_LINES), stride, high, middle);
	}
}

/* Runs of modules are of one, two, three of them: leaves have shorter ones between, and tiles on a
 * floor have one length.
 */
static bool are_modules(const struct runs *r)
{
	int sum = 0, usual = 0, shorter = 0, longer = 0;

	while (usual < RUN_LEN_MAX && (sum += r->count[usual]) * 2 < r->all)
		usual++;
	for (int i = 0; i * 5 < usual * 2; i++)
		shorter += r->count[i];
	for (int i = usual * 3 / 2 + 1; i <= RUN_LEN_MAX; i++)
		longer += r->count[i];
	return r->all >= NEAR_RUNS_MIN && usual >= NEAR_MODULE_MIN &&
		shorter * 100 <= r->all * NEAR_SHORT_MAX && longer * 100 >= r->all * NEAR_LONG_MIN;
}

/* Two greys, and little between. */
static bool has_two_greys(const struct scan_grey *frame, const struct qr_box *b,
	const struct guide_measures *m)
{
	int quarter = (m->light - m->dark) / 4, between = 0, all = 0;

	for (int y = b->top; y < b->bottom; y += 4)
		for (int x = b->left; x < b->right; x += 4, all++) {
			int v = frame->pixels[(ptrdiff_t)y * frame->width + x];

			between += v >= m->dark + quarter && v < m->light - quarter;
		}
	return between * 100 <= all * NEAR_BETWEEN_MAX;
}

/* Larger tiles see it as a code; then it is measured in pixels. Overwrites the tiles. */
static bool is_near(struct scan_guide *g, const struct scan_grey *frame, int coarser)
{
	struct guide_measures m = {.noise = g->seen.noise};
	struct guide_box square, around;
	struct runs runs;

	guide_tiles(g, frame, coarser);
	if (!guide_find(g, &square) || 2 * (square.right - square.left) < g->tile_rows)
		return false;
	guide_grow(g, &around, &square);
	if (!is_cut(g, &around))
		return false;
	struct qr_box inner = inner_of(g, &square);
	guide_edges(&m, frame, &inner);
	if (m.light - m.dark < NEAR_CONTRAST || m.ink < NEAR_INK_MIN || m.ink > NEAR_INK_MAX ||
		m.lean > NEAR_LEAN_MAX || !has_two_greys(frame, &inner, &m))
		return false;
	runs_take(&runs, frame, &inner, (m.light + m.dark) / 2);
	return are_modules(&runs);
}

void guide_measure(struct scan_guide *g, const struct scan_grey *frame,
	const struct qr_finders *finders)
{
	struct guide_box square;

	g->seen = (struct guide_measures){.found = false};
	guide_look(g, frame);
	finders_measure(&g->seen, frame, finders);
	if (guide_find(g, &square)) {
		patch_measure(g, frame, &square);
	} else if (g->seen.finders) {
		g->seen.found = true;
		guide_edges(&g->seen, frame, &g->seen.box);
	}
	for (int coarser = 2; coarser <= 4 && !g->seen.near && g->seen.finders < 3; coarser *= 2)
		g->seen.near = is_near(g, frame, coarser);
}
