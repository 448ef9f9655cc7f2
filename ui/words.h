/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons and phases as sentences for the operator, in the language that is in force: what happened
 * and what to do next. Static text; the caller puts in times and counts.
 */
#ifndef UI_WORDS_H
#define UI_WORDS_H

#include "scanner/scanner.h"
#include "verifier/flow.h"

/* One sentence: what happened. "" for REASON_NONE; never NULL, also for a number out of range.
 * Contains no printf directive.
 */
const char *words_reason(enum flow_reason r);
/* One or two sentences: what the operator does now. "" for REASON_NONE. */
const char *words_next_step(enum flow_reason r);
/* A short line for a notice that does not interrupt what runs. */
const char *words_notice(enum flow_reason r);

/* The notice that is due; of a code of another symbology with what that is called. */
void words_notice_of(char *out, size_t cap, const struct flow *f);

/* Why the camera does not read, in a word or two that can be drawn large, and what the customer
 * does about it. "" where there is nothing to do: SCAN_HINT_NONE, SCAN_HINT_NOTHING, other numbers.
 */
const char *words_hint(enum scan_hint h);
const char *words_hint_do(enum scan_hint h);

/* What is wrong with the camera or reader, by the kind of fault, and what to do about it. "" where
 * the kind says too little.
 */
const char *words_scanner(enum err_code code, bool reader);
const char *words_scanner_do(enum err_code code, bool reader);

/* The word of a verdict as it is drawn: ACCEPTED, AUTHORISED, REFUSED, NOT DECIDED, UNCERTAIN. */
const char *words_verdict(enum verdict v, bool pin_done);

/* A fault of the client that is a matter of certificates, as a sentence; "" for any other. */
const char *words_certificate(const char *fault);

#endif
