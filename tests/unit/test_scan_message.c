/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "scanner/message.h"

static struct scan_msg frame(void)
{
	struct scan_msg m;
	scan_msg_init(&m, SCAN_MSG_FRAME);
	m.width = 640;
	m.height = 480;
	m.code_count = 1;
	m.codes[0].text_len = 3;
	memcpy(m.codes[0].text, "ABC", 3);
	m.codes[0].corner[2][0] = 640;
	m.codes[0].corner[2][1] = 480;
	return m;
}

static bool good(const struct scan_msg *m)
{
	struct err err = {.text = ""};
	enum err_code code = scan_msg_check(m, sizeof *m, &err);
	assert_true(code == ERR_OK || (code == ERR_PROTOCOL && err.text[0]));
	return code == ERR_OK;
}

static void accepts_each_kind(void **state)
{
	(void)state;
	struct scan_msg m = frame();
	assert_true(good(&m));
	for (uint32_t kind = SCAN_MSG_HELLO; kind <= SCAN_MSG_ALIVE; kind++) {
		scan_msg_init(&m, kind);
		assert_true(good(&m));
	}
	scan_msg_init(&m, SCAN_MSG_FAULT);
	m.fatal = 1;
	scan_msg_set_fault(&m, "cannot read \x1b[2J the source\n");
	assert_true(good(&m));
	assert_null(strchr(m.fault, '\x1b'));
}

static void refuses_other_sizes_versions_and_kinds(void **state)
{
	(void)state;
	struct scan_msg m = frame();
	struct err err;
	assert_int_equal(scan_msg_check(&m, sizeof m - 1, &err), ERR_PROTOCOL);
	assert_int_equal(scan_msg_check(&m, sizeof m + 1, &err), ERR_PROTOCOL);
	assert_int_equal(scan_msg_check(&m, 0, &err), ERR_PROTOCOL);
	static const uint32_t kinds[] = {0, SCAN_MSG_ALIVE + 1, 1000, UINT32_MAX};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		scan_msg_init(&m, SCAN_MSG_END);
		m.kind = kinds[i];
		assert_false(good(&m));
	}
	m = frame();
	m.version = SCAN_MSG_VERSION + 1;
	assert_false(good(&m));
}

#define REFUSES(change)                                                                            \
	do {                                                                                       \
		struct scan_msg m = frame();                                                       \
		change;                                                                            \
		assert_false(good(&m));                                                            \
	} while (0)

static void refuses_impossible_frames(void **state)
{
	(void)state;
	REFUSES(m.width = 0);
	REFUSES(m.height = 0);
	REFUSES(m.width = m.height = 0);
	REFUSES(m.width = SCAN_WIDTH_MAX + 1);
	REFUSES(m.height = SCAN_HEIGHT_MAX + 1);
	REFUSES(m.width = SCAN_SIDE_MIN - 1);
	REFUSES(m.at_ms = -1);
	REFUSES(m.at_ms = INT64_MAX);
	REFUSES(m.at_ms = INT64_MIN);
	REFUSES(m.fatal = 1);
	REFUSES(m.fatal = 2);
	REFUSES(m.code_count = SCAN_CODES_MAX + 1);
	REFUSES(m.code_count = UINT16_MAX);
	REFUSES(m.code_count = 2);
}

static void refuses_impossible_codes(void **state)
{
	(void)state;
	REFUSES(m.codes[0].text_len = 0);
	REFUSES(m.codes[0].text_len = SCAN_TEXT_MAX + 1);
	REFUSES(m.codes[0].text_len = UINT16_MAX);
	REFUSES(m.codes[0].cut = 1);
	REFUSES(m.codes[0].cut = 2);
	REFUSES(m.codes[0].symbology = SCAN_SYMBOLOGY_COUNT);
	for (int i = 0; i < 4; i++) {
		REFUSES(m.codes[0].corner[i][0] = -1);
		REFUSES(m.codes[0].corner[i][1] = -1);
		REFUSES(m.codes[0].corner[i][0] = 641);
		REFUSES(m.codes[0].corner[i][1] = 481);
		REFUSES(m.codes[0].corner[i][1] = INT16_MIN);
	}
}

static void refuses_words_that_are_no_text(void **state)
{
	(void)state;
	static const uint32_t kinds[] = {SCAN_MSG_HELLO, SCAN_MSG_FAULT, SCAN_MSG_RECORD_FAULT};
	for (size_t i = 0; i < 3; i++) {
		struct scan_msg m;
		scan_msg_init(&m, kinds[i]);
		memset(m.fault, 'a', sizeof m.fault);
		assert_false(good(&m));
		m.fault[SCAN_FAULT_MAX - 1] = '\0';
		assert_true(good(&m));
		m.fault[7] = '\x1b';
		assert_false(good(&m));
		m.fault[7] = '\xff';
		assert_false(good(&m));
	}
}

static void refuses_codes_in_other_kinds(void **state)
{
	(void)state;
	for (uint32_t kind = SCAN_MSG_HELLO; kind <= SCAN_MSG_ALIVE; kind++) {
		struct scan_msg m = frame();
		m.kind = kind;
		m.code_count = 2;
		assert_false(good(&m));
	}
}

static void refuses_a_sign_of_life_with_a_picture(void **state)
{
	(void)state;
	struct scan_msg m;
	scan_msg_init(&m, SCAN_MSG_ALIVE);
	m.code_count = 1;
	assert_true(good(&m));
	m.width = 640;
	m.height = 480;
	assert_false(good(&m));
}

static void refuses_commands_of_others(void **state)
{
	(void)state;
	struct scan_command c = {.version = SCAN_MSG_VERSION, .kind = SCAN_CMD_STEP};
	assert_int_equal(scan_command_check(&c, sizeof c, NULL), ERR_OK);
	assert_int_equal(scan_command_check(&c, sizeof c - 1, NULL), ERR_PROTOCOL);
	c.kind = SCAN_CMD_STOP + 1;
	assert_int_equal(scan_command_check(&c, sizeof c, NULL), ERR_PROTOCOL);
	c.kind = 0;
	assert_int_equal(scan_command_check(&c, sizeof c, NULL), ERR_PROTOCOL);
	c.kind = SCAN_CMD_STEP;
	c.version++;
	assert_int_equal(scan_command_check(&c, sizeof c, NULL), ERR_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_each_kind),
		cmocka_unit_test(refuses_other_sizes_versions_and_kinds),
		cmocka_unit_test(refuses_impossible_frames),
		cmocka_unit_test(refuses_impossible_codes),
		cmocka_unit_test(refuses_words_that_are_no_text),
		cmocka_unit_test(refuses_codes_in_other_kinds),
		cmocka_unit_test(refuses_a_sign_of_life_with_a_picture),
		cmocka_unit_test(refuses_commands_of_others),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
