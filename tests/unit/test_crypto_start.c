/* SPDX-License-Identifier: Apache-2.0
 *
 * Start, stop, self-test, secrets, randomness, threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/log.h"
#include "crypto/internal.h"
#include "tests/lib/death.h"
#include "tests/lib/hex.h"

static struct err e;

static void use_before_start(void)
{
	uint8_t out[SEC_SHA256_LEN];

	ERR_IGNORE(sec_sha256(out, NULL, 0));
}

static void secret_before_start(void)
{
	struct secret *s;

	ERR_IGNORE(secret_new(&s, 32));
}

static void random_before_start(void)
{
	uint8_t out[8];

	ERR_IGNORE(sec_random(out, sizeof out, NULL));
}

static void sign_before_start(void)
{
	uint8_t seed[32] = {0};
	uint8_t out[32];

	ERR_IGNORE(sec_ed25519_public(out, SPAN(seed, sizeof seed)));
}

static void verify_before_start(void)
{
	uint8_t zeroes[64] = {0};

	ERR_IGNORE(sec_ed25519_verify(SPAN(zeroes, 32), SPAN(zeroes, 64), SPAN(zeroes, 1)));
}

static void password_before_start(void)
{
	ERR_IGNORE(sec_password_verify("$argon2id$", span_text("x")));
}

static void using_anything_before_the_start_is_a_fault_of_the_program(void **state)
{
	(void)state;
	sec_stop();
	assert_true(dies(use_before_start));
	assert_true(dies(secret_before_start));
	assert_true(dies(random_before_start));
	assert_true(dies(sign_before_start));
	assert_true(dies(verify_before_start));
	assert_true(dies(password_before_start));
}

static void starting_twice_is_safe_and_so_is_stopping(void **state)
{
	(void)state;
	assert_int_equal(sec_start(&e), ERR_OK);
	assert_int_equal(sec_start(&e), ERR_OK);
	sec_stop();
	sec_stop();
	assert_int_equal(sec_start(NULL), ERR_OK);
}

static void *start_from_thread(void *result)
{
	uint8_t out[SEC_SHA256_LEN];

	*(enum err_code *)result = sec_start(NULL);
	if (*(enum err_code *)result == ERR_OK)
		*(enum err_code *)result = sec_hmac(out, SEC_HASH_SHA256, span_text("k"), NULL, 0);
	return NULL;
}

static void threads_may_start_at_once(void **state)
{
	pthread_t threads[8];
	enum err_code results[8];
	(void)state;

	sec_stop();
	for (int i = 0; i < 8; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, start_from_thread, &results[i]), 0);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(results[i], ERR_OK);
	}
}

static void the_self_test_notices_every_primitive_that_is_wrong(void **state)
{
	static const char *const names[] = {"SHA-1", "SHA-256", "SHA-512", "HMAC-SHA-1",
		"HMAC-SHA-256", "HMAC-SHA-512", "HKDF", "OCRA", "Ed25519", "AES-256-GCM",
		"argon2id"};
	const int count = (int)(sizeof names / sizeof names[0]);
	(void)state;

	assert_int_equal(sec_start(&e), ERR_OK);
	assert_int_equal(sec_selftest(-1, &e), ERR_OK);
	for (int i = 0; i < count; i++) {
		assert_int_equal(sec_selftest(i, &e), ERR_CRYPTO);
		assert_non_null(strstr(e.text, names[i]));
	}
	assert_int_equal(sec_selftest(count, &e), ERR_RANGE);
	assert_int_equal(sec_selftest(-2, &e), ERR_RANGE);
}

static void a_secret_starts_as_zeroes_and_is_freed_once(void **state)
{
	static const uint8_t zeroes[100];
	struct secret *s = NULL;
	(void)state;

	assert_int_equal(sec_start(&e), ERR_OK);
	secret_free(NULL);
	secret_free(&s);
	for (int round = 0; round < 50; round++) {
		assert_int_equal(secret_new(&s, sizeof zeroes), ERR_OK);
		assert_int_equal(s->len, sizeof zeroes);
		assert_memory_equal(s->data, zeroes, sizeof zeroes);
		memset(s->data, 0x5a, s->len);
		secret_free(&s);
		assert_null(s);
	}
}

static void secrets_run_out_with_an_error(void **state)
{
	static struct secret *many[4096];
	int count = 0;
	(void)state;

	assert_int_equal(sec_start(&e), ERR_OK);
	while (count < 4096 && secret_new(&many[count], 1024) == ERR_OK)
		count++;
	if (count < 4096)
		assert_null(many[count]);
	while (count > 0)
		secret_free(&many[--count]);
	assert_int_equal(secret_new(&many[0], 1024), ERR_OK);
	secret_free(&many[0]);
}

static void an_empty_secret(void)
{
	struct secret *s;

	ERR_IGNORE(secret_new(&s, 0));
}

static void a_secret_of_nothing_is_a_fault_of_the_program(void **state)
{
	(void)state;
	assert_int_equal(sec_start(&e), ERR_OK);
	assert_true(dies(an_empty_secret));
}

/* Only root may lock without a limit, so the words are looked for in a child without that right. */
static void start_without_locked_memory(void)
{
	const struct rlimit none = {0};
	char text[2048];
	int ends[2];
	int lines = 0;

	sec_stop();
	if (CRYPTO_secure_malloc_done() != 1 || pipe(ends) != 0 ||
		setrlimit(RLIMIT_MEMLOCK, &none) != 0)
		return;
	if (getuid() == 0 && setuid(65534) != 0)
		return;
	log_set_fd(ends[1]);
	struct secret *s = NULL;
	if (sec_start(NULL) != ERR_OK || sec_start(NULL) != ERR_OK || secret_new(&s, 32) != ERR_OK)
		return;
	secret_free(&s);
	log_set_fd(-1);
	close(ends[1]);
	ssize_t n = read(ends[0], text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	for (char *at = text; (at = strstr(at, "cannot be locked")) != NULL; at++)
		lines++;
	if (lines == 1)
		abort(); /* seen by the parent */
}

static void memory_that_cannot_be_locked_is_told_once(void **state)
{
	(void)state;
	assert_int_equal(sec_start(&e), ERR_OK);
	assert_true(dies(start_without_locked_memory));
}

static void equal_looks_at_every_byte(void **state)
{
	uint8_t a[64] = {0}, b[64] = {0};
	(void)state;

	assert_true(sec_equal(a, b, sizeof a));
	assert_true(sec_equal(a, b, 0));
	for (size_t i = 0; i < sizeof a; i++) {
		for (int bit = 0; bit < 8; bit++) {
			b[i] = (uint8_t)(1u << bit);
			assert_false(sec_equal(a, b, sizeof a));
			b[i] = 0;
		}
	}
}

static void wiping_leaves_zeroes(void **state)
{
	uint8_t a[32], zeroes[32] = {0};
	(void)state;

	memset(a, 7, sizeof a);
	sec_wipe(a, 0);
	assert_int_equal(a[0], 7);
	sec_wipe(a, sizeof a);
	assert_memory_equal(a, zeroes, sizeof a);
}

static void random_bytes_do_not_repeat(void **state)
{
	static uint8_t blocks[256][16];
	unsigned ones = 0;
	(void)state;

	assert_int_equal(sec_start(&e), ERR_OK);
	for (int i = 0; i < 256; i++) {
		assert_int_equal(sec_random(blocks[i], 16, &e), ERR_OK);
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(blocks[i], blocks[j], 16);
		for (int k = 0; k < 16; k++)
			ones += (unsigned)__builtin_popcount(blocks[i][k]);
	}
	/* 32768 bits: half of them, within eight standard deviations. */
	assert_in_range(ones, 16384 - 724, 16384 + 724);
	assert_int_equal(sec_random(NULL, 0, &e), ERR_OK);
}

static void *hmac_many(void *wrong)
{
	static const char expected[] =
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
	const struct span part = span_text("what do ya want for nothing?");
	uint8_t want[SEC_SHA256_LEN], out[SEC_SHA256_LEN], other[SEC_SHA512_LEN];

	unhex(want, sizeof want, expected);
	for (int i = 0; i < 2000; i++) {
		if (sec_hmac(other, SEC_HASH_SHA512, SPAN(other, 1), &part, 1) != ERR_OK ||
			sec_hmac(out, SEC_HASH_SHA256, span_text("Jefe"), &part, 1) != ERR_OK ||
			!sec_equal(out, want, sizeof want))
			*(int *)wrong += 1;
	}
	return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
	pthread_t threads[4];
	int wrong[4] = {0};
	(void)state;

	assert_int_equal(sec_start(&e), ERR_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hmac_many, &wrong[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(wrong[i], 0);
	}
}

static int stop(void **state)
{
	(void)state;
	sec_stop();
	return 0;
}

int main(void)
{
#define CASE(f) cmocka_unit_test_teardown(f, stop)
	const struct CMUnitTest tests[] = {
		CASE(using_anything_before_the_start_is_a_fault_of_the_program),
		CASE(memory_that_cannot_be_locked_is_told_once),
		CASE(starting_twice_is_safe_and_so_is_stopping),
		CASE(threads_may_start_at_once),
		CASE(the_self_test_notices_every_primitive_that_is_wrong),
		CASE(a_secret_starts_as_zeroes_and_is_freed_once),
		CASE(secrets_run_out_with_an_error),
		CASE(a_secret_of_nothing_is_a_fault_of_the_program),
		CASE(equal_looks_at_every_byte),
		CASE(wiping_leaves_zeroes),
		CASE(random_bytes_do_not_repeat),
		CASE(threads_do_not_disturb_each_other),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
