/* SPDX-License-Identifier: Apache-2.0
 *
 * A mesh over the symbol that follows its module edges. Those are at whole modules, so an edge
 * tells where the grid is but for a whole number of modules; that is why the mesh grows from the
 * finder patterns, where the number is known, and each node starts from where its neighbours point.
 */
#include "scanner/qr/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX (QR_BEND_NODES * QR_BEND_NODES)
#define NODES_SMALL 9   /* along a side of a small symbol */
#define REACH 0.55f     /* modules: half the way to the next edge and a little */
#define SWEEPS 3        /* the first grows, the others correct */
#define CONTRAST_MIN 6  /* grey levels */
#define TIMING_SURE 0.97f /* a mesh of a wrong side fits most of the timing patterns, too */
#define TIMING_BETTER 0.05f /* on a bent sheet the timing patterns alone tell the side */
#define TIMING_HOPE 0.75f /* below it another sweep does not help */
#define SURE 0.45f      /* how well edges around a node must agree, 0 .. 1 */
#define EDGES_MIN 4.0f  /* how many there must be */

struct node {
	float sure; /* 0 = not measured */
	float near; /* distance to the nearest finder pattern, modules */
	uint8_t i, j;
};

struct mesh {
	struct qr_place *p;
	const struct scan_grey *g;
	float contrast;
	float spacing; /* modules between nodes */
	struct node node[NODES_MAX]; /* nearest to a finder pattern first */
	float sure[QR_BEND_NODES][QR_BEND_NODES];
	float seed[QR_BEND_NODES][QR_BEND_NODES][2]; /* by the finder patterns alone */
};

static float distance_to_finders(const struct mesh *m, float x, float y)
{
	float far = (float)m->p->side - 3.5f, best = 1e9f;
	const float centre[3][2] = {{3.5f, 3.5f}, {far, 3.5f}, {3.5f, far}};
	for (int k = 0; k < 3; k++) {
		float d = hypotf(x - centre[k][0], y - centre[k][1]);
		best = d < best ? d : best;
	}
	return best;
}

static int nearer(const void *a, const void *b)
{
	const struct node *p = a, *q = b;
	if (p->near != q->near)
		return p->near < q->near ? -1 : 1;
	int left = p->j * QR_BEND_NODES + p->i, right = q->j * QR_BEND_NODES + q->i;
	return left < right ? -1 : left > right;
}

/* Where the measured nodes around say that node (i, j) is: the plane through them, each with the
 * weight of its certainty and nearness.
 */
static void predict(const struct mesh *m, int i, int j, float out[2])
{
	double e[2][3 * 4], total = 0;
	memset(e, 0, sizeof e);
	for (int v = j < 3 ? 0 : j - 3; v <= j + 3 && v < m->p->nodes; v++)
		for (int u = i < 3 ? 0 : i - 3; u <= i + 3 && u < m->p->nodes; u++) {
			int du = u - i, dv = v - j, far = du * du + dv * dv;
			if (m->sure[v][u] <= 0 || far > 12 || far == 0)
				continue;
			double w = (double)m->sure[v][u] / (double)(far * far);
			const double row[3] = {1, du, dv};
			for (int axis = 0; axis < 2; axis++)
				for (int r = 0; r < 3; r++) {
					for (int c = 0; c < 3; c++)
						e[axis][r * 4 + c] += w * row[r] * row[c];
					e[axis][r * 4 + 3] +=
						w * row[r] * (double)(m->p->bend[v][u][axis] -
							m->seed[v][u][axis]);
				}
			total += w;
		}
	for (int axis = 0; axis < 2; axis++) {
		out[axis] = m->seed[j][i][axis];
		if (total <= 0)
			continue;
		/* As the patterns say where one side alone was measured. */
		e[axis][0] += 1e-9;
		e[axis][5] += 0.05 * total;
		e[axis][10] += 0.05 * total;
		if (qr_solve(e[axis], 3))
			out[axis] += (float)e[axis][3];
	}
}

/* The phase of the edges along one axis around (x, y): turns it into modules. Returns how well they
 * agree.
 */
