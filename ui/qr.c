/* SPDX-License-Identifier: Apache-2.0
 *
 * libqrencode is entered here. Codes of ours are from the alphanumeric set; links are not.
 */
#include "ui/qr.h"

#include <qrencode.h>
#include <string.h>

#include "base/bytes.h"

static QRcode *encode(const char *text, QRencodeMode mode)
{
	QRinput *input = QRinput_new2(0, QR_ECLEVEL_L);
	QRcode *code = NULL;

	if (input != NULL && QRinput_append(input, mode, (int)strlen(text),
				     (const unsigned char *)text) == 0)
		code = QRcode_encodeInput(input);
	QRinput_free(input);
	return code;
}

int qr_draw(uint8_t *out, int side_max, const char *text)
{
	QRcode *code = encode(text, QR_MODE_AN); /* refuses other characters */
	int side = 0;
	int i;

	if (code == NULL)
		code = encode(text, QR_MODE_8);
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

void qr_keep(struct qr_kept *kept, const char *text)
{
	if (strcmp(kept->text, text) == 0)
		return;
	text_copy(kept->text, sizeof kept->text, text);
	kept->side = 0;
	if (text[0] != '\0')
		kept->side = qr_draw(kept->modules, QR_KEPT_SIDE_MAX, text);
}
