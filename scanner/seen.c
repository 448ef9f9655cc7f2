/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts in view are remembered by SipHash-2-4 under a random key. Source: Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF", 2012.
 */
#include <stddef.h>
#include <string.h>

#include "scanner/scanner.h"

static uint64_t rotl(uint64_t v, unsigned n)
{
	return (v << n) | (v >> (64 - n));
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
}

/* Up to eight bytes, lowest first. */
static uint64_t word_of(const uint8_t *p, size_t len)
{
	uint64_t m = 0;
	for (size_t i = 0; i < len; i++)
		m |= (uint64_t)p[i] << (8 * i);
	return m;
}

static uint64_t hash(uint64_t key, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	uint64_t k1 = key ^ UINT64_C(0x9e3779b97f4a7c15); /* 64 random bits are enough here */
	uint64_t v[4] = {UINT64_C(0x736f6d6570736575) ^ key, UINT64_C(0x646f72616e646f6d) ^ k1,
		UINT64_C(0x6c7967656e657261) ^ key, UINT64_C(0x7465646279746573) ^ k1};
	size_t left = len;
	for (; left >= 8; left -= 8, p += 8)
		sip_word(v, word_of(p, 8));
	sip_word(v, word_of(p, left) | (uint64_t)len << 56);
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	uint64_t h = v[0] ^ v[1] ^ v[2] ^ v[3];
	return h ? h : 1; /* 0 marks a free entry */
}

void scan_seen_init(struct scan_seen *s, uint64_t key)
{
	memset(s, 0, sizeof *s);
	s->key = key;
}

bool scan_seen_is_new(struct scan_seen *s, const char *text, size_t len, int64_t at_ms,
	int64_t away_ms)
{
	uint64_t h = hash(s->key, text, len);
	size_t place = 0;
	for (size_t i = 0; i < SCAN_SEEN_MAX; i++) {
		if (s->entry[i].hash == h) {
			bool away = at_ms - s->entry[i].last_ms > away_ms;
			s->entry[i].last_ms = at_ms;
			return away;
		}
		/* The free one, or the one that was in view longest ago. */
		if (s->entry[place].hash &&
			(!s->entry[i].hash || s->entry[i].last_ms < s->entry[place].last_ms))
			place = i;
	}
	s->entry[place].hash = h;
	s->entry[place].last_ms = at_ms;
	return true;
}
