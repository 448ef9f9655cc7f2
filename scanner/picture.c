/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/picture.h"

#include <string.h>

static bool begins(struct span file, const char *with, size_t len)
{
	return file.len >= len && memcmp(file.data, with, len) == 0;
}

bool scan_picture_is_jpeg(struct span file)
{
	return begins(file, "\xff\xd8\xff", 3);
}

enum err_code scan_picture_read(struct scan_grey *out, struct span file, bool *damaged,
	struct err *err)
{
	*damaged = false;
	if (scan_picture_is_jpeg(file))
		return scan_jpeg_read(out, file, damaged, err);
	if (begins(file, "\x89PNG\r\n\x1a\n", 8))
		return scan_png_read(out, file, err);
	if (begins(file, "P5", 2) || begins(file, "P2", 2))
		return scan_pnm_read(out, file, err);
	out->width = 0;
	out->height = 0;
	return err_set(err, ERR_FORMAT, "not a PGM (P2, P5), PNG or JPEG picture");
}
