/* SPDX-License-Identifier: Apache-2.0
 *
 * A window as a phone's camera sees it: cells become pixels in the shape that a font has, with the
 * colours of a theme, and zbar reads the picture. Characters that are no blocks become strokes:
 * what they look like does not matter, only that something is there.
 */
#ifndef TESTS_LIB_PHONE_KIT_H
#define TESTS_LIB_PHONE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zbar.h>

#include "ui/qr_grid.h"

struct phone_font {
	int width, height; /* pixels of a cell */
	int seam;          /* of them that no block fills: a font with leading */
	bool half_down;    /* of an odd height the upper half block is the smaller one */
};

struct phone_theme {
	uint8_t ink, ground;              /* of plain text */
	uint8_t paper_ink, paper_ground;  /* of GRID_PAPER */
};

struct phone_picture {
	int width, height;
	uint8_t *grey;
};

static inline void phone_picture_new(struct phone_picture *p, int width, int height)
{
	p->width = width;
	p->height = height;
	p->grey = calloc((size_t)width, (size_t)height);
	assert_non_null(p->grey);
}

static inline void phone_picture_free(struct phone_picture *p)
{
	free(p->grey);
	p->grey = NULL;
}

/* Is pixel x, y of a cell ink? */
static inline bool phone_ink(uint32_t code_point, const struct phone_font *f, int x, int y)
{
	int half = f->height / 2 + (f->height % 2 && !f->half_down);
	bool open = y >= f->height - f->seam;

	switch (code_point) {
	case ' ':
		return false;
	case 0x2588:
		return !open;
	case 0x2580:
		return y < half && !open;
	case 0x2584:
		return y >= half && !open;
	default:
		return x > 0 && x < f->width - 1 && y > 2 && y < f->height - 3 &&
			(x + y + (int)code_point) % 4 < 2;
	}
}

/* As a monitor shows it. */
static inline void phone_screen(struct phone_picture *out, const struct grid *g,
	const struct phone_font *f, const struct phone_theme *t)
{
	phone_picture_new(out, g->cols * f->width, g->rows * f->height);
	for (int y = 0; y < out->height; y++)
		for (int x = 0; x < out->width; x++) {
			const struct grid_cell *c = grid_at(g, x / f->width, y / f->height);
			bool paper = c->style == GRID_PAPER;
			uint32_t painted = c->code_point;
			bool exchanged = paper && qr_grid_paint(&painted);
			bool ink = phone_ink(painted, f, x % f->width, y % f->height) != exchanged;

			out->grey[y * out->width + x] = ink ? (paper ? t->paper_ink : t->ink)
							    : (paper ? t->paper_ground : t->ground);
		}
}

static inline int phone_pixel(const struct phone_picture *p, int x, int y)
{
	if (x < 0 || y < 0 || x >= p->width || y >= p->height)
		return 60; /* what is around the monitor */
	return p->grey[y * p->width + x];
}

/* As a camera takes it that is held askew: turned, leaning to the right, smaller, and not quite
 * sharp (each pixel is the mean of what falls upon it and a little around).
 */
static inline void phone_photo(struct phone_picture *out, const struct phone_picture *screen,
	int percent)
{
	const double turn = 0.10, lean = 0.06;
	int width = screen->width * percent / 100, height = screen->height * percent / 100;
	double step = 100.0 / percent;

	phone_picture_new(out, width, height);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			double sum = 0;

			for (int k = 0; k < 9; k++) {
				double u = (x - width / 2.0 + (k % 3 - 1) * 0.6) * step;
				double v = (y - height / 2.0 + (k / 3 - 1) * 0.6) * step;
				double away = 1 + lean * u / screen->width;

				sum += phone_pixel(screen,
					(int)((u + turn * v) * away + screen->width / 2.0),
					(int)((v - turn * u) * away + screen->height / 2.0));
			}
			out->grey[y * width + x] = (uint8_t)(sum / 9);
		}
}

/* Does zbar read exactly this, as a QR code? */
static inline bool phone_reads(const struct phone_picture *p, const char *text)
{
	zbar_image_scanner_t *s = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();
	bool read = false;

	zbar_image_scanner_set_config(s, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
	zbar_image_scanner_set_config(s, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, (unsigned)p->width, (unsigned)p->height);
	zbar_image_set_data(image, p->grey, (unsigned long)p->width * (unsigned long)p->height,
		NULL);
	zbar_scan_image(s, image);
	for (const zbar_symbol_t *y = zbar_image_first_symbol(image); y; y = zbar_symbol_next(y))
		read = read || strcmp(zbar_symbol_get_data(y), text) == 0;
	zbar_image_destroy(image);
	zbar_image_scanner_destroy(s);
	return read;
}

#endif
