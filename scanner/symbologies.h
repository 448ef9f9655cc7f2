/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes other than QR, where the operator wants them told. They are never cards; reading them comes
 * after the QR codes, in some of the frames that hold none.
 */
#ifndef SCANNER_SYMBOLOGIES_H
#define SCANNER_SYMBOLOGIES_H

#include "scanner/decode.h"
#include "scanner/symbologies_abi.h"

/* Limits, also in docs/limits.md. */
#define SYMBOLOGIES_EVERY 2            /* of the frames without a QR code */
#define SYMBOLOGIES_PIXELS_MAX 1000000 /* that are looked at; larger frames are halved */

struct scan_symbologies {
	symbologies_read_fn *read; /* NULL = not loaded: nothing is looked at */
	unsigned frames;           /* without a QR code since the start */
	unsigned next;             /* the look that has its turn */
	int64_t rest;              /* of them, those still to be passed over: the last was dear */
	struct scan_grey half, quarter;
	struct symbologies_symbol symbol[SCAN_CODES_MAX];
};

/* Before the process is confined. ERR_NOT_FOUND: countersign-symbologies.so is neither beside the
 * program nor in ../lib/countersign; ERR_UNSUPPORTED: it is another version or does not work.
 */
ERR_MUST_CHECK enum err_code scan_symbologies_load(struct scan_symbologies *s, struct err *err);
void scan_symbologies_done(struct scan_symbologies *s);
/* For a frame in which no QR code was found. thorough: a single picture, worth every effort. live:
 * frames are passed over as long as the last look cost more than budget_ms each.
 */
void scan_symbologies_look(struct scan_symbologies *s, struct scan_found *found,
	const struct scan_grey *grey, bool thorough, const struct scan_decoder *d);

#endif
