/* SPDX-License-Identifier: Apache-2.0
 *
 * The only way for text from outside (codes, names, references, answers of a server) to a screen,
 * a log line, or a printed line. PROTOCOL.md section 8, rule 11.
 *
 * What is let through: valid UTF-8 without control (Cc), format (Cf), line and paragraph separator
 * (Zl, Zp), private use (Co), surrogate (Cs) and unassigned (Cn) characters. The rest becomes
 * U+FFFD, one for each offending character or, in malformed UTF-8, one for each maximal bad
 * sequence. Source: Unicode 14.0 general categories (table made by tests/lib/unicode_table.pl).
 */
#ifndef BASE_TEXT_SAFE_H
#define BASE_TEXT_SAFE_H

#include <stdbool.h>

#include "base/bytes.h"

/* Writes at most out_cap - 1 bytes and a NUL; cuts at a character border and then ends in U+2026.
 * Returns the number of bytes before the NUL. out_cap is at least 4.
 */
size_t text_safe(char *out, size_t out_cap, struct span text);

/* True when text_safe() would change nothing. */
bool text_is_safe(struct span text);

/* Columns that one character takes on a terminal: 0 (combining), 1 or 2 (wide). */
int text_char_columns(uint32_t code_point);

/* Decodes one character at text[*at] and moves *at; U+FFFD for a malformed sequence. */
uint32_t text_utf8_next(struct span text, size_t *at);
#define TEXT_UTF8_MAX 4 /* bytes of one character */
/* Appends one character. */
void text_utf8_put(struct bytes *out, uint32_t code_point);

/* Columns of a whole text that is safe already. */
size_t text_columns(struct span text);

#endif
