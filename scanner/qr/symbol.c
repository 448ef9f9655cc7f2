/* SPDX-License-Identifier: Apache-2.0
 *
 * Modules to text: format word, codewords in the order of their columns, blocks, segments. What is
 * not certain is tried in order of likelihood; what is read must be unlikely to be noise.
 */
#include <string.h>

#include "scanner/qr/blocks.h"
#include "scanner/qr/format.h"
#include "scanner/qr/segments.h"

/* Noise would pass as the whole (format, weakest block, padding) with at most this chance. */
#define CHANCE_MAX 0x1p-40

#define MASK_PERIOD 12 /* of every mask, in both directions */

static void fill_mask(uint8_t flips[MASK_PERIOD][MASK_PERIOD], int mask)
{
	for (int y = 0; y < MASK_PERIOD; y++)
		for (int x = 0; x < MASK_PERIOD; x++)
			flips[y][x] = qr_mask_flips(mask, x, y) ? 0xFF : 0;
}

/* One pair of columns, right one first: ISO/IEC 18004, 7.7.3. */
struct path {
	const struct qr_matrix *m;
	struct qr_reserved reserved;
	uint8_t flips[MASK_PERIOD][MASK_PERIOD];
	size_t step_x, step_y; /* to the next column, row; a mirrored symbol changes them over */
	uint8_t *next, *end;   /* values to fill */
};

static void follow(struct path *p, int right, bool up)
{
	int side = p->m->side;
	for (int i = 0; i < side && p->next < p->end; i++) {
		int y = up ? side - 1 - i : i;
		for (int x = right; x >= right - 1; x--) {
			if (qr_is_reserved(&p->reserved, x, y) || p->next == p->end)
				continue;
			uint8_t dark = p->m->dark[(size_t)y * p->step_y + (size_t)x * p->step_x];
			*p->next++ = dark ^ p->flips[y % MASK_PERIOD][x % MASK_PERIOD];
		}
	}
}

/* Values of the bits of all codewords, in order. */
static void read_codewords(uint8_t *soft, const struct qr_matrix *m, const struct qr_format *f,
	unsigned codewords)
{
	struct path p;
	size_t side = (size_t)m->side;
	p.m = m;
	qr_reserved_fill(&p.reserved, m->side);
	fill_mask(p.flips, f->mask);
	p.step_x = f->mirrored ? side : 1;
	p.step_y = f->mirrored ? 1 : side;
	p.next = soft;
	p.end = soft + (size_t)codewords * 8;
	bool up = true;
	for (int right = m->side - 1; right > 0; right -= 2, up = !up) {
		right -= right == 6; /* the column of the timing pattern holds no data */
		follow(&p, right, up);
	}
}

/* Padding is evidence, too; a symbol without it, or with some other, is believed on the rest. */
static bool is_believed(const struct qr_corrected *c, const struct qr_format *f,
	const struct qr_segments *said)
{
	double chance = c->chance * qr_format_chance(f);
	for (unsigned i = 0; i < said->padding && chance > CHANCE_MAX; i++)
		chance /= 256;
	if (c->beyond && !said->padded_well)
		return false;
	return chance <= CHANCE_MAX;
}

static bool read_as(struct qr_text *out, const struct qr_matrix *m, const struct qr_format *f,
	int version)
{
	struct qr_blocks blocks = qr_blocks_of(version, f->level);
	uint8_t soft[QR_CODEWORDS_MAX * 8];
	struct qr_corrected c;
	struct qr_segments said;
	read_codewords(soft, m, f, blocks.codewords);
	if (!qr_blocks_correct(&c, &blocks, soft, f->clear))
		return false;
	if (qr_segments_read(out, &said, c.data, c.data_len, version))
		return false;
	if (!is_believed(&c, f, &said))
		return false;
	out->version = version;
	out->level = "LMQH"[f->level];
	out->mask = f->mask;
	out->mirrored = f->mirrored;
	out->errors = c.errors;
	out->erased = c.erased;
	return true;
}

enum err_code qr_symbol_read(struct qr_text *out, const struct qr_matrix *m)
{
	struct qr_format formats[QR_FORMATS_MAX];
	int version = qr_version_of_side(m->side);
	unsigned count = version ? qr_formats_read(formats, m) : 0;
	for (unsigned i = 0; i < count; i++)
		if (qr_version_agrees(m, formats[i].mirrored) &&
			read_as(out, m, &formats[i], version))
			return ERR_OK;
	out->len = 0;
	return ERR_FORMAT;
}
