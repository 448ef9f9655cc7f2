/* SPDX-License-Identifier: Apache-2.0 */
#include <png.h>

#include "wallet/holder/picture.h"

enum err_code png_read(struct picture *p, struct span file, struct err *err)
{
	static const png_color black; /* behind what is transparent */
	png_image image = {.version = PNG_IMAGE_VERSION};
	enum err_code rc = ERR_OK;

	if (!png_image_begin_read_from_memory(&image, file.data, file.len))
		return err_set(err, ERR_FORMAT, "no PNG: %s", image.message);
	image.format = PNG_FORMAT_GRAY;
	if (image.width > PICTURE_SIDE_MAX || image.height > PICTURE_SIDE_MAX)
		rc = err_set(err, ERR_FORMAT, "a PNG of %ux%u is too large; at most %dx%d",
			image.width, image.height, PICTURE_SIDE_MAX, PICTURE_SIDE_MAX);
	else if (picture_new(p, (int)image.width, (int)image.height))
		rc = err_set(err, ERR_NO_MEMORY, "no memory for the picture");
	else if (!png_image_finish_read(&image, &black, p->grey, p->width, NULL)) {
		rc = err_set(err, ERR_FORMAT, "a damaged PNG: %s", image.message);
		picture_free(p);
	}
	png_image_free(&image);
	return rc;
}

enum err_code png_write(const char *path, const struct picture *p, struct err *err)
{
	png_image image = {.version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)p->width,
		.height = (png_uint_32)p->height,
		.format = PNG_FORMAT_GRAY};

	if (!png_image_write_to_file(&image, path, 0, p->grey, p->width, NULL))
		return err_set(err, ERR_IO, "%s: %s", path, image.message);
	return ERR_OK;
}
