/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign explain`: every code of the vectors with its fields, foreign texts with their
 * reason.
 */
#include "tests/lib/vectors.h"

#include "ui/explain.h"

static struct json *explain(const char *text, size_t len, bool ours)
{
	char storage[EXPLAIN_JSON_MAX], *block = malloc(len ? len : 1);
	struct json *j = NULL;
	struct bytes out;
	bool said = false;

	assert_non_null(block);
	memcpy(block, text, len);
	bytes_init_fixed(&out, storage, sizeof storage);
	assert_int_equal(explain_text(&out, SPAN(block, len)), ours);
	free(block);
	assert_false(out.full);
	assert_int_equal(json_parse(&j, bytes_span(&out), sizeof storage, NULL), ERR_OK);
	assert_int_equal(json_get_bool(j, "ours", &said, NULL), ERR_OK);
	assert_int_equal(said, ours);
	assert_int_equal(vectors_int(j, "length"), len);
	return j;
}

static void assert_text(const struct json *j, const char *name, const char *value)
{
	char text[1024];

	assert_int_equal(json_get_text(j, name, text, sizeof text, NULL), ERR_OK);
	assert_string_equal(text, value);
}

static void assert_hex(const struct json *j, const char *name, const uint8_t *value, size_t len)
{
	char text[2 * CODE_BODY_MAX + 1];

	hex_encode(text, SPAN(value, len));
	assert_text(j, name, text);
}

static void explains_first_codes(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count * 2; i++) {
		const struct vector *v = &all->list[i / 2];
		const char *text = i & 1 ? v->first_live : v->first_static;
		struct json *j = explain(text, strlen(text), true);
		bool live = false;

		assert_text(j, "kind", "C");
		assert_text(j, "host", v->host);
		assert_hex(j, "credential_id", v->credential_id, 16);
		assert_int_equal(vectors_int(j, "generation"), v->generation);
		assert_int_equal(vectors_int(j, "not_after"), v->not_after);
		assert_int_equal(vectors_int(j, "body_length"), i & 1 ? 100 : 92);
		assert_int_equal(json_get_bool(j, "live", &live, NULL), ERR_OK);
		assert_int_equal(live, i & 1);
		assert_int_equal(json_has(j, "live_tag"), live);
		if (v->not_after == CODE_NO_END)
			assert_text(j, "not_after_text", "no end");
		json_free(&j);
	}
}

static void explains_challenges_and_answers(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		struct json *j = explain(v->challenge, strlen(v->challenge), true);
		bool timed = false;

		assert_text(j, "kind", "Q");
		assert_text(j, "number", v->number);
		assert_hex(j, "verification_id", v->verification_id, 16);
		assert_int_equal(vectors_int(j, "amount"), v->amount);
		assert_text(j, "currency", v->currency);
		assert_text(j, "merchant", v->merchant);
		assert_text(j, "reference", v->reference);
		assert_int_equal(vectors_int(j, "expires"), v->expires);
		json_free(&j);
		j = explain(v->second[1][2], strlen(v->second[1][2]), true);
		assert_text(j, "kind", "R");
		assert_int_equal(vectors_int(j, "binding"), 2);
		assert_int_equal(json_get_bool(j, "timed", &timed, NULL), ERR_OK);
		assert_true(timed);
		assert_hex(j, "credential_id_head", v->credential_id, 8);
		json_free(&j);
	}
}

static void explains_presented_codes(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		struct json *j = explain(v->presented, strlen(v->presented), true);

		assert_text(j, "kind", v->presented_kind);
		assert_hex(j, "code_id", v->code_id, 16);
		assert_int_equal(vectors_int(j, "not_after"), v->presented_not_after);
		json_free(&j);
	}
}

static void says_why_a_text_is_foreign(void **state)
{
	const struct vectors *all = *state;
	struct json *j;

	for (size_t i = 0; i < all->foreign_count; i++) {
		j = explain(all->foreign[i], strlen(all->foreign[i]), false);
		assert_text(j, "kind", "foreign");
		assert_text(j, "text", all->foreign[i]);
		json_free(&j);
	}
	j = explain("https://example.com", 19, false);
	assert_text(j, "foreign", "web-address");
	assert_false(json_has(j, "why"));
	json_free(&j);
	j = explain("HTTPS://A/C/AE", 14, false);
	assert_text(j, "foreign", "damaged-code");
	assert_text(j, "why", "body is too short");
	json_free(&j);
}

static void shows_hostile_texts_made_safe(void **state)
{
	char big[8192];
	struct json *j = explain("\x1b[2J\"\\\n", 7, false);

	(void)state;
	assert_text(j, "text", "\xef\xbf\xbd[2J\"\\\xef\xbf\xbd");
	json_free(&j);
	j = explain("a\0b", 3, false);
	assert_text(j, "text",
		"a\xef\xbf\xbd"
		"b");
	json_free(&j);
	memset(big, 0xff, sizeof big);
	j = explain(big, sizeof big, false);
	json_free(&j);
	memset(big, '"', sizeof big);
	j = explain(big, sizeof big, false);
	json_free(&j);
}

static int status(const char *a, const char *b)
{
	char word[] = "explain", first[32], second[32];
	char *argv[] = {word, first, second, NULL};

	snprintf(first, sizeof first, "%s", a ? a : "");
	snprintf(second, sizeof second, "%s", b ? b : "");
	argv[1] = a ? first : NULL;
	argv[2] = b ? second : NULL;
	return explain_main(1 + (a != NULL) + (b != NULL), argv);
}

static void wrong_usage_exits_3(void **state)
{
	(void)state;
	assert_int_equal(status(NULL, NULL), 3);
	assert_int_equal(status("A", "B"), 3);
	assert_int_equal(status("--json", NULL), 3);
	assert_int_equal(status("-x", NULL), 3);
}

static int load(void **state)
{
	*state = (void *)(uintptr_t)vectors_load();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(explains_first_codes),
		cmocka_unit_test(explains_challenges_and_answers),
		cmocka_unit_test(explains_presented_codes),
		cmocka_unit_test(says_why_a_text_is_foreign),
		cmocka_unit_test(shows_hostile_texts_made_safe),
		cmocka_unit_test(wrong_usage_exits_3),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load, NULL);
}
