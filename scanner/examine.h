/* SPDX-License-Identifier: Apache-2.0
 *
 * One frame from a source to codes: grey conversion, then looks until the decoder is content.
 */
#ifndef SCANNER_EXAMINE_H
#define SCANNER_EXAMINE_H

#include "scanner/decode.h"
#include "scanner/guide.h"
#include "scanner/source.h"
#include "scanner/symbologies.h"

struct scan_examiner {
	struct scan_decoder decoder;
	struct scan_guide guide;
	int64_t at_ms; /* of the frame, where the caller knows better than the source; else -1 */
	struct scan_symbologies symbologies; /* other codes; read NULL = not wanted */
	struct scan_grey grey; /* of frames that come as JPEG */
	void (*alive)(void *context); /* between two looks; may be NULL */
	void *context;
};

struct scan_examined {
	struct scan_found found;
	const struct scan_grey *grey; /* what was looked at; NULL when the frame was unreadable */
	int width, height; /* of the frame, in whose pixels corners are; `grey` may be half of it */
	bool damaged; /* it was read in part */
	enum scan_hint hint; /* why there is no code */
	uint32_t cpu_us;
};

void scan_examiner_init(struct scan_examiner *e);
void scan_examiner_done(struct scan_examiner *e);
/* Returns: ERR_OK (out->damaged: err says what was wrong); else the frame was unreadable and err
 * says why. out is always initialised.
 */
ERR_MUST_CHECK enum err_code scan_examine(struct scan_examiner *e, struct scan_examined *out,
	const struct scan_frame *frame, bool thorough, struct err *err);

#endif
