/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/map.h"

#include <math.h>

float qr_map_module(const struct qr_place *p, float x, float y)
{
	struct qr_point c = qr_map_flat(p->map, (double)x, (double)y);
	struct qr_point r = qr_map_flat(p->map, (double)x + 1, (double)y);
	struct qr_point d = qr_map_flat(p->map, (double)x, (double)y + 1);
	return sqrtf(fabsf((r.x - c.x) * (d.y - c.y) - (r.y - c.y) * (d.x - c.x)));
}

void qr_map_from_finders(double map[static 9], const struct qr_point centre[static 3],
	double near_right, double near_below, int side)
{
	double n = (double)side - 7, ox = (double)centre[0].x, oy = (double)centre[0].y;
	map[0] = (near_right * (double)centre[1].x - ox) / n;
	map[1] = (near_below * (double)centre[2].x - ox) / n;
	map[3] = (near_right * (double)centre[1].y - oy) / n;
	map[4] = (near_below * (double)centre[2].y - oy) / n;
	map[6] = (near_right - 1) / n;
	map[7] = (near_below - 1) / n;
	/* The centre of the upper left pattern is at (3.5, 3.5). */
	map[2] = ox - 3.5 * (map[0] + map[1]);
	map[5] = oy - 3.5 * (map[3] + map[4]);
	map[8] = 1 - 3.5 * (map[6] + map[7]);
}

void qr_map_chain(double out[static 9], const double second[static 9],
	const double first[static 9])
{
	double r[9];
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			r[3 * i + j] = second[3 * i] * first[j] + second[3 * i + 1] * first[3 + j] +
				second[3 * i + 2] * first[6 + j];
	double scale = fabs(r[8]) > 1e-12 ? 1 / r[8] : 1;
	for (int i = 0; i < 9; i++)
		out[i] = r[i] * scale;
}

bool qr_map_invert(double out[static 9], const double m[static 9])
{
	const double r[9] = {
		m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
		m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
		m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3],
	};
	double det = m[0] * r[0] + m[1] * r[3] + m[2] * r[6];
	if (!(fabs(det) > 1e-15))
		return false;
	for (int i = 0; i < 9; i++)
		out[i] = r[i] / det;
	return true;
}

bool qr_solve(double *a, int n)
{
	int width = n + 1;
	for (int col = 0; col < n; col++) {
		int best = col;
		for (int row = col + 1; row < n; row++)
			if (fabs(a[row * width + col]) > fabs(a[best * width + col]))
				best = row;
		if (!(fabs(a[best * width + col]) > 1e-12))
			return false;
		for (int k = col; best != col && k < width; k++) {
			double swap = a[col * width + k];
			a[col * width + k] = a[best * width + k];
			a[best * width + k] = swap;
		}
		for (int row = 0; row < n; row++) {
			double part = a[row * width + col] / a[col * width + col];
			for (int k = col; row != col && k < width; k++)
				a[row * width + k] -= part * a[col * width + k];
		}
	}
	for (int row = 0; row < n; row++)
		a[row * width + n] /= a[row * width + row];
	return true;
}
