/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/limiter.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/crypto.h"

#define MINUTE_MS 60000

struct bucket {
	uint8_t origin[LIMITER_ORIGIN_LEN];
	int64_t spent;   /* tries times MINUTE_MS: what fills it again is a number a minute */
	int64_t at_ms;   /* when `spent` was that */
	uint64_t used;   /* order of use; 0 = free */
};

struct limiter {
	uint8_t key[SEC_KEY_LEN]; /* who does not know it cannot choose addresses of one set */
	bool has_key;             /* made when it is needed first */
	uint64_t uses;
	struct bucket bucket[LIMITER_SETS][LIMITER_WAYS];
};

enum err_code limiter_new(struct limiter **out, struct err *err)
{
	*out = calloc(1, sizeof(**out));
	return *out ? ERR_OK : err_set(err, ERR_NO_MEMORY, "out of memory");
}

void limiter_free(struct limiter **l)
{
	free(*l);
	*l = NULL;
}

static struct bucket *set_of(struct limiter *l, const uint8_t *origin)
{
	const struct span part = SPAN(origin, LIMITER_ORIGIN_LEN);
	uint8_t mac[SEC_SHA256_LEN];
	size_t at = 0;

	/* Should either fail, all of them share one set: stricter, not looser. */
	if (!l->has_key)
		l->has_key = sec_random(l->key, sizeof(l->key), NULL) == ERR_OK;
	if (l->has_key &&
		sec_hmac(mac, SEC_HASH_SHA256, SPAN(l->key, sizeof(l->key)), &part, 1) == ERR_OK)
		at = be32_get(mac) % LIMITER_SETS;
	return l->bucket[at];
}

static struct bucket *find(struct limiter *l, const uint8_t *origin, bool *known)
{
	struct bucket *set = set_of(l, origin), *oldest = set;

	*known = true;
	for (size_t i = 0; i < LIMITER_WAYS; i++) {
		if (set[i].used && memcmp(set[i].origin, origin, LIMITER_ORIGIN_LEN) == 0)
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	*known = false;
	return oldest;
}

bool limiter_take(struct limiter *l, int64_t *wait_ms,
	const uint8_t origin[static LIMITER_ORIGIN_LEN], int64_t a_minute, int64_t now_ms)
{
	int64_t most = a_minute * MINUTE_MS, passed;
	bool known = false;
	struct bucket *b = find(l, origin, &known);

	if (!known) {
		memcpy(b->origin, origin, LIMITER_ORIGIN_LEN);
		b->spent = 0;
		b->at_ms = now_ms;
	}
	b->used = ++l->uses;
	passed = now_ms - b->at_ms;
	b->at_ms = now_ms;
	if (passed >= MINUTE_MS || b->spent <= passed * a_minute)
		b->spent = 0;
	else if (passed > 0)
		b->spent -= passed * a_minute;
	*wait_ms = 0;
	if (b->spent > most - MINUTE_MS) {
		*wait_ms = (b->spent - (most - MINUTE_MS) + a_minute - 1) / a_minute;
		return false;
	}
	b->spent += MINUTE_MS;
	return true;
}

void limiter_give(struct limiter *l, const uint8_t origin[static LIMITER_ORIGIN_LEN])
{
	bool known = false;
	struct bucket *b = find(l, origin, &known);

	if (known)
		b->spent = b->spent > MINUTE_MS ? b->spent - MINUTE_MS : 0;
}
