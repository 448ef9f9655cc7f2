/* SPDX-License-Identifier: Apache-2.0
 *
 * countersign-symbologies.so: libzxing for everything but QR codes. QR codes are left out, the
 * scanner reads those itself and no second opinion counts.
 */
#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <ReadBarcode.h>

#include "scanner/symbologies_abi.h"

extern "C" {
symbologies_read_fn countersign_symbologies_read_2;
symbologies_warm_fn countersign_symbologies_warm_2;
}

using ZXing::BarcodeFormat;

static const struct {
	BarcodeFormat format;
	const char *word;
} formats[] = {
	{BarcodeFormat::Aztec, "aztec"},
	{BarcodeFormat::Codabar, "codabar"},
	{BarcodeFormat::Code39, "code-39"},
	{BarcodeFormat::Code93, "code-93"},
	{BarcodeFormat::Code128, "code-128"},
	{BarcodeFormat::DataBar, "databar"},
	{BarcodeFormat::DataBarExpanded, "databar"},
	{BarcodeFormat::DataMatrix, "data-matrix"},
	{BarcodeFormat::EAN8, "ean-8"},
	{BarcodeFormat::EAN13, "ean-13"},
	{BarcodeFormat::ITF, "itf"},
	{BarcodeFormat::PDF417, "pdf417"},
	{BarcodeFormat::UPCA, "upc-a"},
	{BarcodeFormat::UPCE, "upc-e"},
};

static void put(struct symbologies_symbol *out, const ZXing::Result &r)
{
	const ZXing::ByteArray &bytes = r.bytes();
	const ZXing::Position &p = r.position();
	out->word = "other";
	for (const auto &f : formats)
		if (f.format == r.format())
			out->word = f.word;
	out->len = bytes.size();
	std::memcpy(out->text, bytes.data(), std::min(bytes.size(), sizeof out->text));
	for (int i = 0; i < 4; i++) {
		out->corner[i][0] = p[i].x;
		out->corner[i][1] = p[i].y;
	}
}

static unsigned add(struct symbologies_symbol *out, unsigned count, unsigned max,
	const ZXing::ImageView &view, const ZXing::DecodeHints &hints)
{
	for (const ZXing::Result &r : ZXing::ReadBarcodes(view, hints))
		if (count < max && r.isValid() && r.bytes().size() > 0)
			put(&out[count++], r);
	return count;
}

/* Bars apart from the others, and one of them a look: libzxing 1.4 ends the process (an assertion
 * in Result::operator==) when it compares bars that were found on several lines with others, as it
 * does for the same text in two places, or in a picture and in its own smaller copy of it. With one
 * wanted there is nothing to compare. Matrix codes are compared in another way.
 */
static unsigned read(struct symbologies_symbol *out, unsigned max, const uint8_t *grey, int width,
	int height, unsigned what)
{
	ZXing::DecodeHints hints;
	ZXing::BarcodeFormats bars, matrix;
	for (const auto &f : formats)
		if (what & (f.format == BarcodeFormat::DataMatrix ? SYMBOLOGIES_DATA_MATRIX
								  : SYMBOLOGIES_OTHERS))
			(ZXing::BarcodeFormats(BarcodeFormat::LinearCodes).testFlag(f.format) ? bars
				: matrix) |= f.format;
	hints.setTryHarder(what & SYMBOLOGIES_HARDER);
	hints.setTryRotate(true);
	ZXing::ImageView view(grey, width, height, ZXing::ImageFormat::Lum);
	hints.setFormats(bars);
	hints.setMaxNumberOfSymbols(1);
	/* No formats would be all of them. */
	unsigned count = max && !bars.empty() ? add(out, 0, max, view, hints) : 0;
	if (count == max)
		return count;
	hints.setFormats(matrix);
	hints.setMaxNumberOfSymbols(static_cast<uint8_t>(max - count));
	return add(out, count, max, view, hints);
}

/* No exception leaves: one here costs the frame its other codes and nothing else. */
unsigned countersign_symbologies_read_2(struct symbologies_symbol *out, unsigned max,
	const uint8_t *grey, int width, int height, unsigned what)
{
	try {
		return read(out, max, grey, width, height, what);
	} catch (...) {
		return 0;
	}
}

int countersign_symbologies_warm_2(void)
{
	static const uint8_t blank[64 * 64] = {0};
	struct symbologies_symbol symbol;
	try {
		read(&symbol, 1, blank, 64, 64, SYMBOLOGIES_ALL | SYMBOLOGIES_HARDER);
		throw std::runtime_error("the first exception makes its tables");
	} catch (const std::runtime_error &) {
		return 0;
	} catch (...) {
		return 1;
	}
}
