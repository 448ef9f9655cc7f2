/* SPDX-License-Identifier: Apache-2.0
 *
 * Start and stop: algorithms, the locked heap, contexts of threads, self-test.
 */
#include "crypto/internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/log.h"

#define LOCKED_HEAP_MAX 1048576 /* bytes */
#define LOCKED_HEAP_MIN 32768
#define LOCKED_PIECE    32 /* the smallest piece it hands out; a power of two */

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sec_algorithms algorithms;
static const struct sec_algorithms *ready; /* atomic access only */
static pthread_key_t contexts_key;
static _Thread_local struct sec_contexts *contexts;

const struct sec_algorithms *sec_algorithms(void)
{
	const struct sec_algorithms *a = __atomic_load_n(&ready, __ATOMIC_ACQUIRE);

	ASSERT(a != NULL);
	return a;
}

enum err_code sec_failed(enum err_code code)
{
	ERR_clear_error();
	return code;
}

static void contexts_free(void *of_thread)
{
	struct sec_contexts *c = of_thread;

	if (c == NULL)
		return;
	for (int i = 0; i < SEC_HASH_COUNT; i++)
		EVP_MD_CTX_free(c->md[i]);
	EVP_MD_CTX_free(c->inner);
	EVP_MD_CTX_free(c->outer);
	EVP_MD_CTX_free(c->work);
	free(c);
}

struct sec_contexts *sec_contexts(void)
{
	ASSERT(sec_algorithms() != NULL);
	if (contexts != NULL)
		return contexts;
	struct sec_contexts *c = calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	bool ok = true;
	for (int i = 0; i < SEC_HASH_COUNT; i++)
		ok = (c->md[i] = EVP_MD_CTX_new()) != NULL && ok;
	ok = (c->inner = EVP_MD_CTX_new()) != NULL && ok;
	ok = (c->outer = EVP_MD_CTX_new()) != NULL && ok;
	ok = (c->work = EVP_MD_CTX_new()) != NULL && ok;
	if (!ok || pthread_setspecific(contexts_key, c) != 0) {
		contexts_free(c);
		ERR_clear_error();
		return NULL;
	}
	contexts = c;
	return c;
}

/* As much as the limit lets a process lock, up to what the programs need. */
static size_t heap_size(void)
{
	struct rlimit limit;
	size_t size = LOCKED_HEAP_MAX;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return size;
	while (size > LOCKED_HEAP_MIN && size > limit.rlim_cur)
		size /= 2;
	return size;
}

static void heap_start(void)
{
	if (CRYPTO_secure_malloc_initialized())
		return;
	int result = CRYPTO_secure_malloc_init(heap_size(), LOCKED_PIECE);
	if (result != 1)
		log_line(LOG_WARNING, "crypto",
			"memory for keys cannot be locked (%s); keys are wiped after use but may "
			"reach the swap space",
			result == 2 ? "raise `ulimit -l`" : "no locked heap");
	ERR_clear_error();
}

static void algorithms_free(void)
{
	for (int i = 0; i < SEC_HASH_COUNT; i++)
		EVP_MD_free(algorithms.md[i]);
	EVP_CIPHER_free(algorithms.aes_256_gcm);
	algorithms = (struct sec_algorithms){0};
}

static enum err_code algorithms_fetch(struct err *err)
{
	algorithms.md[SEC_HASH_SHA1] = EVP_MD_fetch(NULL, "SHA1", NULL);
	algorithms.md[SEC_HASH_SHA256] = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	algorithms.md[SEC_HASH_SHA512] = EVP_MD_fetch(NULL, "SHA2-512", NULL);
	algorithms.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (algorithms.md[SEC_HASH_SHA1] != NULL && algorithms.md[SEC_HASH_SHA256] != NULL &&
		algorithms.md[SEC_HASH_SHA512] != NULL && algorithms.aes_256_gcm != NULL)
		return ERR_OK;
	algorithms_free();
	ERR_clear_error();
	return err_set(err, ERR_CRYPTO, "OpenSSL does not offer an algorithm that is needed: "
		"SHA-1, SHA-256, SHA-512, AES-256-GCM");
}

static void stop_locked(void)
{
	contexts_free(contexts);
	contexts = NULL;
	pthread_setspecific(contexts_key, NULL);
	pthread_key_delete(contexts_key);
	__atomic_store_n(&ready, NULL, __ATOMIC_RELEASE);
	algorithms_free();
}

static enum err_code start_locked(struct err *err)
{
	if (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) != NULL)
		return ERR_OK;
	enum err_code code = algorithms_fetch(err);
	if (code != ERR_OK)
		return code;
	if (pthread_key_create(&contexts_key, contexts_free) != 0) {
		algorithms_free();
		return err_set(err, ERR_NO_MEMORY, "no room for the contexts of a thread");
	}
	heap_start();
	__atomic_store_n(&ready, &algorithms, __ATOMIC_RELEASE);
	code = sec_selftest(-1, err);
	if (code != ERR_OK)
		stop_locked();
	return code;
}

enum err_code sec_start(struct err *err)
{
	pthread_mutex_lock(&start_lock);
	enum err_code code = start_locked(err);
	pthread_mutex_unlock(&start_lock);
	return code;
}

void sec_stop(void)
{
	pthread_mutex_lock(&start_lock);
	if (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) != NULL)
		stop_locked();
	pthread_mutex_unlock(&start_lock);
}
