/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey pictures through finding, fitting, bending and sampling. Two bytes for the sides, one for
 * how the rest is taken: as pixels, or as finder patterns (x, y, module, grey levels), so that what
 * comes after the finder is reached.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "scanner/qr/qr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void draw_finder(struct scan_grey *g, const uint8_t what[static 5])
{
	int module = 1 + what[2] % 12;
	for (int j = -4 * module; j <= 4 * module; j++)
		for (int i = -4 * module; i <= 4 * module; i++) {
			int x = what[0] + i, y = what[1] + j;
			int u = abs(2 * i), v = abs(2 * j), ring = u > v ? u : v;
			bool dark = ring <= 3 * module || (ring > 5 * module && ring <= 7 * module);
			if (x >= 0 && y >= 0 && x < g->width && y < g->height)
				g->pixels[y * g->width + x] = what[dark ? 3 : 4];
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qr_work work;
	static struct qr_matrix matrix;
	static struct qr_text text;
	struct scan_grey g = {.pixels = NULL};
	if (size < 9)
		return 0;
	ASSERT(scan_grey_size(&g, 16 + data[0], 16 + data[1], NULL) == ERR_OK);
	bool patterns = data[2] & 1;
	for (size_t i = 0; i < (size_t)g.width * (size_t)g.height; i++)
		g.pixels[i] = patterns ? data[3] : data[3 + i % (size - 3)];
	for (size_t i = 4; patterns && i + 5 <= size; i += 5)
		draw_finder(&g, data + i);
	struct qr_find_options how = {.step = 1 + (data[2] >> 2 & 3), .smooth = data[2] >> 1 & 1};
	struct qr_finders found;
	qr_find(&found, &g, &how);
	ASSERT(found.count <= QR_FINDERS_MAX);
	struct qr_place place[QR_PLACES_MAX];
	unsigned n = qr_places(place, &g, &found);
	ASSERT(n <= QR_PLACES_MAX);
	for (unsigned i = 0; i < n; i++) {
		ASSERT(place[i].side >= QR_SIDE_MIN && place[i].side <= QR_SIDE_MAX);
		if (!qr_fit(&place[i], &g) || (data[2] & 16))
			(void)qr_bend(&place[i], &g);
		qr_sample(&matrix, &g, &place[i], (enum qr_sampling)(i % QR_SAMPLINGS), &work);
		ASSERT(matrix.side == place[i].side);
		(void)!qr_symbol_read(&text, &matrix);
	}
	scan_grey_done(&g);
	return 0;
}
