/* SPDX-License-Identifier: Apache-2.0
 *
 * Erasures are Forney's generalised minimum distance decoding: a place that is given up costs one
 * check codeword in place of two, so where the doubtful places are the wrong ones, up to twice as
 * many can be corrected. Chase's decoding then turns single doubtful bits. The price is that fewer
 * checks are left to notice a wrong correction, so every correction is priced: how likely would
 * noise have passed?
 */
#include "scanner/qr/blocks.h"

#include <string.h>

#include "scanner/qr/reed_solomon.h"

/* Noise passes as one block with erasures with at most this chance. The standard's own decoder
 * allows 2^-31 (version 1-L); ours tries a dozen sets of erasures.
 */
#define CHANCE_MAX 0x1p-38
#define ERASED_STEP 2
#define TURNED 6

struct block {
	uint8_t word[QR_RS_LENGTH_MAX];
	uint8_t order[QR_RS_LENGTH_MAX]; /* places, the most doubtful first */
	unsigned length, data;
};

/* Of all words, the share that is corrected with `errors` wrong and `erased` given up places:
 * C(length - erased, errors) * 256^(errors + erased - checks).
 */
static double chance_of(unsigned length, unsigned checks, unsigned erased, unsigned errors)
{
	double chance = 1;
	for (unsigned i = 0; i < errors; i++)
		chance *= (double)(length - erased - i) / (i + 1.0) / 256;
	for (unsigned i = erased + 2 * errors; i < checks; i++)
		chance /= 256;
	return chance;
}

/* How doubtful a codeword is: the sum over its bits of a steep function of their doubt. */
static uint32_t doubt_of(const uint8_t *soft)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < 8; i++) {
		uint32_t doubt = soft[i] < 128 ? soft[i] : 255u - soft[i];
		sum += doubt * doubt * doubt;
	}
	return sum;
}

static uint8_t most_doubtful_bit(const uint8_t *soft)
{
	unsigned best = 0, doubt = 0;
	for (unsigned i = 0; i < 8; i++) {
		unsigned d = soft[i] < 128 ? soft[i] : 255u - soft[i];
		if (d >= doubt) {
			doubt = d;
			best = i;
		}
	}
	return (uint8_t)(0x80 >> best);
}

static void order_by_doubt(struct block *k, const struct qr_blocks *b, unsigned number,
	const uint8_t *soft)
{
	uint32_t doubt[QR_RS_LENGTH_MAX];
	for (unsigned i = 0; i < k->length; i++) {
		uint32_t d = doubt_of(soft + 8 * qr_block_place(b, number, i));
		unsigned at = i;
		for (; at > 0 && doubt[at - 1] < d; at--) {
			doubt[at] = doubt[at - 1];
			k->order[at] = k->order[at - 1];
		}
		doubt[at] = d;
		k->order[at] = (uint8_t)i;
	}
}

/* Most errors that may be corrected beside so many erasures; -1: not even none. */
static int errors_allowed(const struct block *k, const struct qr_blocks *b, unsigned erased)
{
	int errors = (int)(b->checks - b->protection - erased) / 2;
	while (errors >= 0 &&
		chance_of(k->length, b->checks, erased, (unsigned)errors) > CHANCE_MAX)
		errors--;
	return errors;
}

static void count(struct qr_corrected *out, unsigned errors, unsigned erased, double chance)
{
	out->errors += errors + erased;
	out->erased += erased;
	out->chance = chance > out->chance ? chance : out->chance;
}

static bool correct_with_erasures(struct qr_corrected *out, struct block *k,
	const struct qr_rs_word *w, const struct qr_blocks *b)
{
	for (unsigned erased = ERASED_STEP; erased + b->protection <= b->checks;
		erased += ERASED_STEP) {
		int allowed = errors_allowed(k, b, erased);
		if (allowed < 0)
			return false;
		int errors = qr_rs_correct(w, k->word, k->order, erased, (unsigned)allowed);
		if (errors < 0)
			continue;
		out->beyond = true;
		count(out, (unsigned)errors, erased,
			chance_of(k->length, b->checks, erased, (unsigned)allowed));
		return true;
	}
	return false;
}

/* Chase's decoding: the most doubtful codewords as read, or with their most doubtful bit turned, in
 * all combinations. It helps where noise or blur, and not dirt, made the errors.
 */
static bool correct_with_turns(struct qr_corrected *out, struct block *k, struct qr_rs_word *w,
	const struct qr_blocks *b, unsigned number, const uint8_t *soft)
{
	int allowed = errors_allowed(k, b, 0);
	for (unsigned turn = 1; turn < 1u << TURNED && allowed >= 0; turn++) {
		/* Gray's order: each pattern differs from the last one in one place. */
		unsigned place = k->order[__builtin_ctz(turn)];
		uint8_t bit = most_doubtful_bit(soft + 8 * qr_block_place(b, number, place));
		k->word[place] ^= bit;
		qr_rs_change(w, place, bit);
		int errors = qr_rs_correct(w, k->word, NULL, 0, (unsigned)allowed);
		if (errors < 0)
			continue;
		out->beyond = true;
		count(out, (unsigned)errors, 0,
			chance_of(k->length, b->checks, 0, (unsigned)allowed) * (1u << TURNED));
		return true;
	}
	return false;
}

static bool correct_block(struct qr_corrected *out, struct block *k, const struct qr_blocks *b,
	unsigned number, const uint8_t *soft, bool hopeful)
{
	struct qr_rs_word w;
	qr_rs_measure(&w, k->word, k->length, b->checks);
	unsigned most = (b->checks - b->protection) / 2;
	int errors = qr_rs_correct(&w, k->word, NULL, 0, most);
	if (errors >= 0) {
		count(out, (unsigned)errors, 0,
			chance_of(k->length, b->checks, 0, (unsigned)errors));
		return true;
	}
	if (!hopeful)
		return false;
	order_by_doubt(k, b, number, soft);
	return correct_with_erasures(out, k, &w, b) ||
	       correct_with_turns(out, k, &w, b, number, soft);
}

static uint8_t harden(const uint8_t *soft)
{
	unsigned byte = 0;
	for (unsigned i = 0; i < 8; i++)
		byte = byte << 1 | soft[i] >> 7;
	return (uint8_t)byte;
}

bool qr_blocks_correct(struct qr_corrected *out, const struct qr_blocks *b, const uint8_t *soft,
	bool hopeful)
{
	struct block k;
	out->data_len = out->errors = out->erased = 0;
	out->beyond = false;
	out->chance = 0;
	for (unsigned number = 0; number < b->count; number++) {
		k.data = qr_block_data(b, number);
		k.length = k.data + b->checks;
		for (unsigned i = 0; i < k.length; i++)
			k.word[i] = harden(soft + 8 * qr_block_place(b, number, i));
		if (!correct_block(out, &k, b, number, soft, hopeful))
			return false;
		memcpy(out->data + out->data_len, k.word, k.data);
		out->data_len += k.data;
	}
	return true;
}
