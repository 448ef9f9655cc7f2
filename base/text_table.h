/* SPDX-License-Identifier: Apache-2.0
 *
 * What Unicode says about code points, as sorted ranges. Private to base/text_safe.c and its tests.
 * text_table.c is written by tests/lib/unicode_table.pl.
 */
#ifndef BASE_TEXT_TABLE_H
#define BASE_TEXT_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct text_range {
	uint32_t first;
	uint32_t last; /* belongs to it */
};

struct text_table {
	const struct text_range *ranges; /* ascending, not touching */
	size_t count;
};

extern const struct text_table text_table_unsafe;    /* Cc Cf Zl Zp Co Cs Cn */
extern const struct text_table text_table_combining; /* Mn Me */
extern const struct text_table text_table_wide;      /* East Asian W and F */

#endif
