/* SPDX-License-Identifier: Apache-2.0
 *
 * Hand-held readers, what can be said without a device: settings, keys, codes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "scanner/typed_code.h"
#include "scanner/typed_keys.h"
#include "tests/lib/reader_kit.h"

/* ---- settings ---- */

static void takes_the_settings_of_a_device(void **state)
{
	(void)state;
	struct typed_spec s;
	assert_int_equal(typed_spec_parse(&s, "reader:/dev/ttyACM0", NULL), ERR_OK);
	assert_string_equal(s.path, "/dev/ttyACM0");
	assert_int_equal(s.baud, TYPED_BAUD);
	assert_int_equal(s.data_bits, 8);
	assert_int_equal(s.end, TYPED_END_ANY);
	assert_int_equal(s.idle_ms, TYPED_IDLE_MS);
	assert_int_equal(typed_spec_parse(&s, "/dev/ttyS0,115200,7e2,end=cr,idle=40", NULL), 0);
	assert_string_equal(s.path, "/dev/ttyS0");
	assert_int_equal(s.baud, 115200);
	assert_int_equal(s.data_bits, 7);
	assert_int_equal(s.parity, 'e');
	assert_int_equal(s.stop_bits, 2);
	assert_int_equal(s.end, TYPED_END_CR);
	assert_int_equal(s.idle_ms, 40);
	assert_int_equal(typed_spec_parse(&s, "/dev/ttyS0,end=lf", NULL), ERR_OK);
	assert_int_equal(s.idle_ms, TYPED_IDLE_LONG_MS);
	assert_int_equal(typed_spec_parse(&s, "/dev/input/by-id/usb-A,_Inc._B-event-kbd", NULL), 0);
	assert_string_equal(s.path, "/dev/input/by-id/usb-A,_Inc._B-event-kbd");
}

static void refuses_settings_that_are_none(void **state)
{
	(void)state;
	static const char *const bad[] = {"/dev/ttyS0,9601", "/dev/ttyS0,fast", "/dev/ttyS0,9n1",
		"/dev/ttyS0,8x1", "/dev/ttyS0,8n3", "/dev/ttyS0,end=never", "/dev/ttyS0,idle=9",
		"/dev/ttyS0,idle=5001", "/dev/ttyS0,idle=", "/dev/ttyS0,", "/dev/ttyS0,115200,x"};
	struct typed_spec s;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = {.text = ""};
		if (typed_spec_parse(&s, bad[i], &err) != ERR_INVALID)
			fail_msg("%s was taken", bad[i]);
		const char *word = strrchr(bad[i], ',') + 1;
		assert_non_null(strstr(err.text, word));
	}
	assert_int_equal(typed_spec_parse(&s, "reader:ttyS0", NULL), ERR_INVALID);
	assert_int_equal(typed_spec_parse(&s, "reader:", NULL), ERR_INVALID);
}

/* ---- keys ---- */

struct typing {
	struct typed_keys keys;
	char text[256];
	size_t len;
	unsigned unknown;
};

static void key(struct typing *t, unsigned code, int value)
{
	uint8_t out[TYPED_KEY_BYTES_MAX];
	unsigned len = 0;
	enum typed_key_result r = typed_keys_take(&t->keys, out, &len, code, value);
	assert_int_equal(len > 0, r == TYPED_KEY_BYTES);
	t->unknown += r == TYPED_KEY_UNKNOWN;
	assert_true(t->len + len < sizeof t->text);
	memcpy(t->text + t->len, out, len);
	t->len += len;
	t->text[t->len] = '\0';
}

static void press(struct typing *t, unsigned code)
{
	key(t, code, 1);
	key(t, code, 0);
}

static void type(struct typing *t, const char *text)
{
	for (; *text; text++) {
		bool shift;
		unsigned code = reader_key(*text, &shift);
		if (shift)
			key(t, KEY_LEFTSHIFT, 1);
		press(t, code);
		if (shift)
			key(t, KEY_LEFTSHIFT, 0);
	}
}

static void alt(struct typing *t, const char *digits)
{
	static const unsigned pad[10] = {KEY_KP0, KEY_KP1, KEY_KP2, KEY_KP3, KEY_KP4, KEY_KP5,
		KEY_KP6, KEY_KP7, KEY_KP8, KEY_KP9};
	key(t, KEY_LEFTALT, 1);
	for (; *digits; digits++)
		press(t, pad[*digits - '0']);
	key(t, KEY_LEFTALT, 0);
}

