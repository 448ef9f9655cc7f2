/* SPDX-License-Identifier: Apache-2.0
 *
 * Report descriptors and reports of hand-held readers, good ones and others.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "scanner/typed_hid.h"
#include "tests/lib/exact.h"
#include "tests/lib/reader_kit.h"

static struct typed_hid hid;
static struct typed_hid_piece piece;
static struct err why;

static void parse(const uint8_t *d, size_t len)
{
	assert_int_equal(typed_hid_parse(&hid, SPAN(d, len), &why), ERR_OK);
}

static enum err_code report(const uint8_t *data, size_t len)
{
	struct span block = exact(data, len);
	enum err_code code = typed_hid_read(&hid, &piece, block, &why);
	exact_free(block);
	return code;
}

static void finds_the_fields_of_a_reader(void **state)
{
	(void)state;
	uint8_t r[READER_REPORT_LEN];
	parse(reader_descriptor, sizeof reader_descriptor);
	assert_true(hid.numbered);
	assert_false(hid.keyboard);
	reader_report(r, "]Q1", "HELLO", 5, false);
	assert_int_equal(report(r, sizeof r), ERR_OK);
	assert_int_equal(piece.len, 5);
	assert_memory_equal(piece.data, "HELLO", 5);
	assert_memory_equal(piece.aim, "]Q1", 3);
	assert_false(piece.more);
}

static void a_long_code_goes_on_in_the_next_report(void **state)
{
	(void)state;
	uint8_t r[READER_REPORT_LEN], text[READER_REPORT_DATA];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)(i + 200); /* every byte is kept */
	parse(reader_descriptor, sizeof reader_descriptor);
	reader_report(r, "]d2", text, sizeof text, true);
	assert_int_equal(report(r, sizeof r), ERR_OK);
	assert_int_equal(piece.len, sizeof text);
	assert_memory_equal(piece.data, text, sizeof text);
	assert_true(piece.more);
	assert_memory_equal(piece.aim, "]d2", 3);
}

static void an_identifier_may_lack_its_bracket(void **state)
{
	(void)state;
	uint8_t r[READER_REPORT_LEN];
	parse(reader_descriptor, sizeof reader_descriptor);
	reader_report(r, "Q1\0", "A", 1, false);
	assert_int_equal(report(r, sizeof r), ERR_OK);
	assert_memory_equal(piece.aim, "]Q1", 3);
	reader_report(r, "\0\0\0", "A", 1, false);
	assert_int_equal(report(r, sizeof r), ERR_OK);
	assert_int_equal(piece.aim[0], 0);
}

static void other_reports_are_passed_over(void **state)
{
	(void)state;
	uint8_t r[READER_REPORT_LEN];
	parse(reader_descriptor, sizeof reader_descriptor);
	reader_report(r, "]Q1", "HELLO", 5, false);
	for (unsigned id = 0; id < 256; id++) {
		r[0] = (uint8_t)id;
		assert_int_equal(report(r, sizeof r), id == 2 ? ERR_OK : ERR_NOT_FOUND);
	}
	assert_int_equal(report(r, 0), ERR_NOT_FOUND);
}

static void a_report_that_says_more_than_it_has_is_damaged(void **state)
{
	(void)state;
	uint8_t r[READER_REPORT_LEN];
	parse(reader_descriptor, sizeof reader_descriptor);
	reader_report(r, "]Q1", "HELLO", 5, false);
	for (size_t len = 2; len < sizeof r; len++)
		assert_int_equal(report(r, len), len < 10 ? ERR_FORMAT : ERR_OK);
	for (unsigned n = 57; n < 256; n++) {
		r[1] = (uint8_t)n;
		assert_int_equal(report(r, sizeof r), ERR_FORMAT);
	}
}

/* Without a report number, without a length, with a field of four bits before the data. */
static void fields_need_not_begin_at_a_byte(void **state)
{
	(void)state;
	static const uint8_t d[] = {0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x75, 0x04, 0x95, 0x01,
		0x81, 0x03, 0x75, 0x08, 0x95, 0x03, 0x09, 0xfe, 0x81, 0x02, 0x75, 0x04, 0x95, 0x01,
		0x81, 0x03, 0xc0};
	parse(d, sizeof d);
	assert_false(hid.numbered);
	assert_int_equal(report((const uint8_t[]){0x1f, 0x24, 0x04, 0xf0}, 4), ERR_OK);
	assert_int_equal(piece.len, 2); /* "AB", then a zero that fills */
	assert_memory_equal(piece.data, "AB", 2);
}

