/* SPDX-License-Identifier: Apache-2.0
 *
 * Base32: what is decoded must be written the same again, and all bytes must come back.
 */
#include <stdint.h>

#include "base/base32.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes value, text;

	bytes_init(&value, 1 << 16);
	bytes_init(&text, 1 << 17);
	if (base32_decode(&value, SPAN(data, size)) == ERR_OK) {
		base32_encode(&text, bytes_span(&value));
		ASSERT(span_equal(bytes_span(&text), SPAN(data, size)));
	} else {
		ASSERT(value.len == 0);
	}
	bytes_clear(&value);
	bytes_clear(&text);
	if (size <= 1 << 15) {
		base32_encode(&text, SPAN(data, size));
		ASSERT(!text.full && text.len == BASE32_TEXT_LEN(size));
		ASSERT(base32_decode(&value, bytes_span(&text)) == ERR_OK);
		ASSERT(span_equal(bytes_span(&value), SPAN(data, size)));
	}
	bytes_done(&value);
	bytes_done(&text);
	return 0;
}