static void types_every_character_of_ascii(void **state)
{
	(void)state;
	struct typing t = {.len = 0};
	char all[128];
	for (int c = ' '; c < 127; c++)
		all[c - ' '] = (char)c;
	all[127 - ' '] = '\0';
	type(&t, all);
	assert_string_equal(t.text, all);
	assert_int_equal(t.unknown, 0);
}

static void caps_lock_turns_letters_alone(void **state)
{
	(void)state;
	struct typing t = {.len = 0};
	press(&t, KEY_CAPSLOCK);
	type(&t, "aB1!");
	press(&t, KEY_CAPSLOCK);
	type(&t, "aB1!");
	assert_string_equal(t.text, "Ab1!aB1!");
}

static void leaves_out_repetitions_and_releases(void **state)
{
	(void)state;
	struct typing t = {.len = 0};
	key(&t, KEY_A, 1);
	for (int i = 0; i < 5; i++)
		key(&t, KEY_A, 2);
	key(&t, KEY_A, 0);
	press(&t, KEY_NUMLOCK);
	assert_string_equal(t.text, "a");
	assert_int_equal(t.unknown, 0);
}

static void alt_and_a_number_is_that_byte_or_character(void **state)
{
	(void)state;
	struct typing t = {.len = 0};
	alt(&t, "065");
	alt(&t, "0233");
	alt(&t, "029");
	alt(&t, "20013");
	alt(&t, "128512");
	alt(&t, "");
	assert_string_equal(t.text, "A\xe9\x1d\xe4\xb8\xad\xf0\x9f\x98\x80");
	assert_int_equal(t.unknown, 0);
}

static void alt_with_anything_else_is_unknown(void **state)
{
	(void)state;
	static const char *const bad[] = {"0", "0000", "55296", "57343", "1114112", "99999999"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct typing t = {.len = 0};
		alt(&t, bad[i]);
		assert_int_equal(t.unknown, 1);
		assert_int_equal(t.len, 0);
	}
	struct typing t = {.len = 0};
	key(&t, KEY_RIGHTALT, 1);
	press(&t, KEY_E);
	key(&t, KEY_RIGHTALT, 0);
	assert_int_equal(t.unknown, 1);
}

static void ctrl_makes_control_characters(void **state)
{
	(void)state;
	struct typing t = {.len = 0};
	key(&t, KEY_LEFTCTRL, 1);
	press(&t, KEY_RIGHTBRACE);
	press(&t, KEY_B);
	press(&t, KEY_6);
	press(&t, KEY_MINUS);
	press(&t, KEY_1);
	key(&t, KEY_LEFTCTRL, 0);
	assert_string_equal(t.text, "\x1d\x02\x1e\x1f");
	assert_int_equal(t.unknown, 1);
}

static void a_key_without_a_character_is_unknown(void **state)
{
	(void)state;
	static const unsigned none[] = {KEY_F1, KEY_LEFT, KEY_DELETE, KEY_F24, KEY_MAX, 70000};
	struct typing t = {.len = 0};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		press(&t, none[i]);
	key(&t, KEY_LEFTMETA, 1);
	press(&t, KEY_L);
	key(&t, KEY_LEFTMETA, 0);
	assert_int_equal(t.unknown, 7);
	assert_int_equal(t.len, 0);
}

/* ---- codes ---- */

static struct typed_code code;
static struct scan_code got;
static struct err why;
static int64_t now;

static void begin(const char *words)
{
	struct typed_spec s;
	char text[64];
	snprintf(text, sizeof text, "/dev/x%s", words);
	assert_int_equal(typed_spec_parse(&s, text, NULL), ERR_OK);
	typed_code_init(&code, &s);
	now = 1000;
}

static enum typed_code_result add(const char *text)
{
	enum typed_code_result r = TYPED_CODE_NONE;
	for (; *text; text++) {
		assert_int_equal(r, TYPED_CODE_NONE);
		now += 5;
		assert_int_equal(typed_code_pause(&code, &got, now, &why), TYPED_CODE_NONE);
		r = typed_code_add(&code, &got, (uint8_t)*text, now, &why);
	}
	return r;
}

static void is(const char *text, enum scan_symbology symbology)
{
	assert_int_equal(got.text_len, strlen(text));
	assert_memory_equal(got.text, text, strlen(text));
	assert_int_equal(got.symbology, symbology);
	assert_int_equal(got.cut, 0);
	for (int i = 0; i < 4; i++)
		assert_true(got.corner[i][0] == 0 && got.corner[i][1] == 0);
}

