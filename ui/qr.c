/* SPDX-License-Identifier: Apache-2.0
 *
 * libqrencode is entered here. The text has been parsed as a challenge code of ours before: it is
 * short and from the alphanumeric set.
 */
#include "ui/qr.h"

#include <qrencode.h>
#include <string.h>

static QRcode *encode(const char *text)
{
	QRinput *input = QRinput_new2(0, QR_ECLEVEL_L);
	QRcode *code = NULL;

	if (input != NULL && QRinput_append(input, QR_MODE_AN, (int)strlen(text),
				     (const unsigned char *)text) == 0)
		code = QRcode_encodeInput(input);
	QRinput_free(input);
	return code;
}

int qr_draw(uint8_t *out, int side_max, const char *text)
{
	QRcode *code = encode(text);
	int side = 0;
	int i;

	if (code == NULL)
		return 0;
	if (code->width <= side_max) {
		side = code->width;
		for (i = 0; i < side * side; i++)
			out[i] = code->data[i] & 1;
	}
	QRcode_free(code);
	return side;
}
