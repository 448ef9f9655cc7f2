/* SPDX-License-Identifier: Apache-2.0
 *
 * Matrices for the tests of scanner/qr: symbols by libqrencode, and damage to them.
 */
#ifndef TESTS_LIB_QR_SYMBOLS_H
#define TESTS_LIB_QR_SYMBOLS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <qrencode.h>

#include "scanner/qr/layout.h"
#include "scanner/qr/qr.h"

#define MAYBE_UNUSED __attribute__((unused))
#define QRENCODE_FUNCTION 0x80 /* a module that is no data */
#define QRENCODE_FIXED 0x70    /* timing, alignment or finder pattern */

static uint32_t dice_state = 1;
MAYBE_UNUSED static uint32_t dice(uint32_t sides)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 17;
	dice_state ^= dice_state << 5;
	return dice_state % sides;
}

MAYBE_UNUSED static void set_module(struct qr_matrix *m, struct qr_cell p, bool dark)
{
	m->dark[p.y * m->side + p.x] = dark ? 255 : 0;
}

MAYBE_UNUSED static void matrix_of(struct qr_matrix *m, const QRcode *qr)
{
	m->side = qr->width;
	for (int i = 0; i < qr->width * qr->width; i++)
		m->dark[i] = qr->data[i] & 1 ? 255 : 0;
}

/* One segment; NULL when the version does not hold it. */
MAYBE_UNUSED static QRcode *encode(const void *text, size_t len, QRencodeMode mode, int version,
	int level)
{
	QRinput *in = QRinput_new2(version, (QRecLevel)level);
	assert_non_null(in);
	assert_int_equal(QRinput_append(in, mode, (int)len, text), 0);
	QRcode *qr = QRcode_encodeInput(in);
	QRinput_free(in);
	return qr;
}

/* The same symbol under another mask. */
MAYBE_UNUSED static void change_mask(struct qr_matrix *m, const QRcode *qr, int level, int from,
	int to)
{
	for (int y = 0; y < m->side; y++)
		for (int x = 0; x < m->side; x++)
			if (!(qr->data[y * m->side + x] & QRENCODE_FUNCTION) &&
				qr_mask_flips(from, x, y) != qr_mask_flips(to, x, y))
				m->dark[y * m->side + x] ^= 0xFF;
	uint32_t word = qr_format_word((enum qr_level)level, to);
	for (int copy = 0; copy < 2; copy++)
		for (int i = 0; i < QR_FORMAT_BITS; i++)
			set_module(m, qr_format_place(m->side, copy, i), word >> i & 1);
}

MAYBE_UNUSED static void transpose(struct qr_matrix *m)
{
	static struct qr_matrix t;
	t = *m;
	for (int y = 0; y < m->side; y++)
		for (int x = 0; x < m->side; x++)
			m->dark[y * m->side + x] = t.dark[x * m->side + y];
}

/* Where the bits of the codewords are, in order: the plain way to say ISO/IEC 18004, 7.7.3. */
struct walk {
	unsigned count;
	uint16_t at[QR_CODEWORDS_MAX * 8 + 7]; /* y * side + x */
};
MAYBE_UNUSED static void walk_of(struct walk *w, int side)
{
	static struct qr_reserved reserved;
	qr_reserved_fill(&reserved, side);
	w->count = 0;
	for (int pair = 0; pair < (side - 1) / 2; pair++) {
		int right = side - 1 - 2 * pair;
		right -= right <= 6;
		for (int i = 0; i < 2 * side; i++) {
			int x = right - i % 2, y = pair % 2 ? i / 2 : side - 1 - i / 2;
			if (!qr_is_reserved(&reserved, x, y))
				w->at[w->count++] = (uint16_t)(y * side + x);
		}
	}
}

/* Changes one codeword of the symbol's stream to another value. */
MAYBE_UNUSED static void hurt(struct qr_matrix *m, const struct walk *w, unsigned codeword)
{
	unsigned flips = 1 + dice(255);
	for (unsigned i = 0; i < 8; i++)
		if (flips >> i & 1)
			m->dark[w->at[codeword * 8 + i]] ^= 0xFF;
}

/* So many different codewords of one block, by chance. */
MAYBE_UNUSED static void choose(uint8_t *chosen, unsigned count, unsigned length)
{
	bool taken[256] = {false};
	for (unsigned i = 0; i < count; i++) {
		unsigned at = dice(length);
		while (taken[at])
			at = (at + 1) % length;
		taken[at] = true;
		chosen[i] = (uint8_t)at;
	}
}

MAYBE_UNUSED static void hurt_every_block(struct qr_matrix *m, const struct walk *w,
	const struct qr_blocks *b, unsigned errors)
{
	for (unsigned k = 0; k < b->count; k++) {
		uint8_t at[256];
		choose(at, errors, qr_block_data(b, k) + b->checks);
		for (unsigned i = 0; i < errors; i++)
			hurt(m, w, qr_block_place(b, k, at[i]));
	}
}

#endif
