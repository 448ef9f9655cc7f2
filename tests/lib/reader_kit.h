/* SPDX-License-Identifier: Apache-2.0
 *
 * What hand-held readers send: key events for a text, and the reports of one that follows the HID
 * Point of Sale usages. Static, so that each test program takes what it needs.
 */
#ifndef TESTS_LIB_READER_KIT_H
#define TESTS_LIB_READER_KIT_H

#include <linux/input.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define READER_UNUSED __attribute__((unused))

/* As an imager with this interface describes itself: report 2 has a length, an identifier, 56
 * bytes of data, two bytes for its maker, and a bit that says that more follows; report 4 is for
 * the host to send.
 */
READER_UNUSED static const uint8_t reader_descriptor[] = {
	0x05, 0x8c,       /* usage page: bar code scanner */
	0x09, 0x02,       /* usage: bar code scanner */
	0xa1, 0x01,       /* collection: application */
	0x09, 0x12,       /*   usage: scanned data report */
	0xa1, 0x02,       /*   collection: logical */
	0x85, 0x02,       /*     report 2 */
	0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08,
	0x95, 0x01,       /*     one */
	0x05, 0x01, 0x09, 0x3b, /* desktop: byte count */
	0x81, 0x02,       /*     input: data, variable */
	0x95, 0x03,       /*     three */
	0x05, 0x8c, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, /* identifier 1, 2, 3 */
	0x81, 0x02,
	0x95, 0x38,       /*     56 */
	0x09, 0xfe,       /*     decoded data */
	0x82, 0x02, 0x01, /*     input: data, variable, buffered bytes */
	0x95, 0x02,       /*     two */
	0x06, 0x66, 0xff, 0x09, 0x04, 0x81, 0x02, /* vendor's */
	0x05, 0x8c, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01,
	0x95, 0x01,       /*     one bit */
	0x09, 0xff,       /*     decoded data continued */
	0x81, 0x02,
	0x95, 0x07, 0x81, 0x03, /* seven of padding: constant */
	0xc0,
	0x09, 0x14, 0xa1, 0x02, 0x85, 0x04, 0x09, 0x00, 0x95, 0x01, 0x75, 0x08, 0x91, 0x02, 0xc0,
	0xc0,
};
#define READER_REPORT_LEN 64
#define READER_REPORT_DATA 56

/* A keyboard of the boot protocol. */
READER_UNUSED static const uint8_t keyboard_descriptor[] = {
	0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25,
	0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x05,
	0x75, 0x01, 0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91, 0x02, 0x95, 0x01, 0x75, 0x03, 0x91,
	0x01, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65,
	0x81, 0x00, 0xc0,
};

READER_UNUSED static void reader_report(uint8_t out[READER_REPORT_LEN], const char *aim,
	const void *data, size_t len, bool more)
{
	memset(out, 0, READER_REPORT_LEN);
	out[0] = 2;
	out[1] = (uint8_t)len;
	memcpy(out + 2, aim, 3);
	memcpy(out + 5, data, len);
	out[63] = more;
}

/* The key of a character of the US layout, and whether shift goes with it. */
READER_UNUSED static unsigned reader_key(char c, bool *shift)
{
	static const struct {
		uint16_t key;
		char plain, shifted;
	} keys[] = {{KEY_1, '1', '!'}, {KEY_2, '2', '@'}, {KEY_3, '3', '#'}, {KEY_4, '4', '$'},
		{KEY_5, '5', '%'}, {KEY_6, '6', '^'}, {KEY_7, '7', '&'}, {KEY_8, '8', '*'},
		{KEY_9, '9', '('}, {KEY_0, '0', ')'}, {KEY_MINUS, '-', '_'},
		{KEY_EQUAL, '=', '+'}, {KEY_LEFTBRACE, '[', '{'}, {KEY_RIGHTBRACE, ']', '}'},
		{KEY_SEMICOLON, ';', ':'}, {KEY_APOSTROPHE, '\'', '"'}, {KEY_GRAVE, '`', '~'},
		{KEY_BACKSLASH, '\\', '|'}, {KEY_COMMA, ',', '<'}, {KEY_DOT, '.', '>'},
		{KEY_SLASH, '/', '?'}, {KEY_SPACE, ' ', ' '}, {KEY_ENTER, '\r', '\r'},
		{KEY_TAB, '\t', '\t'}};
	static const uint16_t letters[26] = {KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G,
		KEY_H, KEY_I, KEY_J, KEY_K, KEY_L, KEY_M, KEY_N, KEY_O, KEY_P, KEY_Q, KEY_R, KEY_S,
		KEY_T, KEY_U, KEY_V, KEY_W, KEY_X, KEY_Y, KEY_Z};
	*shift = c >= 'A' && c <= 'Z';
	if (*shift)
		return letters[c - 'A'];
	if (c >= 'a' && c <= 'z')
		return letters[c - 'a'];
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		*shift = keys[i].shifted == c && keys[i].plain != c;
		if (keys[i].plain == c || keys[i].shifted == c)
			return keys[i].key;
	}
	return KEY_F24;
}

#endif
