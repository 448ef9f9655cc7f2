/* SPDX-License-Identifier: Apache-2.0
 *
 * Ed25519: the vectors of RFC 8032 section 7.1, and what must be refused.
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
#include "tests/lib/exact.h"
#include "tests/lib/hex.h"

struct vector {
	const char *seed, *public_key, *message, *signature;
};

static const char long_message[] =
	"08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98"
	"fa6e264bf09efe12ee50f8f54e9f77b1e355f6c50544e23fb1433ddf73be84d8"
	"79de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d"
	"658675fc6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc"
	"1a858efcb8550ee3a5e1998bd177e93a7363c344fe6b199ee5d02e82d522c4fe"
	"ba15452f80288a821a579116ec6dad2b3b310da903401aa62100ab5d1a36553e"
	"06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573cb116dbef"
	"efd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d206be6cd9ec7"
	"aff6f6c94fcd7204ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed1"
	"85ce81bd84359d44254d95629e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2"
	"d17ba70eb6248e594e1a2297acbbb39d502f1a8c6eb6f1ce22b3de1a1f40cc24"
	"554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f270"
	"88d78b7e883c8759d2c4f5c65adb7553878ad575f9fad878e80a0c9ba63bcbcc"
	"2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2cf65bd92dd597b07"
	"07e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128ba"
	"b27af87a71314f318c782b23ebfe808b82b0ce26401d2e22f04d83d1255dc51a"
	"ddd3b75a2b1ae0784504df543af8969be3ea7082ff7fc9888c144da2af58429e"
	"c96031dbcad3dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9b47acdb7"
	"51fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e22904cc8c"
	"42f58c30c04aafdb038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8"
	"ca61783aacec57fb3d1f92b0fe2fd1a85f6724517b65e614ad6808d6f6ee34df"
	"f7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08"
	"d78ff4ef5d63653a65040cf9bfd4aca7984a74d37145986780fc0b16ac451649"
	"de6188a7dbdf191f64b5fc5e2ab47b57f7f7276cd419c17a3ca8e1b939ae49e4"
	"88acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d5011fd2dcc5600a3"
	"2ef5b52a1ecc820e308aa342721aac0943bf6686b64b2579376504ccc493d97e"
	"6aed3fb0f9cd71a43dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5f"
	"b93246f6b1116398a346f1a641f3b041e989f7914f90cc2c7fff357876e506b5"
	"0d334ba77c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa933a15ef1"
	"369546868a7f3a45a96768d40fd9d03412c091c6315cf4fde7cb68606937380d"
	"b2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c"
	"0618983f8741c5ef68d3a101e8a3b8cac60c905c15fc910840b94c00a0b9d0";

static const struct vector vectors[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
	{"f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
		"278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e", long_message,
		"0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350"
		"aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03"},
	/* The message is SHA-512 of "abc". */
	{"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
		"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
		"09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
};
#define VECTOR_COUNT (sizeof vectors / sizeof vectors[0])

/* A vector's bytes. */
struct signed_message {
	uint8_t storage[4][1200];
	struct span seed, public_key, message, signature;
};

static struct signed_message load(const struct vector *v)
{
	static struct signed_message s;

	s.seed = unhex(s.storage[0], sizeof s.storage[0], v->seed);
	s.public_key = unhex(s.storage[1], sizeof s.storage[1], v->public_key);
	s.message = unhex(s.storage[2], sizeof s.storage[2], v->message);
	s.signature = unhex(s.storage[3], sizeof s.storage[3], v->signature);
	return s;
}

static void gives_the_vectors_of_the_standard(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct signed_message s = load(&vectors[i]);
		uint8_t public_key[SEC_ED25519_PUBLIC_LEN], signature[SEC_ED25519_SIGNATURE_LEN];
		struct span message = exact(s.message.data, s.message.len);
		assert_int_equal(sec_ed25519_public(public_key, s.seed), ERR_OK);
		assert_true(is_hex(SPAN(public_key, sizeof public_key), vectors[i].public_key));
		assert_int_equal(sec_ed25519_sign(signature, s.seed, message), ERR_OK);
		assert_true(is_hex(SPAN(signature, sizeof signature), vectors[i].signature));
		assert_int_equal(sec_ed25519_verify(s.public_key, s.signature, message), ERR_OK);
		exact_free(message);
	}
}