static float phase(const struct mesh *m, float x, float y, bool vertical, float half, float *shift)
{
	float re = 0, im = 0, sum = 0;
	int x0 = (int)(x - half), x1 = (int)(x + half), y0 = (int)(y - half), y1 = (int)(y + half);
	x0 = x0 < 0 ? 0 : x0;
	y0 = y0 < 0 ? 0 : y0;
	x1 = x1 > m->p->side ? m->p->side : x1;
	y1 = y1 > m->p->side ? m->p->side : y1;
	for (int v = y0; v < y1 + (vertical ? 1 : 0); v++)
		for (int u = x0 + ((x0 + v) & 1); u < x1 + (vertical ? 0 : 1); u += 2) {
			float ex = (float)u + (vertical ? 0.5f : 0);
			float ey = (float)v + (vertical ? 0 : 0.5f);
			struct qr_shift s =
				qr_fit_edge(m->p, m->g, ex, ey, vertical, 0, REACH, m->contrast);
			re += s.weight * cosf(6.2831853f * s.by);
			im += s.weight * sinf(6.2831853f * s.by);
			sum += s.weight;
		}
	*shift = sum > 0 ? atan2f(im, re) / 6.2831853f : 0;
	return sum < EDGES_MIN ? 0 : hypotf(re, im) / sum;
}

static void measure(struct mesh *m, struct node *n, bool grow)
{
	float (*bend)[QR_BEND_NODES][2] = m->p->bend;
	float guess[2], x = (float)n->i * m->spacing, y = (float)n->j * m->spacing;
	predict(m, n->i, n->j, guess);
	if (grow) {
		/* The unmeasured ones around follow, so that the window is not torn. */
		for (int v = n->j - 1; v <= n->j + 1; v++)
			for (int u = n->i - 1; u <= n->i + 1; u++) {
				if (u < 0 || v < 0 || u >= m->p->nodes || v >= m->p->nodes ||
					m->sure[v][u] > 0)
					continue;
				predict(m, u, v, bend[v][u]);
			}
	}
	float half = m->spacing * 0.7f > 3.2f ? m->spacing * 0.7f : 3.2f;
	float shift[2], sure[2];
	for (int axis = 0; axis < 2; axis++)
		sure[axis] = phase(m, x, y, axis == 1, half, &shift[axis]);
	float least = sure[0] < sure[1] ? sure[0] : sure[1];
	if (least < SURE) {
		if (m->sure[n->j][n->i] <= 0)
			memcpy(bend[n->j][n->i], guess, sizeof guess);
		return;
	}
	for (int axis = 0; axis < 2; axis++) {
		float *b = &bend[n->j][n->i][axis];
		float measured = *b + shift[axis];
		/* A little towards the neighbours: noise is rougher than paper. */
		*b = grow || m->sure[n->j][n->i] <= 0 ? measured :
			0.8f * measured + 0.2f * guess[axis];
	}
	m->sure[n->j][n->i] = least;
}

static float contrast_of(const struct qr_place *p, const struct scan_grey *g, float x, float y)
{
	float ring = qr_grey_at(g, qr_map(p, x - 2, y)) + qr_grey_at(g, qr_map(p, x + 2, y)) +
		qr_grey_at(g, qr_map(p, x, y - 2)) + qr_grey_at(g, qr_map(p, x, y + 2));
	return fabsf(ring / 4 - qr_grey_at(g, qr_map(p, x, y)));
}

/* How finder pattern `which` lies on the flat map: from(true modules) = modules of the map. Starts
 * with its innermost edges, since on paper that bends away the outer ones are far off.
 */
static bool lie(double from[static 9], const struct mesh *m, int which, float contrast)
{
	struct qr_place p = *m->p;
	float far = (float)p.side - 3.5f;
	float cx = which == 1 ? far : 3.5f, cy = which == 2 ? far : 3.5f;
	int out = p.inverted ? -1 : 1;
	for (int round = 0; round < 4; round++) {
		struct qr_equations e;
		qr_fit_start(&e);
		qr_fit_square(&e, &p, m->g, cx, cy, 1.5f, out, 0.9f, contrast);
		if (round > 0)
			qr_fit_square(&e, &p, m->g, cx, cy, 2.5f, -out, 0.7f, contrast);
		if (round > 1)
			qr_fit_square(&e, &p, m->g, cx, cy, 3.5f, out, 0.7f, contrast);
		if (e.weight < 4 || !qr_fit_apply(&e, &p, 1e6))
			return false;
	}
	double inverse[9];
	if (!qr_map_invert(inverse, m->p->map))
		return false;
	qr_map_chain(from, inverse, p.map);
	return true;
}

