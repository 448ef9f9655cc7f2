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

void guide_measure(struct scan_guide *g, const struct scan_grey *frame,
	const struct qr_finders *finders)
{
	struct guide_box square;

	g->seen = (struct guide_measures){.found = false};
	guide_look(g, frame);
	g->seen.huge = guide_is_huge(g);
	finders_measure(&g->seen, frame, finders);
	if (guide_find(g, &square)) {
		patch_measure(g, frame, &square);
	} else if (g->seen.finders) {
		g->seen.found = true;
		guide_edges(&g->seen, frame, &g->seen.box);
	}
}
