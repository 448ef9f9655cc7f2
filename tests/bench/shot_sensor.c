/* SPDX-License-Identifier: Apache-2.0
 *
 * Light to bytes: exposure, noise, the curve, what a camera's own processor does to the picture.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "tests/bench/shot_private.h"

#define CURVE  4096
#define GRAINS 65536

static float grain[GRAINS + SHOT_WIDTH_MAX];
static uint8_t curve[CURVE + 1];

static void tables_make(void)
{
	static bool made;
	uint64_t dice = 77;

	if (made)
		return;
	made = true;
	for (int i = 0; i < GRAINS + SHOT_WIDTH_MAX; i++) {
		double sum = -6;

		for (int k = 0; k < 12; k++) /* near enough to a normal distribution */
			sum += dice_unit(&dice);
		grain[i] = (float)sum;
	}
	for (int i = 0; i <= CURVE; i++)
		curve[i] = (uint8_t)(255 * pow((double)i / CURVE, 1 / 2.2) + 0.5);
}

static uint8_t byte(double v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

/* Noise in grey levels after the curve: what a data sheet's "noise 8" looks like in a picture. */
static void expose(uint8_t *grey, const struct light *l, const struct shot *s)
{
	double gain = 0.85 * s->exposure * CURVE;
	uint64_t dice = s->seed ^ s->grain * 0xd1342543de82ef95u;

	for (int y = 0; y < l->height; y++) {
		const float *in = l->at + (size_t)y * (size_t)l->width;
		const float *g = grain + dice_next(&dice) % GRAINS;
		uint8_t *out = grey + (size_t)y * (size_t)l->width;

		for (int x = 0; x < l->width; x++) {
			double v = in[x] * gain;
			double level = curve[v < 0 ? 0 : v > CURVE ? CURVE : (int)v];
			double sigma = s->noise + s->grain_light * sqrt(level / 255);

			out[x] = byte(level + g[x] * sigma);
		}
	}
}

/* Mean of the neighbours that are alike; keeps edges. */
static void smooth_alike(uint8_t *grey, uint8_t *copy, const struct shot *s)
{
	int limit = (int)(8 + 40 * s->denoise);

	memcpy(copy, grey, (size_t)s->width * (size_t)s->height);
	for (int y = 1; y < s->height - 1; y++)
		for (int x = 1; x < s->width - 1; x++) {
			const uint8_t *in = copy + (size_t)y * (size_t)s->width + (size_t)x;
			int sum = 0, count = 0;

			for (int k = 0; k < 9; k++) {
				int v = in[(k / 3 - 1) * s->width + k % 3 - 1];

				if (abs(v - *in) > limit)
					continue;
				sum += v;
				count++;
			}
			grey[(size_t)y * (size_t)s->width + (size_t)x] = (uint8_t)(sum / count);
		}
}

/* Unsharp by a 3x3 mean (5x5 when strong): bright and dark rims at each edge. */
static void sharpen(uint8_t *grey, uint8_t *copy, const struct shot *s)
{
	int r = s->sharpen > 1.5 ? 2 : 1, n = (2 * r + 1) * (2 * r + 1);

	memcpy(copy, grey, (size_t)s->width * (size_t)s->height);
	for (int y = r; y < s->height - r; y++)
		for (int x = r; x < s->width - r; x++) {
			const uint8_t *in = copy + (size_t)y * (size_t)s->width + (size_t)x;
			int sum = 0;

			for (int dy = -r; dy <= r; dy++)
				for (int dx = -r; dx <= r; dx++)
					sum += in[dy * s->width + dx];
			grey[(size_t)y * (size_t)s->width + (size_t)x] =
				byte(*in + s->sharpen * (*in - (double)sum / n));
		}
}

static void drop_bits(uint8_t *grey, const struct shot *s)
{
	int step = 1 << (8 - s->bits);

	for (size_t i = 0; i < (size_t)s->width * (size_t)s->height; i++)
		grey[i] = (uint8_t)(grey[i] / step * step * 255 / (256 - step));
}

size_t jpeg_write(unsigned char **out, const uint8_t *grey, int width, int height, int quality)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	unsigned long len = 0;
	JSAMPLE line[SHOT_WIDTH_MAX];
	JSAMPROW row = line;

	*out = NULL;
	c.err = jpeg_std_error(&errors);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, out, &len);
	c.image_width = (JDIMENSION)width;
	c.image_height = (JDIMENSION)height;
	c.input_components = 1;
	c.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, quality, TRUE);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height) {
		memcpy(line, grey + (size_t)c.next_scanline * (size_t)width, (size_t)width);
		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return len;
}

void jpeg_pass(uint8_t *grey, int width, int height, int quality)
{
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr errors;
	unsigned char *jpeg;
	size_t len = jpeg_write(&jpeg, grey, width, height, quality);

	d.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&d);
	jpeg_mem_src(&d, jpeg, len);
	jpeg_read_header(&d, TRUE);
	jpeg_start_decompress(&d);
	while (d.output_scanline < d.output_height) {
		JSAMPROW row = grey + (size_t)d.output_scanline * (size_t)width;

		jpeg_read_scanlines(&d, &row, 1);
	}
	jpeg_finish_decompress(&d);
	jpeg_destroy_decompress(&d);
	free(jpeg);
}

void sensor_read(uint8_t *grey, struct light *l, const struct shot *s)
{
	uint8_t *copy = (uint8_t *)l->other; /* its light is not needed any more */

	tables_make();
	expose(grey, l, s);
	if (s->denoise > 0)
		smooth_alike(grey, copy, s);
	if (s->sharpen > 0)
		sharpen(grey, copy, s);
	if (s->bits < 8)
		drop_bits(grey, s);
	if (s->jpeg > 0)
		jpeg_pass(grey, s->width, s->height, s->jpeg);
}
