/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict JSON in. A struct json is a jansson value under another name.
 */
#include "base/json.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_safe.h"

#define DEPTH_MAX 16

static const json_t *value_of(const struct json *j)
{
	return (const json_t *)j;
}

/* jansson counts levels by recursion and up to 2048; here before anything is built. */
static bool too_deep(struct span text)
{
	bool in_text = false;
	int depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (in_text) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_text = false;
		} else if (c == '"') {
			in_text = true;
		} else if (c == '{' || c == '[') {
			if (++depth > DEPTH_MAX)
				return true;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return false;
}

/* Not jansson's own text: it quotes the input, which may hold a PIN. */
static const char *fault_words(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_out_of_memory:
		return "out of memory";
	case json_error_duplicate_key:
		return "a name is there twice";
	case json_error_end_of_input_expected:
		return "text after the end";
	case json_error_premature_end_of_input:
		return "ends too early";
	case json_error_numeric_overflow:
		return "a number is too large";
	case json_error_invalid_utf8:
		return "not valid UTF-8";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "holds a NUL character";
	default:
		return "not well-formed";
	}
}

/* A PIN, a token or a credential's secret may pass through here; jansson keeps copies of its own,
 * and gives some of them back while it still parses. So nothing is given back unwiped.
 */
static void set_memory(void)
{
	json_set_alloc_funcs(malloc, free_wiped);
}

enum err_code json_parse(struct json **out, struct span text, size_t len_max, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	json_error_t e;

	*out = NULL;
	pthread_once(&once, set_memory);
	if (text.len > len_max || text.len > JSON_TEXT_MAX)
		return err_set(err, ERR_TOO_LARGE, "JSON: more than %zu bytes",
			len_max < JSON_TEXT_MAX ? len_max : (size_t)JSON_TEXT_MAX);
	if (text.len == 0)
		return err_set(err, ERR_FORMAT, "JSON: empty");
	if (too_deep(text))
		return err_set(err, ERR_FORMAT, "JSON: nested more than %d deep", DEPTH_MAX);
	json_t *value = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &e);
	if (value == NULL)
		return err_set(err,
			json_error_code(&e) == json_error_out_of_memory ? ERR_NO_MEMORY
									: ERR_FORMAT,
			"JSON: line %d, column %d: %s", e.line, e.column, fault_words(&e));
	if (!json_is_object(value)) {
		json_decref(value);
		return err_set(err, ERR_FORMAT, "JSON: not an object");
	}
	*out = (struct json *)value;
	return ERR_OK;
}

void json_free(struct json **j)
{
	if (j == NULL)
		return;
	json_decref((json_t *)*j);
	*j = NULL;
}

bool json_has(const struct json *j, const char *name)
{
	return json_object_get(value_of(j), name) != NULL;
}

static enum err_code member(const struct json *j, const char *name, const json_t **out,
	struct err *err)
{
	*out = json_object_get(value_of(j), name);
	if (*out == NULL)
		return err_set(err, ERR_NOT_FOUND, "JSON: `%s` is missing", name);
	return ERR_OK;
}

static enum err_code copy_text(const json_t *value, const char *name, char *out, size_t out_cap,
	struct err *err)
{
	if (!json_is_string(value))
		return err_set(err, ERR_FORMAT, "JSON: `%s` is not text", name);
	size_t len = json_string_length(value);
	if (len >= out_cap)
		return err_set(err, ERR_RANGE, "JSON: `%s` is longer than %zu bytes", name,
			out_cap > 0 ? out_cap - 1 : 0);
	memcpy(out, json_string_value(value), len);
	out[len] = '\0';
	return ERR_OK;
}

enum err_code json_get_text(const struct json *j, const char *name, char *out, size_t out_cap,
	struct err *err)
{
	const json_t *value;
	enum err_code code = member(j, name, &value, err);

	return code != ERR_OK ? code : copy_text(value, name, out, out_cap, err);
}

enum err_code json_get_int(const struct json *j, const char *name, int64_t *out, int64_t min,
	int64_t max, struct err *err)
{
	const json_t *value;
	enum err_code code = member(j, name, &value, err);

	if (code != ERR_OK)
		return code;
	if (!json_is_integer(value))
		return err_set(err, ERR_FORMAT, "JSON: `%s` is not a whole number", name);
	int64_t v = json_integer_value(value);
	if (v < min || v > max)
		return err_set(err, ERR_RANGE, "JSON: `%s` must be from %lld to %lld", name,
			(long long)min, (long long)max);
	*out = v;
	return ERR_OK;
}

