/* SPDX-License-Identifier: Apache-2.0
 *
 * Where things stand in a symbol and how its codewords are shared out in blocks: ISO/IEC 18004,
 * clauses 6.3 and 7.5 to 7.7. Tables and sums, no picture.
 */
#ifndef SCANNER_QR_LAYOUT_H
#define SCANNER_QR_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#define QR_VERSION_MAX 40
#define QR_VERSION_WORD_FROM 7 /* smaller symbols do not say their version */
#define QR_CODEWORDS_MAX 3706
#define QR_FORMAT_BITS 15
#define QR_VERSION_BITS 18

enum qr_level { QR_LEVEL_L, QR_LEVEL_M, QR_LEVEL_Q, QR_LEVEL_H };

struct qr_cell {
	int x, y; /* modules */
};

struct qr_blocks {
	unsigned count;
	unsigned checks;      /* of each block */
	unsigned codewords;   /* of the symbol */
	unsigned shorts;      /* the first blocks have one codeword less than the others */
	unsigned short_data;  /* data codewords of these */
	unsigned protection;  /* checks kept against wrong corrections: "p" of ISO's table 9 */
};

int qr_version_of_side(int side); /* 0 when no symbol has this side */
struct qr_blocks qr_blocks_of(int version, enum qr_level level);
/* Place in the symbol's stream of codeword `at` of a block. */
unsigned qr_block_place(const struct qr_blocks *b, unsigned block, unsigned at);
unsigned qr_block_data(const struct qr_blocks *b, unsigned block); /* data codewords */

/* Modules that hold no data: a bit for each, row after row, three words a row. */
struct qr_reserved {
	uint64_t row[177][3];
};
void qr_reserved_fill(struct qr_reserved *r, int side);
static inline bool qr_is_reserved(const struct qr_reserved *r, int x, int y)
{
	return r->row[y][x >> 6] >> (x & 63) & 1;
}

uint32_t qr_format_word(enum qr_level level, int mask); /* as drawn, masked */
struct qr_cell qr_format_place(int side, int copy, int bit);
uint32_t qr_version_word(int version);
struct qr_cell qr_version_place(int side, int copy, int bit);
bool qr_mask_flips(int mask, int x, int y);

#endif
