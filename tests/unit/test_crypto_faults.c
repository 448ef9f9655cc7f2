/* SPDX-License-Identifier: Apache-2.0
 *
 * Every operation with the n-th allocation of OpenSSL failing, for n = 1, 2, ... until it passes:
 * it must end in an error or in the right answer, and what is not right must never be accepted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "crypto/internal.h"

#define FAULTS_MAX 5000

static long left = -1; /* allocations until one fails; -1 = none does */
static long failed;

static bool next_fails(void)
{
	if (left < 0 || left-- > 0)
		return false;
	left = -1; /* one only: what comes after it must work or clean up */
	failed++;
	return true;
}

static void *give(size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return next_fails() ? NULL : malloc(len);
}

static void *give_more(void *p, size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return next_fails() ? NULL : realloc(p, len);
}

static void take_back(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static struct err e;
static uint8_t seed[32] = {9}, public_key[32], signature[64];
static uint8_t key[32] = {3}, sealed[5 + SEC_AEAD_OVERHEAD], mac[32], digest[64];
static char password[SEC_PASSWORD_TEXT_MAX];
static const struct span message = {.data = (const uint8_t *)"message", .len = 7};

static enum err_code do_digest(void)
{
	uint8_t out[64];
	enum err_code code = sec_sha512(out, &message, 1);

	assert_true(code != ERR_OK || memcmp(out, digest, 64) == 0);
	return code;
}

static enum err_code do_hmac(void)
{
	uint8_t out[32];
	enum err_code code = sec_hmac(out, SEC_HASH_SHA256, SPAN(key, 32), &message, 1);

	assert_true(code != ERR_OK || memcmp(out, mac, 32) == 0);
	return code;
}

/* Two messages, of which the first takes a copy of what was begun. */
static enum err_code do_hmac_each(void)
{
	static const uint8_t none[32];
	const struct span ends[] = {span_text("massage"), message};
	uint8_t out[2][32];
	uint8_t *const outs[] = {out[0], out[1]};
	enum err_code code =
		sec_hmac_each(outs, SEC_HASH_SHA256, SPAN(key, 32), NULL, 0, ends, 2);

	assert_memory_equal(out[1], code == ERR_OK ? mac : none, 32);
	assert_int_equal(memcmp(out[0], none, 32) == 0, code != ERR_OK);
	return code;
}

static enum err_code do_sign(void)
{
	uint8_t out[64];
	enum err_code code = sec_ed25519_sign(out, SPAN(seed, 32), message);

	assert_true(code != ERR_OK || memcmp(out, signature, 64) == 0);
	return code;
}

static enum err_code do_public(void)
{
	uint8_t out[32];
	enum err_code code = sec_ed25519_public(out, SPAN(seed, 32));

	assert_true(code != ERR_OK || memcmp(out, public_key, 32) == 0);
	return code;
}

static enum err_code do_verify(void)
{
	return sec_ed25519_verify(SPAN(public_key, 32), SPAN(signature, 64), message);
}

static enum err_code do_verify_forged(void)
{
	enum err_code code =
		sec_ed25519_verify(SPAN(public_key, 32), SPAN(signature, 64), span_text("massage"));

	assert_int_not_equal(code, ERR_OK);
	return code == ERR_FORGED ? ERR_OK : code;
}

static enum err_code do_seal(void)
{
	uint8_t out[sizeof sealed];

	return sec_aead_seal(out, SPAN(key, 32), span_text("words"), message, &e);
}

static enum err_code do_open(void)
{
	uint8_t out[5];
	enum err_code code =
		sec_aead_open(out, SPAN(key, 32), SPAN(sealed, sizeof sealed), message);

	assert_true(code != ERR_OK || memcmp(out, "words", 5) == 0);
	return code;
}

static enum err_code do_open_forged(void)
{
	uint8_t out[5];
	enum err_code code = sec_aead_open(
		out, SPAN(key, 32), SPAN(sealed, sizeof sealed), span_text("massage"));

	assert_int_not_equal(code, ERR_OK);
	return code == ERR_FORGED ? ERR_OK : code;
}

static enum err_code do_password(void)
{
	return sec_password_verify(password, span_text("2468"));
}

/* A thread of its own, so that its contexts are made again each time. */
static void *run_in_thread(void *call)
{
	enum err_code (**operation)(void) = call;

	return (void *)(uintptr_t)(*operation)();
}

static enum err_code in_new_thread(enum err_code (*operation)(void))
{
	pthread_t thread;
	void *code;

	assert_int_equal(pthread_create(&thread, NULL, run_in_thread, &operation), 0);
	assert_int_equal(pthread_join(thread, &code), 0);
	return (enum err_code)(uintptr_t)code;
}

static void no_failed_allocation_changes_an_answer(void **state)
{
	static enum err_code (*const operations[])(void) = {do_digest, do_hmac, do_hmac_each,
		do_sign, do_public, do_verify, do_verify_forged, do_seal, do_open, do_open_forged,
		do_password};
	(void)state;

	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		long n;
		for (n = 0; n < FAULTS_MAX; n++) {
			long before = failed;
			left = n;
			enum err_code code = in_new_thread(operations[i]);
			bool reached = failed > before;
			left = -1;
			if (!reached) {
				assert_int_equal(code, ERR_OK);
				break;
			}
		}
		assert_true(n < FAULTS_MAX);
		assert_int_equal(in_new_thread(operations[i]), ERR_OK);
	}
	assert_true(failed > 20);
}

static void no_failed_allocation_breaks_the_start(void **state)
{
	long n;
	(void)state;

	sec_stop();
	for (n = 0; n < FAULTS_MAX; n++) {
		long before = failed;
		left = n;
		enum err_code code = sec_start(&e);
		bool reached = failed > before;
		left = -1;
		if (code == ERR_OK)
			assert_int_equal(sec_selftest(-1, &e), ERR_OK);
		sec_stop();
		if (!reached) {
			assert_int_equal(code, ERR_OK);
			break;
		}
	}
	assert_true(n > 10 && n < FAULTS_MAX);
	assert_int_equal(sec_start(&e), ERR_OK);
}

static int start(void **state)
{
	const struct span parts[] = {message};
	(void)state;

	if (CRYPTO_set_mem_functions(give, give_more, take_back) != 1 || sec_start(&e) != ERR_OK)
		return -1;
	return sec_sha512(digest, parts, 1) == ERR_OK &&
			sec_hmac(mac, SEC_HASH_SHA256, SPAN(key, 32), parts, 1) == ERR_OK &&
			sec_ed25519_public(public_key, SPAN(seed, 32)) == ERR_OK &&
			sec_ed25519_sign(signature, SPAN(seed, 32), message) == ERR_OK &&
			sec_aead_seal(sealed, SPAN(key, 32), span_text("words"), message, &e) ==
				ERR_OK &&
			sec_password_hash(password, span_text("2468"), &e) == ERR_OK ?
		0 :
		-1;
}

static int stop(void **state)
{
	(void)state;
	sec_stop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_failed_allocation_changes_an_answer),
		cmocka_unit_test(no_failed_allocation_breaks_the_start),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, stop);
}
