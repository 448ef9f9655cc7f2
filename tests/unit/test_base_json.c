/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON in and out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "tests/lib/exact.h"

static struct err e;

static enum err_code parse(struct json **out, const char *text)
{
	struct span s = exact_text(text);
	enum err_code code = json_parse(out, s, JSON_TEXT_MAX, &e);

	exact_free(s);
	return code;
}

static struct json *parsed(const char *text)
{
	struct json *j;

	if (parse(&j, text) != ERR_OK)
		fail_msg("%s: %s", text, e.text);
	return j;
}

static void reads_members_of_every_kind(void **state)
{
	struct json *j =
		parsed(" {\"t\":\"a\\u00e9\\n街\",\"i\":-9223372036854775808,\"y\":true,"
		       "\"n\":false,\"o\":{\"x\":1},\"z\":null,\"a\":[\"p\",{\"q\":2},3]}\n");
	char text[20];
	int64_t i;
	bool b;
	const struct json *o;
	size_t len;
	(void)state;

	assert_int_equal(json_get_text(j, "t", text, sizeof text, &e), ERR_OK);
	assert_string_equal(text, "a\xc3\xa9\n街");
	assert_int_equal(json_get_int(j, "i", &i, INT64_MIN, INT64_MAX, &e), ERR_OK);
	assert_true(i == INT64_MIN);
	assert_int_equal(json_get_bool(j, "y", &b, &e), ERR_OK);
	assert_true(b);
	assert_int_equal(json_get_bool(j, "n", &b, &e), ERR_OK);
	assert_false(b);
	assert_int_equal(json_get_object(j, "o", &o, &e), ERR_OK);
	assert_int_equal(json_get_int(o, "x", &i, 0, 1, &e), ERR_OK);
	assert_int_equal(i, 1);
	assert_int_equal(json_get_array_len(j, "a", &len, &e), ERR_OK);
	assert_int_equal(len, 3);
	assert_int_equal(json_get_array_text(j, "a", 0, text, sizeof text, &e), ERR_OK);
	assert_string_equal(text, "p");
	assert_int_equal(json_get_array_object(j, "a", 1, &o, &e), ERR_OK);
	assert_int_equal(json_get_int(o, "q", &i, 0, 9, &e), ERR_OK);
	assert_true(json_has(j, "z"));
	assert_false(json_has(j, "missing"));
	json_free(&j);
	assert_null(j);
	json_free(&j);
	json_free(NULL);
}

static void an_error_names_the_member(void **state)
{
	struct json *j = parsed("{\"t\":\"abc\",\"i\":5,\"r\":1.0,\"z\":null,\"a\":[1],\"o\":{}}");
	char text[4] = "***";
	int64_t i = 77;
	bool b = true;
	const struct json *o;
	size_t len;
	(void)state;

	assert_int_equal(json_get_text(j, "none", text, sizeof text, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "`none`"));
	assert_int_equal(json_get_text(j, "i", text, sizeof text, &e), ERR_FORMAT);
	assert_non_null(strstr(e.text, "`i`"));
	assert_int_equal(json_get_text(j, "z", text, sizeof text, &e), ERR_FORMAT);
	assert_int_equal(json_get_text(j, "t", text, 3, &e), ERR_RANGE);
	assert_int_equal(json_get_text(j, "t", text, 0, &e), ERR_RANGE);
	assert_string_equal(text, "***");
	assert_int_equal(json_get_text(j, "t", text, 4, &e), ERR_OK);
	assert_int_equal(json_get_int(j, "t", &i, 0, 9, &e), ERR_FORMAT);
	assert_int_equal(json_get_int(j, "r", &i, 0, 9, &e), ERR_FORMAT); /* 1.0 */
	assert_int_equal(json_get_int(j, "i", &i, 6, 9, &e), ERR_RANGE);
	assert_int_equal(json_get_int(j, "i", &i, 0, 4, &e), ERR_RANGE);
	assert_non_null(strstr(e.text, "`i` must be from 0 to 4"));
	assert_int_equal(json_get_int(j, "none", &i, 0, 4, &e), ERR_NOT_FOUND);
	assert_int_equal(i, 77);
	assert_int_equal(json_get_bool(j, "i", &b, &e), ERR_FORMAT);
	assert_int_equal(json_get_bool(j, "z", &b, &e), ERR_FORMAT);
	assert_true(b);
	assert_int_equal(json_get_object(j, "a", &o, &e), ERR_FORMAT);
	assert_int_equal(json_get_array_len(j, "o", &len, &e), ERR_FORMAT);
	assert_int_equal(json_get_array_len(j, "none", &len, &e), ERR_NOT_FOUND);
	assert_int_equal(json_get_array_object(j, "a", 0, &o, &e), ERR_FORMAT);
	assert_int_equal(json_get_array_object(j, "a", 1, &o, &e), ERR_NOT_FOUND);
	assert_int_equal(json_get_array_text(j, "a", 0, text, sizeof text, &e), ERR_FORMAT);
	assert_int_equal(
		json_get_array_text(j, "a", SIZE_MAX, text, sizeof text, &e), ERR_NOT_FOUND);
	json_free(&j);
}

