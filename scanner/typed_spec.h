/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows "reader:" in a source: the device of a hand-held reader and how it speaks.
 *
 *	PATH[,WORD]...
 *
 *	115200          speed of a serial line, bits a second (default 9600; ignored over USB)
 *	7e1 7o1 8n1 ... data bits, parity, stop bits of a serial line (default 8n1)
 *	end=WORD        what follows each code: any (carriage return, line feed or tab; or nothing
 *	                more for a while: the default), cr, lf, tab, none (only the pause tells)
 *	idle=MS         that pause
 */
#ifndef SCANNER_TYPED_SPEC_H
#define SCANNER_TYPED_SPEC_H

#include <stdbool.h>

#include "base/err.h"
#include "scanner/scanner.h"

#define TYPED_IDLE_MS 150      /* this long without a character ends a code */
#define TYPED_IDLE_LONG_MS 1000 /* or spoils it, where an end was promised */
#define TYPED_IDLE_MIN_MS 10
#define TYPED_IDLE_MAX_MS 5000
#define TYPED_BAUD 9600

enum typed_end {
	TYPED_END_ANY,
	TYPED_END_CR,
	TYPED_END_LF,
	TYPED_END_TAB,
	TYPED_END_NONE,
	TYPED_END_TOLD /* no word for it: reports of a reader that say themselves where one ends */
};

struct typed_spec {
	char path[SCAN_SOURCE_MAX + 1];
	int baud;
	int data_bits;   /* 7, 8 */
	char parity;     /* 'n', 'e', 'o' */
	int stop_bits;   /* 1, 2 */
	enum typed_end end;
	int idle_ms;
};

/* text: with or without "reader:". ERR_INVALID names the word that is wrong. */
ERR_MUST_CHECK enum err_code typed_spec_parse(struct typed_spec *out, const char *text,
	struct err *err);

#endif
