/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of a scenario cut into words, and words taken one after another. Private to scenario.c.
 */
#ifndef WALLET_HOLDER_SCENARIO_WORDS_H
#define WALLET_HOLDER_SCENARIO_WORDS_H

#include "wallet/holder/scenario.h"

#define SCENARIO_WORDS_MAX 10
#define SCENARIO_WORD_MAX  24 /* bytes of a word that is no text, with NUL */

struct scenario_word {
	const char *at; /* without quotes */
	size_t len;
	bool quoted;
};

struct scenario_line {
	struct scenario_word word[SCENARIO_WORDS_MAX];
	size_t count, next;
};

/* Returns NULL, or what is wrong with the line. Words borrow from it. */
const char *words_cut(struct scenario_line *l, struct span line);
bool words_are_over(const struct scenario_line *l);
/* The next word if it is this one; if it is one of these (NULL entries are skipped). */
bool words_take(struct scenario_line *l, const char *text);
bool words_take_of(struct scenario_line *l, int *out, const char *const *list, int count);
/* Any word without quotes, whole numbers, numbers with a point or on/off: false takes nothing. */
bool words_take_plain(struct scenario_line *l, char out[static SCENARIO_WORD_MAX]);
bool words_take_int(struct scenario_line *l, int64_t *out, int64_t low, int64_t high);
bool words_take_real(struct scenario_line *l, double *out, double low, double high);
/* Any word; in quotes with escapes. Appends to out; NULL, or what is wrong. */
const char *words_take_text(struct scenario_line *l, struct bytes *out);

#endif
