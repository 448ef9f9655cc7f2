/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict JSON in (jansson) and streaming JSON out. The only place that includes jansson.
 *
 * In: at most JSON_TEXT_MAX bytes, no duplicate names, no trailing bytes, valid UTF-8, no U+0000,
 * depth at most 16; the getters name the member in the error. Out: no allocation, escapes as
 * RFC 8259, text that is not valid UTF-8 is made safe first.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define JSON_TEXT_MAX 262144 /* bytes; callers pass a smaller limit of their own */

struct json; /* an object of a parsed text */

/* The text must be one object. On success *out is the caller's to free with json_free(). */
ERR_MUST_CHECK enum err_code json_parse(struct json **out, struct span text, size_t len_max,
	struct err *err);
void json_free(struct json **j); /* NULL-safe, sets NULL, wipes what it held */

bool json_has(const struct json *j, const char *name);
/* ERR_NOT_FOUND when absent, ERR_FORMAT on the wrong type, ERR_RANGE when it does not fit. */
ERR_MUST_CHECK enum err_code json_get_text(const struct json *j, const char *name, char *out,
	size_t out_cap, struct err *err);
ERR_MUST_CHECK enum err_code json_get_int(const struct json *j, const char *name, int64_t *out,
	int64_t min, int64_t max, struct err *err);
ERR_MUST_CHECK enum err_code json_get_bool(const struct json *j, const char *name, bool *out,
	struct err *err);
/* Borrowed: lives as long as the parsed text. */
ERR_MUST_CHECK enum err_code json_get_object(const struct json *j, const char *name,
	const struct json **out, struct err *err);
/* Elements of an array member that are objects or text; count through json_array_len(). */
ERR_MUST_CHECK enum err_code json_get_array_len(const struct json *j, const char *name, size_t *out,
	struct err *err);
ERR_MUST_CHECK enum err_code json_get_array_object(const struct json *j, const char *name, size_t i,
	const struct json **out, struct err *err);
ERR_MUST_CHECK enum err_code json_get_array_text(const struct json *j, const char *name, size_t i,
	char *out, size_t out_cap, struct err *err);
/* ERR_FORMAT that names the first member which is not in the list. */
ERR_MUST_CHECK enum err_code json_only(const struct json *j, const char *const *names,
	size_t name_count, struct err *err);
/* A scalar or object member as compact JSON with sorted keys (PROTOCOL.md section 5: registration
 * record); the whole object when name is NULL.
 */
ERR_MUST_CHECK enum err_code json_canonical(struct bytes *out, const struct json *j,
	const char *name, struct err *err);

/* Writer. Members in call order; commas are its own business. */
struct json_out {
	struct bytes *to;
	bool comma;
};
void json_out_init(struct json_out *w, struct bytes *to);
void json_out_begin(struct json_out *w, const char *name); /* name NULL outside an object */
void json_out_end(struct json_out *w);
void json_out_array_begin(struct json_out *w, const char *name);
void json_out_array_end(struct json_out *w);
void json_out_text(struct json_out *w, const char *name, const char *text);
void json_out_span(struct json_out *w, const char *name, struct span text);
void json_out_hex(struct json_out *w, const char *name, struct span bytes);
void json_out_int(struct json_out *w, const char *name, int64_t v);
void json_out_bool(struct json_out *w, const char *name, bool v);

#endif
