/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures for the scanner's tests: codes drawn by libqrencode into grey frames, and the file
 * formats around them. Static, so that each test program takes what it needs.
 */
#ifndef TESTS_LIB_SCAN_PICTURES_H
#define TESTS_LIB_SCAN_PICTURES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>
#include <qrencode.h>

#include "base/bytes.h"
#include "scanner/grey.h"

#define MAYBE_UNUSED __attribute__((unused))

struct placed {
	const char *text;
	double x, y;      /* centre */
	double module;    /* pixels */
	double angle;     /* degrees */
	uint8_t dark, light;
};

/* len characters that look like a code of the protocol: alphanumeric mode. */
MAYBE_UNUSED static const char *code_text(char *out, size_t len, unsigned seed)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	int n = snprintf(out, len + 1, "HTTPS://QR.EXAMPLE.COM/C/");
	for (size_t i = (size_t)n; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		out[i] = alphabet[seed >> 27];
	}
	out[len] = '\0';
	return out;
}

MAYBE_UNUSED static void grey_fill(struct scan_grey *g, int width, int height, uint8_t value)
{
	assert_int_equal(scan_grey_size(g, width, height, NULL), ERR_OK);
	memset(g->pixels, value, (size_t)width * (size_t)height);
}

/* Like a desk: a slope and some noise. */
MAYBE_UNUSED static void grey_scene(struct scan_grey *g, int width, int height)
{
	unsigned seed = 7;
	grey_fill(g, width, height, 0);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			seed = seed * 1664525u + 1013904223u;
			g->pixels[(size_t)y * (size_t)width + (size_t)x] =
				(uint8_t)(60 + x * 80 / width + y * 60 / height +
					(int)(seed >> 29));
		}
}

MAYBE_UNUSED static double module_at(const QRcode *qr, double u, double v, const struct placed *p)
{
	int x = (int)floor(u), y = (int)floor(v);
	bool dark = x >= 0 && y >= 0 && x < qr->width && y < qr->width &&
		(qr->data[y * qr->width + x] & 1);
	return dark ? p->dark : p->light;
}

/* Draws one code with a quiet zone of four modules; each pixel is the mean of nine samples. */
MAYBE_UNUSED static void draw_code(struct scan_grey *g, const struct placed *p)
{
	QRcode *qr = QRcode_encodeString(p->text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	assert_non_null(qr);
	double c = cos(p->angle * M_PI / 180), s = sin(p->angle * M_PI / 180);
	double half = qr->width / 2.0 + 4;
	for (int y = 0; y < g->height; y++)
		for (int x = 0; x < g->width; x++) {
			double sum = 0;
			int inside = 0;
			for (int k = 0; k < 9; k++) {
				double dx = x + (k % 3 + 0.5) / 3 - p->x;
				double dy = y + (k / 3 + 0.5) / 3 - p->y;
				double u = (c * dx + s * dy) / p->module;
				double v = (-s * dx + c * dy) / p->module;
				if (fabs(u) > half || fabs(v) > half)
					continue;
				sum += module_at(qr, u + qr->width / 2.0, v + qr->width / 2.0, p);
				inside++;
			}
			uint8_t *to = &g->pixels[(size_t)y * (size_t)g->width + (size_t)x];
			if (inside)
				*to = (uint8_t)((sum + *to * (9 - inside)) / 9);
		}
	QRcode_free(qr);
}

/* Three times a 3x3 mean is near a Gauss of sigma 1.4. */
MAYBE_UNUSED static void blur(struct scan_grey *g)
{
	struct scan_grey copy = {.pixels = NULL};
	grey_fill(&copy, g->width, g->height, 0);
	memcpy(copy.pixels, g->pixels, (size_t)g->width * (size_t)g->height);
	for (int y = 1; y < g->height - 1; y++)
		for (int x = 1; x < g->width - 1; x++) {
			unsigned sum = 0;
			for (int k = 0; k < 9; k++)
				sum += copy.pixels[(y + k / 3 - 1) * g->width + x + k % 3 - 1];
			g->pixels[y * g->width + x] = (uint8_t)(sum / 9);
		}
	scan_grey_done(&copy);
}

/* ---- file formats ---- */

/* An exact-size block on the heap, so that a byte read too far is seen. */
MAYBE_UNUSED static struct span exact(const void *data, size_t len)
{
	uint8_t *p = malloc(len ? len : 1);
	assert_non_null(p);
	if (len)
		memcpy(p, data, len);
	return SPAN(p, len);
}

MAYBE_UNUSED static void drop(struct span s)
{
	union {
		const uint8_t *in;
		void *out;
	} u = {.in = s.data};
	free(u.out);
}

MAYBE_UNUSED static struct span make_pgm(const struct scan_grey *g)
{
	char head[64];
	int n = snprintf(head, sizeof head, "P5\n# test\n%d %d\n255\n", g->width, g->height);
	size_t pixels = (size_t)g->width * (size_t)g->height;
	uint8_t *p = malloc((size_t)n + pixels);
	assert_non_null(p);
	memcpy(p, head, (size_t)n);
	memcpy(p + n, g->pixels, pixels);
	return SPAN(p, (size_t)n + pixels);
}

MAYBE_UNUSED static struct span make_jpeg(const struct scan_grey *g, int quality)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	unsigned char *out = NULL;
	unsigned long len = 0;
	c.err = jpeg_std_error(&errors);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &out, &len);
	c.image_width = (JDIMENSION)g->width;
	c.image_height = (JDIMENSION)g->height;
	c.input_components = 1;
	c.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, quality, TRUE);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = g->pixels + (size_t)c.next_scanline * (size_t)g->width;
		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	struct span s = exact(out, len);
	free(out);
	return s;
}

MAYBE_UNUSED static struct span make_png(const struct scan_grey *g)
{
	png_image png;
	png_alloc_size_t len = 0;
	memset(&png, 0, sizeof png);
	png.version = PNG_IMAGE_VERSION;
	png.width = (png_uint_32)g->width;
	png.height = (png_uint_32)g->height;
	png.format = PNG_FORMAT_GRAY;
	assert_true(png_image_write_get_memory_size(png, len, 0, g->pixels, 0, NULL));
	uint8_t *p = malloc(len);
	assert_non_null(p);
	assert_true(png_image_write_to_memory(&png, p, &len, 0, g->pixels, 0, NULL));
	return SPAN(p, len);
}

/* ---- files ---- */

MAYBE_UNUSED static char *test_dir(void)
{
	static char path[64];
	snprintf(path, sizeof path, "/tmp/test_scan.XXXXXX");
	assert_non_null(mkdtemp(path));
	return path;
}

MAYBE_UNUSED static const char *in_dir(const char *dir, const char *name)
{
	static char path[4][128];
	static unsigned at;
	char *p = path[at++ % 4];
	snprintf(p, sizeof path[0], "%s/%s", dir, name);
	return p;
}

MAYBE_UNUSED static void write_file(const char *path, const char *mode, struct span data)
{
	FILE *f = fopen(path, mode);
	assert_non_null(f);
	assert_int_equal(fwrite(data.data, 1, data.len, f), data.len);
	assert_int_equal(fclose(f), 0);
}

MAYBE_UNUSED static struct span read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	long len = ftell(f);
	rewind(f);
	uint8_t *p = malloc((size_t)len + 1);
	assert_non_null(p);
	assert_int_equal(fread(p, 1, (size_t)len, f), len);
	fclose(f);
	return SPAN(p, (size_t)len);
}

MAYBE_UNUSED static void remove_dir(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

#endif