static void usages_with_their_page_and_pushed_states_count(void **state)
{
	(void)state;
	static const uint8_t d[] = {0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x75, 0x08, 0x95, 0x04,
		0xa4, 0x05, 0x01, 0x95, 0x01, 0x09, 0x30, 0x81, 0x02, 0xb4, /* push, one x, pop */
		0x0b, 0xfe, 0x00, 0x8c, 0x00, 0x81, 0x02, 0xc0};
	parse(d, sizeof d);
	assert_int_equal(report((const uint8_t *)"xDATA", 5), ERR_OK);
	assert_int_equal(piece.len, 4);
	assert_memory_equal(piece.data, "DATA", 4);
}

static void a_keyboard_is_no_such_reader(void **state)
{
	(void)state;
	assert_int_equal(typed_hid_parse(&hid, SPAN(keyboard_descriptor,
		sizeof keyboard_descriptor), &why), ERR_UNSUPPORTED);
	assert_true(hid.keyboard);
	uint8_t both[sizeof keyboard_descriptor + sizeof reader_descriptor];
	memcpy(both, keyboard_descriptor, sizeof keyboard_descriptor);
	memcpy(both + sizeof keyboard_descriptor, reader_descriptor, sizeof reader_descriptor);
	parse(both, sizeof both);
	assert_true(hid.keyboard);
}

static void refuses(const uint8_t *d, size_t len, enum err_code code, const char *words)
{
	struct span block = exact(d, len);
	assert_int_equal(typed_hid_parse(&hid, block, &why), code);
	exact_free(block);
	assert_non_null(strstr(why.text, words));
}

static void refuses_what_is_no_descriptor(void **state)
{
	(void)state;
	static uint8_t many[TYPED_HID_DESCRIPTOR_MAX + 1];
	uint8_t ids[64], push[32];
	refuses((const uint8_t[]){0xc0}, 1, ERR_FORMAT, "never began");
	refuses((const uint8_t[]){0xb4}, 1, ERR_FORMAT, "not pushed");
	refuses((const uint8_t[]){0x85, 0x00}, 2, ERR_FORMAT, "number 0");
	refuses((const uint8_t[]){0x86, 0x00, 0x01}, 3, ERR_FORMAT, "number 256");
	refuses((const uint8_t[]){0x75, 0x20, 0x97, 0, 0, 1, 0, 0x81, 0x02}, 9, ERR_UNSUPPORTED,
		"a report of more");
	refuses((const uint8_t[]){0x75, 0x40, 0x95, 1, 0x81, 0x02}, 6, ERR_UNSUPPORTED, "a report");
	refuses((const uint8_t[]){0xfe, 0x05, 0x00, 1}, 4, ERR_FORMAT, "is cut");
	refuses((const uint8_t[]){0xfe}, 1, ERR_FORMAT, "is cut");
	refuses(many, sizeof many, ERR_UNSUPPORTED, "more than 4096");
	refuses(many, 0, ERR_UNSUPPORTED, "no decoded");
	for (unsigned i = 0; i < 16; i++) /* a number and one bit each; one too many */
		memcpy(ids + 4 * i, (const uint8_t[]){0x85, (uint8_t)(i + 1), 0x81, 0x02}, 4);
	refuses(ids, sizeof ids, ERR_UNSUPPORTED, "no decoded");
	uint8_t more[sizeof ids + 4];
	memcpy(more, ids, sizeof ids);
	memcpy(more + sizeof ids, (const uint8_t[]){0x85, 99, 0x81, 0x02}, 4);
	refuses(more, sizeof more, ERR_UNSUPPORTED, "kinds of reports");
	memset(push, 0xa4, sizeof push);
	refuses(push, TYPED_HID_DEPTH_MAX + 1, ERR_UNSUPPORTED, "pushed");
}

static void every_cut_of_a_descriptor_is_taken_or_refused(void **state)
{
	(void)state;
	uint8_t r[READER_REPORT_LEN];
	reader_report(r, "]Q1", "HELLO", 5, false);
	for (size_t len = 0; len < sizeof reader_descriptor; len++) {
		struct span d = exact(reader_descriptor, len);
		if (typed_hid_parse(&hid, d, &why) == ERR_OK)
			ERR_IGNORE(report(r, sizeof r)); /* only: no read beyond it */
		else
			assert_non_null(strstr(why.text, "the "));
		exact_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_fields_of_a_reader),
		cmocka_unit_test(a_long_code_goes_on_in_the_next_report),
		cmocka_unit_test(an_identifier_may_lack_its_bracket),
		cmocka_unit_test(other_reports_are_passed_over),
		cmocka_unit_test(a_report_that_says_more_than_it_has_is_damaged),
		cmocka_unit_test(fields_need_not_begin_at_a_byte),
		cmocka_unit_test(usages_with_their_page_and_pushed_states_count),
		cmocka_unit_test(a_keyboard_is_no_such_reader),
		cmocka_unit_test(refuses_what_is_no_descriptor),
		cmocka_unit_test(every_cut_of_a_descriptor_is_taken_or_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scan_typed_hid", tests, NULL, NULL);
}
