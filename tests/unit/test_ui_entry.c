/* SPDX-License-Identifier: Apache-2.0
 *
 * A line that is typed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "ui/entry.h"

static struct entry e;

static void key(enum screen_key k)
{
	assert_true(entry_key(&e, &(struct screen_input){.key = k}));
}

static void type(const uint32_t *characters, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(entry_key(&e, &(struct screen_input){.key = SCREEN_KEY_CHARACTER,
						  .character = characters[i]}));
}

static const uint32_t NAME[] = {0x738b, 'a', 0xe9}; /* 3, 1 and 2 bytes */

static void what_is_typed_is_there_and_can_be_mended(void **state)
{
	(void)state;
	entry_init(&e, 10);
	type(NAME, 3);
	assert_string_equal(e.text, "\xe7\x8e\x8b" "a\xc3\xa9");
	key(SCREEN_KEY_LEFT);
	key(SCREEN_KEY_BACKSPACE);
	assert_string_equal(e.text, "\xe7\x8e\x8b\xc3\xa9");
	key(SCREEN_KEY_HOME);
	key(SCREEN_KEY_BACKSPACE); /* nothing is before it */
	key(SCREEN_KEY_DELETE);
	assert_string_equal(e.text, "\xc3\xa9");
	type(NAME + 1, 1);
	assert_string_equal(e.text, "a\xc3\xa9");
	key(SCREEN_KEY_END);
	key(SCREEN_KEY_DELETE);
	key(SCREEN_KEY_RIGHT);
	assert_string_equal(e.text, "a\xc3\xa9");
	assert_int_equal(e.cursor, e.len);
}

static void what_does_not_fit_or_cannot_be_shown_is_not_taken(void **state)
{
	static const uint32_t BAD[] = {0x202e, 0x7f, 0x85, 0xad, 0x301, 0xd800, 0x110000, 0xe000};

	(void)state;
	entry_init(&e, 4);
	type(BAD, sizeof BAD / sizeof BAD[0]);
	assert_string_equal(e.text, "");
	type(NAME, 3);
	assert_string_equal(e.text, "\xe7\x8e\x8b" "a"); /* no half character */
	entry_set(&e, "12345");
	assert_string_equal(e.text, "1234");
	entry_set(&e, "\xe2\x80\xae" "1");
	assert_string_equal(e.text, "1");
}

static void other_keys_are_the_pages(void **state)
{
	static const enum screen_key OTHER[] = {SCREEN_KEY_ENTER, SCREEN_KEY_ESCAPE, SCREEN_KEY_TAB,
		SCREEN_KEY_F1, SCREEN_KEY_UP, SCREEN_KEY_CLICK, SCREEN_KEY_OTHER};

	(void)state;
	entry_init(&e, 4);
	for (size_t i = 0; i < sizeof OTHER / sizeof OTHER[0]; i++)
		assert_false(entry_key(&e, &(struct screen_input){.key = OTHER[i]}));
}

/* Also what was deleted, and behind the end. */
static void a_secret_leaves_nothing_behind(void **state)
{
	static const uint32_t SECRET[] = {'s', 'e', 'c', 'r', 'e', 't'};
	static const uint8_t nothing[21];
	struct err err;

	(void)state;
	assert_int_equal(entry_init_secret(&e, 20, &err), ERR_OK);
	type(SECRET, 6);
	assert_string_equal(e.text, "secret");
	for (int i = 0; i < 6; i++)
		key(SCREEN_KEY_BACKSPACE);
	assert_memory_equal(e.secret->data, nothing, sizeof nothing);
	type(SECRET, 6);
	entry_clear(&e);
	assert_memory_equal(e.secret->data, nothing, sizeof nothing);
	assert_memory_equal(e.storage, nothing, sizeof nothing);
	type(SECRET, 6);
	entry_done(&e);
	assert_null(e.secret);
	entry_done(&e);
}

static char row[256];

static void draw(int cols)
{
	struct grid g;
	struct bytes b;
	struct err err;

	assert_int_equal(grid_init(&g, 20, 1, &err), ERR_OK);
	entry_draw(&g, 2, 0, cols, &e, true);
	for (int col = 0; col < 20; col++) /* inside its place */
		assert_int_equal(grid_at(&g, col, 0)->style == GRID_NORMAL,
			col < 2 || col >= 2 + cols);
	bytes_init_fixed(&b, row, sizeof row);
	grid_dump(&g, &b);
	(void)bytes_text(&b);
	grid_done(&g);
}

static void the_part_around_the_cursor_is_seen(void **state)
{
	struct err err;

	(void)state;
	entry_init(&e, 100);
	entry_set(&e, "0123456789ABCDEF");
	draw(8);
	assert_string_equal(row, "  9ABCDEF\n");
	key(SCREEN_KEY_HOME);
	draw(8);
	assert_string_equal(row, "  01234567\n");
	entry_set(&e, "\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e");
	draw(5);
	assert_string_equal(row, "  \xe5\xb0\x8f\xe6\x98\x8e\n");
	assert_int_equal(entry_init_secret(&e, 20, &err), ERR_OK);
	entry_set(&e, "s\xe7\x8e\x8b");
	draw(8);
	assert_string_equal(row, "  \xe2\x80\xa2\xe2\x80\xa2\n");
	entry_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_is_there_and_can_be_mended),
		cmocka_unit_test(what_does_not_fit_or_cannot_be_shown_is_not_taken),
		cmocka_unit_test(other_keys_are_the_pages),
		cmocka_unit_test(a_secret_leaves_nothing_behind),
		cmocka_unit_test(the_part_around_the_cursor_is_seen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (sec_start(NULL) != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
