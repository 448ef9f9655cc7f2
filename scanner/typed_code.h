/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters of a hand-held reader to whole codes. A code ends with what the reader sends after it,
 * or when it has sent nothing for a while; one with an unknown character or a missing end is
 * dropped whole. A symbology identifier in front (ISO/IEC 15424, "]Q1") is taken off and says what
 * the symbol was.
 */
#ifndef SCANNER_TYPED_CODE_H
#define SCANNER_TYPED_CODE_H

#include "base/bytes.h"
#include "scanner/typed_spec.h"

#define TYPED_AIM_LEN 3

struct typed_code {
	enum typed_end end;
	int idle_ms;
	uint8_t bytes[SCAN_TEXT_MAX + TYPED_AIM_LEN];
	size_t len;
	bool open;        /* characters came and their end has not */
	bool cut;         /* there were more than fit */
	const char *bad;  /* why it cannot be used; NULL = it can */
	bool unwanted;    /* it began, or went on, while nobody wanted codes */
	int64_t last_ms;  /* of the last character */
};

enum typed_code_result {
	TYPED_CODE_NONE,    /* nothing yet, or nothing that anybody wants */
	TYPED_CODE_READY,   /* *out is filled */
	TYPED_CODE_DAMAGED, /* err says what was dropped */
};

void typed_code_init(struct typed_code *c, const struct typed_spec *spec);
/* One character, at a time that never falls. The code before it may have ended by a pause: ask
 * typed_code_pause() first.
 */
enum typed_code_result typed_code_add(struct typed_code *c, struct scan_code *out, uint8_t byte,
	int64_t now_ms, struct err *err);
/* A character of this code was lost or is none. why: static words. */
void typed_code_damage(struct typed_code *c, const char *why, int64_t now_ms);
/* The reader itself says that the code is whole. */
enum typed_code_result typed_code_end(struct typed_code *c, struct scan_code *out,
	struct err *err);
/* Has it been quiet for long enough at now_ms? */
enum typed_code_result typed_code_pause(struct typed_code *c, struct scan_code *out,
	int64_t now_ms, struct err *err);
int64_t typed_code_due_ms(const struct typed_code *c); /* INT64_MAX = no code is open */
/* What is open is not wanted, up to its end. */
void typed_code_drop(struct typed_code *c);

/* The symbology that an identifier names. False: it is no identifier. */
bool typed_aim(uint8_t *symbology, const uint8_t aim[static TYPED_AIM_LEN], size_t text_len);

#endif
