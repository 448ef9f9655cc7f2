/* SPDX-License-Identifier: Apache-2.0
 *
 * Words are matched, not corrected: of the 32 (34) that exist, which one disagrees least with both
 * copies, doubt considered? Format words differ from each other in 7 of 15 bits and more, version
 * words in 8 of 18.
 */
#include "scanner/qr/format.h"

#define COPY_WRONG_MAX 3 /* of one copy alone: what the standard corrects */
#define BOTH_WRONG_MAX 8 /* of both together */
#define VERSION_WRONG_MAX 3
#define CLEAR_COST_MAX 200 /* of one copy: one bit wrong for certain and one in doubt */

/* A word as it stands in the symbol: certainty 1 .. 128 of each bit, positive = dark. */
struct drawn {
	int bit[2][QR_VERSION_BITS];
};

struct match {
	unsigned wrong[2], cost[2]; /* of each copy */
};

static int certainty_at(const struct qr_matrix *m, struct qr_cell p, bool mirrored)
{
	int at = mirrored ? p.x * m->side + p.y : p.y * m->side + p.x;
	return m->dark[at] - 128 + (m->dark[at] >= 128);
}

static struct match match_word(const struct drawn *d, unsigned bits, uint32_t word)
{
	struct match result = {.wrong = {0}};
	for (unsigned copy = 0; copy < 2; copy++) {
		for (unsigned i = 0; i < bits; i++) {
			int bit = d->bit[copy][i];
			bool dark = word >> i & 1;
			if (dark == (bit > 0))
				continue;
			result.wrong[copy]++;
			result.cost[copy] += (unsigned)(bit < 0 ? -bit : bit);
		}
	}
	return result;
}

static bool is_possible(const struct match *m)
{
	return m->wrong[0] <= COPY_WRONG_MAX || m->wrong[1] <= COPY_WRONG_MAX ||
	       m->wrong[0] + m->wrong[1] <= BOTH_WRONG_MAX;
}

static unsigned better_cost(const struct match *m)
{
	return m->cost[0] < m->cost[1] ? m->cost[0] : m->cost[1];
}

/* A copy may be covered by glare or dirt, which tell nothing: the better one counts twice. */
static unsigned cost_of(const struct match *m)
{
	return m->cost[0] + m->cost[1] + better_cost(m);
}

static void keep(struct qr_format *out, unsigned *count, const struct qr_format *f)
{
	unsigned at = *count;
	if (at == QR_FORMATS_MAX) {
		if (out[at - 1].cost <= f->cost)
			return;
		at--;
	} else {
		++*count;
	}
	for (; at > 0 && out[at - 1].cost > f->cost; at--)
		out[at] = out[at - 1];
	out[at] = *f;
}

unsigned qr_formats_read(struct qr_format out[static QR_FORMATS_MAX], const struct qr_matrix *m)
{
	unsigned count = 0;
	for (unsigned turn = 0; turn < 2; turn++) {
		struct drawn d;
		for (int copy = 0; copy < 2; copy++)
			for (int i = 0; i < QR_FORMAT_BITS; i++)
				d.bit[copy][i] = certainty_at(m,
					qr_format_place(m->side, copy, i), turn == 1);
		for (unsigned word = 0; word < 32; word++) {
			struct qr_format f = {.level = (enum qr_level)(word >> 3),
				.mask = (int)(word & 7),
				.mirrored = turn == 1};
			struct match fit = match_word(&d, QR_FORMAT_BITS,
				qr_format_word(f.level, f.mask));
			f.wrong = fit.wrong[0] + fit.wrong[1];
			f.cost = cost_of(&fit);
			f.clear = better_cost(&fit) <= CLEAR_COST_MAX;
			if (is_possible(&fit))
				keep(out, &count, &f);
		}
	}
	return count;
}

double qr_format_chance(const struct qr_format *f)
{
	double ways = 1, sum = 1; /* of f->wrong out of 30; of so many and less */
	for (unsigned i = 0; i < f->wrong; i++) {
		ways = ways * (30 - i) / (i + 1.0);
		sum += ways;
	}
	double chance = 32 * sum / 0x1p30;
	return chance < 1 ? chance : 1;
}

bool qr_version_agrees(const struct qr_matrix *m, bool mirrored)
{
	int own = qr_version_of_side(m->side);
	struct drawn d;
	if (own < QR_VERSION_WORD_FROM)
		return true;
	for (int copy = 0; copy < 2; copy++)
		for (int i = 0; i < QR_VERSION_BITS; i++)
			d.bit[copy][i] = certainty_at(m, qr_version_place(m->side, copy, i),
				mirrored);
	struct match own_fit = match_word(&d, QR_VERSION_BITS, qr_version_word(own));
	unsigned own_cost = cost_of(&own_fit);
	for (int v = QR_VERSION_WORD_FROM; v <= QR_VERSION_MAX; v++) {
		struct match fit = match_word(&d, QR_VERSION_BITS, qr_version_word(v));
		bool sure = fit.wrong[0] <= VERSION_WRONG_MAX && fit.wrong[1] <= VERSION_WRONG_MAX;
		if (v != own && sure && cost_of(&fit) < own_cost)
			return false;
	}
	return true;
}
