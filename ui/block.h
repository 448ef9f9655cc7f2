/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters and signs as pictures, drawn with full and half blocks so that they can be read from
 * two metres. A picture's pixels are drawn in any size; half blocks make a pixel of one column and
 * half a row about square. Only blocks that the Linux console's fonts have are used.
 */
#ifndef UI_BLOCK_H
#define UI_BLOCK_H

#include "ui/grid.h"

struct block_glyph {
	uint32_t code_point;
	uint8_t width, height; /* pixels */
	const char *art;       /* rows of '#' and '.', each followed by one other character */
};

struct block_scale { /* of one pixel */
	int cols;
	int halves; /* half rows */
};

enum block_sign {
	BLOCK_CHECK,    /* accepted */
	BLOCK_CROSS,    /* refused, nothing decided */
	BLOCK_QUESTION, /* uncertain */
	BLOCK_WARNING,  /* out of order */
	BLOCK_PHONE,    /* a phone with a code on it */
	BLOCK_SIGN_COUNT
};
const struct block_glyph *block_sign(enum block_sign s);
/* 5 x 7 letters and digits, 12 x 12 Chinese characters of the large words; NULL for others. */
const struct block_glyph *block_char(uint32_t code_point);
/* 3 x 5 digits, for many digits in a narrow window. '0' .. '9', else NULL. */
const struct block_glyph *block_small_digit(uint32_t code_point);

int block_cols(const struct block_glyph *glyph, struct block_scale scale);
int block_rows(const struct block_glyph *glyph, struct block_scale scale);
/* Upper left corner at col, row. Pixels that are not set leave the cell's character as it is, so
 * that a picture can stand on a filled ground of the same style.
 */
void block_draw(struct grid *g, int col, int row, const struct block_glyph *glyph,
	struct block_scale scale, enum grid_style style);

/* A text in lines broken at spaces. False when a character has no picture. */
struct block_size {
	int cols, rows;
};
bool block_text_size(struct block_size *out, const char *text, struct block_scale scale,
	bool broken);
/* Left edge at col, top at row. Draws nothing when a character has no picture. */
void block_text_draw(struct grid *g, int col, int row, const char *text, struct block_scale scale,
	bool broken, enum grid_style style);

#endif