static void a_code_ends_with_what_the_reader_sends_after_it(void **state)
{
	(void)state;
	static const struct {
		const char *words, *sent, *text;
	} cases[] = {{"", "A\r", "A"}, {"", "A\n", "A"}, {"", "A\t", "A"},
		{",end=cr", "A\tB\nC\r", "A\tB\nC"}, {",end=lf", "A\tB\r\n", "A\tB\r"},
		{",end=tab", "A\rB\t", "A\rB"}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(cases[i].words);
		assert_int_equal(add(cases[i].sent), TYPED_CODE_READY);
		is(cases[i].text, SCAN_UNTOLD);
	}
}

static void both_halves_of_cr_lf_are_one_end(void **state)
{
	(void)state;
	begin("");
	assert_int_equal(add("A\r"), TYPED_CODE_READY);
	assert_int_equal(add("\nB\r"), TYPED_CODE_READY);
	is("B", SCAN_UNTOLD);
	begin(",end=cr");
	assert_int_equal(add("A\r"), TYPED_CODE_READY);
	assert_int_equal(add("\nB\r"), TYPED_CODE_READY);
	is("B", SCAN_UNTOLD);
}

static void a_pause_ends_a_code(void **state)
{
	(void)state;
	begin("");
	assert_true(typed_code_due_ms(&code) == INT64_MAX);
	assert_int_equal(add("AB"), TYPED_CODE_NONE);
	assert_true(typed_code_due_ms(&code) == now + TYPED_IDLE_MS);
	now += TYPED_IDLE_MS - 1;
	assert_int_equal(typed_code_pause(&code, &got, now, &why), TYPED_CODE_NONE);
	assert_int_equal(typed_code_pause(&code, &got, now + 1, &why), TYPED_CODE_READY);
	is("AB", SCAN_UNTOLD);
	begin(",end=none");
	assert_int_equal(add("A\r\nB"), TYPED_CODE_NONE);
	now += TYPED_IDLE_MS;
	assert_int_equal(typed_code_pause(&code, &got, now, &why), TYPED_CODE_READY);
	is("A\r\nB", SCAN_UNTOLD);
}

static void a_code_without_its_promised_end_is_dropped(void **state)
{
	(void)state;
	begin(",end=cr");
	assert_int_equal(add("HALF"), TYPED_CODE_NONE);
	now += TYPED_IDLE_LONG_MS;
	assert_int_equal(typed_code_pause(&code, &got, now, &why), TYPED_CODE_DAMAGED);
	assert_non_null(strstr(why.text, "stopped before its end"));
	assert_int_equal(add("WHOLE\r"), TYPED_CODE_READY);
	is("WHOLE", SCAN_UNTOLD);
}

static void a_damaged_code_is_dropped_whole(void **state)
{
	(void)state;
	begin("");
	assert_int_equal(add("AB"), TYPED_CODE_NONE);
	typed_code_damage(&code, "words", now);
	assert_int_equal(add("CD\r"), TYPED_CODE_DAMAGED);
	assert_non_null(strstr(why.text, "words"));
	assert_int_equal(typed_code_add(&code, &got, 0, now, &why), TYPED_CODE_NONE);
	assert_int_equal(add("CD\r"), TYPED_CODE_DAMAGED);
	assert_int_equal(add("EF\r"), TYPED_CODE_READY);
	is("EF", SCAN_UNTOLD);
}

static void an_unwanted_code_is_dropped_up_to_its_end(void **state)
{
	(void)state;
	begin("");
	assert_int_equal(add("AB"), TYPED_CODE_NONE);
	typed_code_drop(&code);
	assert_int_equal(add("CD\r"), TYPED_CODE_NONE);
	assert_int_equal(add("EF\r"), TYPED_CODE_READY);
	is("EF", SCAN_UNTOLD);
	typed_code_drop(&code); /* between two codes nothing is lost */
	assert_int_equal(add("GH\r"), TYPED_CODE_READY);
	assert_int_equal(add("IJ"), TYPED_CODE_NONE);
	typed_code_drop(&code);
	now += TYPED_IDLE_MS;
	assert_int_equal(typed_code_pause(&code, &got, now, &why), TYPED_CODE_NONE);
	assert_int_equal(add("KL\r"), TYPED_CODE_READY);
	is("KL", SCAN_UNTOLD);
}

