/* SPDX-License-Identifier: Apache-2.0
 *
 * A frame and the codes found in it to the small picture of preview.h.
 */
#ifndef SCANNER_SHRINK_H
#define SCANNER_SHRINK_H

#include "scanner/examine.h"

/* Out: all but out->frame. In: seen->grey is not NULL. */
void scan_shrink(struct scan_preview *out, const struct scan_examined *seen);

#endif