static void every_changed_bit_is_forged(void **state)
{
	struct signed_message s = load(&vectors[2]);
	struct {
		const struct span *in;
	} fields[] = {{&s.public_key}, {&s.message}, {&s.signature}};
	(void)state;

	for (size_t f = 0; f < 3; f++) {
		uint8_t *bytes = (uint8_t *)(uintptr_t)fields[f].in->data;
		for (size_t bit = 0; bit < 8 * fields[f].in->len; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			enum err_code code =
				sec_ed25519_verify(s.public_key, s.signature, s.message);
			/* A key may be no point at all. */
			if (f == 0)
				assert_int_not_equal(code, ERR_OK);
			else
				assert_int_equal(code, ERR_FORGED);
			bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	assert_int_equal(sec_ed25519_verify(s.public_key, s.signature, s.message), ERR_OK);
}

static void other_lengths_are_refused(void **state)
{
	struct signed_message s = load(&vectors[1]);
	uint8_t longer[200] = {0};
	uint8_t out[SEC_ED25519_SIGNATURE_LEN];
	(void)state;

	memcpy(longer, s.signature.data, s.signature.len);
	for (size_t len = 0; len <= sizeof longer; len++) {
		struct span part = exact(longer, len);
		assert_int_equal(sec_ed25519_verify(s.public_key, part, s.message),
			len == SEC_ED25519_SIGNATURE_LEN ? ERR_OK : ERR_FORGED);
		exact_free(part);
	}
	memset(longer, 0, sizeof longer);
	memcpy(longer, s.public_key.data, s.public_key.len);
	for (size_t len = 0; len <= 64; len++) {
		struct span part = exact(longer, len);
		assert_int_equal(sec_ed25519_verify(part, s.signature, s.message),
			len == SEC_ED25519_PUBLIC_LEN ? ERR_OK : ERR_INVALID);
		assert_int_equal(sec_ed25519_public(out, part),
			len == SEC_ED25519_SEED_LEN ? ERR_OK : ERR_INVALID);
		assert_int_equal(sec_ed25519_sign(out, part, s.message),
			len == SEC_ED25519_SEED_LEN ? ERR_OK : ERR_INVALID);
		exact_free(part);
	}
}

/* S + L signs the same in a verifier that does not look at S's range (RFC 8032 section 5.1.7). */
static void the_second_form_of_a_signature_is_forged(void **state)
{
	static const char order[] =
		"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
	struct signed_message s = load(&vectors[1]);
	uint8_t l[32];
	uint8_t *scalar = (uint8_t *)(uintptr_t)s.signature.data + 32;
	unsigned carry = 0;
	(void)state;

	unhex(l, sizeof l, order);
	for (int i = 0; i < 32; i++) {
		carry += scalar[i] + (unsigned)l[i];
		scalar[i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(carry, 0);
	assert_int_equal(sec_ed25519_verify(s.public_key, s.signature, s.message), ERR_FORGED);
}

/* Under these, R = identity and S = 0 is a signature of many or all messages. */
static void keys_of_small_order_are_refused(void **state)
{
	static const char *const weak[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	uint8_t signature[64] = {1};
	uint8_t key[32];
	(void)state;

	for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
		for (char c = 'a'; c < 'm'; c++)
			assert_int_equal(sec_ed25519_verify(unhex(key, sizeof key, weak[i]),
				SPAN(signature, sizeof signature), SPAN(&c, 1)), ERR_INVALID);
	}
}

static void a_signature_of_zeroes_is_forged(void **state)
{
	static const uint8_t zeroes[64];
	struct signed_message s = load(&vectors[0]);
	(void)state;

	assert_int_equal(sec_ed25519_verify(s.public_key, SPAN(zeroes, 64), s.message), ERR_FORGED);
	assert_int_equal(
		sec_ed25519_verify(s.public_key, SPAN(zeroes, 64), span_text("a")), ERR_FORGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_vectors_of_the_standard),
		cmocka_unit_test(every_changed_bit_is_forged),
		cmocka_unit_test(other_lengths_are_refused),
		cmocka_unit_test(the_second_form_of_a_signature_is_forged),
		cmocka_unit_test(keys_of_small_order_are_refused),
		cmocka_unit_test(a_signature_of_zeroes_is_forged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, crypto_case_start, crypto_case_stop);
}
