/* SPDX-License-Identifier: Apache-2.0
 *
 * Where something like a code is: the frame as points, points as tiles, tiles as a patch.
 *
 * A code is noise with two levels: from one point to the next it changes as much across as down, in
 * every tile, and is about as often dark as light. A wall hardly changes, an edge or a bar code
 * changes in one direction, text and faces have much that is plain between what is not.
 */
#include "scanner/guide_look.h"

#include <stdlib.h>
#include <string.h>

#define CONTRAST_MIN 20 /* grey levels in a tile */
#define SQUARE_FULL 85  /* per cent of its tiles that are busy */
#define STILL_GREYS 10  /* a tile that changes by no more stays what it is */
#define WHITE_FROM 245  /* a tile without edges is white from this grey on */

/* ---- points ---- */

static void grid_size(struct scan_guide *g, int width, int height, int coarser)
{
	int across = (width + GUIDE_COLUMNS - 1) / GUIDE_COLUMNS;
	int down = (height + GUIDE_ROWS - 1) / GUIDE_ROWS;

	g->step = (across > down ? across : down) * coarser;
	g->tile_columns = (width - 1) / g->step / GUIDE_TILE;
	g->tile_rows = (height - 1) / g->step / GUIDE_TILE;
	g->columns = g->tile_columns * GUIDE_TILE;
	g->rows = g->tile_rows * GUIDE_TILE;
}

/* Each point is the mean of two by two pixels: it keeps the contrast of modules however many lie
 * between two points, and halves the noise.
 */
static void points_take(struct scan_guide *g, const struct scan_grey *frame)
{
	size_t stride = (size_t)frame->width;

	memset(g->fine, 0, sizeof g->fine);
	for (int y = 0; y < g->rows; y++) {
		const uint8_t *in = frame->pixels + (size_t)(y * g->step) * stride;
		uint16_t *fine = g->fine[y / GUIDE_TILE];

		for (int x = 0; x < g->columns; x++, in += g->step) {
			int a = in[0], b = in[1], c = in[stride], d = in[stride + 1];

			g->point[y][x] = (uint8_t)((a + b + c + d + 2) / 4);
			fine[x / GUIDE_TILE] = (uint16_t)(fine[x / GUIDE_TILE] + abs(a - b) +
							  abs(c - d));
		}
	}
}

/* ---- tiles ---- */

struct steps {
	int across, down, rising, falling;
};

/* To the neighbours at right and below, also where they are in the next tile. */
static void steps_add(struct steps *s, const struct scan_guide *g, int x, int y)
{
	int xn = x + 1 < g->columns ? x + 1 : x - 1, yn = y + 1 < g->rows ? y + 1 : y - 1;
	int a = g->point[y][x], b = g->point[y][xn], c = g->point[yn][x];

	s->across += abs(a - b);
	s->down += abs(a - c);
	s->falling += abs(a - g->point[yn][xn]);
	s->rising += abs(b - c);
}

static bool is_one_sided(int a, int b)
{
	return 4 * a < b || 4 * b < a;
}

/* Noise changes from pixel to pixel as much as from point to point, or more, because a point is a
 * mean; a code with modules of a pixel and more changes less.
 */
static bool is_noise(const struct guide_tile *t)
{
	return t->step * 10 < t->fine * 8;
}

static bool is_busy(const struct guide_tile *t, const struct steps *s)
{
	int contrast = t->high - t->low, ink = t->high - t->mean;

	if (contrast < CONTRAST_MIN || t->step * 8 < contrast || is_noise(t))
		return false;
	if (is_one_sided(s->across, s->down) || is_one_sided(s->rising, s->falling))
		return false;
	/* Over-exposed modules have little dark left. */
	return ink * 5 <= contrast * 4 && ink * (t->high >= 250 ? 12 : 5) >= contrast;
}

