/* SPDX-License-Identifier: Apache-2.0
 *
 * One known answer for each primitive, from the standard that defines it, at every start.
 */
#include "crypto/internal.h"

#include <string.h>

#define ANSWER_MAX 64

/* Each check computes what its standard printed; `expected` is the answer in bytes. */
struct check {
	const char *name;
	const char *answer; /* hex */
	bool (*run)(const uint8_t *expected, size_t len);
};

static const char key_text[] = "12345678901234567890123456789012"
			       "34567890123456789012345678901234";

static bool check_sha1(const uint8_t *expected, size_t len)
{
	uint8_t out[SEC_SHA1_LEN];
	const struct span part = SPAN("abc", 3);

	return sec_sha1(out, &part, 1) == ERR_OK && sec_equal(out, expected, len);
}

static bool check_sha256(const uint8_t *expected, size_t len)
{
	uint8_t out[SEC_SHA256_LEN];
	const struct span part = SPAN("abc", 3);

	return sec_sha256(out, &part, 1) == ERR_OK && sec_equal(out, expected, len);
}

static bool check_sha512(const uint8_t *expected, size_t len)
{
	uint8_t out[SEC_SHA512_LEN];
	const struct span part = SPAN("abc", 3);

	return sec_sha512(out, &part, 1) == ERR_OK && sec_equal(out, expected, len);
}

static bool hmac_matches(enum sec_hash hash, const uint8_t *expected, size_t len)
{
	uint8_t out[SEC_SHA512_LEN];
	const struct span part = span_text("what do ya want for nothing?");

	return len == sec_hash_len(hash) &&
		sec_hmac(out, hash, span_text("Jefe"), &part, 1) == ERR_OK &&
		sec_equal(out, expected, len);
}

static bool check_hmac_sha1(const uint8_t *expected, size_t len)
{
	return hmac_matches(SEC_HASH_SHA1, expected, len);
}

static bool check_hmac_sha256(const uint8_t *expected, size_t len)
{
	return hmac_matches(SEC_HASH_SHA256, expected, len);
}

static bool check_hmac_sha512(const uint8_t *expected, size_t len)
{
	return hmac_matches(SEC_HASH_SHA512, expected, len);
}

static bool check_hkdf(const uint8_t *expected, size_t len)
{
	uint8_t key[22], salt[13], info[10], out[42];

	memset(key, 0x0b, sizeof key);
	for (size_t i = 0; i < sizeof salt; i++)
		salt[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof info; i++)
		info[i] = (uint8_t)(0xf0 + i);
	return len == sizeof out &&
		sec_hkdf_sha256(out, sizeof out, SPAN(key, sizeof key), SPAN(salt, sizeof salt),
			SPAN(info, sizeof info)) == ERR_OK &&
		sec_equal(out, expected, len);
}

static bool check_ocra(const uint8_t *expected, size_t len)
{
	struct sec_ocra_suite suite;
	struct sec_ocra_input in = {.question = span_text("SIG1000000"), .time_steps = 0x132d0b6};
	char out[SEC_OCRA_TEXT_LEN + 1];

	return sec_ocra_suite_parse(&suite, span_text("OCRA-1:HOTP-SHA512-8:QA10-T1M"), NULL) ==
		ERR_OK &&
		sec_ocra_text(out, &suite, SPAN(key_text, 64), &in, NULL) == ERR_OK && len == 8 &&
		sec_equal(out, expected, len);
}

static bool check_ed25519(const uint8_t *expected, size_t len)
{
	static const char seed_hex[] =
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
	uint8_t seed[SEC_ED25519_SEED_LEN];
	uint8_t public_key[SEC_ED25519_PUBLIC_LEN];
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN];
	const struct span message = SPAN("\x72", 1);

	return hex_decode(seed, sizeof seed, span_text(seed_hex)) == ERR_OK &&
	       sec_ed25519_public(public_key, SPAN(seed, sizeof seed)) == ERR_OK &&
	       sec_ed25519_sign(signature, SPAN(seed, sizeof seed), message) == ERR_OK &&
	       len == sizeof signature && sec_equal(signature, expected, len) &&
	       sec_ed25519_verify(SPAN(public_key, sizeof public_key), SPAN(expected, len),
		       message) == ERR_OK &&
	       sec_ed25519_verify(SPAN(public_key, sizeof public_key), SPAN(expected, len),
		       SPAN("\x73", 1)) == ERR_FORGED;
}

static bool check_aead(const uint8_t *expected, size_t len)
{
	static const uint8_t key[SEC_KEY_LEN], nonce[SEC_AEAD_NONCE_LEN], text[16];
	uint8_t sealed[sizeof text + SEC_AEAD_OVERHEAD];
	uint8_t opened[sizeof text];
	const struct span nothing = {0};

	/* Test case 14 of the GCM paper: everything zero. The nonce goes before the answer. */
	return sec_aead_seal_with(sealed, SPAN(key, sizeof key), nonce, SPAN(text, sizeof text),
		       nothing) == ERR_OK &&
	       len == sizeof sealed - sizeof nonce &&
	       sec_equal(sealed + sizeof nonce, expected, len) &&
	       sec_aead_open(opened, SPAN(key, sizeof key), SPAN(sealed, sizeof sealed), nothing) ==
		       ERR_OK &&
	       sec_equal(opened, text, sizeof text);
}

static bool check_argon2id(const uint8_t *expected, size_t len)
{
	return len == 32 && sec_password_selftest(expected);
}

static const struct check checks[] = {
	{"SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d", check_sha1}, /* FIPS 180-4 */
	{"SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		check_sha256},
	{"SHA-512",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		check_sha512},
	{"HMAC-SHA-1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", check_hmac_sha1}, /* RFC 2202 */
	{"HMAC-SHA-256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		check_hmac_sha256}, /* RFC 4231 */
	{"HMAC-SHA-512",
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
		check_hmac_sha512},
	{"HKDF-SHA-256",
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
		"34007208d5b887185865",
		check_hkdf}, /* RFC 5869 A.1 */
	{"OCRA", "3737353337343233", check_ocra}, /* RFC 6287 C.3: 77537423 */
	{"Ed25519",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		check_ed25519}, /* RFC 8032 7.1, test 2 */
	{"AES-256-GCM", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
		check_aead},
	{"argon2id", "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
		check_argon2id}, /* RFC 9106 5.3 */
};

enum err_code sec_selftest(int corrupt, struct err *err)
{
	const int count = (int)(sizeof checks / sizeof checks[0]);

	if (corrupt < -1 || corrupt >= count)
		return err_set(err, ERR_RANGE, "self-test: no primitive %d", corrupt);
	for (int i = 0; i < count; i++) {
		uint8_t expected[ANSWER_MAX];
		size_t len = strlen(checks[i].answer) / 2;
		ASSERT(len <= sizeof expected);
		bool ok = hex_decode(expected, len, span_text(checks[i].answer)) == ERR_OK;
		if (ok && i == corrupt)
			expected[len - 1] ^= 1;
		if (!ok || !checks[i].run(expected, len))
			return err_set(err, ERR_CRYPTO,
				"self-test: %s gives a wrong answer; the program cannot be trusted",
				checks[i].name);
	}
	return ERR_OK;
}
