/* SPDX-License-Identifier: Apache-2.0
 *
 * Key events of a reader that types (linux/input-event-codes.h) to bytes: the US layout, to which
 * readers are set when they leave the factory. Ctrl with a letter is a control character; Alt with
 * digits of the number pad is the byte with that number, or from 256 on the character, as UTF-8.
 */
#ifndef SCANNER_TYPED_KEYS_H
#define SCANNER_TYPED_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#define TYPED_KEY_BYTES_MAX 4

struct typed_keys {
	uint8_t held;    /* modifiers, a bit for each key */
	bool caps;
	bool alt_digits; /* digits came while Alt was down */
	bool alt_bad;    /* and other keys, or too many */
	uint32_t alt_value;
	unsigned alt_count;
};

enum typed_key_result {
	TYPED_KEY_NONE,   /* a modifier, a release, a repetition */
	TYPED_KEY_BYTES,  /* *len of out are filled */
	TYPED_KEY_UNKNOWN /* a key that stands for no character */
};

/* code: KEY_...; value: 0 released, 1 pressed, 2 repeats. */
enum typed_key_result typed_keys_take(struct typed_keys *k, uint8_t out[static TYPED_KEY_BYTES_MAX],
	unsigned *len, unsigned code, int value);

#endif
