/* SPDX-License-Identifier: Apache-2.0
 *
 * Syndromes, Berlekamp-Massey begun with the erasures, Chien's search, Forney's values. Polynomials
 * are arrays, lowest power first. Blahut, Theory and Practice of Error Control Codes, chapter 9.
 */
#include "scanner/qr/reed_solomon.h"

#include <string.h>

#include "base/err.h"

#define TERMS (QR_RS_CHECKS_MAX + 1)

struct solution {
	uint8_t locator[TERMS]; /* 1 + ...; its roots are the wrong places */
	uint8_t evaluator[TERMS];
	unsigned degree;
	unsigned count; /* wrong places found */
	uint8_t place[TERMS];
	uint8_t value[TERMS]; /* to add */
};

static uint8_t mul(uint8_t a, uint8_t b)
{
	return a && b ? qr_gf_exp[qr_gf_log[a] + qr_gf_log[b]] : 0;
}

static uint8_t quotient(uint8_t a, uint8_t b) /* b != 0 */
{
	return a ? qr_gf_exp[qr_gf_log[a] + 255 - qr_gf_log[b]] : 0;
}

void qr_rs_measure(struct qr_rs_word *w, const uint8_t *word, unsigned length, unsigned checks)
{
	ASSERT(checks <= QR_RS_CHECKS_MAX && checks < length && length <= QR_RS_LENGTH_MAX);
	uint8_t any = 0;
	w->length = length;
	w->checks = checks;
	for (unsigned j = 0; j < checks; j++) {
		uint8_t s = 0;
		for (unsigned i = 0; i < length; i++)
			s = (uint8_t)((s ? qr_gf_exp[qr_gf_log[s] + j] : 0) ^ word[i]);
		w->syndrome[j] = s;
		any |= s;
	}
	w->clean = !any;
}

/* Power of 2 that stands for a place: the last codeword is the lowest coefficient. */
static unsigned power_of(const struct qr_rs_word *w, unsigned place)
{
	return w->length - 1 - place;
}

void qr_rs_change(struct qr_rs_word *w, unsigned place, uint8_t value)
{
	unsigned power = power_of(w, place), sum = qr_gf_log[value];
	uint8_t any = 0;
	ASSERT(value && place < w->length);
	for (unsigned j = 0; j < w->checks; j++) {
		w->syndrome[j] ^= qr_gf_exp[sum];
		any |= w->syndrome[j];
		sum += power;
		sum -= sum >= 255 ? 255 : 0;
	}
	w->clean = !any;
}

static void begin_with(uint8_t *locator, const struct qr_rs_word *w, const uint8_t *erased,
	unsigned count)
{
	memset(locator, 0, TERMS);
	locator[0] = 1;
	for (unsigned i = 0; i < count; i++) {
		uint8_t x = qr_gf_exp[power_of(w, erased[i])];
		for (unsigned k = i + 1; k > 0; k--)
			locator[k] ^= mul(locator[k - 1], x);
	}
}

/* locator - d * x * other; then `other` moves on. Neither has a power above `top` - 1 before. */
static void step(uint8_t *locator, uint8_t *other, uint8_t d, bool longer, unsigned top)
{
	uint8_t next[TERMS];
	unsigned log_d = qr_gf_log[d];
	next[0] = locator[0];
	for (unsigned k = 1; k <= top; k++) {
		uint8_t o = other[k - 1];
		next[k] = (uint8_t)(locator[k] ^ (o ? qr_gf_exp[log_d + qr_gf_log[o]] : 0));
	}
	if (longer) {
		for (unsigned k = 0; k < top; k++)
			other[k] = quotient(locator[k], d);
	} else {
		memmove(other + 1, other, top);
		other[0] = 0;
	}
	memcpy(locator, next, top + 1);
}

