/* SPDX-License-Identifier: Apache-2.0
 *
 * Input for parsers in a heap block of exactly its size, so that AddressSanitizer sees one byte
 * read too many.
 */
#ifndef TESTS_LIB_EXACT_H
#define TESTS_LIB_EXACT_H

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static inline struct span exact(const void *data, size_t len)
{
	uint8_t *copy = malloc(len);

	if (copy == NULL && len > 0)
		abort();
	if (len > 0)
		memcpy(copy, data, len);
	return (struct span){.data = copy, .len = len};
}

static inline struct span exact_text(const char *text)
{
	return exact(text, strlen(text));
}

static inline void exact_free(struct span s)
{
	free((void *)(uintptr_t)s.data);
}

#endif
