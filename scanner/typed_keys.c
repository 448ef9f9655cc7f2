/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/typed_keys.h"

#include <linux/input-event-codes.h>
#include <stddef.h>

#define ALT_DIGITS_MAX 7 /* of 1114111, the last character there is */

enum held_key {
	HELD_LEFT_SHIFT = 1,
	HELD_RIGHT_SHIFT = 2,
	HELD_LEFT_CTRL = 4,
	HELD_RIGHT_CTRL = 8,
	HELD_LEFT_ALT = 16,
	HELD_RIGHT_ALT = 32,
	HELD_META = 64
};
#define HELD_SHIFT (HELD_LEFT_SHIFT | HELD_RIGHT_SHIFT)
#define HELD_CTRL (HELD_LEFT_CTRL | HELD_RIGHT_CTRL)
#define HELD_ALT (HELD_LEFT_ALT | HELD_RIGHT_ALT)

/* Without and with shift. */
static const char layout[128][2] = {
	[KEY_1] = {'1', '!'}, [KEY_2] = {'2', '@'}, [KEY_3] = {'3', '#'}, [KEY_4] = {'4', '$'},
	[KEY_5] = {'5', '%'}, [KEY_6] = {'6', '^'}, [KEY_7] = {'7', '&'}, [KEY_8] = {'8', '*'},
	[KEY_9] = {'9', '('}, [KEY_0] = {'0', ')'}, [KEY_MINUS] = {'-', '_'},
	[KEY_EQUAL] = {'=', '+'}, [KEY_LEFTBRACE] = {'[', '{'}, [KEY_RIGHTBRACE] = {']', '}'},
	[KEY_SEMICOLON] = {';', ':'}, [KEY_APOSTROPHE] = {'\'', '"'}, [KEY_GRAVE] = {'`', '~'},
	[KEY_BACKSLASH] = {'\\', '|'}, [KEY_COMMA] = {',', '<'}, [KEY_DOT] = {'.', '>'},
	[KEY_SLASH] = {'/', '?'}, [KEY_102ND] = {'<', '>'}, [KEY_SPACE] = {' ', ' '},
	[KEY_A] = {'a', 'A'}, [KEY_B] = {'b', 'B'}, [KEY_C] = {'c', 'C'}, [KEY_D] = {'d', 'D'},
	[KEY_E] = {'e', 'E'}, [KEY_F] = {'f', 'F'}, [KEY_G] = {'g', 'G'}, [KEY_H] = {'h', 'H'},
	[KEY_I] = {'i', 'I'}, [KEY_J] = {'j', 'J'}, [KEY_K] = {'k', 'K'}, [KEY_L] = {'l', 'L'},
	[KEY_M] = {'m', 'M'}, [KEY_N] = {'n', 'N'}, [KEY_O] = {'o', 'O'}, [KEY_P] = {'p', 'P'},
	[KEY_Q] = {'q', 'Q'}, [KEY_R] = {'r', 'R'}, [KEY_S] = {'s', 'S'}, [KEY_T] = {'t', 'T'},
	[KEY_U] = {'u', 'U'}, [KEY_V] = {'v', 'V'}, [KEY_W] = {'w', 'W'}, [KEY_X] = {'x', 'X'},
	[KEY_Y] = {'y', 'Y'}, [KEY_Z] = {'z', 'Z'}, [KEY_ENTER] = {'\r', '\r'},
	[KEY_TAB] = {'\t', '\t'}, [KEY_ESC] = {27, 27}, [KEY_BACKSPACE] = {8, 8},
	[KEY_KP0] = {'0', '0'}, [KEY_KP1] = {'1', '1'}, [KEY_KP2] = {'2', '2'},
	[KEY_KP3] = {'3', '3'}, [KEY_KP4] = {'4', '4'}, [KEY_KP5] = {'5', '5'},
	[KEY_KP6] = {'6', '6'}, [KEY_KP7] = {'7', '7'}, [KEY_KP8] = {'8', '8'},
	[KEY_KP9] = {'9', '9'}, [KEY_KPDOT] = {'.', '.'}, [KEY_KPPLUS] = {'+', '+'},
	[KEY_KPMINUS] = {'-', '-'}, [KEY_KPASTERISK] = {'*', '*'}, [KEY_KPSLASH] = {'/', '/'},
	[KEY_KPEQUAL] = {'=', '='}, [KEY_KPCOMMA] = {',', ','}, [KEY_KPENTER] = {'\r', '\r'},
};

/* 0: no modifier. */
static uint8_t modifier(unsigned code)
{
	switch (code) {
	case KEY_LEFTSHIFT:
		return HELD_LEFT_SHIFT;
	case KEY_RIGHTSHIFT:
		return HELD_RIGHT_SHIFT;
	case KEY_LEFTCTRL:
		return HELD_LEFT_CTRL;
	case KEY_RIGHTCTRL:
		return HELD_RIGHT_CTRL;
	case KEY_LEFTALT:
		return HELD_LEFT_ALT;
	case KEY_RIGHTALT:
		return HELD_RIGHT_ALT;
	case KEY_LEFTMETA:
	case KEY_RIGHTMETA:
		return HELD_META;
	default:
		return 0;
	}
}