static void refuses_what_is_not_one_strict_object(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"{",
		"}",
		"{}{}",
		"{} x",
		"[]",
		"[{}]",
		"1",
		"\"a\"",
		"true",
		"null",
		"{\"a\":1,}",
		"{\"a\"}",
		"{a:1}",
		"{'a':1}",
		"{\"a\":01}",
		"{\"a\":+1}",
		"{\"a\":.5}",
		"{\"a\":1,\"a\":1}",         /* twice */
		"{\"o\":{\"a\":1,\"a\":2}}", /* twice, further in */
		"{\"a\":1,\"\\u0061\":2}",   /* twice, written otherwise */
		"{\"a\":\"\\u0000\"}",
		"{\"\\u0000\":1}",
		"{\"a\":\"\t\"}",
		"{\"a\":\"\n\"}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\udc00\\ud800\"}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc0\x80\"}",
		"{\"a\":\"\xed\xa0\x80\"}",
		"{\"a\":\"\\x41\"}",
		"{\"a\":NaN}",
		"{\"a\":Infinity}",
		"{\"a\":1e999}",
		"{\"a\":9223372036854775808}",
		"{\"a\":-9223372036854775809}",
		"{\"a\":1}//",
		"/**/{}",
		"\xef\xbb\xbf{}",
		"{\"a\":tru}",
		"{\"a\":\"",
		"{\"a\":\"\\",
	};
	struct json *j;
	(void)state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (parse(&j, texts[i]) != ERR_FORMAT)
			fail_msg("accepted: %s", texts[i]);
		assert_null(j);
		assert_int_equal(strncmp(e.text, "JSON: ", 6), 0);
	}
	struct span nul = exact("{}\0", 3);
	assert_int_equal(json_parse(&j, nul, 100, &e), ERR_FORMAT);
	exact_free(nul);
}

static void every_beginning_of_a_text_is_refused(void **state)
{
	static const char text[] = "{\"a\":[1,\"b\\u00e9\",{\"c\":null}],\"d\":-12}";
	struct json *j;
	(void)state;

	for (size_t len = 0; len < sizeof text - 1; len++) {
		struct span part = exact(text, len);
		assert_int_equal(json_parse(&j, part, 1000, &e), ERR_FORMAT);
		exact_free(part);
	}
	json_free(&(struct json *){parsed(text)});
}

static void an_error_does_not_quote_the_input(void **state)
{
	static const char *const texts[] = {"{\"pin\":\"24682468", "{\"pin\":\"24682468\" x}",
		"{\"pin\":24682468x}", "{\"a\":1} 24682468", "{\"24682468\":1,\"24682468\":1}",
		"24682468", "{\"pin\":\"24682468\n\"}", "{\"pin\":24682468246824682468}"};
	struct json *j;
	(void)state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(parse(&j, texts[i]), ERR_FORMAT);
		assert_null(strstr(e.text, "2468"));
	}
}

