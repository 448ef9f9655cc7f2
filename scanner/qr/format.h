/* SPDX-License-Identifier: Apache-2.0
 *
 * The two words that a symbol says of itself: format (level and mask) and version.
 */
#ifndef SCANNER_QR_FORMAT_H
#define SCANNER_QR_FORMAT_H

#include "scanner/qr/layout.h"
#include "scanner/qr/qr.h"

#define QR_FORMATS_MAX 4 /* guesses worth a try */

struct qr_format {
	enum qr_level level;
	int mask;
	bool mirrored;
	unsigned wrong; /* bits of both copies that differ from the word, 0 .. 30 */
	unsigned cost;  /* their certainty; smaller is likelier */
	bool clear;     /* one copy at least is nearly without fault */
};

/* Likeliest first, both ways round; how many. */
unsigned qr_formats_read(struct qr_format out[static QR_FORMATS_MAX], const struct qr_matrix *m);
/* How likely noise would have had a format word with so few wrong bits. */
double qr_format_chance(const struct qr_format *f);

/* False when a version word says, beyond doubt, a version that the matrix has not. */
bool qr_version_agrees(const struct qr_matrix *m, bool mirrored);

#endif
