/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of a vector from its hex digits, and comparison with them.
 */
#ifndef TESTS_LIB_HEX_H
#define TESTS_LIB_HEX_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* In the caller's storage of `cap` bytes. */
static inline struct span unhex(uint8_t *storage, size_t cap, const char *hex)
{
	size_t len = strlen(hex) / 2;

	if (len > cap || hex_decode(storage, len, span_text(hex)) != ERR_OK)
		abort();
	return (struct span){.data = storage, .len = len};
}

static inline bool is_hex(struct span bytes, const char *hex)
{
	char *text = malloc(2 * bytes.len + 1);
	bool same;

	if (text == NULL)
		abort();
	hex_encode(text, bytes);
	same = strcmp(text, hex) == 0;
	if (!same)
		fprintf(stderr, "# got  %s\n# want %s\n", text, hex);
	free(text);
	return same;
}

#endif