/* Cubic from value a with slope da at 0 to value b with slope db at 1. */
static float cubic(float s, float a, float da, float b, float db)
{
	float r = 1 - s;
	return r * r * ((1 + 2 * s) * a + s * da) + s * s * ((3 - 2 * s) * b - r * db);
}

/* Every node as the finder patterns say: they give place and slope at three corners, so paper that
 * bends along one axis is known already.
 */
static void seed(struct mesh *m)
{
	double from[9];
	float far = (float)m->p->side - 3.5f, length = (float)m->p->side - 7;
	const float centre[3][2] = {{3.5f, 3.5f}, {far, 3.5f}, {3.5f, far}};
	float value[3][2], slope[3][2][2]; /* [pattern][along x, y][axis] */
	memset(value, 0, sizeof value);
	memset(slope, 0, sizeof slope);
	for (int k = 0; k < 3; k++) {
		float x = centre[k][0], y = centre[k][1];
		if (!lie(from, m, k, contrast_of(m->p, m->g, x, y) * 0.7f))
			continue;
		struct qr_point at = qr_map_flat(from, (double)x, (double)y);
		struct qr_point right = qr_map_flat(from, (double)x + 1, (double)y);
		struct qr_point below = qr_map_flat(from, (double)x, (double)y + 1);
		value[k][0] = at.x - x;
		value[k][1] = at.y - y;
		slope[k][0][0] = (right.x - at.x - 1) * length;
		slope[k][0][1] = (right.y - at.y) * length;
		slope[k][1][0] = (below.x - at.x) * length;
		slope[k][1][1] = (below.y - at.y - 1) * length;
	}
	for (int n = 0; n < m->p->nodes * m->p->nodes; n++) {
		int i = n % m->p->nodes, j = n / m->p->nodes;
		float s = ((float)i * m->spacing - 3.5f) / length;
		float t = ((float)j * m->spacing - 3.5f) / length;
		for (int axis = 0; axis < 2; axis++)
			m->seed[j][i][axis] = cubic(s, value[0][axis], slope[0][0][axis],
				value[1][axis], slope[1][0][axis]) +
				cubic(t, value[0][axis], slope[0][1][axis], value[2][axis],
					slope[2][1][axis]) - value[0][axis];
	}
}

static struct qr_agreement bend(struct qr_place *p, const struct scan_grey *g)
{
	const struct qr_agreement none = {0, 0};
	struct mesh m;
	memset(&m, 0, sizeof m);
	memset(p->bend, 0, sizeof p->bend);
	p->bent = false;
	m.p = p;
	m.g = g;
	p->nodes = p->side < QR_BEND_LARGE ? NODES_SMALL : QR_BEND_NODES;
	m.spacing = (float)p->side / (float)(p->nodes - 1);
	m.contrast = contrast_of(p, g, 3.5f, 3.5f);
	if (!(m.contrast > CONTRAST_MIN))
		return none;
	seed(&m);
	memcpy(p->bend, m.seed, sizeof p->bend);
	p->bent = true;
	if (qr_fit_agreement(p, g).finders < QR_FIT_FINDERS_LEAST)
		return none;
	int count = p->nodes * p->nodes;
	for (int k = 0; k < count; k++) {
		struct node *n = &m.node[k];
		n->i = (uint8_t)(k % p->nodes);
		n->j = (uint8_t)(k / p->nodes);
		n->near = distance_to_finders(&m, (float)n->i * m.spacing, (float)n->j * m.spacing);
	}
	qsort(m.node, (size_t)count, sizeof m.node[0], nearer);
	for (int sweep = 0; sweep < SWEEPS; sweep++) {
		for (int k = 0; k < count; k++)
			measure(&m, &m.node[k], sweep == 0);
		if (sweep == 0 && qr_fit_agreement(p, g).timing < TIMING_HOPE)
			return none;
	}
	return qr_fit_agreement(p, g);
}

bool qr_bend(struct qr_place *p, const struct scan_grey *g)
{
	const struct qr_fit_way mesh = {.fit = bend,
		.sides = p->side < QR_BEND_LARGE ? 3 : 1, /* a large one would take too long */
		.sure = TIMING_SURE, .better = TIMING_BETTER};
	return qr_fit_sides(p, g, &mesh);
}
