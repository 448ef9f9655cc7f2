/* SPDX-License-Identifier: Apache-2.0 */
#include <png.h>

#include "wallet/holder/picture.h"

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
