/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/openapi.json in a test: its operations, and whether a value fits a schema of it.
 */
#ifndef TESTS_LIB_OPENAPI_H
#define TESTS_LIB_OPENAPI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backend/routes.h"
#include "tests/lib/json_schema.h"

#define DOCUMENT "docs/openapi.json"

static json_t *doc;

static inline int load(void **state)
{
	json_error_t e;

	(void)state;
	doc = json_load_file(DOCUMENT, JSON_REJECT_DUPLICATES, &e);
	if (!doc)
		fprintf(stderr, "%s:%d: %s\n", DOCUMENT, e.line, e.text);
	return doc ? 0 : -1;
}

static inline int unload(void **state)
{
	(void)state;
	json_decref(doc);
	return 0;
}

static inline const char *method_key(enum http_method m)
{
	return m == HTTP_GET ? "get" : m == HTTP_POST ? "post" : "delete";
}

static inline const json_t *operation(const char *path, const char *method)
{
	return json_object_get(json_object_get(json_object_get(doc, "paths"), path), method);
}

static inline const json_t *resolved(const json_t *schema)
{
	const json_t *ref = json_object_get(schema, "$ref");

	return ref ? schema_pointer(doc, json_string_value(ref)) : schema;
}

static inline void fits(const json_t *schema, const json_t *value, const char *what)
{
	struct schema_check c = {.document = doc};

	assert_non_null(schema);
	if (!schema_value(&c, schema, value))
		fail_msg("%s: %s", what, c.fault);
}

#endif
