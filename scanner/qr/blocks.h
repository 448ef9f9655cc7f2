/* SPDX-License-Identifier: Apache-2.0
 *
 * The codewords of a symbol, corrected: errors first, then with the most doubtful places given up.
 */
#ifndef SCANNER_QR_BLOCKS_H
#define SCANNER_QR_BLOCKS_H

#include "scanner/qr/layout.h"

struct qr_corrected {
	uint8_t data[QR_CODEWORDS_MAX];
	unsigned data_len;
	unsigned errors; /* codewords that were wrong */
	unsigned erased; /* of them, given up beforehand */
	bool beyond;     /* more than the standard's decoder would correct */
	double chance;   /* at most: that noise would have passed as the weakest block */
};

/* soft: 8 values for each codeword of the symbol, 0 = 0 for certain .. 255 = 1 for certain.
 * hopeful: it looks like a symbol, so what is beyond the standard's decoder is tried, too (up to
 * 0.3 ms). False: a block cannot be corrected with the margin that is asked of it.
 */
bool qr_blocks_correct(struct qr_corrected *out, const struct qr_blocks *b, const uint8_t *soft,
	bool hopeful);

#endif
