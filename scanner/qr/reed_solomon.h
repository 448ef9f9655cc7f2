/* SPDX-License-Identifier: Apache-2.0
 *
 * Reed-Solomon over GF(256) as QR codes use it: first root 2^0, errors and erasures.
 */
#ifndef SCANNER_QR_REED_SOLOMON_H
#define SCANNER_QR_REED_SOLOMON_H

#include <stdbool.h>
#include <stdint.h>

#define QR_RS_LENGTH_MAX 255
#define QR_RS_CHECKS_MAX 30 /* check codewords of one block */

extern const uint8_t qr_gf_exp[512]; /* exp[i + 255] = exp[i], so that sums need no modulo */
extern const uint8_t qr_gf_log[256]; /* log[0] is 0 and means nothing */

struct qr_rs_word {
	unsigned length; /* codewords, the checks included */
	unsigned checks; /* of them, at the end */
	uint8_t syndrome[QR_RS_CHECKS_MAX];
	bool clean;      /* all syndromes are 0 */
};

/* Takes the measure of a word; the other functions need it. */
void qr_rs_measure(struct qr_rs_word *w, const uint8_t *word, unsigned length, unsigned checks);

/* The word's codeword at `place` was changed by adding `value`. */
void qr_rs_change(struct qr_rs_word *w, unsigned place, uint8_t value);

/* Corrects the word in place: `erased` places are of unknown value, up to errors_max further ones
 * are wrong. erased_count + 2 * errors_max <= checks.
 *
 * Returns: how many places outside the erased ones were wrong; -1: the word cannot be corrected
 *          within these bounds and is unchanged.
 */
int qr_rs_correct(const struct qr_rs_word *w, uint8_t *word, const uint8_t *erased,
	unsigned erased_count, unsigned errors_max);

#endif
