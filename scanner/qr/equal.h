/* SPDX-License-Identifier: Apache-2.0
 *
 * Undoing blur among modules. Ink is 1 for a dark module, -1 for a light one, as measured.
 */
#ifndef SCANNER_QR_EQUAL_H
#define SCANNER_QR_EQUAL_H

/* out = ink through the linear filter that gives back the fixed modules best, then those that are
 * decided best.
 */
void qr_equal_filter(float *out, const float *ink, int side);

#endif
