/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that are the same on every machine for the same seed. SplitMix64.
 */
#ifndef TESTS_BENCH_DICE_H
#define TESTS_BENCH_DICE_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t dice_mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline uint64_t dice_next(uint64_t *state)
{
	return dice_mix(*state += 0x9e3779b97f4a7c15u);
}

/* 0 <= result < 1 */
static inline double dice_unit(uint64_t *state)
{
	return (double)(dice_next(state) >> 11) / 9007199254740992.0;
}

static inline double dice_range(uint64_t *state, double low, double high)
{
	return low + (high - low) * dice_unit(state);
}

/* 0 .. count - 1 */
static inline int dice_int(uint64_t *state, int count)
{
	return (int)(dice_unit(state) * count);
}

static inline bool dice_chance(uint64_t *state, double chance)
{
	return dice_unit(state) < chance;
}

/* A number of a lattice point, without state. */
static inline double dice_at(uint64_t seed, int x, int y)
{
	uint64_t z = seed + (uint64_t)(uint32_t)x * 0x9e3779b97f4a7c15u +
		     (uint64_t)(uint32_t)y * 0xd1342543de82ef95u;
	return (double)(dice_mix(z) >> 11) / 9007199254740992.0;
}

#endif
