/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/openapi.json says what the route table says: paths, methods, who may, members
 * with their limits, both ways.
 */
#include "backend/answers.h"
#include "tests/lib/openapi.h"

static void every_route_is_in_the_document_and_no_other(void **state)
{
	const json_t *methods;
	const char *path, *key;
	size_t count, told = 0;
	const struct route *table = route_table(&count);
	json_t *value, *op;

	(void)state;
	for (size_t i = 0; i < count; i++)
		if (!operation(table[i].path, method_key(table[i].method)))
			fail_msg("missing: %s %s", method_key(table[i].method), table[i].path);
	json_object_foreach(json_object_get(doc, "paths"), path, value) {
		methods = value;
		json_object_foreach((json_t *)(uintptr_t)methods, key, op) {
			bool found = false;

			for (size_t i = 0; i < count; i++)
				found |= strcmp(table[i].path, path) == 0 &&
					 strcmp(method_key(table[i].method), key) == 0;
			if (!found)
				fail_msg("no such route: %s %s", key, path);
			told++;
		}
	}
	assert_int_equal(told, count);
}

static unsigned scheme_bit(const char *name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} SCHEMES[] = {{"terminal", ROUTE_TERMINAL}, {"terminalCertificate", ROUTE_TERMINAL},
		{"wallet", ROUTE_WALLET}, {"operator", ROUTE_OPERATOR},
		{"cashier", ROUTE_CASHIER}, {"supervisor", ROUTE_SUPERVISOR},
		{"administrator", ROUTE_ADMIN}};

	for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++)
		if (strcmp(SCHEMES[i].name, name) == 0)
			return SCHEMES[i].bit;
	fail_msg("unknown security scheme: %s", name);
	return 0;
}

static void who_may_call_is_what_the_table_says(void **state)
{
	const json_t *schemes = schema_pointer(doc, "#/components/securitySchemes");
	const json_t *one;
	const char *name;
	json_t *scopes;
	size_t count, k;
	const struct route *table = route_table(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const json_t *op = operation(table[i].path, method_key(table[i].method));
		const json_t *security = json_object_get(op, "security");
		unsigned who = 0;

		assert_true(json_is_array(security)); /* also where nobody is asked: said */
		json_array_foreach(security, k, one) {
			assert_true(json_object_size(one) <= 1);
			if (json_object_size(one) == 0) /* nothing is asked of this machine */
				who |= ROUTE_LOCAL;
			json_object_foreach((json_t *)(uintptr_t)one, name, scopes) {
				assert_int_equal(json_array_size(scopes), 0);
				assert_non_null(json_object_get(schemes, name));
				who |= scheme_bit(name);
			}
		}
		if (who != (unsigned)table[i].who)
			fail_msg("%s %s: %x, not %x", method_key(table[i].method), table[i].path,
				who, (unsigned)table[i].who);
	}
}

/* ---- members of requests ---- */

static void number_is(const json_t *schema, const char *key, int64_t want, const char *member)
{
	const json_t *v = json_object_get(schema, key);

	if (!json_is_integer(v) || json_integer_value(v) != want)
		fail_msg("%s: %s is not %lld", member, key, (long long)want);
}

static void pattern_is(const json_t *schema, const char *want, const char *member)
{
	const char *pattern = json_string_value(json_object_get(schema, "pattern"));

	if (want ? !pattern || strcmp(pattern, want) != 0 : pattern != NULL)
		fail_msg("%s: pattern %s", member, pattern ? pattern : "missing");
}

static void member_is(const struct field *f, const json_t *schema)
{
	static const char *const PATTERNS[] = {[FIELD_VISIBLE] = "^[!-~]*$",
		[FIELD_DIGITS] = "^[0-9]*$",
		[FIELD_CURRENCY] = "^[A-Z]{3}$",
		[FIELD_ID] = "^[0-9a-f]{32}$"};
	const char *type = json_string_value(json_object_get(schema, "type"));

	assert_non_null(type);
	assert_string_equal(type, f->type == FIELD_INT ? "integer" : "string");
	number_is(schema, f->type == FIELD_INT ? "minimum" : "minLength", f->min, f->name);
	number_is(schema, f->type == FIELD_INT ? "maximum" : "maxLength", f->max, f->name);
	pattern_is(schema,
		(size_t)f->type < sizeof(PATTERNS) / sizeof(PATTERNS[0]) ? PATTERNS[f->type] : NULL,
		f->name);
}