static void length_is_looked_at_first(void **state)
{
	static char much[JSON_TEXT_MAX + 1];
	struct json *j;
	(void)state;

	assert_int_equal(json_parse(&j, span_text("{\"a\":1}"), 6, &e), ERR_TOO_LARGE);
	assert_non_null(strstr(e.text, "6 bytes"));
	assert_int_equal(json_parse(&j, span_text("{\"a\":1}"), 7, &e), ERR_OK);
	json_free(&j);
	memset(much, ' ', sizeof much);
	much[0] = '{';
	much[1] = '}';
	assert_int_equal(json_parse(&j, SPAN(much, JSON_TEXT_MAX), SIZE_MAX, &e), ERR_OK);
	json_free(&j);
	assert_int_equal(json_parse(&j, SPAN(much, sizeof much), SIZE_MAX, &e), ERR_TOO_LARGE);
	assert_null(j);
}

static void depth_is_at_most_sixteen(void **state)
{
	char text[200];
	struct json *j;
	(void)state;

	for (int depth = 1; depth <= 40; depth++) {
		int n = snprintf(text, sizeof text, "{\"[[[[\\\"[[[[[[[[[[[[[[[[{{\":");
		for (int i = 1; i < depth; i++)
			text[n++] = '[';
		for (int i = 1; i < depth; i++)
			text[n++] = ']';
		text[n] = '\0';
		if (depth == 1)
			snprintf(text, sizeof text, "{}");
		else
			snprintf(text + n, sizeof text - (size_t)n, "}");
		assert_int_equal(parse(&j, text), depth <= 16 ? ERR_OK : ERR_FORMAT);
		json_free(&j);
	}
	assert_non_null(strstr(e.text, "16 deep"));
}

static void only_listed_members_pass(void **state)
{
	static const char *const names[] = {"a", "b"};
	struct json *j = parsed("{\"a\":1,\"b\":2}");
	(void)state;

	assert_int_equal(json_only(j, names, 2, &e), ERR_OK);
	assert_int_equal(json_only(j, names, 1, &e), ERR_FORMAT);
	assert_non_null(strstr(e.text, "`b`"));
	json_free(&j);
	j = parsed("{}");
	assert_int_equal(json_only(j, names, 0, &e), ERR_OK);
	json_free(&j);
	j = parsed("{\"a\":1,\"\\u001b[2J\":2}");
	assert_int_equal(json_only(j, names, 2, &e), ERR_FORMAT);
	assert_null(strchr(e.text, 0x1b));
	json_free(&j);
	j = parsed("{\"A\":1}");
	assert_int_equal(json_only(j, names, 2, &e), ERR_FORMAT);
	json_free(&j);
}

static void canonical_text_is_compact_and_sorted(void **state)
{
	struct json *j =
		parsed("{ \"phone\" : \"13800130001\",\"name\":\"\\u97e9梅梅\", "
		       "\"account\":\"6222-0001\", \"o\":{\"b\":[1, true],\"a\":\"x/\\\"\"}}");
	struct bytes out;
	(void)state;

	bytes_init(&out, 200);
	assert_int_equal(json_canonical(&out, j, NULL, &e), ERR_OK);
	assert_string_equal(bytes_text(&out), "{\"account\":\"6222-0001\",\"name\":\"韩梅梅\","
		"\"o\":{\"a\":\"x/\\\"\",\"b\":[1,true]},\"phone\":\"13800130001\"}");
	bytes_clear(&out);
	assert_int_equal(json_canonical(&out, j, "o", &e), ERR_OK);
	assert_string_equal(bytes_text(&out), "{\"a\":\"x/\\\"\",\"b\":[1,true]}");
	bytes_clear(&out);
	assert_int_equal(json_canonical(&out, j, "name", &e), ERR_OK);
	assert_string_equal(bytes_text(&out), "\"韩梅梅\"");
	assert_int_equal(json_canonical(&out, j, "none", &e), ERR_NOT_FOUND);
	bytes_done(&out);

	bytes_init(&out, 20);
	bytes_add_text(&out, "ab");
	assert_int_equal(json_canonical(&out, j, NULL, &e), ERR_TOO_LARGE);
	assert_int_equal(out.len, 2);
	bytes_done(&out);
	json_free(&j);
}