static void tile_make(struct scan_guide *g, int tx, int ty)
{
	struct guide_tile *t = &g->tile[ty][tx];
	struct steps s = {0, 0, 0, 0};
	int low = 255, high = 0, sum = 0;

	for (int y = ty * GUIDE_TILE; y < (ty + 1) * GUIDE_TILE; y++)
		for (int x = tx * GUIDE_TILE; x < (tx + 1) * GUIDE_TILE; x++) {
			int v = g->point[y][x];

			low = v < low ? v : low;
			high = v > high ? v : high;
			sum += v;
			steps_add(&s, g, x, y);
		}
	t->low = (uint8_t)low;
	t->high = (uint8_t)high;
	t->mean = (uint8_t)(sum / (GUIDE_TILE * GUIDE_TILE));
	t->step = (uint8_t)((s.across + s.down + s.rising + s.falling) / 64);
	t->fine = (uint8_t)(g->fine[ty][tx] / 32);
	t->busy = is_busy(t, &s);
}

/* A hand is never so still that a tile of a code does not change. */
static void still_take(struct scan_guide *g, int x, int y)
{
	uint8_t *still = &g->still[y][x], *mean = &g->still_mean[y][x];
	struct guide_tile *t = &g->tile[y][x];

	if (abs(t->mean - *mean) > STILL_GREYS) {
		*mean = t->mean;
		*still = 0;
	} else if (*still < GUIDE_STILL_FRAMES) {
		++*still;
	}
	t->busy = t->busy && *still < GUIDE_STILL_FRAMES;
}

/* Of the quieter fifth of the tiles that are neither black nor white, where noise would be cut. */
static int noise_of(const struct scan_guide *g)
{
	unsigned count[256] = {0}, all = 0, sum = 0;
	int fine = 0;

	for (int y = 0; y < g->tile_rows; y++)
		for (int x = 0; x < g->tile_columns; x++)
			if (g->tile[y][x].mean > 8 && g->tile[y][x].mean < 248) {
				count[g->tile[y][x].fine]++;
				all++;
			}
	while (fine < 255 && (sum += count[fine]) * 5 < all)
		fine++;
	return all ? fine * 8 / 9 : 0; /* the mean step of normal noise is 1.13 sigma */
}

/* The grey that this share of the tiles has at most, per cent. */
static int mean_at(const struct scan_guide *g, unsigned share)
{
	unsigned count[256] = {0}, all = (unsigned)(g->tile_columns * g->tile_rows), sum = 0;
	int grey = 0;

	for (int y = 0; y < g->tile_rows; y++)
		for (int x = 0; x < g->tile_columns; x++)
			count[g->tile[y][x].mean]++;
	while (grey < 255 && (sum += count[grey]) * 100 < all * share)
		grey++;
	return grey;
}

void guide_tiles(struct scan_guide *g, const struct scan_grey *frame, int coarser)
{
	grid_size(g, frame->width, frame->height, coarser);
	points_take(g, frame);
	for (int y = 0; y < g->tile_rows; y++)
		for (int x = 0; x < g->tile_columns; x++)
			tile_make(g, x, y);
}

void guide_look(struct scan_guide *g, const struct scan_grey *frame)
{
	guide_tiles(g, frame, 1);
	for (int y = 0; y < g->tile_rows; y++)
		for (int x = 0; x < g->tile_columns; x++)
			still_take(g, x, y);
	g->seen.noise = noise_of(g);
	g->seen.brightest = mean_at(g, 97);
	g->seen.usual = mean_at(g, 50);
}

/* ---- the square ---- */

static void sums_make(struct scan_guide *g)
{
	for (int y = 0; y < g->tile_rows; y++) {
		unsigned row = 0;

		for (int x = 0; x < g->tile_columns; x++) {
			row += g->tile[y][x].busy;
			g->sum[y + 1][x + 1] = (uint16_t)(g->sum[y][x + 1] + row);
		}
	}
}

static int busy_in(const struct scan_guide *g, int x, int y, int side)
{
	return g->sum[y + side][x + side] - g->sum[y][x + side] - g->sum[y + side][x] +
		g->sum[y][x];
}

