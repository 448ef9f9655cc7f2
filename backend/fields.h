/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of a request, declared in the route table and validated before a handler sees them.
 * Members that are not declared, of the wrong type or out of range are refused, with words that
 * name the member. Knows JSON (base/json.h) and where in a struct a value goes; nothing of HTTP.
 */
#ifndef BACKEND_FIELDS_H
#define BACKEND_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum field_type {
	FIELD_TEXT,     /* char[size]: safe text (base/text_safe.h), may be empty when min is 0 */
	FIELD_VISIBLE,  /* char[size]: visible ASCII, no space: codes, tokens */
	FIELD_LINES,    /* char[size]: printable ASCII in lines: PEM */
	FIELD_DIGITS,   /* char[size]: 0-9 */
	FIELD_ID,       /* char[33]: 32 lower-case hex digits */
	FIELD_CURRENCY, /* char[4]: three letters A-Z, ISO 4217 */
	FIELD_INT       /* int64_t, or uint64_t where min is not negative */
};

struct field {
	const char *name;
	enum field_type type;
	bool required;
	size_t offset;    /* of the member in the target struct */
	int64_t min, max; /* FIELD_INT: value; texts: bytes without the NUL, max + 1 is the room */
};

#define FIELDS_MAX 8 /* of one request */

/* body: one JSON object with nothing but the declared fields; an empty body counts as {} when no
 * field is required.
 *
 * Returns: ERR_OK      every field that is there was written into target, the others are zero
 *          ERR_FORMAT  err->text says which member and why; target is zero
 * In:      target  target_size bytes; zeroed first
 */
ERR_MUST_CHECK enum err_code fields_read(void *target, size_t target_size,
	const struct field *fields, size_t count, struct span body, struct err *err);

#endif