static void the_vectors_records_are_canonical_already(void **state)
{
	static char text[65536];
	struct span all = {.data = (const uint8_t *)text};
	struct json *vectors, *record;
	const struct json *one;
	struct bytes out;
	size_t count;
	FILE *in = fopen("fixtures/vectors/vectors.json", "r");
	(void)state;

	assert_non_null(in);
	all.len = fread(text, 1, sizeof text, in);
	fclose(in);
	assert_int_equal(json_parse(&vectors, all, sizeof text, &e), ERR_OK);
	assert_int_equal(json_get_array_len(vectors, "cases", &count, &e), ERR_OK);
	assert_true(count > 3);
	bytes_init(&out, 1000);
	for (size_t i = 0; i < count; i++) {
		char canonical[500];
		assert_int_equal(json_get_array_object(vectors, "cases", i, &one, &e), ERR_OK);
		assert_int_equal(json_get_text(one, "registration_record", canonical,
					 sizeof canonical, &e), ERR_OK);
		assert_int_equal(parse(&record, canonical), ERR_OK);
		bytes_clear(&out);
		assert_int_equal(json_canonical(&out, record, NULL, &e), ERR_OK);
		assert_string_equal(bytes_text(&out), canonical);
		json_free(&record);
	}
	bytes_done(&out);
	json_free(&vectors);
}

static void writes_members_in_call_order(void **state)
{
	struct bytes out;
	struct json_out w;
	(void)state;

	bytes_init(&out, 1000);
	json_out_init(&w, &out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "t", "a\"\\/\b\f\n\r\t\x01\x1f\x7f é街");
	json_out_span(&w, "s", SPAN("xyz", 2));
	json_out_hex(&w, "h", SPAN("\x00\xff\x10", 3));
	json_out_int(&w, "i", INT64_MIN);
	json_out_bool(&w, "y", true);
	json_out_begin(&w, "o");
	json_out_bool(&w, "n", false);
	json_out_end(&w);
	json_out_begin(&w, "empty");
	json_out_end(&w);
	json_out_array_begin(&w, "a");
	json_out_int(&w, NULL, 1);
	json_out_text(&w, NULL, "");
	json_out_begin(&w, NULL);
	json_out_end(&w);
	json_out_array_begin(&w, NULL);
	json_out_array_end(&w);
	json_out_array_end(&w);
	json_out_int(&w, "last\n", 0);
	json_out_end(&w);
	assert_string_equal(bytes_text(&out),
		"{\"t\":\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f "
		"é街\",\"s\":\"xy\",\"h\":\"00ff10\","
		"\"i\":-9223372036854775808,\"y\":true,\"o\":{\"n\":false},\"empty\":{},"
		"\"a\":[1,\"\",{},[]],\"last\\n\":0}");
	bytes_done(&out);
}

