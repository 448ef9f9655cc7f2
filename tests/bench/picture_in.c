/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/picture_in.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include "tests/bench/shot_private.h"

struct jpeg_fault {
	struct jpeg_error_mgr mgr;
	jmp_buf back;
};

static void jpeg_stop(j_common_ptr c)
{
	struct jpeg_fault *f = (struct jpeg_fault *)c->err;

	longjmp(f->back, 1);
}

static void jpeg_silent(j_common_ptr c)
{
	(void)c;
}

static void room(struct picture_in *p, int width, int height)
{
	p->width = width;
	p->height = height;
	p->grey = shot_room(p->grey, &p->cap, (size_t)width * (size_t)height, 1);
}

static bool jpeg_in(struct picture_in *p, const uint8_t *bytes, size_t len)
{
	struct jpeg_decompress_struct d;
	struct jpeg_fault fault;

	d.err = jpeg_std_error(&fault.mgr);
	fault.mgr.error_exit = jpeg_stop;
	fault.mgr.output_message = jpeg_silent;
	jpeg_create_decompress(&d);
	if (setjmp(fault.back)) {
		jpeg_destroy_decompress(&d);
		return false;
	}
	jpeg_mem_src(&d, bytes, len);
	jpeg_read_header(&d, TRUE);
	d.out_color_space = JCS_GRAYSCALE;
	jpeg_start_decompress(&d);
	room(p, (int)d.output_width, (int)d.output_height);
	while (d.output_scanline < d.output_height) {
		JSAMPROW row = p->grey + (size_t)d.output_scanline * (size_t)p->width;

		jpeg_read_scanlines(&d, &row, 1);
	}
	jpeg_finish_decompress(&d);
	jpeg_destroy_decompress(&d);
	return true;
}

static bool png_in(struct picture_in *p, const uint8_t *bytes, size_t len)
{
	png_image png = {.version = PNG_IMAGE_VERSION};
	png_color white = {255, 255, 255};

	if (!png_image_begin_read_from_memory(&png, bytes, len))
		return false;
	png.format = PNG_FORMAT_GRAY;
	room(p, (int)png.width, (int)png.height);
	return png_image_finish_read(&png, &white, p->grey, 0, NULL) != 0;
}

static bool pgm_in(struct picture_in *p, const uint8_t *bytes, size_t len)
{
	int width, height, most, at = 0;
	char head[64] = "";

	memcpy(head, bytes, len < 63 ? len : 63);
	if (sscanf(head, "P5 %d %d %d%n", &width, &height, &most, &at) != 3 || most != 255 ||
		width < 1 || height < 1 || len < (size_t)at + 1 + (size_t)width * (size_t)height)
		return false;
	room(p, width, height);
	memcpy(p->grey, bytes + at + 1, (size_t)width * (size_t)height);
	return true;
}

bool picture_in_read(struct picture_in *p, const uint8_t *bytes, size_t len)
{
	if (len > 8 && bytes[0] == 0xff && bytes[1] == 0xd8)
		return jpeg_in(p, bytes, len);
	if (len > 8 && !memcmp(bytes, "\x89PNG", 4))
		return png_in(p, bytes, len);
	return len > 8 && !memcmp(bytes, "P5", 2) && pgm_in(p, bytes, len);
}

/* Mean over the area x0 .. x1, y0 .. y1 of p, whole pixels and shares of them. */
static double mean(const struct picture_in *p, double x0, double y0, double x1, double y1)
{
	double sum = 0, area = 0;

	for (int y = (int)y0; y < y1 && y < p->height; y++) {
		double h = (y + 1 < y1 ? y + 1 : y1) - (y > y0 ? y : y0);

		for (int x = (int)x0; x < x1 && x < p->width; x++) {
			double w = (x + 1 < x1 ? x + 1 : x1) - (x > x0 ? x : x0);

			sum += w * h * p->grey[(size_t)y * (size_t)p->width + (size_t)x];
			area += w * h;
		}
	}
	return area > 0 ? sum / area : 0;
}

void picture_in_fit(struct frame *f, const struct picture_in *p, int width, int height)
{
	bool upright = p->height > p->width;
	double most_w = upright ? height : width, most_h = upright ? width : height;
	double k = p->width / most_w > p->height / most_h ? p->width / most_w : p->height / most_h;

	k = k < 1 ? 1 : k;
	frame_blank(f, (int)(p->width / k), (int)(p->height / k));
	for (int y = 0; y < f->height; y++)
		for (int x = 0; x < f->width; x++)
			f->grey[(size_t)y * (size_t)f->width + (size_t)x] =
				(uint8_t)(mean(p, x * k, y * k, (x + 1) * k, (y + 1) * k) + 0.5);
}

uint8_t *file_bytes(const char *path, size_t *len)
{
	FILE *in = fopen(path, "r");
	uint8_t *p = NULL;

	*len = 0;
	if (!in)
		return NULL;
	if (!fseek(in, 0, SEEK_END) && ftell(in) > 0) {
		*len = (size_t)ftell(in);
		rewind(in);
		p = malloc(*len + 1);
		if (p && fread(p, 1, *len, in) == *len)
			p[*len] = 0;
	}
	fclose(in);
	return p;
}
