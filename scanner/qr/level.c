/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/level.h"

#include <math.h>

#define AROUND 5 /* modules on each side: holds light and dark ones in every masked symbol */

struct pattern {
	int n;       /* points along a side */
	float first; /* offset of the first from the middle, modules */
	float step;
};

static struct pattern points(float module, enum qr_level_kind kind)
{
	float spread = kind == QR_LEVEL_CORE ? 0.12f : 0.22f;
	if (module < 2.2f)
		return (struct pattern){1, 0, 0};
	if (module < 5)
		return (struct pattern){2, -spread, 2 * spread};
	return (struct pattern){3, -1.3f * spread, 1.3f * spread};
}

void qr_level_measure(float *level, const struct scan_grey *g, const struct qr_place *p,
	enum qr_level_kind kind)
{
	float middle = (float)p->side * 0.5f;
	struct pattern pt = points(qr_map_module(p, middle, middle), kind);
	for (int y = 0; y < p->side; y++)
		for (int x = 0; x < p->side; x++) {
			float sum = 0, least = 256, most = -1;
			bool outside = false;
			for (int k = 0; k < pt.n * pt.n; k++) {
				float dx = pt.first + (float)(k % pt.n) * pt.step;
				float dy = pt.first + (float)(k / pt.n) * pt.step;
				float v = qr_grey_at(g, qr_map(p, (float)x + 0.5f + dx,
					(float)y + 0.5f + dy));
				outside |= v < 0;
				sum += v;
				least = v < least ? v : least;
				most = v > most ? v : most;
			}
			float v = sum / (float)(pt.n * pt.n);
			if (kind == QR_LEVEL_CORE)
				v = p->inverted ? most : least;
			level[y * p->side + x] = outside ? -1 : v;
		}
}

/* Sums over (2 AROUND + 1) x (2 AROUND + 1) modules, cut at the symbol's edge. */
static void spread(float *plane, float *spare, int side)
{
	for (int y = 0; y < side; y++) {
		const float *row = plane + y * side;
		float sum = 0;
		for (int x = 0; x < AROUND && x < side; x++)
			sum += row[x];
		for (int x = 0; x < side; x++) {
			sum += x + AROUND < side ? row[x + AROUND] : 0;
			sum -= x > AROUND ? row[x - AROUND - 1] : 0;
			spare[y * side + x] = sum;
		}
	}
	for (int x = 0; x < side; x++) {
		float sum = 0;
		for (int y = 0; y < AROUND && y < side; y++)
			sum += spare[y * side + x];
		for (int y = 0; y < side; y++) {
			sum += y + AROUND < side ? spare[(y + AROUND) * side + x] : 0;
			sum -= y > AROUND ? spare[(y - AROUND - 1) * side + x] : 0;
			plane[y * side + x] = sum;
		}
	}
}

float qr_level_around(float *dark, float *light, const float *level, int side, float *spare,
	float *spare2)
{
	int n = side * side;
	float low = 0, high = 0, lows = 0, highs = 0, all = 0, alls = 0;
	float *sum = dark, *count = light;
	for (int i = 0; i < n; i++) {
		bool seen = level[i] >= 0;
		sum[i] = seen ? level[i] : 0;
		count[i] = seen ? 1 : 0;
		all += sum[i];
		alls += count[i];
	}
	all /= alls > 0 ? alls : 1;
	spread(sum, spare, side);
	spread(count, spare, side);
	/* Half the local mean, half that of all: a window that is all light stays light. */
	for (int i = 0; i < n; i++)
		spare2[i] = count[i] > 0 ? sum[i] / count[i] : all;
	/* sum and count are not needed any more: sums of the light side now. */
	for (int i = 0; i < n; i++) {
		bool seen = level[i] >= 0, is_light = seen && level[i] > spare2[i];
		sum[i] = is_light ? level[i] : 0;
		count[i] = is_light ? 1 : 0;
		high += sum[i];
		highs += count[i];
		low += seen && !is_light ? level[i] : 0;
		lows += seen && !is_light ? 1 : 0;
	}
	low = lows > 0 ? low / lows : 0;
	high = highs > 0 ? high / highs : low;
	spread(sum, spare, side);
	spread(count, spare, side);
	float *mean = spare2, *up = spare;
	for (int i = 0; i < n; i++)
		up[i] = count[i] > 0 ? sum[i] / count[i] : -1;
	for (int i = 0; i < n; i++) {
		bool is_dark = level[i] >= 0 && level[i] <= mean[i];
		mean[i] = up[i];
		sum[i] = is_dark ? level[i] : 0;
		count[i] = is_dark ? 1 : 0;
	}
	spread(sum, spare, side);
	spread(count, spare, side);
	for (int i = 0; i < n; i++) {
		float d = count[i] > 0 ? sum[i] / count[i] : -1, l = mean[i];
		dark[i] = d >= 0 ? d : l >= 0 ? l : low;
		light[i] = l >= 0 ? l : dark[i];
	}
	return high - low;
}
