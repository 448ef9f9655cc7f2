/* SPDX-License-Identifier: Apache-2.0
 *
 * Where JPEG frames end: given in one piece or byte by byte, the answer is the same, and every
 * byte belongs to one frame at most.
 */
#include <stdint.h>

#include "scanner/mjpeg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum mjpeg_result by_pieces(struct span data, size_t *len)
{
	struct mjpeg_split s = {.at = 0};
	enum mjpeg_result r = MJPEG_MORE;
	for (size_t n = 2; n <= data.len && r == MJPEG_MORE; n++)
		r = mjpeg_split_next(&s, SPAN(data.data, n), len);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = SPAN(data, size);
	for (;;) {
		size_t start = mjpeg_find_start(rest), len = 0, again = 0;
		ASSERT(start <= rest.len);
		rest = SPAN(rest.data + start, rest.len - start);
		if (rest.len < 2)
			return 0;
		struct mjpeg_split s = {.at = 0};
		enum mjpeg_result r = mjpeg_split_next(&s, rest, &len);
		if (rest.len < 4096)
			ASSERT(by_pieces(rest, &again) == r && again == len);
		if (r == MJPEG_MORE)
			return 0;
		ASSERT(len >= 2 && len <= rest.len);
		rest = SPAN(rest.data + len, rest.len - len);
	}
}
