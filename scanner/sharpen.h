/* SPDX-License-Identifier: Apache-2.0
 *
 * Edges made steeper: blur, haze and low contrast hide finder patterns from a look at the picture
 * as it is.
 */
#ifndef SCANNER_SHARPEN_H
#define SCANNER_SHARPEN_H

#include "scanner/grey.h"

/* Each pixel, and twice what it has more than the 5x5 around it. ERR_NO_MEMORY; ERR_RANGE; out is
 * then empty.
 */
ERR_MUST_CHECK enum err_code scan_sharpen(struct scan_grey *out, const struct scan_grey *in,
	struct err *err);

#endif
