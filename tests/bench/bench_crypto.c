/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU time of the primitives and of what one second code costs in them: HKDF of K_response, one
 * SHA-512 over the session, HMAC over the OCRA input. Prints one line a figure: the median of the
 * series.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "tests/bench/measure.h"

#define SERIES 9

static uint8_t secret[SEC_KEY_LEN] = {1}, key[SEC_KEY_LEN], session[SEC_SHA512_LEN];
static uint8_t static_body[92], out[SEC_SHA512_LEN], sealed[SEC_KEY_LEN + SEC_AEAD_OVERHEAD];
static uint8_t seed[SEC_ED25519_SEED_LEN] = {2}, public_key[SEC_ED25519_PUBLIC_LEN];
static uint8_t signature[SEC_ED25519_SIGNATURE_LEN];
static struct sec_ocra_suite suite;

static void must(enum err_code code)
{
	if (code != ERR_OK) {
		fprintf(stderr, "bench_crypto: %s\n", err_words(code));
		exit(1);
	}
}

static void hmac(void)
{
	const struct span part = SPAN(static_body, sizeof static_body);

	must(sec_hmac(out, SEC_HASH_SHA256, SPAN(secret, sizeof secret), &part, 1));
}

static void derive_key(void)
{
	must(sec_hkdf_sha256(key, sizeof key, SPAN(secret, sizeof secret), (struct span){0},
		span_text("countersign/1 response")));
}

static void hash_session(void)
{
	const struct span parts[] = {
		span_text("countersign/1 session"), SPAN(static_body, sizeof static_body)};

	must(sec_sha512(session, parts, 2));
}

static void ocra(void)
{
	struct sec_ocra_input in = {.question = span_text("632389"),
		.session = SPAN(session, sizeof session),
		.time_steps = 60000000};

	must(sec_ocra_mac(out, &suite, SPAN(key, sizeof key), &in, NULL));
}

static void verify_with_cached_key(void)
{
	hash_session();
	ocra();
	if (sec_equal(out, secret, sizeof secret))
		exit(1);
}

static void verify(void)
{
	derive_key();
	verify_with_cached_key();
}

static void sign(void)
{
	must(sec_ed25519_sign(signature, SPAN(seed, sizeof seed), SPAN(static_body, 28)));
}

static void verify_signature(void)
{
	must(sec_ed25519_verify(SPAN(public_key, sizeof public_key),
		SPAN(signature, sizeof signature), SPAN(static_body, 28)));
}

static void seal(void)
{
	must(sec_aead_seal(sealed, SPAN(secret, sizeof secret), SPAN(key, sizeof key),
		SPAN(static_body, 16), NULL));
}

static void unseal(void)
{
	must(sec_aead_open(out, SPAN(secret, sizeof secret), SPAN(sealed, sizeof sealed),
		SPAN(static_body, 16)));
}

static void random_bytes(void)
{
	must(sec_random(out, 32, NULL));
}

static void password(void)
{
	char text[SEC_PASSWORD_TEXT_MAX];

	must(sec_password_hash(text, span_text("2468"), NULL));
}

static double cpu_us(void)
{
	return measure_thread_cpu() * 1e6;
}

static void measure(const char *what, void (*call)(void), int rounds)
{
	double times[SERIES];

	for (int i = 0; i < SERIES; i++) {
		double before = cpu_us();
		for (int round = 0; round < rounds; round++)
			call();
		times[i] = (cpu_us() - before) / rounds;
	}
	measure_sort(times, SERIES);
	printf("%-48s %10.2f us\n", what, times[SERIES / 2]);
}

int main(void)
{
	must(sec_start(NULL));
	must(sec_ocra_suite_parse(
		&suite, span_text("OCRA-1:HOTP-SHA256-0:QA10-S064-T30S"), NULL));
	must(sec_ed25519_public(public_key, SPAN(seed, sizeof seed)));
	sign();
	derive_key();
	seal();
	measure("crypto: second code, key derived", verify, 20000);
	measure("crypto: second code, key cached", verify_with_cached_key, 20000);
	measure("crypto: HKDF of one key", derive_key, 20000);
	measure("crypto: HMAC-SHA-256 of 92 bytes", hmac, 20000);
	measure("crypto: Ed25519 sign", sign, 1000);
	measure("crypto: Ed25519 verify", verify_signature, 1000);
	measure("crypto: AES-256-GCM seal 32 bytes", seal, 20000);
	measure("crypto: AES-256-GCM open 32 bytes", unseal, 20000);
	measure("crypto: 32 random bytes", random_bytes, 20000);
	measure("crypto: argon2id of a PIN", password, 4);
	sec_stop();
	return 0;
}
