/* SPDX-License-Identifier: Apache-2.0
 *
 * Least squares for a map by edges whose module coordinates are known. One edge tells how far it
 * lies from where the map says, along one module axis.
 */
#ifndef SCANNER_QR_FIT_H
#define SCANNER_QR_FIT_H

#include "scanner/qr/map.h"

/* One measured edge. */
struct qr_shift {
	float by;     /* modules along the axis, towards larger coordinates */
	float weight; /* 0 = no such edge here .. 1 */
};

/* The edge between two modules at (x, y), looked for within +-reach modules.
 * vertical: the axis is y. rises: 1 = light lies towards larger coordinates, -1 = dark does,
 * 0 = either. contrast: grey levels between dark and light hereabouts.
 */
struct qr_shift qr_fit_edge(const struct qr_place *p, const struct scan_grey *g, float x, float y,
	bool vertical, int rises, float reach, float contrast);

/* Sum of equations for the eight numbers of a homography close to the identity, in coordinates
 * that run from -1 to 1 over the symbol.
 */
struct qr_equations {
	double sum[8][9];
	double weight;
};
void qr_fit_start(struct qr_equations *e);
void qr_fit_add(struct qr_equations *e, const struct qr_place *p, float x, float y, bool vertical,
	struct qr_shift shift);
/* Moves the map. stiff: how much the perspective is held back, for when edges are few. */
bool qr_fit_apply(const struct qr_equations *e, struct qr_place *p, double stiff);

/* Adds the edges of a square ring at distance `half` around (cx, cy). outward: 1 = light lies
 * outside, -1 = dark does.
 */
void qr_fit_square(struct qr_equations *e, const struct qr_place *p, const struct scan_grey *g,
	float cx, float cy, float half, int outward, float reach, float contrast);

#define QR_FIT_FINDERS_LEAST 0.80f /* agreement below which no symbol is here */
/* Agreement of the picture with the fixed modules, each 0 .. 1 (0.5 = chance). */
struct qr_agreement {
	float finders;
	float timing;
};
struct qr_agreement qr_fit_agreement(const struct qr_place *p, const struct scan_grey *g);

/* Fits a place by its own side, then with a version less and more between the same finder patterns;
 * the best is kept and its score is 0 .. 1. False: no symbol is here, the place is as it was.
 */
struct qr_fit_way {
	/* One side; {0, 0} where it does not fit. */
	struct qr_agreement (*fit)(struct qr_place *p, const struct scan_grey *g);
	int sides;    /* of the three, so many are tried */
	float sure;   /* agreement of the timing patterns: the side is right */
	float better; /* so much better another side must agree */
};
bool qr_fit_sides(struct qr_place *p, const struct scan_grey *g, const struct qr_fit_way *way);

#endif
