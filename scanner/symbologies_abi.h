/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the scanner process and countersign-symbologies.so, which it loads only when codes other
 * than QR are wanted: so neither the library behind it nor the C++ runtime is there otherwise.
 * Plain C that C++ understands, too; nothing of the scanner is known here.
 */
#ifndef SCANNER_SYMBOLOGIES_ABI_H
#define SCANNER_SYMBOLOGIES_ABI_H

#include <stddef.h>
#include <stdint.h>

#define SYMBOLOGIES_TEXT_MAX 513 /* one more than a code's text may have, so that a cut shows */

struct symbologies_symbol {
	const char *word;     /* of the symbology, as in scanner.h; static */
	size_t len;           /* bytes of the text, also when there is room for fewer */
	int32_t corner[4][2]; /* x, y, clockwise from upper left of the symbol; may be outside */
	uint8_t text[SYMBOLOGIES_TEXT_MAX];
};

/* What to look for and how. Data Matrix may take as long as all others together. */
#define SYMBOLOGIES_DATA_MATRIX 1
#define SYMBOLOGIES_OTHERS 2
#define SYMBOLOGIES_ALL (SYMBOLOGIES_DATA_MATRIX | SYMBOLOGIES_OTHERS)
#define SYMBOLOGIES_HARDER 4 /* more lines and darker grounds, two to three times the time */

/* Looks at width * height grey pixels; returns how many symbols of at most `max` were found. Never
 * throws.
 */
typedef unsigned symbologies_read_fn(struct symbologies_symbol *out, unsigned max,
	const uint8_t *grey, int width, int height, unsigned what);
/* What the library's first uses load and allocate, now. 0 = it works. */
typedef int symbologies_warm_fn(void);

#define SYMBOLOGIES_READ_NAME "countersign_symbologies_read_2" /* the version is in the names */
#define SYMBOLOGIES_WARM_NAME "countersign_symbologies_warm_2"

#endif
