/* SPDX-License-Identifier: Apache-2.0
 *
 * QR codes drawn into grey pictures through a map that is known exactly, for the tests of finding,
 * fitting and sampling. Static, so that each test program takes what it needs.
 */
#ifndef TESTS_LIB_QR_PICTURES_H
#define TESTS_LIB_QR_PICTURES_H

#include "tests/lib/scan_pictures.h"

#include "scanner/qr/map.h"
#include "scanner/qr/qr.h"

struct pose {
	double x, y;       /* centre, pixels */
	double module;     /* pixels in the middle */
	double turn, tilt; /* degrees */
	double way;        /* direction of the tilt, degrees */
	double curve;      /* radians from the middle to an edge around a cylinder; 0 = flat */
	uint8_t dark, light;
	int version;
};

/* Module coordinates to pixels: turned, tilted, seen from 600 pixels. */
MAYBE_UNUSED static void pose_map(double map[static 9], const struct pose *p, int side)
{
	double turn = p->turn * M_PI / 180, tilt = p->tilt * M_PI / 180, way = p->way * M_PI / 180;
	double c = cos(way), s = sin(way), far = 600 / p->module, half = side / 2.0;
	/* Right and down of the symbol, along the axis of the tilt and across it. */
	double along[2] = {c * cos(turn) + s * sin(turn), -c * sin(turn) + s * cos(turn)};
	double across[2] = {-s * cos(turn) + c * sin(turn), s * sin(turn) + c * cos(turn)};
	for (int k = 0; k < 2; k++) {
		double deep = sin(tilt) * across[k];
		map[k] = 600 * (c * along[k] - s * cos(tilt) * across[k]) + p->x * deep;
		map[3 + k] = 600 * (s * along[k] + c * cos(tilt) * across[k]) + p->y * deep;
		map[6 + k] = deep;
	}
	for (int row = 0; row < 3; row++) {
		double middle = row == 0 ? p->x * far : row == 1 ? p->y * far : far;
		map[3 * row + 2] = middle - half * (map[3 * row] + map[3 * row + 1]);
	}
}

MAYBE_UNUSED static QRcode *pose_code(char *text, const struct pose *p)
{
	static const int room[] = {0, 17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425,
		458};
	int n = p->version < 15 ? room[p->version] : 520;
	QRcode *qr = QRcode_encodeString(code_text(text, (size_t)(n > 25 ? n : 25), 7), p->version,
		QR_ECLEVEL_L, QR_MODE_8, 1);
	assert_non_null(qr);
	assert_int_equal(qr->width, 17 + 4 * p->version);
	return qr;
}

/* Draws it with its quiet zone; each pixel is the mean of nine samples. */
MAYBE_UNUSED static void pose_draw(struct scan_grey *g, const struct pose *p, const QRcode *qr)
{
	double map[9], back[9], half = qr->width / 2.0;
	pose_map(map, p, qr->width);
	assert_true(qr_map_invert(back, map));
	for (int y = 0; y < g->height; y++)
		for (int x = 0; x < g->width; x++) {
			uint8_t *to = &g->pixels[(size_t)y * (size_t)g->width + (size_t)x];
			double sum = 0;
			for (int k = 0; k < 9; k++) {
				double px = x + (k % 3 + 0.5) / 3, py = y + (k / 3 + 0.5) / 3;
				double w = back[6] * px + back[7] * py + back[8];
				double u = (back[0] * px + back[1] * py + back[2]) / w;
				double v = (back[3] * px + back[4] * py + back[5]) / w;
				double t = (u - half) / half * sin(p->curve);
				if (p->curve > 0 && fabs(t) < 1)
					u = half + half * asin(t) / p->curve;
				int i = (int)floor(u), j = (int)floor(v);
				bool near = u > -4 && v > -4 && u < qr->width + 4 &&
					v < qr->width + 4;
				bool in = i >= 0 && j >= 0 && i < qr->width && j < qr->width;
				bool dark = in && (qr->data[j * qr->width + i] & 1);
				sum += !near ? *to : dark ? p->dark : p->light;
			}
			*to = (uint8_t)(sum / 9 + 0.5);
		}
}

/* Places of the picture, fitted, best first; how many were believed. */
MAYBE_UNUSED static unsigned places_fitted(struct qr_place out[static QR_PLACES_MAX],
	const struct scan_grey *g, int step)
{
	struct qr_finders found;
	struct qr_place all[QR_PLACES_MAX];
	struct qr_find_options how = {.step = step};
	qr_find(&found, g, &how);
	unsigned n = qr_places(all, g, &found), kept = 0;
	for (unsigned i = 0; i < n; i++)
		if (qr_fit(&all[i], g))
			out[kept++] = all[i];
	return kept;
}

/* Greatest distance of the four corners from where they are, in modules. */
MAYBE_UNUSED static double corner_error(const struct qr_place *p, const struct pose *pose)
{
	double map[9], most = 0;
	pose_map(map, pose, p->side);
	for (int k = 0; k < 4; k++) {
		float x = k & 1 ? (float)p->side : 0, y = k & 2 ? (float)p->side : 0;
		struct qr_point a = qr_map(p, x, y), b = qr_map_flat(map, (double)x, (double)y);
		double d = hypot((double)(a.x - b.x), (double)(a.y - b.y)) / pose->module;
		most = d > most ? d : most;
	}
	return most;
}

#endif
