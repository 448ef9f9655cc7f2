/* SPDX-License-Identifier: Apache-2.0
 *
 * Text safety: the result is safe, is unchanged by a second pass, and is cut only where it must be.
 * The first byte chooses the room.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_safe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	size_t cap = 4 + data[0];
	struct span text = SPAN(data + 1, size - 1);
	/* Every byte may become three. */
	size_t full_cap = 3 * text.len + 4;
	char *cut = malloc(cap);
	char *full = malloc(full_cap);
	char *again = malloc(full_cap);

	if (cut == NULL || full == NULL || again == NULL)
		abort();
	size_t full_len = text_safe(full, full_cap, text);
	ASSERT(strlen(full) == full_len && text_is_safe(SPAN(full, full_len)));
	ASSERT(text_safe(again, full_cap, SPAN(full, full_len)) == full_len);
	ASSERT(strcmp(full, again) == 0);
	if (text_is_safe(text))
		ASSERT(span_equal(text, SPAN(full, full_len)));
	ASSERT(text_columns(SPAN(full, full_len)) <= 2 * full_len);

	size_t cut_len = text_safe(cut, cap, text);
	ASSERT(cut_len < cap && strlen(cut) == cut_len && text_is_safe(SPAN(cut, cut_len)));
	if (full_len < cap)
		ASSERT(strcmp(cut, full) == 0);
	else
		ASSERT(memcmp(cut, full, cut_len - 3) == 0 &&
			strcmp(cut + cut_len - 3, "\xe2\x80\xa6") == 0);
	free(cut);
	free(full);
	free(again);
	return 0;
}
