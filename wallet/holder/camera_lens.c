/* SPDX-License-Identifier: Apache-2.0
 *
 * Glare, motion and focus, on linear light and only where the phone is.
 */
#include <math.h>
#include <string.h>

#include "wallet/holder/camera_private.h"

static int clamped(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

/* A round lamp with a soft edge, three times as bright as the screen. */
void camera_lens_glare(struct camera_light *l, double x, double y, double radius)
{
	int x0 = clamped((int)(x - radius), 0, l->width),
	    x1 = clamped((int)(x + radius) + 1, 0, l->width);
	int y0 = clamped((int)(y - radius), 0, l->height);
	int y1 = clamped((int)(y + radius) + 1, 0, l->height);
	float scale = 1.0f / (float)(radius * radius);

	for (int j = y0; j < y1; j++) {
		uint16_t *row = l->now + (size_t)j * (size_t)l->width;
		float dy = (float)(j - y);

		for (int i = x0; i < x1; i++) {
			float dx = (float)(i - x);
			float near = 1.0f - (dx * dx + dy * dy) * scale;
			int light = row[i];

			if (near <= 0)
				continue;
			light += (int)(near * near * 3.0f * CAMERA_WHITE);
			row[i] = (uint16_t)(light > CAMERA_LIGHT_MAX ? CAMERA_LIGHT_MAX : light);
		}
	}
}

static void area_keep(struct camera_light *l, struct camera_area a)
{
	for (int y = a.y0; y < a.y1; y++)
		memcpy(l->now + (size_t)y * (size_t)l->width + a.x0,
			l->other + (size_t)y * (size_t)l->width + a.x0,
			(size_t)(a.x1 - a.x0) * sizeof(*l->now));
}

/* Adds one row, moved by dx pixels and weighted, to the sum of the area's columns. */
static void row_add(struct camera_light *l, struct camera_area a, int y, int dx, uint32_t weight)
{
	const uint16_t *row = l->now + (size_t)clamped(y, 0, l->height - 1) * (size_t)l->width;

	for (int x = a.x0; x < a.x1; x++)
		l->sum[x] += weight * row[clamped(x + dx, 0, l->width - 1)];
}

void camera_lens_motion(
	struct camera_light *l, struct camera_area a, double length, double dx, double dy)
{
	int taps = (int)(length + 0.5) + 1;
	uint32_t weight = 4096 / (uint32_t)taps;

	if (taps < 2)
		return;
	for (int y = a.y0; y < a.y1; y++) {
		uint16_t *out = l->other + (size_t)y * (size_t)l->width;

		memset(l->sum, 0, (size_t)l->width * sizeof(*l->sum));
		for (int i = 0; i < taps; i++) {
			double along = (i - (taps - 1) / 2.0);

			row_add(l, a, y + (int)lrint(along * dy), (int)lrint(along * dx), weight);
		}
		for (int x = a.x0; x < a.x1; x++)
			out[x] = (uint16_t)(l->sum[x] / (weight * (uint32_t)taps));
	}
	area_keep(l, a);
}

/* Half of a symmetric kernel; the whole adds up to 4096. Returns the taps on each side. */
static int kernel_make(uint32_t kernel[static CAMERA_TAPS + 1], double sigma)
{
	int side = (int)(sigma * 2.5) + 1;
	double weight[CAMERA_TAPS + 1], sum = 0;
	uint32_t rest = 4096;

	if (side > CAMERA_TAPS)
		side = CAMERA_TAPS;
	for (int i = 0; i <= side; i++) {
		weight[i] = exp(-0.5 * i * i / (sigma * sigma));
		sum += i ? 2 * weight[i] : weight[i];
	}
	for (int i = side; i > 0; i--) {
		kernel[i] = (uint32_t)(4096 * weight[i] / sum + 0.5);
		rest -= 2 * kernel[i];
	}
	kernel[0] = rest;
	return side;
}

static void focus_across(
	struct camera_light *l, struct camera_area a, const uint32_t *kernel, int side)
{
	for (int y = a.y0; y < a.y1; y++) {
		const uint16_t *in = l->now + (size_t)y * (size_t)l->width;
		uint16_t *out = l->other + (size_t)y * (size_t)l->width;
		const uint16_t *padded = l->row + CAMERA_TAPS;

		memcpy(l->row + CAMERA_TAPS, in, (size_t)l->width * sizeof(*in));
		for (int i = 1; i <= side; i++) {
			l->row[CAMERA_TAPS - i] = in[0];
			l->row[CAMERA_TAPS + l->width - 1 + i] = in[l->width - 1];
		}
		for (int x = a.x0; x < a.x1; x++) {
			uint32_t sum = kernel[0] * padded[x];

			for (int i = 1; i <= side; i++)
				sum += kernel[i] * ((uint32_t)padded[x - i] + padded[x + i]);
			out[x] = (uint16_t)(sum >> 12);
		}
	}
}

static void focus_along(
	struct camera_light *l, struct camera_area a, const uint32_t *kernel, int side)
{
	for (int y = a.y0; y < a.y1; y++) {
		uint16_t *out = l->now + (size_t)y * (size_t)l->width;

		memset(l->sum, 0, (size_t)l->width * sizeof(*l->sum));
		for (int i = -side; i <= side; i++) {
			int from = clamped(y + i, a.y0, a.y1 - 1);
			const uint16_t *in = l->other + (size_t)from * (size_t)l->width;
			uint32_t weight = kernel[i < 0 ? -i : i];

			for (int x = a.x0; x < a.x1; x++)
				l->sum[x] += weight * in[x];
		}
		for (int x = a.x0; x < a.x1; x++)
			out[x] = (uint16_t)(l->sum[x] >> 12);
	}
}

void camera_lens_focus(struct camera_light *l, struct camera_area a, double sigma)
{
	uint32_t kernel[CAMERA_TAPS + 1];
	int side;

	if (sigma < 0.2)
		return;
	side = kernel_make(kernel, sigma);
	focus_across(l, a, kernel, side);
	focus_along(l, a, kernel, side);
}