static bool is_required(const json_t *schema, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(schema, "required"), i, one)
		if (strcmp(json_string_value(one), name) == 0)
			return true;
	return false;
}

static void members_are_those_of_the_table(void **state)
{
	size_t count;
	const struct route *table = route_table(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const json_t *op = operation(table[i].path, method_key(table[i].method));
		const json_t *body = json_object_get(op, "requestBody");
		const json_t *schema, *properties;

		assert_int_equal(body != NULL, table[i].field_count > 0);
		if (!body)
			continue;
		schema = resolved(json_object_get(json_object_get(json_object_get(body, "content"),
					 "application/json"), "schema"));
		properties = json_object_get(schema, "properties");
		assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
		assert_int_equal(json_object_size(properties), table[i].field_count);
		for (size_t k = 0; k < table[i].field_count; k++) {
			const struct field *f = &table[i].fields[k];
			const json_t *member = json_object_get(properties, f->name);

			if (!member)
				fail_msg("%s: member %s is missing", table[i].path, f->name);
			member_is(f, member);
			if (is_required(schema, f->name) != f->required)
				fail_msg("%s: required: %s", table[i].path, f->name);
		}
	}
}

static void parameters_of_paths_are_declared(void **state)
{
	size_t count, k;
	const struct route *table = route_table(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const json_t *op = operation(table[i].path, method_key(table[i].method));
		const json_t *one;
		unsigned in_path = 0, others = 0;

		json_array_foreach(json_object_get(op, "parameters"), k, one) {
			const char *in = json_string_value(json_object_get(one, "in"));

			in_path += strcmp(in, "path") == 0;
			others += strcmp(in, "path") != 0;
		}
		assert_int_equal(in_path, strstr(table[i].path, "{id}") != NULL);
		assert_int_equal(others > 0, table[i].events);
	}
}

/* ---- words and examples ---- */

static void the_words_of_refusals_are_all_there_are(void **state)
{
	const json_t *type =
		schema_pointer(doc, "#/components/schemas/Problem/properties/type/enum");
	const json_t *one;
	size_t i, n = 0;

	(void)state;
	while (problem_word(n))
		n++;
	assert_int_equal(json_array_size(type), n);
	json_array_foreach(type, i, one) {
		const char *word = strrchr(json_string_value(one), '/') + 1;
		bool found = false;

		assert_memory_equal(json_string_value(one), PROBLEM_TYPE, strlen(PROBLEM_TYPE));
		for (size_t k = 0; k < n; k++)
			found |= strcmp(problem_word(k), word) == 0;
		if (!found)
			fail_msg("no such word: %s", word);
	}
}

static size_t examples_of(const json_t *content, const char *what)
{
	const json_t *media = json_object_get(content, "application/json");
	const json_t *example = json_object_get(media, "example");

	if (example)
		fits(json_object_get(media, "schema"), example, what);
	return example != NULL;
}

static void every_json_body_has_an_example_that_fits(void **state)
{
	const char *status;
	size_t count;
	const struct route *table = route_table(&count);
	json_t *response;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const json_t *op = operation(table[i].path, method_key(table[i].method));
		const json_t *body = json_object_get(op, "requestBody");

		if (body && !examples_of(json_object_get(body, "content"), table[i].path))
			fail_msg("no example of a request: %s", table[i].path);
		json_object_foreach(json_object_get(op, "responses"), status, response) {
			const json_t *content = json_object_get(response, "content");

			if (json_object_get(content, "application/json") &&
				!examples_of(content, table[i].path))
				fail_msg("no example of an answer: %s %s", table[i].path, status);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_is_in_the_document_and_no_other),
		cmocka_unit_test(who_may_call_is_what_the_table_says),
		cmocka_unit_test(members_are_those_of_the_table),
		cmocka_unit_test(parameters_of_paths_are_declared),
		cmocka_unit_test(the_words_of_refusals_are_all_there_are),
		cmocka_unit_test(every_json_body_has_an_example_that_fits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load, unload);
}