/* The fullest square of this side, when it is full enough. */
static bool square_of(const struct scan_guide *g, struct guide_box *out, int side)
{
	int all = side * side, best = all * SQUARE_FULL / 100;

	if (side == 2)
		best = all - 1;
	for (int y = 0; y + side <= g->tile_rows; y++)
		for (int x = 0; x + side <= g->tile_columns; x++) {
			int n = busy_in(g, x, y, side);

			if (n <= best)
				continue;
			best = n;
			*out = (struct guide_box){x, y, x + side, y + side};
		}
	return best > all * SQUARE_FULL / 100 && (side != 2 || best == all);
}

bool guide_find(struct scan_guide *g, struct guide_box *out)
{
	int low = 1, high = g->tile_rows < g->tile_columns ? g->tile_rows : g->tile_columns;

	sums_make(g);
	/* A larger square nearly always has a full smaller one in it: halve the range. */
	while (low < high) {
		int side = (low + high + 1) / 2;
		struct guide_box found;

		if (square_of(g, &found, side)) {
			*out = found;
			low = side;
		} else {
			high = side - 1;
		}
	}
	return low > 1;
}

/* ---- the patch ---- */

/* Busy all around: the inside of a code, no line of text and no edge. */
static bool is_core(const struct scan_guide *g, int x, int y)
{
	int left = x > 0 ? x - 1 : 0, top = y > 0 ? y - 1 : 0;
	int right = x + 2 < g->tile_columns ? x + 2 : g->tile_columns;
	int bottom = y + 2 < g->tile_rows ? y + 2 : g->tile_rows;
	int busy = g->sum[bottom][right] - g->sum[top][right] - g->sum[bottom][left] +
		g->sum[top][left];

	return busy * 9 >= (right - left) * (bottom - top) * 7;
}

static bool has_patch_beside(const struct scan_guide *g, int x, int y)
{
	for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < g->tile_rows; j++)
		for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < g->tile_columns; i++)
			if (g->patch[j][i] == PATCH_CORE)
				return true;
	return false;
}

static bool patch_add(struct scan_guide *g, int x, int y)
{
	if (g->patch[y][x] || !is_core(g, x, y) || !has_patch_beside(g, x, y))
		return false;
	g->patch[y][x] = PATCH_CORE;
	return true;
}

/* Forwards and backwards over the tiles until nothing is added: a patch is not winding. */
static void patch_spread(struct scan_guide *g)
{
	bool more = true;

	for (int turn = 0; more && turn < 4; turn++) {
		more = false;
		for (int y = 0; y < g->tile_rows; y++)
			for (int x = 0; x < g->tile_columns; x++)
				more |= patch_add(g, x, y);
		for (int y = g->tile_rows - 1; y >= 0; y--)
			for (int x = g->tile_columns - 1; x >= 0; x--)
				more |= patch_add(g, x, y);
	}
	for (int y = 0; y < g->tile_rows; y++)
		for (int x = 0; x < g->tile_columns; x++)
			if (!g->patch[y][x] && g->tile[y][x].busy && has_patch_beside(g, x, y))
				g->patch[y][x] = PATCH_RIM;
}

/* Leaves out the ends where there is little: a line of text, the phone's edge. */
static void ends_trim(const int *count, int *from, int *to)
{
	int most = 0;

	for (int i = *from; i < *to; i++)
		most = count[i] > most ? count[i] : most;
	while (*from + 1 < *to && count[*from] * 3 < most)
		++*from;
	while (*from + 1 < *to && count[*to - 1] * 3 < most)
		--*to;
}

void guide_grow(struct scan_guide *g, struct guide_box *around, const struct guide_box *square)
{
	int rows[GUIDE_TILE_ROWS] = {0}, columns[GUIDE_TILE_COLUMNS] = {0};

	memset(g->patch, 0, sizeof g->patch);
	for (int y = square->top; y < square->bottom; y++)
		for (int x = square->left; x < square->right; x++)
			g->patch[y][x] = PATCH_CORE;
	patch_spread(g);
	for (int y = 0; y < g->tile_rows; y++)
		for (int x = 0; x < g->tile_columns; x++) {
			rows[y] += g->patch[y][x] != 0;
			columns[x] += g->patch[y][x] != 0;
		}
	*around = (struct guide_box){0, 0, g->tile_columns, g->tile_rows};
	ends_trim(columns, &around->left, &around->right);
	ends_trim(rows, &around->top, &around->bottom);
}

