/* SPDX-License-Identifier: Apache-2.0
 *
 * Eight bytes worked on together, each in its place of a 64-bit word, without branches or look-ups
 * that depend on them. For the texts of base/.
 */
#ifndef BASE_EIGHT_H
#define BASE_EIGHT_H

#include <stdint.h>

#define EIGHT(byte) (0x0101010101010101u * (uint64_t)(byte)) /* eight times the same */
#define EIGHT_TOP   EIGHT(0x80)

/* 0xff in every byte of x that is at least `least`, else 0. Both are below 0x80, so that no sum
 * leaves its byte.
 */
static inline uint64_t eight_at_least(uint64_t x, uint8_t least)
{
	return ((x + EIGHT(0x80 - least)) & EIGHT_TOP) / 0x80 * 0xff;
}

static inline uint64_t eight_between(uint64_t x, uint8_t low, uint8_t high)
{
	return eight_at_least(x, low) & ~eight_at_least(x, (uint8_t)(high + 1));
}

#endif