static void malformed_text_is_written_as_valid_utf8(void **state)
{
	struct bytes out;
	struct json_out w;
	struct json *j;
	char text[64];
	(void)state;

	bytes_init(&out, 1000);
	json_out_init(&w, &out);
	json_out_begin(&w, NULL);
	struct span bad = exact("a\xff\xe8\xa1z\xed\xa0\x80\xef\xbf\xbd\xe8", 12);
	json_out_span(&w, "t", bad);
	exact_free(bad);
	json_out_end(&w);
	assert_int_equal(json_parse(&j, bytes_span(&out), 1000, &e), ERR_OK);
	assert_int_equal(json_get_text(j, "t", text, sizeof text, &e), ERR_OK);
	assert_string_equal(text, "a\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		"\xef\xbf\xbd\xef\xbf\xbd");
	json_free(&j);
	bytes_done(&out);
}

static void every_character_comes_back(void **state)
{
	struct bytes out;
	struct json_out w;
	(void)state;

	bytes_init(&out, 1000);
	for (unsigned c = 1; c < 0x80; c++) {
		char one[2] = {(char)c, '\0'};
		char back[8];
		struct json *j;
		bytes_clear(&out);
		json_out_init(&w, &out);
		json_out_begin(&w, NULL);
		json_out_text(&w, "t", one);
		json_out_end(&w);
		assert_int_equal(json_parse(&j, bytes_span(&out), 1000, &e), ERR_OK);
		assert_int_equal(json_get_text(j, "t", back, sizeof back, &e), ERR_OK);
		assert_string_equal(back, one);
		json_free(&j);
	}
	bytes_done(&out);
}

/* Wherever it stands among others that need no look. */
static void every_byte_is_written_right_at_every_place(void **state)
{
	(void)state;

	for (size_t at = 0; at < 19; at++) {
		for (int c = 1; c < 256; c++) {
			uint8_t text[19], back[64] = {0};
			struct json_out w;
			struct bytes out;
			struct json *j;
			bool ascii = c < 0x80;

			memset(text, 'a', sizeof text);
			text[at] = (uint8_t)c;
			bytes_init(&out, 1000);
			json_out_init(&w, &out);
			json_out_begin(&w, NULL);
			json_out_span(&w, "t", SPAN(text, sizeof text));
			json_out_end(&w);
			assert_int_equal(json_parse(&j, bytes_span(&out), 1000, NULL), ERR_OK);
			assert_int_equal(
				json_get_text(j, "t", (char *)back, sizeof back, NULL), ERR_OK);
			assert_memory_equal(back, text, at);
			assert_memory_equal(back + at, ascii ? (uint8_t *)&text[at]
							     : (const uint8_t *)"\xef\xbf\xbd",
				ascii ? 1 : 3);
			assert_memory_equal(back + at + (ascii ? 1 : 3), text + at + 1, 18 - at);
			json_free(&j);
			bytes_done(&out);
		}
	}
}

static void a_full_output_is_told(void **state)
{
	struct bytes out;
	struct json_out w;
	char storage[8];
	(void)state;

	bytes_init_fixed(&out, storage, sizeof storage);
	json_out_init(&w, &out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "name", "value");
	json_out_end(&w);
	assert_true(out.full);
	assert_true(out.len <= sizeof storage);
}

/* A sanitizer's heap is elsewhere. */
#ifdef __has_feature
static const bool heap_is_plain = !__has_feature(address_sanitizer);
#elif defined __SANITIZE_ADDRESS__
static const bool heap_is_plain = false;
#else
static const bool heap_is_plain = true;
#endif

/* Looks through the program's heap; the needle itself must stand elsewhere. */
static bool heap_holds(struct span needle)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	bool found = false;

	assert_non_null(maps);
	while (fgets(line, sizeof line, maps) != NULL) {
		unsigned long from, to;
		if (strstr(line, "[heap]") == NULL || sscanf(line, "%lx-%lx", &from, &to) != 2)
			continue;
		found |= memmem((const void *)from, to - from, needle.data, needle.len) != NULL;
	}
	fclose(maps);
	return found;
}

static void nothing_of_a_freed_text_stays_in_memory(void **state)
{
	/* Not on the heap; longer than what the allocator writes over freed memory itself. */
	static char text[] = "{\"token\":\"........................@7310946285@\",\"try\":1}";
	struct span pin = SPAN(strchr(text, '@'), 12);
	struct json *j = NULL;
	char out[64];

	(void)state;
	assert_int_equal(json_parse(&j, span_text(text), sizeof text, &e), ERR_OK);
	assert_int_equal(json_get_text(j, "token", out, sizeof out, &e), ERR_OK);
	if (heap_is_plain)
		assert_true(heap_holds(pin)); /* the test would see it */
	json_free(&j);
	assert_false(heap_holds(pin));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_members_of_every_kind),
		cmocka_unit_test(an_error_names_the_member),
		cmocka_unit_test(refuses_what_is_not_one_strict_object),
		cmocka_unit_test(every_beginning_of_a_text_is_refused),
		cmocka_unit_test(an_error_does_not_quote_the_input),
		cmocka_unit_test(length_is_looked_at_first),
		cmocka_unit_test(depth_is_at_most_sixteen),
		cmocka_unit_test(only_listed_members_pass),
		cmocka_unit_test(canonical_text_is_compact_and_sorted),
		cmocka_unit_test(the_vectors_records_are_canonical_already),
		cmocka_unit_test(writes_members_in_call_order),
		cmocka_unit_test(malformed_text_is_written_as_valid_utf8),
		cmocka_unit_test(every_character_comes_back),
		cmocka_unit_test(every_byte_is_written_right_at_every_place),
		cmocka_unit_test(a_full_output_is_told),
		cmocka_unit_test(nothing_of_a_freed_text_stays_in_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
