/* SPDX-License-Identifier: Apache-2.0
 *
 * PNG by libpng's simplified interface, which never calls longjmp into us. The sides are looked at
 * after the header and before anything else is read, so a "bomb" stays small.
 */
#include "scanner/picture.h"

#include <png.h>
#include <string.h>

static enum err_code png_fault(png_image *png, struct err *err)
{
	enum err_code code = err_set(err, ERR_FORMAT, "PNG: %s",
		png->message[0] ? png->message : "cannot be read");
	png_image_free(png);
	return code;
}

enum err_code scan_png_read(struct scan_grey *out, struct span file, struct err *err)
{
	png_image png;
	memset(&png, 0, sizeof png);
	png.version = PNG_IMAGE_VERSION;
	out->width = 0;
	out->height = 0;
	if (!file.len || !png_image_begin_read_from_memory(&png, file.data, file.len))
		return png_fault(&png, err);
	enum err_code code = scan_grey_size(out, png.width, png.height, err);
	if (code) {
		png_image_free(&png);
		return err_prefix(err, "PNG");
	}
	png.format = PNG_FORMAT_GRAY;
	png_color white = {.red = 255, .green = 255, .blue = 255}; /* under what is transparent */
	if (!png_image_finish_read(&png, &white, out->pixels, 0, NULL)) {
		out->width = 0;
		out->height = 0;
		return png_fault(&png, err);
	}
	return ERR_OK;
}
