/* SPDX-License-Identifier: Apache-2.0
 *
 * The pixel formats that can be read, and the luma of them. Pure: no device here.
 * Source of the layouts: the kernel's documentation of V4L2, "YUV Formats", "Luma-Only Formats".
 */
#ifndef SCANNER_CAMERA_FORMAT_H
#define SCANNER_CAMERA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "scanner/grey.h"

struct camera_format {
	uint32_t fourcc;  /* V4L2_PIX_FMT_... */
	uint8_t step;     /* bytes from one pixel's luma to the next; 0 = JPEG */
	uint8_t at;       /* where in them: the byte, or the first of two */
	uint8_t bits;     /* of luma: 8; 10 or 12 in two bytes, low one first; 16: 8 are read */
	uint8_t cost;     /* bits a pixel on the bus, to choose between equals */
};

#define CAMERA_FOURCC_TEXT 8 /* with NUL */

/* NULL when it cannot be read. */
const struct camera_format *camera_format_find(uint32_t fourcc);
/* All of them, the cheapest first; NULL behind the last. */
const struct camera_format *camera_format_at(unsigned i);
/* "YUYV"; blanks at the end are left out, other strange bytes become '?'. */
const char *camera_fourcc_text(char out[static CAMERA_FOURCC_TEXT], uint32_t fourcc);
/* From 1 to 4 letters and digits in either case; 0 = none. */
uint32_t camera_fourcc_parse(const char *text, size_t len);
/* The format that libv4l2 makes of those it knows and we do not. */
const struct camera_format *camera_format_converted(void);

/* Bytes of one row without padding. */
size_t camera_row_bytes(const struct camera_format *f, int width);

struct camera_picture {
	const struct camera_format *format; /* not JPEG */
	const uint8_t *from;
	size_t len;
	int width, height;
	size_t stride; /* bytes from one row to the next */
};
/* Returns: ERR_OK; ERR_RANGE geometry; ERR_FORMAT when the bytes do not hold every row;
 * ERR_NO_MEMORY. On error *out is empty.
 */
ERR_MUST_CHECK enum err_code camera_luma(struct scan_grey *out, const struct camera_picture *in,
	struct err *err);

#endif
