/* SPDX-License-Identifier: Apache-2.0
 *
 * QR symbols by libqrencode, and the bars of EAN-13. qr.c is the only file that includes qrencode.
 */
#ifndef WALLET_HOLDER_QR_H
#define WALLET_HOLDER_QR_H

#include "base/bytes.h"

#define QR_SIDE_MAX   177
#define QR_QUIET      4 /* modules of white on each side, ISO/IEC 18004 */
#define EAN13_MODULES 95

enum qr_level {
	QR_LOW,      /* 7 % */
	QR_MEDIUM,   /* 15 % */
	QR_QUARTILE, /* 25 % */
	QR_HIGH      /* 30 % */
};

struct qr {
	int side;                             /* modules without quiet zone; 0 = no symbol */
	bool black[QR_SIDE_MAX][QR_SIDE_MAX]; /* [y][x] */
};

/* Codes of ours must be in alphanumeric mode (PROTOCOL.md section 2): then a text with any other
 * character is ERR_INVALID. Else the text goes in as bytes. ERR_TOO_LARGE: no symbol is large
 * enough. out->side is 0 on error.
 */
ERR_MUST_CHECK enum err_code qr_encode(
	struct qr *out, struct span text, bool alphanumeric, enum qr_level level);

/* 13 digits with a right check digit, else ERR_INVALID. Source: GS1 General Specifications. */
ERR_MUST_CHECK enum err_code ean13_encode(bool out[static EAN13_MODULES], const char *digits);

#endif