static void the_identifier_in_front_says_what_it_was(void **state)
{
	(void)state;
	static const struct {
		const char *sent, *text;
		enum scan_symbology symbology;
	} cases[] = {{"]Q1ABC\r", "ABC", SCAN_QR}, {"]E04006381333931\r", "4006381333931",
		SCAN_EAN_13}, {"]E0036000291452\r", "036000291452", SCAN_UPC_A},
		{"]E001234565\r", "01234565", SCAN_UPC_E}, {"]E496385074\r", "96385074",
		SCAN_EAN_8}, {"]C0X\r", "X", SCAN_CODE_128}, {"]d2X\r", "X", SCAN_DATA_MATRIX},
		{"]z0X\r", "X", SCAN_AZTEC}, {"]L0X\r", "X", SCAN_PDF417},
		{"]X0X\r", "X", SCAN_OTHER}, {"]A0X\r", "X", SCAN_CODE_39},
		{"]QX\r", "", SCAN_QR}, {"]Q\r", "]Q", SCAN_UNTOLD},
		{"]1QX\r", "]1QX", SCAN_UNTOLD},
		{"]Q-X\r", "]Q-X", SCAN_UNTOLD}, {"[Q1X\r", "[Q1X", SCAN_UNTOLD}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin("");
		enum typed_code_result r = add(cases[i].sent);
		assert_int_equal(r, cases[i].text[0] ? TYPED_CODE_READY : TYPED_CODE_NONE);
		if (r == TYPED_CODE_READY)
			is(cases[i].text, cases[i].symbology);
	}
}

static void a_long_text_is_cut_and_says_so(void **state)
{
	(void)state;
	static const struct {
		size_t sent;
		const char *aim;
		size_t len;
		int cut;
	} cases[] = {{511, "", 511, 0}, {512, "", 512, 0}, {513, "", 512, 1}, {515, "", 512, 1},
		{516, "", 512, 1}, {2000, "", 512, 1}, {512, "]Q1", 512, 0}, {513, "]Q1", 512, 1},
		{511, "]Q1", 511, 0}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin("");
		assert_int_equal(add(cases[i].aim), TYPED_CODE_NONE);
		for (size_t k = 0; k < cases[i].sent; k++)
			assert_int_equal(add("x"), TYPED_CODE_NONE);
		assert_int_equal(add("\r"), TYPED_CODE_READY);
		assert_int_equal(got.text_len, cases[i].len);
		assert_int_equal(got.cut, cases[i].cut);
		for (size_t k = 0; k < got.text_len; k++)
			assert_int_equal(got.text[k], 'x');
	}
}

static void words_of_symbologies_go_both_ways(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SCAN_SYMBOLOGY_COUNT; i++) {
		const char *word = scan_symbology_word(i);
		uint8_t back = 0xff;
		assert_true(scan_symbology_of(&back, word, strlen(word)));
		assert_int_equal(back, i);
		assert_false(scan_symbology_of(&back, word, strlen(word) - 1));
	}
	assert_string_equal(scan_symbology_word(200), "other");
	assert_true(scan_symbology_may_be_ours(SCAN_QR));
	assert_true(scan_symbology_may_be_ours(SCAN_UNTOLD));
	assert_false(scan_symbology_may_be_ours(SCAN_MICRO_QR));
	assert_false(scan_symbology_may_be_ours(SCAN_DATA_MATRIX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_settings_of_a_device),
		cmocka_unit_test(refuses_settings_that_are_none),
		cmocka_unit_test(types_every_character_of_ascii),
		cmocka_unit_test(caps_lock_turns_letters_alone),
		cmocka_unit_test(leaves_out_repetitions_and_releases),
		cmocka_unit_test(alt_and_a_number_is_that_byte_or_character),
		cmocka_unit_test(alt_with_anything_else_is_unknown),
		cmocka_unit_test(ctrl_makes_control_characters),
		cmocka_unit_test(a_key_without_a_character_is_unknown),
		cmocka_unit_test(a_code_ends_with_what_the_reader_sends_after_it),
		cmocka_unit_test(both_halves_of_cr_lf_are_one_end),
		cmocka_unit_test(a_pause_ends_a_code),
		cmocka_unit_test(a_code_without_its_promised_end_is_dropped),
		cmocka_unit_test(a_damaged_code_is_dropped_whole),
		cmocka_unit_test(an_unwanted_code_is_dropped_up_to_its_end),
		cmocka_unit_test(the_identifier_in_front_says_what_it_was),
		cmocka_unit_test(a_long_text_is_cut_and_says_so),
		cmocka_unit_test(words_of_symbologies_go_both_ways),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scan_typed", tests, NULL, NULL);
}
