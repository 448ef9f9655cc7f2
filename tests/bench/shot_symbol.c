/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts, and their symbols by libqrencode.
 */
#include <math.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/shot_private.h"

static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static void text_fill(
	struct shot_code *c, const char *head, const char *alphabet, size_t len, uint64_t seed)
{
	int n = snprintf(c->text, sizeof c->text, "%s", head);

	if (len > SHOT_TEXT_MAX)
		len = SHOT_TEXT_MAX;
	for (size_t i = (size_t)n; i < len; i++)
		c->text[i] = alphabet[dice_next(&seed) % strlen(alphabet)];
	c->len = len > (size_t)n ? len : (size_t)n;
	c->text[c->len] = '\0';
}

void shot_foreign_text(struct shot_code *c, uint64_t seed)
{
	static const char *const heads[] = {"https://www.example.com/", "http://qr.example.net/m/",
		"WIFI:T:WPA;S:guest;P:", "https://pay.example.org/t?id=", "mailto:",
		"BEGIN:VCARD\nFN:"};
	size_t len = 6 + (size_t)dice_int(&seed, 90);
	int kind = dice_int(&seed, 8);

	c->alphanumeric = false;
	if (kind == 7)
		text_fill(c, "", "0123456789", len, seed);
	else
		text_fill(c, kind < 6 ? heads[kind] : "", lower, len, seed);
}

struct shot_code *shot_add(struct shot *s, double module, size_t len, uint64_t seed)
{
	struct shot_code *c = &s->code[s->codes++];

	*c = (struct shot_code){.alphanumeric = true,
		.level = SHOT_M,
		.x = 0.5,
		.y = 0.5,
		.module = module,
		.dark = 0.03,
		.light = 0.9,
		.quiet = 4};
	text_fill(c, "HTTPS://QR.EXAMPLE.COM/C/", upper, len, seed);
	return c;
}

static QRcode *encode(const struct shot_code *c)
{
	static const QRecLevel levels[] = {QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H};
	QRinput *input = QRinput_new2(c->version, levels[c->level]);
	QRencodeMode mode = c->alphanumeric ? QR_MODE_AN : QR_MODE_8;
	QRcode *code = NULL;

	if (strspn(c->text, "0123456789") == c->len)
		mode = QR_MODE_NUM;
	if (input && !QRinput_append(input, mode, (int)c->len, (const unsigned char *)c->text))
		code = QRcode_encodeInput(input);
	QRinput_free(input);
	return code;
}

void symbol_make(struct symbol *m, const struct shot_code *c, uint64_t seed)
{
	QRcode *code = encode(c);

	if (!code)
		shot_fatal("a text does not fit a symbol");
	m->side = code->width;
	for (int y = 0; y < m->side; y++)
		for (int x = 0; x < m->side; x++) {
			uint8_t cell = code->data[y * m->side + x];
			bool dark = cell & 1;

			/* Bit 7: layout, not data and their error correction. */
			if (c->ruin > 0 && !(cell & 0x80) && dice_chance(&seed, c->ruin))
				dark = dice_chance(&seed, 0.5);
			m->dark[y][c->mirrored ? m->side - 1 - x : x] = dark;
		}
	QRcode_free(code);
}
