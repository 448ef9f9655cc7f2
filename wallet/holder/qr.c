/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <qrencode.h>
#include <string.h>

#include "wallet/holder/qr.h"

static enum err_code symbol_copy(struct qr *out, const QRcode *code)
{
	if (code->width < 21 || code->width > QR_SIDE_MAX)
		return ERR_INTERNAL;
	for (int y = 0; y < code->width; y++)
		for (int x = 0; x < code->width; x++)
			out->black[y][x] = code->data[y * code->width + x] & 1;
	out->side = code->width;
	return ERR_OK;
}

enum err_code qr_encode(struct qr *out, struct span text, bool alphanumeric, enum qr_level level)
{
	static const QRecLevel levels[] = {QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H};
	enum err_code rc = ERR_INVALID;
	QRinput *input;
	QRcode *code = NULL;

	out->side = 0;
	if (text.len == 0 || text.len > 7089)
		return text.len ? ERR_TOO_LARGE : ERR_INVALID;
	input = QRinput_new2(0, levels[level]); /* 0: the smallest version that holds it */
	if (!input)
		return ERR_NO_MEMORY;
	if (QRinput_append(input, alphanumeric ? QR_MODE_AN : QR_MODE_8, (int)text.len, text.data))
		goto out; /* a character that alphanumeric mode does not have */
	code = QRcode_encodeInput(input);
	if (!code) {
		rc = errno == ERANGE   ? ERR_TOO_LARGE
		     : errno == ENOMEM ? ERR_NO_MEMORY
				       : ERR_INVALID;
		goto out;
	}
	rc = symbol_copy(out, code);
out:
	QRcode_free(code);
	QRinput_free(input);
	return rc;
}

static void bits_put(bool *out, int *at, unsigned bits, int count)
{
	for (int i = count - 1; i >= 0; i--)
		out[(*at)++] = bits >> i & 1;
}

static unsigned mirrored(unsigned bits)
{
	unsigned out = 0;

	for (int i = 0; i < 7; i++)
		out |= (bits >> i & 1) << (6 - i);
	return out;
}

enum err_code ean13_encode(bool out[static EAN13_MODULES], const char *digits)
{
	static const uint8_t set_a[10] = {
		0x0d, 0x19, 0x13, 0x3d, 0x23, 0x31, 0x2f, 0x3b, 0x37, 0x0b};
	/* bit 5 is the first of the six digits on the left: 1 = set B */
	static const uint8_t parity[10] = {
		0x00, 0x0b, 0x0d, 0x0e, 0x13, 0x19, 0x1c, 0x15, 0x16, 0x1a};
	unsigned sum = 0;
	int at = 0;

	if (strlen(digits) != 13 || strspn(digits, "0123456789") != 13)
		return ERR_INVALID;
	for (int i = 0; i < 13; i++)
		sum += (unsigned)(digits[i] - '0') * (i % 2 ? 3 : 1);
	if (sum % 10)
		return ERR_INVALID;
	bits_put(out, &at, 0x5, 3);
	for (int i = 1; i <= 6; i++) {
		unsigned a = set_a[digits[i] - '0'];
		bool set_b = parity[digits[0] - '0'] >> (6 - i) & 1;

		bits_put(out, &at, set_b ? mirrored(~a & 0x7f) : a, 7);
	}
	bits_put(out, &at, 0x0a, 5);
	for (int i = 7; i <= 12; i++)
		bits_put(out, &at, ~(unsigned)set_a[digits[i] - '0'] & 0x7f, 7);
	bits_put(out, &at, 0x5, 3);
	return ERR_OK;
}
