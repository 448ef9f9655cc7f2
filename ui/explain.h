/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign explain CODE`: what a code text is, as one JSON object on standard output, without
 * any network, configuration or key. CODE "-" reads the text from standard input (one line break
 * at its end is left out).
 *
 * Members: "ours" (every rule of version 1 holds), "kind", "words", "length" (bytes of the text);
 * ours: "host", "body_length", "body" and the fields of the kind, bytes in hex, dates as Unix
 * seconds and as text; foreign: "foreign" (web-address, plain-text, damaged-code), "why" for a
 * damaged one, "text" made safe. Signatures and tags are shown, not checked: that needs keys.
 */
#ifndef UI_EXPLAIN_H
#define UI_EXPLAIN_H

#include "base/bytes.h"

#define EXPLAIN_TEXT_MAX 65536 /* bytes read from standard input; what is longer is no code */
#define EXPLAIN_JSON_MAX 4096

/* argv[0] is the word "explain". Returns the exit status: 0 explained (member "ours" says
 * what it is), 3 wrong usage or no input.
 */
int explain_main(int argc, char **argv);

/* The object alone, without a line break; `out` needs room for EXPLAIN_JSON_MAX bytes. Returns
 * whether the text is a code of ours.
 */
bool explain_text(struct bytes *out, struct span text);

#endif
