/* SPDX-License-Identifier: Apache-2.0
 *
 * One picture in memory to grey: PNM (P2, P5), PNG, JPEG. The bytes are a stranger's: limits are
 * checked before room is made, and every fault has words.
 */
#ifndef SCANNER_PICTURE_H
#define SCANNER_PICTURE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "scanner/grey.h"

/* Each of these:
 * Returns: ERR_OK        out holds the picture
 *          ERR_FORMAT    not such a file, or damaged
 *          ERR_RANGE     sides outside the limits of scanner.h
 *          ERR_UNSUPPORTED  a kind of it that is not read
 *          ERR_NO_MEMORY
 * On error out is empty.
 */
ERR_MUST_CHECK enum err_code scan_pnm_read(struct scan_grey *out, struct span file,
	struct err *err);
ERR_MUST_CHECK enum err_code scan_png_read(struct scan_grey *out, struct span file,
	struct err *err);
/* *damaged: the data ended early or was wrong somewhere; what could not be read is grey or noise.
 * err then says what it was although ERR_OK is returned.
 */
ERR_MUST_CHECK enum err_code scan_jpeg_read(struct scan_grey *out, struct span file, bool *damaged,
	struct err *err);
/* The same at half size (shrink 2; 1 = all of it), made while decoding, which is cheaper than all
 * of it. width, height: of the whole picture. A picture too small to be halved is not.
 */
ERR_MUST_CHECK enum err_code scan_jpeg_read_shrunk(struct scan_grey *out, int shrink, int *width,
	int *height, struct span file, bool *damaged, struct err *err);

/* By the first bytes, whatever the name says. ERR_FORMAT when it is none of the three. */
ERR_MUST_CHECK enum err_code scan_picture_read(struct scan_grey *out, struct span file,
	bool *damaged, struct err *err);
bool scan_picture_is_jpeg(struct span file);

#endif
