/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey pictures in memory: rectangles, letters, codes. Everything is clipped at the border.
 */
#ifndef WALLET_HOLDER_PICTURE_H
#define WALLET_HOLDER_PICTURE_H

#include "wallet/holder/qr.h"

#define PICTURE_SIDE_MAX 4096
#define FONT_COLUMNS     5
#define FONT_ROWS        8
#define FONT_CELL        6 /* columns with the gap, times scale */

struct picture {
	int width, height;
	uint8_t *grey; /* row y starts at grey + y * width */
};

ERR_MUST_CHECK enum err_code picture_new(struct picture *p, int width, int height);
void picture_free(struct picture *p); /* NULL-safe fields, sets to empty */

void picture_fill(struct picture *p, int x, int y, int width, int height, uint8_t grey);
/* Outline of the given thickness, inside the rectangle. */
void picture_frame(struct picture *p, int x, int y, int width, int height, int thick, uint8_t grey);
void picture_invert(struct picture *p, int x, int y, int width, int height);
/* Returns the x after the last letter. */
int picture_text(struct picture *p, int x, int y, const char *text, int scale, uint8_t grey);
/* The same, broken at spaces into lines of `columns` letters, at most `lines`; the last is cut.
 * Returns the y below.
 */
int picture_text_lines(
	struct picture *p, int x, int y, const char *text, int scale, int columns, int lines);
/* The symbol with its quiet zone as large as whole pixels per module allow, centred in a square. */
void picture_qr(struct picture *p, int x, int y, int side, const struct qr *qr);

/* Another picture as large as it fits, in the middle; each pixel is the mean of what it covers. */
void picture_fit(
	struct picture *p, int x, int y, int width, int height, const struct picture *from);

/* A PNG file as grey; *p is empty before. ERR_FORMAT when it is none, or has a side longer than
 * PICTURE_SIDE_MAX.
 */
ERR_MUST_CHECK enum err_code png_read(struct picture *p, struct span file, struct err *err);
/* The whole picture as a file (png.c). */
ERR_MUST_CHECK enum err_code png_write(const char *path, const struct picture *p, struct err *err);

#endif
