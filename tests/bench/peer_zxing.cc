/* SPDX-License-Identifier: Apache-2.0
 *
 * libzxing as a peer, with everything on that it has for QR codes: try harder, try rotate, and
 * its default of trying smaller pictures, too.
 */
#define ZX_USE_UTF8 1
#include <ReadBarcode.h>

extern "C" {
#include "tests/bench/engine.h"
}

void peer_zxing_read(struct reading *out, const struct frame *f)
{
	ZXing::DecodeHints hints;

	hints.setFormats(ZXing::BarcodeFormat::QRCode);
	hints.setTryHarder(true);
	hints.setTryRotate(true);
	ZXing::ImageView view(f->grey, f->width, f->height, ZXing::ImageFormat::Lum);
	ZXing::Result result = ZXing::ReadBarcode(view, hints);

	if (!result.isValid())
		return;
	const ZXing::ByteArray &bytes = result.bytes();

	reading_add(out, reinterpret_cast<const char *>(bytes.data()), bytes.size());
}
