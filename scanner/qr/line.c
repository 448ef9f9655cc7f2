/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/line.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#define CONTRAST_PART 6 /* a turn by so small a part of the contrast around is an extreme */

/* Where the line crosses `mid`, near i; up: from below. There are values on both sides. */
static float crossing(const uint8_t *v, int n, int i, float mid, bool up)
{
	if (up) {
		while (i < n - 1 && (float)v[i] < mid)
			i++;
		while (i > 1 && (float)v[i - 1] >= mid)
			i--;
	} else {
		while (i < n - 1 && (float)v[i] > mid)
			i++;
		while (i > 1 && (float)v[i - 1] <= mid)
			i--;
	}
	float step = (float)(v[i] - v[i - 1]);
	float part = step == 0 ? 0.5f : (mid - (float)v[i - 1]) / step;
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	return (float)i - 0.5f + part;
}

void qr_line_turns(struct qr_turns *out, const uint8_t *value, int n, int floor)
{
	out->count = 0;
	out->first_falls = false;
	int i = 1, low = n > 0 ? value[0] : 0, high = low;
	for (; i < n && high - low <= floor; i++) {
		low = value[i] < low ? value[i] : low;
		high = value[i] > high ? value[i] : high;
	}
	if (high - low <= floor)
		return;
	bool up = value[i - 1] == high;
	int before = up ? low : high, extreme = up ? high : low, turned = i - 1, contrast = 0;
	int delta = floor, count = 0;
	out->first_falls = !up;
	for (;;) {
		/* No branch on the extreme itself: noise would make it a coin toss. */
		if (up)
			for (; i < n && value[i] >= extreme - delta; i++)
				extreme = value[i] > extreme ? value[i] : extreme;
		else
			for (; i < n && value[i] <= extreme + delta; i++)
				extreme = value[i] < extreme ? value[i] : extreme;
		/* To the middle: on paper of two greys an edge can begin long before. */
		int middle = (before + extreme + 1) / 2;
		if (up)
			while (value[turned] < middle)
				turned++;
		else
			while (value[turned] > middle)
				turned++;
		out->level[count] = (uint8_t)before;
		out->at[count++] = (uint16_t)turned;
		if (i >= n)
			break;
		int amplitude = up ? extreme - before : before - extreme;
		contrast -= contrast / 4;
		contrast = amplitude > contrast ? amplitude : contrast;
		delta = contrast / CONTRAST_PART > floor ? contrast / CONTRAST_PART : floor;
		before = extreme;
		extreme = value[i];
		turned = i;
		up = !up;
	}
	out->level[count] = (uint8_t)extreme;
	out->count = count;
}

float qr_line_edge(const struct qr_turns *t, const uint8_t *value, int n, int i)
{
	bool falls = t->first_falls == ((i & 1) == 0);
	return crossing(value, n, t->at[i], (float)(t->level[i] + t->level[i + 1]) * 0.5f, !falls);
}

void qr_line_edges(struct qr_edges *out, struct qr_turns *turns, const uint8_t *value, int n,
	int floor)
{
	qr_line_turns(turns, value, n, floor);
	out->count = turns->count;
	out->first_falls = turns->first_falls;
	for (int i = 0; i < turns->count; i++)
		out->at[i] = qr_line_edge(turns, value, n, i);
}

bool qr_line_likely(const struct qr_turns *t, int i)
{
	const uint16_t *at = t->at + i;
	int middle = at[3] - at[2];
	if (middle < at[2] - at[1] || middle < at[4] - at[3] || middle < at[1] - at[0] ||
		middle < at[5] - at[4])
		return false;
	int a = at[2] - at[0], b = at[3] - at[1], c = at[4] - at[2], d = at[5] - at[3];
	int sum = a + b + c + d; /* 12 modules */
	/* 2 +- 1 modules, 4 +- 1.4, and most of a pixel because turns are whole ones. */
	return 60 * a > 5 * sum - 48 && 60 * a < 15 * sum + 48 && 60 * d > 5 * sum - 48 &&
		60 * d < 15 * sum + 48 && 60 * b > 13 * sum - 48 && 60 * b < 27 * sum + 48 &&
		60 * c > 13 * sum - 48 && 60 * c < 27 * sum + 48;
}

