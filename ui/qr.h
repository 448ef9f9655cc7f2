/* SPDX-License-Identifier: Apache-2.0
 *
 * The challenge code as a picture, for the phone that scans it instead of typing the number. qr.c
 * is the only file of the terminal that includes libqrencode.
 */
#ifndef UI_QR_H
#define UI_QR_H

#include <stdint.h>

#include "verifier/code.h"

/* Modules row by row, 1 = dark, no quiet zone; out holds side_max * side_max bytes. Upper-case text
 * in alphanumeric mode, other as bytes; level L: the screen is bright and near, and fewer modules
 * are larger ones.
 * Returns the side in modules; 0 when there is no memory or the text does not fit.
 */
int qr_draw(uint8_t *out, int side_max, const char *text);

/* The picture of one text, drawn again when the text is another one. */
#define QR_KEPT_SIDE_MAX 65 /* modules: version 12, more than a challenge code can have */
struct qr_kept {
	char text[CODE_TEXT_MAX]; /* "" = none */
	int side;                 /* 0 = none, or it does not fit */
	uint8_t modules[QR_KEPT_SIDE_MAX * QR_KEPT_SIDE_MAX];
};
void qr_keep(struct qr_kept *kept, const char *text);

#endif
