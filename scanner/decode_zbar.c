/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass of zbar. A scanner is made for each picture (3 us): zbar keeps the state of its random
 * numbers between pictures, so a scanner kept would read a recording differently the second time,
 * and what a hostile picture left behind would reach the next one.
 */
#include "scanner/decode.h"

#include <zbar.h>

static zbar_image_scanner_t *make_scanner(void)
{
	zbar_image_scanner_t *s = zbar_image_scanner_create();
	if (!s)
		return NULL;
	/* Everything off, the rest of zbar's symbologies is slow and reads nothing for us. */
	zbar_image_scanner_set_config(s, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
	zbar_image_scanner_set_config(s, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	/* Bytes as in the symbol: no guess at a character set. */
	zbar_image_scanner_set_config(s, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
	zbar_image_scanner_set_config(s, ZBAR_NONE, ZBAR_CFG_POSITION, 1);
	zbar_image_scanner_set_config(s, ZBAR_NONE, ZBAR_CFG_X_DENSITY, 1);
	zbar_image_scanner_set_config(s, ZBAR_NONE, ZBAR_CFG_Y_DENSITY, 1);
	zbar_image_scanner_enable_cache(s, 0);
	return s;
}

/* zbar gives upper left, lower left, lower right, upper right. */
static void add(struct scan_found *found, const zbar_symbol_t *symbol,
	const struct scan_grey *grey, int scale)
{
	static const unsigned clockwise[4] = {0, 3, 2, 1};
	double corner[4][2] = {{0}};
	const char *text = zbar_symbol_get_data(symbol);
	if (!text)
		return;
	for (unsigned i = 0; i < 4 && zbar_symbol_get_loc_size(symbol) == 4; i++) {
		corner[i][0] = (double)zbar_symbol_get_loc_x(symbol, clockwise[i]) * scale;
		corner[i][1] = (double)zbar_symbol_get_loc_y(symbol, clockwise[i]) * scale;
	}
	scan_found_add(found, text, zbar_symbol_get_data_length(symbol), corner,
		grey->width * scale, grey->height * scale);
}

enum err_code scan_zbar_read(struct scan_found *found, const struct scan_grey *grey, int scale,
	struct err *err)
{
	zbar_image_scanner_t *scanner = make_scanner();
	zbar_image_t *image = zbar_image_create();
	enum err_code code = ERR_OK;
	if (!scanner || !image) {
		code = err_set(err, ERR_NO_MEMORY, "no memory for zbar");
		goto out;
	}
	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, (unsigned)grey->width, (unsigned)grey->height);
	zbar_image_set_data(image, grey->pixels,
		(unsigned long)grey->width * (unsigned long)grey->height, NULL);
	/* -1 would be a fault of its own that hits single pictures: they hold no code for us. */
	if (zbar_scan_image(scanner, image) <= 0)
		goto out;
	for (const zbar_symbol_t *s = zbar_image_first_symbol(image); s; s = zbar_symbol_next(s))
		if (zbar_symbol_get_type(s) == ZBAR_QRCODE)
			add(found, s, grey, scale);
out:
	if (image)
		zbar_image_destroy(image);
	if (scanner)
		zbar_image_scanner_destroy(scanner);
	return code;
}
