/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey values of modules, and what dark and light mean around each.
 */
#ifndef SCANNER_QR_LEVEL_H
#define SCANNER_QR_LEVEL_H

#include "scanner/qr/map.h"

enum qr_level_kind {
	QR_LEVEL_MEAN, /* of the middle of the module */
	QR_LEVEL_CORE  /* the most ink within the very middle */
};

/* Outside the picture: -1. */
void qr_level_measure(float *level, const struct scan_grey *g, const struct qr_place *p,
	enum qr_level_kind kind);

/* Dark and light levels around each module; returns the contrast of the whole symbol. Needs two
 * planes of spare room.
 */
float qr_level_around(float *dark, float *light, const float *level, int side, float *spare,
	float *spare2);

#endif
