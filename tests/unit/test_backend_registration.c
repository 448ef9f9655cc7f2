/* SPDX-License-Identifier: Apache-2.0
 *
 * The registration record: byte for byte that of the published vectors.
 */
#include "tests/lib/vectors.h"

#include "backend/registration.h"

static struct err err;

static const char *build(const char *account, const char *name, const char *phone)
{
	static uint8_t storage[2048];
	static struct bytes out;

	bytes_init_fixed(&out, storage, sizeof(storage));
	if (registration_build(&out, account, name, phone, &err)) {
		assert_int_equal(out.len, 0);
		return err_words(err.code);
	}
	return bytes_text(&out);
}

static void records_are_those_of_the_vectors(void **state)
{
	const struct vectors *v = vectors_load();

	(void)state;
	assert_true(v->count > 0);
	for (size_t i = 0; i < v->count; i++) {
		char account[64], name[64], phone[64];
		struct json *j = NULL;

		assert_int_equal(json_parse(&j, span_text(v->list[i].record), 1000, &err), ERR_OK);
		assert_int_equal(json_get_text(j, "account", account, 64, &err), ERR_OK);
		assert_int_equal(json_get_text(j, "name", name, 64, &err), ERR_OK);
		assert_int_equal(json_get_text(j, "phone", phone, 64, &err), ERR_OK);
		json_free(&j);
		assert_string_equal(build(account, name, phone), v->list[i].record);
	}
}

static void different_people_never_have_the_same_record(void **state)
{
	char first[512];

	(void)state;
	snprintf(first, sizeof(first), "%s", build("a", "b", "c"));
	assert_string_not_equal(first, build("b", "a", "c"));
	assert_string_not_equal(first, build("a\",\"name\":\"b", "b", "c"));
	assert_string_not_equal(first, build("a", "b", ""));
	assert_string_equal(build("\"", "\\", "/"),
		"{\"account\":\"\\\"\",\"name\":\"\\\\\",\"phone\":\"/\"}");
}

static void refuses_what_is_not_utf8_or_too_long(void **state)
{
	static const char *const bad[] = {
		"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80"};
	char text[1100];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_string_equal(build(bad[i], "n", "p"), err_words(ERR_FORMAT));
		assert_string_equal(build("a", bad[i], "p"), err_words(ERR_FORMAT));
		assert_string_equal(build("a", "n", bad[i]), err_words(ERR_FORMAT));
	}
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_string_equal(build(text, "n", "p"), err_words(ERR_TOO_LARGE));
	assert_string_equal(build("a", "\xef\xbf\xbd", "p"),
		"{\"account\":\"a\",\"name\":\"\xef\xbf\xbd\",\"phone\":\"p\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_those_of_the_vectors),
		cmocka_unit_test(different_people_never_have_the_same_record),
		cmocka_unit_test(refuses_what_is_not_utf8_or_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
