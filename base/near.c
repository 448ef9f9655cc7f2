/* SPDX-License-Identifier: Apache-2.0
 *
 * Optimal string alignment: three rows of the table are enough.
 */
#include "base/near.h"

#include <ctype.h>
#include <string.h>

static char plain(char c)
{
	return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The row of `one[i]` after those of the two letters before it. */
static void row_fill(size_t *row, const size_t *last, const size_t *before, const char *one,
	size_t i, const char *other)
{
	row[0] = i + 1;
	for (size_t j = 0; other[j] != '\0'; j++) {
		bool same = plain(one[i]) == plain(other[j]);
		size_t cost = least(least(row[j], last[j + 1]) + 1, last[j] + (same ? 0 : 1));

		if (i > 0 && j > 0 && plain(one[i]) == plain(other[j - 1]) &&
			plain(one[i - 1]) == plain(other[j]))
			cost = least(cost, before[j - 1] + 1);
		row[j + 1] = cost;
	}
}

size_t near_distance(const char *one, const char *other)
{
	size_t rows[3][NEAR_WORD_MAX + 1];
	size_t one_len = strlen(one), other_len = strlen(other);

	if (one_len >= NEAR_WORD_MAX || other_len >= NEAR_WORD_MAX)
		return NEAR_WORD_MAX;
	for (size_t j = 0; j <= other_len; j++)
		rows[0][j] = j;
	for (size_t i = 0; i < one_len; i++)
		row_fill(rows[(i + 1) % 3], rows[i % 3], rows[(i + 2) % 3], one, i, other);
	return rows[one_len % 3][other_len];
}

bool near_is(size_t distance, const char *word)
{
	size_t len = strlen(word);

	return distance <= (len < 6 ? 1 : len / 3) && distance < len;
}
