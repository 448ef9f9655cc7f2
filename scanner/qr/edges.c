/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/fit.h"

#include <math.h>
#include <string.h>

#define PROBES 13 /* grey values along the search for one edge */

struct qr_shift qr_fit_edge(const struct qr_place *p, const struct scan_grey *g, float x, float y,
	bool vertical, int rises, float reach, float contrast)
{
	struct qr_shift none = {0, 0};
	struct qr_point a = qr_map(p, vertical ? x : x - reach, vertical ? y - reach : y);
	struct qr_point b = qr_map(p, vertical ? x : x + reach, vertical ? y + reach : y);
	/* Over so short a way perspective is straight. */
	struct qr_point step = {(b.x - a.x) / (PROBES - 1), (b.y - a.y) / (PROBES - 1)};
	float value[PROBES];
	for (int i = 0; i < PROBES; i++) {
		value[i] = qr_grey_at(g, (struct qr_point){a.x + (float)i * step.x,
			a.y + (float)i * step.y});
		if (value[i] < 0)
			return none;
	}
	if (rises == 0)
		rises = value[PROBES - 1] > value[0] ? 1 : -1;
	/* Where the light grows, squared: the steepest place counts most. */
	float sum = 0, moment = 0, rise = 0;
	for (int i = 0; i < PROBES - 1; i++) {
		float d = (value[i + 1] - value[i]) * (float)rises;
		if (d <= 0)
			continue;
		rise += d;
		d *= d;
		sum += d;
		moment += d * ((float)i + 0.5f);
	}
	if (rise < 0.3f * contrast || sum <= 0)
		return none;
	float at = moment / sum, part = rise / contrast;
	return (struct qr_shift){(at * 2 / (PROBES - 1) - 1) * reach, part > 1 ? 1 : part};
}

void qr_fit_start(struct qr_equations *e)
{
	memset(e, 0, sizeof *e);
}

void qr_fit_add(struct qr_equations *e, const struct qr_place *p, float x, float y, bool vertical,
	struct qr_shift shift)
{
	if (shift.weight <= 0)
		return;
	double half = (double)p->side * 0.5, u = (double)x / half - 1, v = (double)y / half - 1;
	double w = (double)shift.weight, by = (double)shift.by / half;
	/* du = a + bu + cv - u(gu + hv), dv = d + eu + fv - v(gu + hv) */
	double row[8] = {0};
	row[vertical ? 3 : 0] = 1;
	row[vertical ? 4 : 1] = u;
	row[vertical ? 5 : 2] = v;
	row[6] = -(vertical ? v : u) * u;
	row[7] = -(vertical ? v : u) * v;
	for (int i = 0; i < 8; i++) {
		for (int j = 0; j < 8; j++)
			e->sum[i][j] += w * row[i] * row[j];
		e->sum[i][8] += w * row[i] * by;
	}
	e->weight += w;
}

bool qr_fit_apply(const struct qr_equations *e, struct qr_place *p, double stiff)
{
	double a[8 * 9], half = (double)p->side * 0.5;
	memcpy(a, e->sum, sizeof a);
	for (int i = 0; i < 8; i++)
		a[i * 9 + i] += (i < 6 ? 1e-6 : stiff) * e->weight + 1e-9;
	if (!qr_solve(a, 8))
		return false;
	double s[8];
	for (int i = 0; i < 8; i++) {
		s[i] = a[i * 9 + 8];
		if (!(fabs(s[i]) < 0.7))
			return false;
	}
	const double to[9] = {1 / half, 0, -1, 0, 1 / half, -1, 0, 0, 1};
	const double back[9] = {half, 0, half, 0, half, half, 0, 0, 1};
	const double move[9] = {1 + s[1], s[2], s[0], s[4], 1 + s[5], s[3], s[6], s[7], 1};
	double t[9];
	qr_map_chain(t, move, to);
	qr_map_chain(t, back, t);
	qr_map_chain(p->map, p->map, t);
	return true;
}

void qr_fit_square(struct qr_equations *e, const struct qr_place *p, const struct scan_grey *g,
	float cx, float cy, float half, int outward, float reach, float contrast)
{
	/* Not at the corners, which are round in many codes. */
	int n = (int)(half * 2);
	for (int i = 0; i < n; i++) {
		float along = ((float)i + 0.5f) / (float)n * 2 - 1;
		along *= half - 0.4f;
		qr_fit_add(e, p, cx - half, cy + along, false,
			qr_fit_edge(p, g, cx - half, cy + along, false, -outward, reach, contrast));
		qr_fit_add(e, p, cx + half, cy + along, false,
			qr_fit_edge(p, g, cx + half, cy + along, false, outward, reach, contrast));
		qr_fit_add(e, p, cx + along, cy - half, true,
			qr_fit_edge(p, g, cx + along, cy - half, true, -outward, reach, contrast));
		qr_fit_add(e, p, cx + along, cy + half, true,
			qr_fit_edge(p, g, cx + along, cy + half, true, outward, reach, contrast));
	}
}