/* ---- what is hidden ---- */

static bool sees_patch(const struct scan_guide *g, const struct guide_box *in, int x, int y, int dx,
	int dy)
{
	for (x += dx, y += dy; x >= in->left && x < in->right && y >= in->top && y < in->bottom;
		x += dx, y += dy)
		if (g->patch[y][x])
			return true;
	return false;
}

/* From outside of a convex patch it is seen in less than half of the directions. */
static bool is_inside(const struct scan_guide *g, const struct guide_box *in, int x, int y)
{
	int seen = 0;

	for (int dy = -1; dy <= 1; dy++)
		for (int dx = -1; dx <= 1; dx++)
			if (dx || dy)
				seen += sees_patch(g, in, x, y, dx, dy);
	return seen >= 5;
}

static void hidden_measure(struct scan_guide *g, const struct guide_box *around)
{
	int white = 0, all = 0;
	int area = (around->right - around->left) * (around->bottom - around->top);

	for (int y = around->top; y < around->bottom; y++)
		for (int x = around->left; x < around->right; x++) {
			bool blank = g->tile[y][x].low >= WHITE_FROM;

			all += g->patch[y][x] != 0;
			white += blank && !g->patch[y][x] && is_inside(g, around, x, y);
		}
	g->seen.filled = area ? all * 100 / area : 0;
	g->seen.hidden = all + white ? white * 100 / (all + white) : 0;
}

static int lesser(int a, int b)
{
	return a < b ? a : b;
}

/* A lamp mirrored in a screen is lighter than the screen. */
static void lamp_measure(struct scan_guide *g, const struct guide_box *around)
{
	int dx = (around->right - around->left + 1) / 2;
	int dy = (around->bottom - around->top + 1) / 2;
	int left = around->left > dx ? around->left - dx : 0;
	int top = around->top > dy ? around->top - dy : 0;
	int right = lesser(around->right + dx, g->tile_columns);
	int bottom = lesser(around->bottom + dy, g->tile_rows);
	int patch = 1, lamp = 0, paper = 0;

	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++) {
			const struct guide_tile *t = &g->tile[y][x];

			patch += g->patch[y][x] != 0;
			if (g->patch[y][x] || t->high - t->low > 60)
				continue;
			lamp += t->mean >= 253;
			paper += t->mean >= 150 && t->mean < WHITE_FROM;
		}
	g->seen.lamp = lamp * 100 / patch;
	g->seen.paper = paper * 100 / patch;
}

static bool near_patch(const struct scan_guide *g, int x, int y)
{
	for (int j = y > 1 ? y - 2 : 0; j <= y + 2 && j < g->tile_rows; j++)
		for (int i = x > 1 ? x - 2 : 0; i <= x + 2 && i < g->tile_columns; i++)
			if (g->patch[j][i])
				return true;
	return false;
}

/* A code has a quiet zone, and mostly a screen or a sheet around it; what is busy everywhere has
 * not.
 */
void guide_ring(struct scan_guide *g, const struct guide_box *around)
{
	int left = around->left > 1 ? around->left - 2 : 0;
	int top = around->top > 1 ? around->top - 2 : 0;
	int right = lesser(around->right + 2, g->tile_columns);
	int bottom = lesser(around->bottom + 2, g->tile_rows);
	int plain = 0, all = 0, most = (g->seen.light - g->seen.dark) / 3;
	int noise = 8 + 3 * g->seen.noise;

	most = most < noise ? noise : most;
	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++) {
			const struct guide_tile *t = &g->tile[y][x];

			if (g->patch[y][x] || !near_patch(g, x, y))
				continue;
			all++;
			plain += t->high - t->low <= most || is_noise(t);
		}
	g->seen.ring = all ? plain * 100 / all : 0;
}

void guide_light(struct scan_guide *g, const struct guide_box *around)
{
	hidden_measure(g, around);
	lamp_measure(g, around);
}