/* Degree of the locator; more than can be corrected when the word is beyond help. */
static unsigned locate(struct solution *s, const struct qr_rs_word *w, const uint8_t *erased,
	unsigned count)
{
	uint8_t other[TERMS] = {0};
	unsigned length = count;
	begin_with(s->locator, w, erased, count);
	memcpy(other, s->locator, sizeof other);
	for (unsigned r = count; r < w->checks; r++) {
		uint8_t d = 0;
		for (unsigned k = 0; k <= length && k <= r; k++)
			d ^= mul(s->locator[k], w->syndrome[r - k]);
		bool longer = d && 2 * length <= r + count;
		if (d) {
			step(s->locator, other, d, longer, r + 1);
		} else {
			memmove(other + 1, other, r + 1);
			other[0] = 0;
		}
		if (longer)
			length = r + 1 - length + count;
	}
	s->degree = 0;
	for (unsigned k = 0; k <= w->checks; k++)
		if (s->locator[k])
			s->degree = k;
	return s->degree == length ? length : w->checks + 1;
}

static uint8_t evaluate(const uint8_t *poly, unsigned terms, unsigned power)
{
	uint8_t sum = 0;
	for (unsigned k = 0, p = 0; k < terms; k++) {
		if (poly[k])
			sum ^= qr_gf_exp[qr_gf_log[poly[k]] + p];
		p += power;
		p -= p >= 255 ? 255 : 0;
	}
	return sum;
}

static void find_places(struct solution *s, const struct qr_rs_word *w)
{
	s->count = 0;
	for (unsigned i = 0; i < w->length && s->count < s->degree; i++) {
		unsigned inverse = (255 - power_of(w, i)) % 255;
		if (!evaluate(s->locator, s->degree + 1, inverse))
			s->place[s->count++] = (uint8_t)i;
	}
}

/* Forney: value = X * evaluator(1/X) / locator'(1/X). False when a derivative is 0. */
static bool find_values(struct solution *s, const struct qr_rs_word *w)
{
	uint8_t derivative[TERMS] = {0};
	for (unsigned k = 0; k < s->degree; k++) {
		s->evaluator[k] = 0;
		for (unsigned i = 0; i <= k; i++)
			s->evaluator[k] ^= mul(s->locator[i], w->syndrome[k - i]);
		if (k % 2 == 0)
			derivative[k] = s->locator[k + 1];
	}
	for (unsigned i = 0; i < s->count; i++) {
		unsigned power = power_of(w, s->place[i]);
		unsigned inverse = (255 - power) % 255;
		uint8_t below = evaluate(derivative, s->degree, inverse);
		if (!below)
			return false;
		uint8_t above = mul(evaluate(s->evaluator, s->degree, inverse), qr_gf_exp[power]);
		s->value[i] = quotient(above, below);
	}
	return true;
}

/* Corrections must explain every syndrome: else a locator that fits by chance would pass. */
static bool explains(const struct solution *s, const struct qr_rs_word *w)
{
	for (unsigned j = 0; j < w->checks; j++) {
		uint8_t sum = 0;
		for (unsigned i = 0; i < s->count; i++)
			if (s->value[i])
				sum ^= qr_gf_exp[(qr_gf_log[s->value[i]] +
							 power_of(w, s->place[i]) * j) % 255];
		if (sum != w->syndrome[j])
			return false;
	}
	return true;
}

static bool is_erased(unsigned place, const uint8_t *erased, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (erased[i] == place)
			return true;
	return false;
}

int qr_rs_correct(const struct qr_rs_word *w, uint8_t *word, const uint8_t *erased,
	unsigned erased_count, unsigned errors_max)
{
	struct solution s;
	int errors = 0;
	ASSERT(erased_count + 2 * errors_max <= w->checks);
	if (w->clean)
		return 0;
	if (locate(&s, w, erased, erased_count) > erased_count + errors_max)
		return -1;
	find_places(&s, w);
	if (s.count != s.degree || !find_values(&s, w) || !explains(&s, w))
		return -1;
	for (unsigned i = 0; i < s.count; i++)
		if (s.value[i] && !is_erased(s.place[i], erased, erased_count))
			errors++;
	if (errors > (int)errors_max)
		return -1;
	for (unsigned i = 0; i < s.count; i++)
		word[s.place[i]] ^= s.value[i];
	return errors;
}
