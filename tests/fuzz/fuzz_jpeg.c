/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG pictures through libjpeg-turbo; large ones are left out for speed.
 */
#include <stdint.h>

#include "scanner/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan_grey grey = {.pixels = NULL};
	struct err err = {.code = ERR_OK};
	bool damaged;
	enum err_code code = scan_jpeg_read(&grey, SPAN(data, size), &damaged, &err);

	if (code) {
		ASSERT(err.text[0] && grey.width == 0 && grey.height == 0);
	} else {
		ASSERT(scan_geometry_check(grey.width, grey.height, NULL) == ERR_OK);
		ASSERT(grey.cap >= (size_t)grey.width * (size_t)grey.height);
	}
	scan_grey_done(&grey);
	return 0;
}
