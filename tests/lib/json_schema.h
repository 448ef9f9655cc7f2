/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON against the schemas of docs/openapi.json: the part of JSON Schema 2020-12 that the document
 * uses. A keyword that is not known here is a fault, so that none is written and not looked at. For
 * test programs only.
 */
#ifndef TESTS_LIB_JSON_SCHEMA_H
#define TESTS_LIB_JSON_SCHEMA_H

#include <jansson.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct schema_check {
	const json_t *document; /* where $ref looks */
	char where[256];        /* member of the value */
	char fault[512];        /* "" = none */
};

static inline bool schema_value(struct schema_check *c, const json_t *schema, const json_t *v);

static inline bool schema_fault(struct schema_check *c, const char *words, const char *more)
{
	if (!c->fault[0])
		snprintf(c->fault, sizeof(c->fault), "%.200s: %s %.200s", c->where, words, more);
	return false;
}

/* "#/components/schemas/Name" */
static inline const json_t *schema_pointer(const json_t *document, const char *pointer)
{
	char part[64];
	const json_t *at = document;

	if (strncmp(pointer, "#/", 2) != 0)
		return NULL;
	for (pointer += 2; at && *pointer;) {
		size_t n = strcspn(pointer, "/");

		if (n >= sizeof(part))
			return NULL;
		memcpy(part, pointer, n);
		part[n] = '\0';
		at = json_object_get(at, part);
		pointer += n + (pointer[n] == '/');
	}
	return at;
}

static inline bool schema_type(const char *type, const json_t *v)
{
	return (strcmp(type, "object") == 0 && json_is_object(v)) ||
	       (strcmp(type, "array") == 0 && json_is_array(v)) ||
	       (strcmp(type, "string") == 0 && json_is_string(v)) ||
	       (strcmp(type, "integer") == 0 && json_is_integer(v)) ||
	       (strcmp(type, "boolean") == 0 && json_is_boolean(v));
}

static inline size_t schema_characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static inline bool schema_pattern(const char *pattern, const char *text)
{
	regex_t re;
	bool fits;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	fits = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return fits;
}

static inline bool schema_object(struct schema_check *c, const json_t *schema, const json_t *v)
{
	const json_t *properties = json_object_get(schema, "properties");
	bool closed = json_is_false(json_object_get(schema, "additionalProperties"));
	const json_t *name;
	const char *key;
	json_t *value;
	size_t i;

	json_array_foreach(json_object_get(schema, "required"), i, name)
		if (!json_object_get(v, json_string_value(name)))
			return schema_fault(c, "is missing:", json_string_value(name));
	json_object_foreach((json_t *)(uintptr_t)v, key, value) {
		const json_t *s = json_object_get(properties, key);
		size_t len = strlen(c->where);

		if (!s && closed)
			return schema_fault(c, "is not described:", key);
		snprintf(c->where + len, sizeof(c->where) - len, ".%.60s", key);
		if (s && !schema_value(c, s, value))
			return false;
		c->where[len] = '\0';
	}
	return true;
}

static inline bool schema_array(struct schema_check *c, const json_t *schema, const json_t *v)
{
	const json_t *items = json_object_get(schema, "items");
	const json_t *min = json_object_get(schema, "minItems");
	const json_t *max = json_object_get(schema, "maxItems");
	const json_t *value;
	size_t i;

	if (min && (json_int_t)json_array_size(v) < json_integer_value(min))
		return schema_fault(c, "has too few", "");
	if (max && (json_int_t)json_array_size(v) > json_integer_value(max))
		return schema_fault(c, "has too many", "");
	json_array_foreach(v, i, value) {
		size_t len = strlen(c->where);

		snprintf(c->where + len, sizeof(c->where) - len, "[%zu]", i);
		if (items && !schema_value(c, items, value))
			return false;
		c->where[len] = '\0';
	}
	return true;
}

/* The others are looked at without a word about what did not fit. */
static inline bool schema_one_of(struct schema_check *c, const json_t *list, const json_t *v)
{
	const json_t *one;
	size_t i;
	int fits = 0;

	json_array_foreach(list, i, one) {
		struct schema_check alone = {.document = c->document};

		fits += schema_value(&alone, one, v);
	}
	return fits == 1 ||
	       schema_fault(c, fits ? "fits several of" : "fits none of", "oneOf");
}

/* One keyword. */
static inline bool schema_keyword(struct schema_check *c, const json_t *schema, const char *key,
	const json_t *k, const json_t *v)
{
	static const char *const WORDS[] = {"description", "required", "additionalProperties",
		"minItems", "maxItems"}; /* said, or looked at elsewhere */
	const char *text = json_string_value(v) ? json_string_value(v) : "";
	json_int_t n = json_integer_value(v), bound = json_integer_value(k);
	const json_t *one;
	size_t i;

	for (i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
		if (strcmp(key, WORDS[i]) == 0)
			return true;
	if (strcmp(key, "type") == 0)
		return schema_type(json_string_value(k), v) ||
		       schema_fault(c, "is no", json_string_value(k));
	if (strcmp(key, "properties") == 0)
		return schema_object(c, schema, v);
	if (strcmp(key, "oneOf") == 0)
		return schema_one_of(c, k, v);
	if (strcmp(key, "items") == 0)
		return schema_array(c, schema, v);
	if (strcmp(key, "const") == 0)
		return json_equal(k, v) || schema_fault(c, "is another value", "");
	if (strcmp(key, "enum") == 0) {
		json_array_foreach(k, i, one)
			if (json_equal(one, v))
				return true;
		return schema_fault(c, "is none of the values:", text);
	}
	if (strcmp(key, "pattern") == 0)
		return schema_pattern(json_string_value(k), text) ||
		       schema_fault(c, "does not fit its pattern:", text);
	if (strcmp(key, "minLength") == 0)
		return (json_int_t)schema_characters(text) >= bound ||
		       schema_fault(c, "is too short", "");
	if (strcmp(key, "maxLength") == 0)
		return (json_int_t)schema_characters(text) <= bound ||
		       schema_fault(c, "is too long", "");
	if (strcmp(key, "minimum") == 0)
		return n >= bound || schema_fault(c, "is too small", "");
	if (strcmp(key, "maximum") == 0)
		return n <= bound || schema_fault(c, "is too large", "");
	return schema_fault(c, "unknown keyword", key);
}

static inline bool schema_value(struct schema_check *c, const json_t *schema, const json_t *v)
{
	const json_t *ref = json_object_get(schema, "$ref");
	const char *key;
	json_t *k;

	if (ref) {
		schema = schema_pointer(c->document, json_string_value(ref));
		if (!schema)
			return schema_fault(c, "refers to nothing:", json_string_value(ref));
		return schema_value(c, schema, v);
	}
	json_object_foreach((json_t *)(uintptr_t)schema, key, k)
		if (!schema_keyword(c, schema, key, k, v))
			return false;
	return true;
}

#endif
