/* SPDX-License-Identifier: Apache-2.0
 *
 * Two finder patterns without the third: it may be hidden in part by glare, a finger, a fold.
 */
#ifndef SCANNER_QR_PAIRS_H
#define SCANNER_QR_PAIRS_H

#include "scanner/qr/qr.h"

#define QR_PAIRS_GOOD 0.55f /* quality of a pattern that is believed without a third */

/* Adds patterns where two good ones say that a third should be and enough of it shows. False: none
 * was added.
 */
bool qr_pairs_complete(struct qr_finders *f, const struct scan_grey *g);

#endif