enum err_code json_get_bool(const struct json *j, const char *name, bool *out, struct err *err)
{
	const json_t *value;
	enum err_code code = member(j, name, &value, err);

	if (code != ERR_OK)
		return code;
	if (!json_is_boolean(value))
		return err_set(err, ERR_FORMAT, "JSON: `%s` is not true or false", name);
	*out = json_is_true(value);
	return ERR_OK;
}

enum err_code json_get_object(const struct json *j, const char *name, const struct json **out,
	struct err *err)
{
	const json_t *value;
	enum err_code code = member(j, name, &value, err);

	if (code != ERR_OK)
		return code;
	if (!json_is_object(value))
		return err_set(err, ERR_FORMAT, "JSON: `%s` is not an object", name);
	*out = (const struct json *)value;
	return ERR_OK;
}

static enum err_code array(const struct json *j, const char *name, const json_t **out,
	struct err *err)
{
	enum err_code code = member(j, name, out, err);

	if (code == ERR_OK && !json_is_array(*out))
		return err_set(err, ERR_FORMAT, "JSON: `%s` is not an array", name);
	return code;
}

static enum err_code element(const struct json *j, const char *name, size_t i, const json_t **out,
	struct err *err)
{
	enum err_code code = array(j, name, out, err);

	if (code != ERR_OK)
		return code;
	*out = json_array_get(*out, i);
	if (*out == NULL)
		return err_set(err, ERR_NOT_FOUND, "JSON: `%s` has no element %zu", name, i);
	return ERR_OK;
}

enum err_code json_get_array_len(const struct json *j, const char *name, size_t *out,
	struct err *err)
{
	const json_t *value;
	enum err_code code = array(j, name, &value, err);

	if (code == ERR_OK)
		*out = json_array_size(value);
	return code;
}

enum err_code json_get_array_object(const struct json *j, const char *name, size_t i,
	const struct json **out, struct err *err)
{
	const json_t *value;
	enum err_code code = element(j, name, i, &value, err);

	if (code != ERR_OK)
		return code;
	if (!json_is_object(value))
		return err_set(
			err, ERR_FORMAT, "JSON: element %zu of `%s` is not an object", i, name);
	*out = (const struct json *)value;
	return ERR_OK;
}

enum err_code json_get_array_text(const struct json *j, const char *name, size_t i, char *out,
	size_t out_cap, struct err *err)
{
	const json_t *value;
	enum err_code code = element(j, name, i, &value, err);

	return code != ERR_OK ? code : copy_text(value, name, out, out_cap, err);
}

static bool listed(const char *name, const char *const *names, size_t name_count)
{
	for (size_t i = 0; i < name_count; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

enum err_code json_only(const struct json *j, const char *const *names, size_t name_count,
	struct err *err)
{
	/* jansson's iterators want a pointer to what they only read. */
	json_t *object = (json_t *)(uintptr_t)j;

	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
		const char *name = json_object_iter_key(i);
		char safe[64];
		if (listed(name, names, name_count))
			continue;
		text_safe(safe, sizeof safe, span_text(name));
		return err_set(err, ERR_FORMAT, "JSON: `%s` is not known here", safe);
	}
	return ERR_OK;
}

static int append(const char *text, size_t len, void *to)
{
	struct bytes *out = to;

	bytes_add(out, text, len);
	return out->full ? -1 : 0;
}

enum err_code json_canonical(struct bytes *out, const struct json *j, const char *name,
	struct err *err)
{
	size_t len_before = out->len;
	const json_t *value = value_of(j);

	if (name != NULL) {
		enum err_code code = member(j, name, &value, err);
		if (code != ERR_OK)
			return code;
	}
	if (json_dump_callback(
		    value, append, out, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) == 0)
		return ERR_OK;
	out->len = len_before;
	if (out->full)
		return err_set(err, ERR_TOO_LARGE, "JSON: more than %zu bytes", out->max);
	return err_set(err, ERR_NO_MEMORY, "JSON: out of memory");
}
