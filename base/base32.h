/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4648 section 6 Base32, upper case, without padding, canonical only.
 */
#ifndef BASE_BASE32_H
#define BASE_BASE32_H

#include "base/bytes.h"

#define BASE32_TEXT_LEN(n) (((n) * 8 + 4) / 5) /* characters for n bytes */

/* Appends the text of `in`; out->full tells when it did not fit. */
void base32_encode(struct bytes *out, struct span in);

/* Returns: ERR_OK      out->len bytes appended
 *          ERR_FORMAT  a character outside A-Z 2-7, an impossible length (1, 3 or 6 left over), or
 *                      unused trailing bits that are not zero
 *          ERR_TOO_LARGE  out is full
 * On error out is as it was.
 */
ERR_MUST_CHECK enum err_code base32_decode(struct bytes *out, struct span text);

/* ---- for people ---- */

#define BASE32_TYPED_MAX 64 /* characters that count */
#define BASE32_GROUPED_LEN(n) (BASE32_TEXT_LEN(n) + (BASE32_TEXT_LEN(n) - 1) / 4)

/* The text of `in`, in fours with a dash between. out: BASE32_GROUPED_LEN(in.len) + 1; `in` has
 * 1 .. 40 bytes.
 */
void base32_grouped(char *out, struct span in);
/* As somebody typed it: small letters are good, too, and spaces and dashes do not count. Returns as
 * base32_decode(); ERR_FORMAT also when it has more than BASE32_TYPED_MAX.
 */
ERR_MUST_CHECK enum err_code base32_decode_typed(struct bytes *out, struct span text);

#endif
