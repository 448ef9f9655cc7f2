/* SPDX-License-Identifier: Apache-2.0
 *
 * PGM pictures: any bytes; what is accepted is within the limits.
 */
#include <stdint.h>

#include "scanner/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan_grey grey = {.pixels = NULL};
	struct err err = {.code = ERR_OK};
	enum err_code code = scan_pnm_read(&grey, SPAN(data, size), &err);

	if (code) {
		ASSERT(err.text[0] && grey.width == 0 && grey.height == 0);
	} else {
		ASSERT(scan_geometry_check(grey.width, grey.height, NULL) == ERR_OK);
		ASSERT(grey.cap >= (size_t)grey.width * (size_t)grey.height);
	}
	scan_grey_done(&grey);
	return 0;
}
