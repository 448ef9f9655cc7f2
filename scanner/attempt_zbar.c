/* SPDX-License-Identifier: Apache-2.0
 *
 * zbar as the second reader. Its own threshold is its weakest part, so it gets black and white; its
 * time goes with the pixels, so in video only where finder patterns are; and it tries every three
 * of them with each other, so where there are many it gets nothing.
 */
#include "scanner/attempt.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/threshold.h"

#define COST_ZBAR 0.035 /* microseconds a pixel: see budget.h */
#define ZBAR_PIXELS_MAX 1000000  /* of a single picture */
#define ZBAR_PIXELS_VIDEO 310000
#define ZBAR_FINDERS_MAX 16 /* of this quality: */
#define ZBAR_FINDER_GOOD 0.7f
#define ZBAR_FINDER_FAIR 0.6f
#define ZBAR_LINES_VIDEO 400 /* that look like a finder pattern to zbar, on the rows looked at */
#define ZBAR_LINES_MAX 2000
#define ZBAR_LINES_STEP 4 /* rows */
#define ZBAR_ROOM 8 /* modules around a pattern's centre */
#define FLAT_RADIUS 24 /* share of the longer side */
#define FLAT_PERCENT 95

static bool is_too_much_for_zbar(const struct scan_decoder *d)
{
	unsigned good = 0;
	for (unsigned i = 0; i < d->seen.count; i++)
		good += d->seen.at[i].quality >= ZBAR_FINDER_GOOD;
	return good > ZBAR_FINDERS_MAX;
}

/* Where the patterns of fair quality are, with room for their symbol; the whole frame if there is
 * none.
 */
static struct qr_box box_of_finders(const struct scan_decoder *d)
{
	const struct scan_grey *frame = d->views.frame;
	struct qr_box b = {frame->width, frame->height, 0, 0};
	for (unsigned i = 0; i < d->seen.count; i++) {
		const struct qr_finder *f = &d->seen.at[i];
		if (f->quality < ZBAR_FINDER_FAIR)
			continue;
		int room = (int)(f->module * ZBAR_ROOM), x = (int)f->x, y = (int)f->y;
		b.left = x - room < b.left ? x - room : b.left;
		b.top = y - room < b.top ? y - room : b.top;
		b.right = x + room > b.right ? x + room : b.right;
		b.bottom = y + room > b.bottom ? y + room : b.bottom;
	}
	if (b.right <= b.left)
		return (struct qr_box){0, 0, frame->width, frame->height};
	b.left = b.left < 0 ? 0 : b.left;
	b.top = b.top < 0 ? 0 : b.top;
	b.right = b.right > frame->width ? frame->width : b.right;
	b.bottom = b.bottom > frame->height ? frame->height : b.bottom;
	return b;
}

/* Only that part of the picture. */
static bool cut_out(struct scan_grey *out, const struct scan_grey *g, const struct qr_box *b)
{
	size_t width = (size_t)(b->right - b->left);
	if (scan_grey_size(out, b->right - b->left, b->bottom - b->top, NULL))
		return false;
	for (int y = b->top; y < b->bottom; y++)
		memcpy(out->pixels + (size_t)(y - b->top) * width,
			g->pixels + (size_t)y * (size_t)g->width + b->left, width);
	return true;
}

/* How many stretches of black and white are 1:1:3:1:1 as loosely as zbar takes it. It sees patterns
 * that we do not, and random modules of three pixels keep it busy for a tenth of a second.
 */
static unsigned lines_for_zbar(const struct scan_grey *flat)
{
	static const int parts[5] = {1, 1, 3, 1, 1};
	unsigned lines = 0;
	for (int y = ZBAR_LINES_STEP / 2; y < flat->height; y += ZBAR_LINES_STEP) {
		const uint8_t *row = flat->pixels + (size_t)y * (size_t)flat->width;
		int edge[6] = {0}, sum = 0;
		for (int x = 1, seen = 0; x < flat->width; x++) {
			if (row[x] == row[x - 1])
				continue;
			memmove(edge, edge + 1, 5 * sizeof edge[0]);
			edge[5] = x;
			if (++seen < 6)
				continue;
			sum = edge[5] - edge[0];
			bool is = sum >= 7;
			for (int k = 0; k < 5 && is; k++)
				is = abs(7 * (edge[k + 1] - edge[k]) - parts[k] * sum) <=
					(k == 2 ? sum : sum / 2 + 3);
			lines += is;
		}
	}
	return lines;
}

static void zbar_read(struct scan_decoder *d, struct scan_found *found, const struct scan_grey *g,
	int scale, int left, int top)
{
	struct scan_grey *flat = &d->flat;
	double pixels = (double)g->width * g->height;
	int longer = g->width > g->height ? g->width : g->height;
	unsigned before = found->count;
	if (!scan_budget_take(&d->budget, (int64_t)(pixels * COST_ZBAR)))
		return;
	/* Faults here mean no memory: nothing was read. */
	if (scan_threshold(flat, g, longer / FLAT_RADIUS, FLAT_PERCENT, NULL))
		return;
	unsigned most = d->thorough ? ZBAR_LINES_MAX : ZBAR_LINES_VIDEO;
	if (lines_for_zbar(flat) > most)
		return;
	ERR_IGNORE(scan_zbar_read(found, flat, scale, NULL));
	for (unsigned i = before; i < found->count; i++) {
		for (int k = 0; k < 4; k++) {
			int16_t *corner = found->codes[i].corner[k];
			corner[0] = (int16_t)(corner[0] + left);
			corner[1] = (int16_t)(corner[1] + top);
		}
	}
}

void scan_attempt_zbar(struct scan_decoder *d, struct scan_found *found)
{
	const struct scan_grey *frame = d->views.frame;
	double most = d->thorough ? ZBAR_PIXELS_MAX : ZBAR_PIXELS_VIDEO;
	double pixels = (double)frame->width * frame->height;
	if (is_too_much_for_zbar(d))
		return;
	struct qr_box box = box_of_finders(d);
	if (pixels > most && (double)(box.right - box.left) * (box.bottom - box.top) <= most) {
		if (cut_out(&d->part, frame, &box))
			zbar_read(d, found, &d->part, 1, box.left, box.top);
		return;
	}
	enum scan_view view = VIEW_FULL;
	for (; pixels > most && view < VIEW_EIGHTH; view++)
		pixels /= 4;
	const struct scan_grey *g = scan_attempt_view(d, view);
	if (g && pixels <= most)
		zbar_read(d, found, g, scan_view_scale(view), 0, 0);
}