float qr_line_finder(const float edge[static 6], float slack)
{
	float bar0 = edge[1] - edge[0], gap0 = edge[2] - edge[1], middle = edge[3] - edge[2];
	float gap1 = edge[4] - edge[3], bar1 = edge[5] - edge[4];
	if (middle < 1.25f * gap0 || middle < 1.25f * gap1 || middle < 1.25f * bar0 ||
		middle < 1.25f * bar1)
		return 0;
	/* From edge to edge of the same kind: 2, 4, 4, 2 modules whatever the light did. */
	float a = edge[2] - edge[0], b = edge[3] - edge[1], c = edge[4] - edge[2];
	float d = edge[5] - edge[3], module = (a + b + c + d) / 12;
	float loose = 0.75f * slack * module, wide = 1.1f * slack * module, least = 0.3f * module;
	if (bar0 < least || gap0 < least || gap1 < least || bar1 < least)
		return 0;
	if (fabsf(a - 2 * module) > loose || fabsf(d - 2 * module) > loose ||
		fabsf(b - 4 * module) > wide || fabsf(c - 4 * module) > wide)
		return 0;
	return module;
}

void qr_line_row(uint8_t *out, const struct scan_grey *g, int y, int left, int right, bool smooth)
{
	size_t width = (size_t)g->width;
	const uint8_t *row = g->pixels + (size_t)y * width;
	if (!smooth) {
		memcpy(out, row + left, (size_t)(right - left));
		return;
	}
	const uint8_t *above = y > 0 ? row - width : row;
	const uint8_t *below = y < g->height - 1 ? row + width : row;
	uint16_t sum[QR_LINE_MAX + 2];
	int n = right - left;
	if (n < 1)
		return;
	for (int i = 0; i < n; i++)
		sum[i + 1] = (uint16_t)(above[left + i] + row[left + i] + below[left + i]);
	sum[0] = sum[1];
	sum[n + 1] = sum[n];
	for (int i = 0; i < n; i++)
		out[i] = (uint8_t)(((unsigned)(sum[i] + sum[i + 1] + sum[i + 2]) * 7282u +
			32768u) >> 16);
}

static uint8_t mean9(const struct scan_grey *g, int x, int y)
{
	unsigned sum = 0;
	if (x < 1 || y < 1 || x > g->width - 2 || y > g->height - 2)
		return g->pixels[(size_t)y * (size_t)g->width + (size_t)x];
	for (int j = y - 1; j <= y + 1; j++) {
		const uint8_t *p = g->pixels + (size_t)j * (size_t)g->width + (size_t)x;
		sum += (unsigned)p[-1] + p[0] + p[1];
	}
	return (uint8_t)((sum + 4) / 9);
}

/* How many steps lie in 0 .. size - 1. */
static int steps_inside(int at, int by, int size)
{
	if (at < 0 || at >= size)
		return 0;
	return by > 0 ? (size - 1 - at) / by + 1 : by < 0 ? at / -by + 1 : INT_MAX;
}

int qr_line_gather(uint8_t *out, const struct scan_grey *g, int x, int y, int dx, int dy, int n,
	bool smooth)
{
	int across = steps_inside(x, dx, g->width), down = steps_inside(y, dy, g->height);
	n = n < across ? n : across;
	n = n < down ? n : down;
	if (smooth) {
		for (int i = 0; i < n; i++)
			out[i] = mean9(g, x + i * dx, y + i * dy);
		return n;
	}
	ptrdiff_t at = (ptrdiff_t)y * g->width + x, step = (ptrdiff_t)dy * g->width + dx;
	for (int i = 0; i < n; i++, at += step)
		out[i] = g->pixels[at];
	return n;
}
