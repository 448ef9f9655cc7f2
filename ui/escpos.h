/* SPDX-License-Identifier: Apache-2.0
 *
 * A receipt as the bytes of an ESC/POS printer: Epson's command set, in the part that printers of
 * other makers have, too. Knows no device.
 *
 *   1B 40            ESC @    as after switching on
 *   1B 74 n          ESC t n  table of characters above 127
 *   1C 26, 1C 2E     FS & .   Chinese characters on, off: two bytes each (gb18030)
 *   1C 28 43 ...     FS ( C   UTF-8 (newer Epson models)
 *   1B 45 n          ESC E n  bold
 *   1D 21 n          GS ! n   0x11 = twice as wide and high
 *   1B 61 n          ESC a n  0 left, 1 centre; at the beginning of a line
 *   1D 28 6B ...     GS ( k   QR code: model, module, level, data, print; functions 165 to 181
 *   1B 64 n          ESC d n  feed n lines
 *   1D 56 42 0       GS V B   feed to the cutter, cut
 *
 * What a printer can print depends on its model and on a switch under its bottom, and it does not
 * tell: so the encoding is configured. A character that the encoding has not is printed as ? and
 * counted. Chinese needs `gb18030` on a printer for the Chinese market, or `utf-8` on one that has
 * it with the fonts; else the receipt can be printed in English.
 */
#ifndef UI_ESCPOS_H
#define UI_ESCPOS_H

#include "ui/receipt.h"

#define ESCPOS_FEED_LINES 4 /* where there is no cutter: past the edge to tear at */

struct escpos_encoding {
	const char *name;  /* in the configuration */
	const char *iconv; /* of the C library; NULL = ASCII, or the text as it is */
	int table;         /* of ESC t; -1 = not sent */
	bool chinese;      /* between FS & and FS . */
	bool utf8;
};
/* ascii cp437 cp850 cp852 cp858 cp866 windows-1252 gb18030 utf-8; NULL for another name. */
const struct escpos_encoding *escpos_encoding(const char *name);
/* The C library can make it. ERR_UNSUPPORTED says what to do. */
ERR_MUST_CHECK enum err_code escpos_encoding_check(const struct escpos_encoding *e,
	struct err *err);

struct escpos_options {
	const struct escpos_encoding *encoding;
	int cols;
	bool cut;
};

/* Appends one receipt. *lost: characters that the encoding has not. */
ERR_MUST_CHECK enum err_code escpos_receipt(struct bytes *out, unsigned *lost,
	const struct receipt *r, const struct escpos_options *opt, struct err *err);

#endif
