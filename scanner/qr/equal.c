/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/equal.h"

#include <math.h>
#include <string.h>

#include "scanner/qr/map.h"

#define TAPS_MAX 25
#define UNKNOWNS_MAX (TAPS_MAX + 1) /* and a constant */

struct normal {
	int n;
	double sum[UNKNOWNS_MAX][UNKNOWNS_MAX];
	double right[UNKNOWNS_MAX];
	double weight;
};

static void normal_add(struct normal *m, const float *row, float target, float weight)
{
	for (int i = 0; i < m->n; i++) {
		double w = (double)(weight * row[i]);
		for (int j = i; j < m->n; j++)
			m->sum[i][j] += w * (double)row[j];
		m->right[i] += w * (double)target;
	}
	m->weight += (double)weight;
}

/* Towards `start` where the equations say nothing. */
static bool normal_solve(const struct normal *m, float *answer, const float *start, double ridge)
{
	double a[UNKNOWNS_MAX * (UNKNOWNS_MAX + 1)];
	for (int i = 0; i < m->n; i++) {
		for (int j = 0; j < m->n; j++)
			a[i * (m->n + 1) + j] = i <= j ? m->sum[i][j] : m->sum[j][i];
		a[i * (m->n + 1) + i] += ridge * m->weight;
		a[i * (m->n + 1) + m->n] = m->right[i] + ridge * m->weight * (double)start[i];
	}
	if (!qr_solve(a, m->n))
		return false;
	for (int i = 0; i < m->n; i++)
		answer[i] = (float)a[i * (m->n + 1) + m->n];
	return true;
}

/* Values around (x, y) and the constant 1; beyond the symbol it is light. */
static void around(float *row, const float *plane, int side, int x, int y, int reach)
{
	int k = 0;
	for (int j = y - reach; j <= y + reach; j++)
		for (int i = x - reach; i <= x + reach; i++)
			row[k++] = i < 0 || j < 0 || i >= side || j >= side ? -1 :
				plane[j * side + i];
	row[k] = 1;
}

static void filter(float *out, const float *ink, int side, const float *tap, int reach)
{
	float row[UNKNOWNS_MAX];
	int n = (2 * reach + 1) * (2 * reach + 1) + 1;
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			float sum = 0;
			around(row, ink, side, x, y, reach);
			for (int k = 0; k < n; k++)
				sum += row[k] * tap[k];
			out[y * side + x] = sum;
		}
}

/* guess: decided modules are believed as well; NULL = fixed ones alone. */
static bool learn(float *tap, const float *ink, const float *guess, int side, int reach)
{
	struct normal m;
	float row[UNKNOWNS_MAX], start[UNKNOWNS_MAX] = {0};
	memset(&m, 0, sizeof m);
	m.n = (2 * reach + 1) * (2 * reach + 1) + 1;
	start[(m.n - 1) / 2] = 1;
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			int fixed = qr_fixed_module(side, x, y);
			float target = fixed == 1 ? 1 : -1, weight = 3;
			if (fixed < 0) {
				if (!guess)
					continue;
				float v = guess[y * side + x];
				target = v > 0 ? 1 : -1;
				weight = fabsf(v) > 1 ? 1 : fabsf(v);
			}
			around(row, ink, side, x, y, reach);
			normal_add(&m, row, target, weight);
		}
	return normal_solve(&m, tap, start, guess ? 0.002 : 0.01);
}

void qr_equal_filter(float *out, const float *ink, int side)
{
	float tap[UNKNOWNS_MAX];
	memcpy(out, ink, (size_t)(side * side) * sizeof *out);
	if (!learn(tap, ink, NULL, side, 1))
		return;
	filter(out, ink, side, tap, 1);
	for (int round = 0; round < 2; round++) {
		if (!learn(tap, ink, out, side, 2))
			return;
		filter(out, ink, side, tap, 2);
	}
}
