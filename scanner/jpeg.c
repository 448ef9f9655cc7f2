/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG to grey by libjpeg-turbo: only luma is decoded. Also Motion-JPEG frames without Huffman
 * tables, for which the library has the standard ones.
 */
#include "scanner/picture.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "scanner/scanner.h"

/* Every scan of a progressive file goes over the whole picture: more than this is an attack. */
#define JPEG_SCANS_MAX 64

struct reader {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf out;
	char words[JMSG_LENGTH_MAX];
	int shrink;        /* 1 or 2 */
	int width, height; /* of the whole picture */
};

static _Noreturn void on_error(j_common_ptr any)
{
	struct reader *r = any->client_data;
	r->errors.format_message(any, r->words);
	longjmp(r->out, 1);
}

/* Warnings are counted in place of printed; the words of the first are kept. */
static void on_message(j_common_ptr any, int level)
{
	struct reader *r = any->client_data;
	if (level >= 0)
		return;
	if (r->errors.num_warnings++ == 0)
		r->errors.format_message(any, r->words);
}

static void on_output(j_common_ptr any)
{
	(void)any;
}

static void on_progress(j_common_ptr any)
{
	struct reader *r = any->client_data;
	if (r->jpeg.input_scan_number <= JPEG_SCANS_MAX)
		return;
	snprintf(r->words, sizeof r->words, "more than %d scans", JPEG_SCANS_MAX);
	longjmp(r->out, 1);
}

static void begin(struct reader *r)
{
	r->jpeg.err = jpeg_std_error(&r->errors);
	r->errors.error_exit = on_error;
	r->errors.emit_message = on_message;
	r->errors.output_message = on_output;
	r->jpeg.client_data = r;
	r->progress.progress_monitor = on_progress;
}

/* Runs under setjmp: no local of it is needed after a jump. */
static enum err_code decode(struct reader *r, struct scan_grey *out, struct span file,
	struct err *err)
{
	jpeg_create_decompress(&r->jpeg);
	r->jpeg.client_data = r; /* create wipes the struct but for err and this; be certain */
	r->jpeg.progress = &r->progress;
	jpeg_mem_src(&r->jpeg, file.data, file.len);
	jpeg_read_header(&r->jpeg, TRUE);
	enum err_code code = scan_geometry_check(r->jpeg.image_width, r->jpeg.image_height, err);
	if (code)
		return err_prefix(err, "JPEG");
	r->width = (int)r->jpeg.image_width;
	r->height = (int)r->jpeg.image_height;
	r->jpeg.out_color_space = JCS_GRAYSCALE;
	if (r->shrink == 2 && r->width >= 2 * SCAN_SIDE_MIN && r->height >= 2 * SCAN_SIDE_MIN)
		r->jpeg.scale_denom = 2; /* fewer frequencies of each block; nothing is skipped */
	jpeg_calc_output_dimensions(&r->jpeg);
	code = scan_grey_size(out, r->jpeg.output_width, r->jpeg.output_height, err);
	if (code)
		return err_prefix(err, "JPEG");
	jpeg_start_decompress(&r->jpeg);
	while (r->jpeg.output_scanline < r->jpeg.output_height) {
		JSAMPROW row = out->pixels + (size_t)r->jpeg.output_scanline * (size_t)out->width;
		jpeg_read_scanlines(&r->jpeg, &row, 1);
	}
	jpeg_finish_decompress(&r->jpeg);
	return ERR_OK;
}

enum err_code scan_jpeg_read(struct scan_grey *out, struct span file, bool *damaged,
	struct err *err)
{
	int width, height;
	return scan_jpeg_read_shrunk(out, 1, &width, &height, file, damaged, err);
}

enum err_code scan_jpeg_read_shrunk(struct scan_grey *out, int shrink, int *width, int *height,
	struct span file, bool *damaged, struct err *err)
{
	struct reader r = {.words = "", .shrink = shrink};
	enum err_code code;

	*damaged = false;
	*width = 0;
	*height = 0;
	out->width = 0;
	out->height = 0;
	if (!file.len)
		return err_set(err, ERR_FORMAT, "JPEG: empty");
	begin(&r);
	if (setjmp(r.out)) {
		out->width = 0;
		out->height = 0;
		code = err_set(err, ERR_FORMAT, "JPEG: %s", r.words);
	} else {
		code = decode(&r, out, file, err);
		if (!code && r.errors.num_warnings) {
			*damaged = true;
			ERR_IGNORE(err_set(err, ERR_FORMAT, "JPEG: %s", r.words)); /* words only */
		}
	}
	jpeg_destroy_decompress(&r.jpeg);
	*width = code ? 0 : r.width;
	*height = code ? 0 : r.height;
	return code;
}
