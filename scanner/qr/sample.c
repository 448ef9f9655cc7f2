/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/equal.h"
#include "scanner/qr/level.h"

#include <math.h>
#include <string.h>

#define CONTRAST_LEAST 0.2f /* of the whole symbol's: below it nobody knows */
#define TOO_BRIGHT 0.6f     /* contrasts above what is light around: a reflection */
#define CORE_BIAS 0.3f      /* share of the contrast that still counts as dark */

static uint8_t soft(float ink)
{
	float v = 128 + 127 * (ink > 1 ? 1 : ink < -1 ? -1 : ink);
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Ink of each module by the levels around it: 1 dark, -1 light, 0 unknown. */
static void measure(float *ink, const struct scan_grey *g, const struct qr_place *p, bool core,
	struct qr_work *w)
{
	float *level = w->plane[0], *dark = w->plane[1], *light = w->plane[2];
	qr_level_measure(level, g, p, core ? QR_LEVEL_CORE : QR_LEVEL_MEAN);
	float contrast = qr_level_around(dark, light, level, p->side, w->plane[3], w->plane[4]);
	float least = contrast * CONTRAST_LEAST > 2 ? contrast * CONTRAST_LEAST : 2;
	for (int i = 0; i < p->side * p->side; i++) {
		float half = (light[i] - dark[i]) / 2, middle = (light[i] + dark[i]) / 2;
		if (core)
			middle += half * (p->inverted ? -CORE_BIAS : CORE_BIAS);
		float v = (middle - level[i]) / (half > least ? half : least);
		if (level[i] < 0 || level[i] > light[i] + TOO_BRIGHT * contrast)
			v = 0;
		ink[i] = p->inverted ? -v : v;
	}
}

void qr_sample(struct qr_matrix *out, const struct scan_grey *g, const struct qr_place *p,
	enum qr_sampling how, struct qr_work *w)
{
	float *ink = w->plane[5], *result = ink;
	out->side = p->side;
	int n = p->side * p->side;
	measure(ink, g, p, how == QR_SAMPLE_CORE, w);
	if (how == QR_SAMPLE_EQUAL) {
		result = w->plane[6];
		qr_equal_filter(result, ink, p->side);
	}
	for (int i = 0; i < n; i++)
		out->dark[i] = soft(result[i]);
}
