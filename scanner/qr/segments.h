/* SPDX-License-Identifier: Apache-2.0
 *
 * Data codewords to text: ISO/IEC 18004, 7.4.
 */
#ifndef SCANNER_QR_SEGMENTS_H
#define SCANNER_QR_SEGMENTS_H

#include "scanner/qr/qr.h"

struct qr_segments {
	unsigned padding; /* padding codewords after the text that are as they should be */
	bool padded_well; /* all are, and the bits before them */
};

/* Fills out->bytes and out->len from whole data codewords.
 *
 * Segments of ECI are passed over: bytes stay as they are in the symbol. FNC1 in first position
 * makes '%' of alphanumeric segments the group separator (GS1), in second position its application
 * indicator comes first in the text. Of a structured append symbol the text is what this one symbol
 * holds: the terminal's own codes never are, so the parts are not put together.
 *
 * Returns: ERR_OK; ERR_FORMAT: unknown mode, characters that do not exist, a segment that goes on
 *          after the end, no text at all; out->len is then 0
 */
ERR_MUST_CHECK enum err_code qr_segments_read(struct qr_text *out, struct qr_segments *said,
	const uint8_t *data, unsigned len, int version);

#endif