/* 0: not a digit of the number pad, which alone counts with Alt; else digit + 1. */
static unsigned pad_digit(unsigned code)
{
	static const unsigned keys[10] = {KEY_KP0, KEY_KP1, KEY_KP2, KEY_KP3, KEY_KP4, KEY_KP5,
		KEY_KP6, KEY_KP7, KEY_KP8, KEY_KP9};
	for (unsigned i = 0; i < 10; i++)
		if (keys[i] == code)
			return i + 1;
	return 0;
}

/* ---- Alt and a number ---- */

static void alt_begin(struct typed_keys *k)
{
	k->alt_digits = false;
	k->alt_bad = false;
	k->alt_value = 0;
	k->alt_count = 0;
}

static void alt_key(struct typed_keys *k, unsigned code)
{
	unsigned digit = pad_digit(code);
	k->alt_digits = true;
	if (digit == 0 || ++k->alt_count > ALT_DIGITS_MAX)
		k->alt_bad = true;
	else
		k->alt_value = k->alt_value * 10 + digit - 1;
}

static unsigned put_utf8(uint8_t *out, uint32_t v)
{
	if (v < 0x800) {
		out[0] = (uint8_t)(0xc0 | v >> 6);
		out[1] = (uint8_t)(0x80 | (v & 0x3f));
		return 2;
	}
	if (v < 0x10000) {
		out[0] = (uint8_t)(0xe0 | v >> 12);
		out[1] = (uint8_t)(0x80 | (v >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (v & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | v >> 18);
	out[1] = (uint8_t)(0x80 | (v >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (v >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (v & 0x3f));
	return 4;
}

static enum typed_key_result alt_end(struct typed_keys *k, uint8_t *out, unsigned *len)
{
	uint32_t v = k->alt_value;
	bool bad = k->alt_bad || v == 0 || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff);
	if (!k->alt_digits)
		return TYPED_KEY_NONE;
	k->alt_digits = false;
	if (bad)
		return TYPED_KEY_UNKNOWN;
	*len = 1;
	if (v < 256)
		out[0] = (uint8_t)v;
	else
		*len = put_utf8(out, v);
	return TYPED_KEY_BYTES;
}

/* ---- keys ---- */

static enum typed_key_result take_modifier(struct typed_keys *k, uint8_t *out, unsigned *len,
	uint8_t bit, int value)
{
	bool alt_before = k->held & HELD_ALT;
	if (value)
		k->held |= bit;
	else
		k->held &= (uint8_t)~bit;
	bool alt = k->held & HELD_ALT;
	if (alt && !alt_before)
		alt_begin(k);
	return alt_before && !alt ? alt_end(k, out, len) : TYPED_KEY_NONE;
}

static enum typed_key_result take_ctrl(uint8_t *out, unsigned *len, char plain, char shifted)
{
	char c = plain >= 'a' && plain <= 'z' ? shifted : plain;
	if (c == '6' || c == '-') /* Ctrl-^ and Ctrl-_ */
		c = shifted;
	if (c < '@' || c > '_')
		return TYPED_KEY_UNKNOWN;
	out[0] = (uint8_t)(c & 0x1f);
	*len = 1;
	return TYPED_KEY_BYTES;
}

enum typed_key_result typed_keys_take(struct typed_keys *k, uint8_t out[static TYPED_KEY_BYTES_MAX],
	unsigned *len, unsigned code, int value)
{
	uint8_t bit = modifier(code);
	*len = 0;
	if (value != 0 && value != 1)
		return TYPED_KEY_NONE;
	if (bit)
		return take_modifier(k, out, len, bit, value);
	if (!value || code == KEY_NUMLOCK || code == KEY_SCROLLLOCK)
		return TYPED_KEY_NONE;
	if (code == KEY_CAPSLOCK) {
		k->caps = !k->caps;
		return TYPED_KEY_NONE;
	}
	if (k->held & HELD_ALT) {
		alt_key(k, code);
		return TYPED_KEY_NONE; /* its number is known when Alt is let go */
	}
	if (code >= sizeof layout / sizeof layout[0] || !layout[code][0] || k->held & HELD_META)
		return TYPED_KEY_UNKNOWN;
	char plain = layout[code][0], shifted = layout[code][1];
	if (k->held & HELD_CTRL)
		return take_ctrl(out, len, plain, shifted);
	bool letter = plain >= 'a' && plain <= 'z';
	bool shift = (k->held & HELD_SHIFT) != 0;
	out[0] = (uint8_t)(shift != (letter && k->caps) ? shifted : plain);
	*len = 1;
	return TYPED_KEY_BYTES;
}
