/* SPDX-License-Identifier: Apache-2.0
 *
 * In the place of random.c in the deterministic test build: block i of the stream is
 * HMAC-SHA256(HMAC-SHA256(seed, label), i), and every call begins a new block.
 */
#include "crypto/random_deterministic.h"

#include <pthread.h>
#include <string.h>

#include "crypto/crypto.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t key[SEC_KEY_LEN];
static uint8_t seed_kept[SEC_RANDOM_SEED_MAX];
static size_t seed_len;
static char label_kept[SEC_RANDOM_LABEL_MAX];
static bool seeded, keyed;
static uint64_t counter;

void sec_random_seed(struct span seed, const char *label)
{
	size_t label_len = strlen(label);

	ASSERT(seed.len <= sizeof seed_kept && label_len < sizeof label_kept);
	pthread_mutex_lock(&lock);
	memcpy(seed_kept, seed.data, seed.len);
	seed_len = seed.len;
	memcpy(label_kept, label, label_len + 1);
	seeded = true;
	keyed = false;
	counter = 0;
	pthread_mutex_unlock(&lock);
}

/* Not before bytes are wanted: the seed may come before sec_start(). */
static enum err_code make_key(void)
{
	const struct span part = span_text(label_kept);
	enum err_code code = sec_hmac(key, SEC_HASH_SHA256, SPAN(seed_kept, seed_len), &part, 1);

	keyed = code == ERR_OK;
	return code;
}

static enum err_code fill(uint8_t *out, size_t len)
{
	uint8_t number[8];
	uint8_t block[SEC_SHA256_LEN];
	const struct span part = SPAN(number, sizeof number);

	while (len > 0) {
		be64_put(number, counter++);
		enum err_code code =
			sec_hmac(block, SEC_HASH_SHA256, SPAN(key, sizeof key), &part, 1);
		if (code != ERR_OK)
			return code;
		size_t n = len < sizeof block ? len : sizeof block;
		memcpy(out, block, n);
		out += n;
		len -= n;
	}
	return ERR_OK;
}

enum err_code sec_random(uint8_t *out, size_t len, struct err *err)
{
	pthread_mutex_lock(&lock);
	enum err_code code = !seeded ? ERR_CRYPTO : keyed ? ERR_OK : make_key();
	if (code == ERR_OK)
		code = fill(out, len);
	pthread_mutex_unlock(&lock);
	if (code == ERR_OK)
		return ERR_OK;
	sec_wipe(out, len);
	return err_set(err, code, "deterministic randomness: no seed was given");
}
