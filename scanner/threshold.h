/* SPDX-License-Identifier: Apache-2.0
 *
 * Black and white by the mean around each pixel: for a reader that thresholds badly itself.
 */
#ifndef SCANNER_THRESHOLD_H
#define SCANNER_THRESHOLD_H

#include "scanner/grey.h"

/* Dark is what lies below `percent` of the mean within `radius` pixels. ERR_NO_MEMORY; out is then
 * empty.
 */
ERR_MUST_CHECK enum err_code scan_threshold(struct scan_grey *out, const struct scan_grey *in,
	int radius, int percent, struct err *err);

#endif
