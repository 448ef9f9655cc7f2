/* SPDX-License-Identifier: Apache-2.0
 *
 * Where one JPEG ends in a run of them. Pure; the stream's source and the fuzz target call it.
 */
#ifndef SCANNER_MJPEG_H
#define SCANNER_MJPEG_H

#include <stdbool.h>

#include "base/bytes.h"

/* Where the search stands between two calls with a longer `data`. Zero at the start of a frame. */
struct mjpeg_split {
	size_t at;
	bool in_scan; /* in entropy-coded data */
	bool lost;    /* the markers make no sense: look for the next start of image */
};

enum mjpeg_result {
	MJPEG_MORE,  /* the end is not among these bytes */
	MJPEG_FRAME, /* the frame is data[0 .. *len) */
	MJPEG_CUT    /* the same, but another frame begins there or the markers were damaged */
};

/* data begins with FF D8. */
enum mjpeg_result mjpeg_split_next(struct mjpeg_split *s, struct span data, size_t *len);
/* Bytes before the first FF D8 (all but a last FF when there is none). */
size_t mjpeg_find_start(struct span data);

#endif
