/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-1, SHA-256, SHA-512 (FIPS 180), HMAC (RFC 2202, RFC 4231), HKDF (RFC 5869).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/crypto.h"
#include "tests/lib/crypto_case.h"
#include "tests/lib/death.h"
#include "tests/lib/exact.h"
#include "tests/lib/hex.h"

static void hashes_of_nothing(void **state)
{
	uint8_t out[SEC_SHA512_LEN];
	const struct span nothing[] = {{0}, {0}};
	(void)state;

	assert_int_equal(sec_sha1(out, NULL, 0), ERR_OK);
	assert_true(is_hex(SPAN(out, 20), "da39a3ee5e6b4b0d3255bfef95601890afd80709"));
	assert_int_equal(sec_sha256(out, nothing, 2), ERR_OK);
	assert_true(is_hex(SPAN(out, 32),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	assert_int_equal(sec_sha512(out, nothing, 1), ERR_OK);
	assert_true(is_hex(SPAN(out, 64),
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
		"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"));
}

static void hashes_of_two_blocks(void **state)
{
	static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	const struct span part = span_text(text);
	uint8_t out[SEC_SHA512_LEN];
	(void)state;

	assert_int_equal(sec_sha1(out, &part, 1), ERR_OK);
	assert_true(is_hex(SPAN(out, 20), "84983e441c3bd26ebaae4aa1f95129e5e54670f1"));
	assert_int_equal(sec_sha256(out, &part, 1), ERR_OK);
	assert_true(is_hex(SPAN(out, 32),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
	assert_int_equal(sec_sha512(out, &part, 1), ERR_OK);
	assert_true(is_hex(SPAN(out, 64),
		"204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
		"96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"));
}

static void parts_are_one_text(void **state)
{
	static const char text[] = "the quick brown fox jumps over the lazy dog, twice and again.";
	uint8_t whole[3][SEC_SHA512_LEN], out[SEC_SHA512_LEN], mac[SEC_SHA256_LEN];
	const struct span all = span_text(text);
	(void)state;

	assert_int_equal(sec_sha1(whole[0], &all, 1), ERR_OK);
	assert_int_equal(sec_sha512(whole[1], &all, 1), ERR_OK);
	assert_int_equal(sec_hmac(whole[2], SEC_HASH_SHA256, span_text("k"), &all, 1), ERR_OK);
	for (size_t i = 0; i <= all.len; i++) {
		const struct span parts[] = {
			exact(text, i), {0}, exact(text + i, all.len - i)};
		assert_int_equal(sec_sha1(out, parts, 3), ERR_OK);
		assert_memory_equal(out, whole[0], SEC_SHA1_LEN);
		assert_int_equal(sec_sha512(out, parts, 3), ERR_OK);
		assert_memory_equal(out, whole[1], SEC_SHA512_LEN);
		assert_int_equal(sec_hmac(mac, SEC_HASH_SHA256, span_text("k"), parts, 3), ERR_OK);
		assert_memory_equal(mac, whole[2], SEC_SHA256_LEN);
		exact_free(parts[0]);
		exact_free(parts[2]);
	}
}

struct hmac_vector {
	enum sec_hash hash;
	int key_byte; /* the key is this byte key_len times, or key_hex */
	size_t key_len;
	const char *key_hex;
	const char *text;
	int text_byte;
	size_t text_len;
	const char *mac; /* may be cut: RFC 4231 test 5 */
};

static const char larger[] = "Test Using Larger Than Block-Size Key - Hash Key First";
static const char larger_both[] =
	"This is a test using a larger than block-size key and a larger than block-size data. "
	"The key needs to be hashed before being used by the HMAC algorithm.";
static const char jefe[] = "4a656665";
static const char counting[] = "0102030405060708090a0b0c0d0e0f10111213141516171819";
static const char truncation[] = "Test With Truncation";
static const char want[] = "what do ya want for nothing?";

static const struct hmac_vector hmac_vectors[] = {
	/* RFC 2202 section 3 */
	{SEC_HASH_SHA1, 0x0b, 20, NULL, "Hi There", 0, 0,
		"b617318655057264e28bc0b6fb378c8ef146be00"},
	{SEC_HASH_SHA1, 0, 0, jefe, want, 0, 0, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	{SEC_HASH_SHA1, 0xaa, 20, NULL, NULL, 0xdd, 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
	{SEC_HASH_SHA1, 0, 0, counting, NULL, 0xcd, 50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
	{SEC_HASH_SHA1, 0x0c, 20, NULL, truncation, 0, 0,
		"4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
	{SEC_HASH_SHA1, 0xaa, 80, NULL, larger, 0, 0, "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
	/* RFC 4231 section 4 */
	{SEC_HASH_SHA256, 0x0b, 20, NULL, "Hi There", 0, 0,
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{SEC_HASH_SHA512, 0x0b, 20, NULL, "Hi There", 0, 0,
		"87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
		"daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
	{SEC_HASH_SHA256, 0, 0, jefe, want, 0, 0,
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{SEC_HASH_SHA512, 0, 0, jefe, want, 0, 0,
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
	{SEC_HASH_SHA256, 0xaa, 20, NULL, NULL, 0xdd, 50,
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	{SEC_HASH_SHA512, 0xaa, 20, NULL, NULL, 0xdd, 50,
		"fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
		"bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
	{SEC_HASH_SHA256, 0, 0, counting, NULL, 0xcd, 50,
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	{SEC_HASH_SHA512, 0, 0, counting, NULL, 0xcd, 50,
		"b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
		"a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
	{SEC_HASH_SHA256, 0x0c, 20, NULL, truncation, 0, 0, "a3b6167473100ee06e0c796c2955552b"},
	{SEC_HASH_SHA512, 0x0c, 20, NULL, truncation, 0, 0, "415fad6271580a531d4179bc891d87a6"},
	{SEC_HASH_SHA256, 0xaa, 131, NULL, larger, 0, 0,
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	{SEC_HASH_SHA512, 0xaa, 131, NULL, larger, 0, 0,
		"80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
		"6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
	{SEC_HASH_SHA256, 0xaa, 131, NULL, larger_both, 0, 0,
		"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	{SEC_HASH_SHA512, 0xaa, 131, NULL, larger_both, 0, 0,
		"e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
		"b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"},
};

static void hmac_gives_the_vectors_of_the_standards(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hmac_vectors / sizeof hmac_vectors[0]; i++) {
		const struct hmac_vector *v = &hmac_vectors[i];
		uint8_t key_bytes[160], text_bytes[64], out[SEC_SHA512_LEN];
		struct span key = SPAN(key_bytes, v->key_len);
		memset(key_bytes, v->key_byte, sizeof key_bytes);
		memset(text_bytes, v->text_byte, sizeof text_bytes);
		if (v->key_hex != NULL)
			key = unhex(key_bytes, sizeof key_bytes, v->key_hex);
		struct span text =
			v->text != NULL ? exact_text(v->text) : exact(text_bytes, v->text_len);
		struct span exact_key = exact(key.data, key.len);
		assert_int_equal(sec_hmac(out, v->hash, exact_key, &text, 1), ERR_OK);
		assert_true(is_hex(SPAN(out, strlen(v->mac) / 2), v->mac));
		exact_free(text);
		exact_free(exact_key);
	}
}

/* To OpenSSL no key would mean the key of the call before, in a context that is kept. */
static void an_empty_key_is_not_the_key_before(void **state)
{
	const struct span part = span_text("text");
	uint8_t first[SEC_SHA256_LEN], second[SEC_SHA256_LEN];
	(void)state;

	assert_int_equal(sec_hmac(first, SEC_HASH_SHA256, span_text("secret"), &part, 1), ERR_OK);
	assert_int_equal(sec_hmac(second, SEC_HASH_SHA256, (struct span){0}, &part, 1), ERR_OK);
	assert_memory_not_equal(first, second, sizeof first);
	/* Python: hmac.new(b"", b"text", "sha256").hexdigest() */
	assert_true(is_hex(SPAN(second, sizeof second),
		"0611b704abab473f956257a09cc2fc2c867211d077bdffc5a91bd8a5047826ff"));
	assert_int_equal(sec_hmac(second, SEC_HASH_SHA256, span_text("secret"), &part, 1), ERR_OK);
	assert_memory_equal(first, second, sizeof first);
}

static void every_bit_of_key_and_text_counts(void **state)
{
	uint8_t key[SEC_KEY_LEN] = {0}, text[48] = {0};
	uint8_t right[SEC_SHA256_LEN], out[SEC_SHA256_LEN];
	const struct span part = SPAN(text, sizeof text);
	(void)state;

	assert_int_equal(sec_hmac(right, SEC_HASH_SHA256, SPAN(key, sizeof key), &part, 1), ERR_OK);
	for (size_t bit = 0; bit < 8 * (sizeof key + sizeof text); bit++) {
		uint8_t *at = bit < 8 * sizeof key ? &key[bit / 8] : &text[bit / 8 - sizeof key];
		*at ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(
			sec_hmac(out, SEC_HASH_SHA256, SPAN(key, sizeof key), &part, 1), ERR_OK);
		assert_memory_not_equal(out, right, sizeof out);
		*at ^= (uint8_t)(1u << bit % 8);
	}
}

static void lengths_are_those_of_the_hashes(void **state)
{
	(void)state;
	assert_int_equal(sec_hash_len(SEC_HASH_SHA1), 20);
	assert_int_equal(sec_hash_len(SEC_HASH_SHA256), 32);
	assert_int_equal(sec_hash_len(SEC_HASH_SHA512), 64);
}

/* With keys around a block's length and parts of every kind, for each hash. */
static void macs_that_begin_alike_are_those_of_the_whole_texts(void **state)
{
	static const uint8_t key[130] = {7};
	static const size_t key_lens[] = {0, 1, 64, 65, 128, 130};
	static const char *const rests[] = {"", "a", "the rest", ""};
	const struct span parts[] = {span_text("the beginning"), {0}, span_text(" and ")};
	uint8_t got[4][SEC_SHA512_LEN], one[SEC_SHA512_LEN];
	uint8_t *const out[] = {got[0], got[1], got[2], got[3]};
	(void)state;

	for (size_t n = 0; n < 3 * sizeof key_lens / sizeof key_lens[0]; n++) {
		enum sec_hash hash = (enum sec_hash)(n % 3);
		struct span k = SPAN(key, key_lens[n / 3]), ends[4];
		for (size_t i = 0; i < 4; i++)
			ends[i] = span_text(rests[i]);
		assert_int_equal(sec_hmac_each(out, hash, k, parts, 3, ends, 4), ERR_OK);
		for (size_t i = 0; i < 4; i++) {
			const struct span whole[] = {parts[0], parts[2], ends[i]};
			assert_int_equal(sec_hmac(one, hash, k, whole, 3), ERR_OK);
			assert_memory_equal(got[i], one, sec_hash_len(hash));
		}
		assert_int_equal(sec_hmac_each(out, hash, k, NULL, 0, ends + 2, 1), ERR_OK);
		assert_int_equal(sec_hmac(one, hash, k, ends + 2, 1), ERR_OK);
		assert_memory_equal(got[0], one, sec_hash_len(hash));
	}
}

static void keys_made_together_are_those_made_one_by_one(void **state)
{
	const struct span key = span_text("key"), salt = span_text("salt");
	const struct span info[] = {span_text("a"), span_text("an info"), span_text("b")};
	uint8_t got[3][SEC_KEY_LEN], one[SEC_KEY_LEN];
	uint8_t *const out[] = {got[0], got[1], got[2]};
	(void)state;

	for (size_t count = 1; count <= 3; count++) {
		memset(got, 0, sizeof got);
		assert_int_equal(sec_hkdf_sha256_each(out, info, count, key, salt), ERR_OK);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(
				sec_hkdf_sha256(one, sizeof one, key, salt, info[i]), ERR_OK);
			assert_memory_equal(got[i], one, sizeof one);
		}
	}
}

static void hkdf_gives_the_vectors_of_the_standard(void **state)
{
	/* RFC 5869 A.1 to A.3: key, salt, info, output. */
	static const char *const vectors[][4] = {
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
			"f0f1f2f3f4f5f6f7f8f9",
			"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
			"34007208d5b887185865"},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
		 "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
		 "404142434445464748494a4b4c4d4e4f",
			"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
			"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
			"b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
			"d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
			"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
			"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
			"59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
			"cc30c58179ec3e87c14c01d5c1f3434f1d87"},
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
			"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
			"9d201395faa4b61a96c8"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		uint8_t key[80], salt[80], info[80], out[82];
		size_t len = strlen(vectors[i][3]) / 2;
		assert_int_equal(sec_hkdf_sha256(out, len, unhex(key, sizeof key, vectors[i][0]),
					 unhex(salt, sizeof salt, vectors[i][1]),
					 unhex(info, sizeof info, vectors[i][2])), ERR_OK);
		assert_true(is_hex(SPAN(out, len), vectors[i][3]));
	}
}

static void a_shorter_hkdf_output_is_the_beginning_of_a_longer(void **state)
{
	static uint8_t longest[255 * 32];
	const struct span key = span_text("key");
	const struct span info = span_text("info");
	(void)state;

	assert_int_equal(
		sec_hkdf_sha256(longest, sizeof longest, key, (struct span){0}, info), ERR_OK);
	static const size_t lens[] = {1, 31, 32, 33, 63, 64, 65, 8159};
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		struct span out = exact(longest, lens[i]);
		uint8_t *at = (uint8_t *)(uintptr_t)out.data;
		memset(at, 0, out.len);
		assert_int_equal(sec_hkdf_sha256(at, out.len, key, (struct span){0}, info), ERR_OK);
		assert_memory_equal(at, longest, out.len);
		exact_free(out);
	}
}

static void too_much_hkdf(void)
{
	static uint8_t out[255 * 32 + 1];

	const struct span text = span_text("k");

	ERR_IGNORE(sec_hkdf_sha256(out, sizeof out, text, (struct span){0}, text));
}

static void more_hkdf_output_than_there_is_is_a_fault_of_the_program(void **state)
{
	(void)state;
	assert_true(dies(too_much_hkdf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_of_nothing),
		cmocka_unit_test(hashes_of_two_blocks),
		cmocka_unit_test(parts_are_one_text),
		cmocka_unit_test(hmac_gives_the_vectors_of_the_standards),
		cmocka_unit_test(an_empty_key_is_not_the_key_before),
		cmocka_unit_test(every_bit_of_key_and_text_counts),
		cmocka_unit_test(lengths_are_those_of_the_hashes),
		cmocka_unit_test(macs_that_begin_alike_are_those_of_the_whole_texts),
		cmocka_unit_test(keys_made_together_are_those_made_one_by_one),
		cmocka_unit_test(hkdf_gives_the_vectors_of_the_standard),
		cmocka_unit_test(a_shorter_hkdf_output_is_the_beginning_of_a_longer),
		cmocka_unit_test(more_hkdf_output_than_there_is_is_a_fault_of_the_program),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, crypto_case_start, crypto_case_stop);
}
