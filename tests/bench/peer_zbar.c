/* SPDX-License-Identifier: Apache-2.0
 *
 * Plain zbar as a peer, with the settings that zbarimg has: one scanner, default configuration,
 * positions on, no cache. Only the texts of QR codes are compared.
 */
#include <fcntl.h>
#include <unistd.h>
#include <zbar.h>

#include "tests/bench/engine.h"

static zbar_image_scanner_t *scanner_for(bool qr_only)
{
	static zbar_image_scanner_t *kept[2];
	zbar_image_scanner_t **s = &kept[qr_only];

	if (*s)
		return *s;
	*s = zbar_image_scanner_create();
	zbar_image_scanner_set_config(*s, ZBAR_NONE, ZBAR_CFG_POSITION, 1);
	if (qr_only) {
		zbar_image_scanner_set_config(*s, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
		zbar_image_scanner_set_config(*s, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	}
	return *s;
}

/* zbar complains to stderr about pictures that its databar reader did not expect. */
static void hush(bool on)
{
	static int kept = -1, nowhere = -1;

	if (kept < 0) {
		kept = dup(2);
		nowhere = open("/dev/null", O_WRONLY);
	}
	dup2(on ? nowhere : kept, 2);
}

void peer_zbar_read(struct reading *out, const struct frame *f, bool qr_only)
{
	zbar_image_scanner_t *s = scanner_for(qr_only);
	zbar_image_t *image = zbar_image_create();

	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, (unsigned)f->width, (unsigned)f->height);
	zbar_image_set_data(
		image, f->grey, (unsigned long)f->width * (unsigned long)f->height, NULL);
	hush(true);
	int found = zbar_scan_image(s, image);

	hush(false);
	if (found > 0)
		for (const zbar_symbol_t *y = zbar_image_first_symbol(image); y;
			y = zbar_symbol_next(y))
			if (zbar_symbol_get_type(y) == ZBAR_QRCODE)
				reading_add(out, zbar_symbol_get_data(y),
					zbar_symbol_get_data_length(y));
	zbar_image_destroy(image);
}
