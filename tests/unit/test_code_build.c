/* SPDX-License-Identifier: Apache-2.0
 *
 * What the builders and formulas refuse, and that every input of a formula matters.
 */
#include "tests/lib/vectors.h"

#include "verifier/code_private.h"

static const uint8_t KEY[SEC_KEY_LEN] = {1, 2, 3};
#define KEY_SPAN SPAN(KEY, sizeof KEY)

static const struct code_challenge CHALLENGE = {
	.number = 12345,
	.digits = 6,
	.currency = "EUR",
	.merchant = "Corner Bakery",
	.reference = "A-1001",
};

/* ---- builders ---- */

static enum err_code build(const char *host, char kind, size_t len)
{
	static const uint8_t body[CODE_BODY_MAX + 1] = {1};
	char storage[CODE_TEXT_MAX];
	struct bytes out;
	enum err_code code;

	bytes_init_fixed(&out, storage, sizeof storage);
	code = code_text_build(&out, host, kind, SPAN(body, len));
	assert_int_equal(code == ERR_OK, out.len > 0);
	return code;
}

static void builds_a_text_only_from_good_parts(void **state)
{
	static const char *const bad_hosts[] = {
		"", "qr.example.com", "A B", "A/B", "A_B", "A@B", "\xc3\x84"};

	(void)state;
	assert_int_equal(build("A", 'C', 2), ERR_OK);
	assert_int_equal(build("QR.EXAMPLE-1.COM:8443", 'J', CODE_BODY_MAX), ERR_OK);
	for (size_t i = 0; i < sizeof bad_hosts / sizeof bad_hosts[0]; i++)
		assert_int_equal(build(bad_hosts[i], 'C', 92), ERR_INVALID);
	assert_int_equal(build("A", 'B', 92), ERR_INVALID);
	assert_int_equal(build("A", 'c', 92), ERR_INVALID);
	assert_int_equal(build("A", '\0', 92), ERR_INVALID);
	assert_int_equal(build("A", 'C', 0), ERR_INVALID);
	assert_int_equal(build("A", 'C', 1), ERR_INVALID);
	assert_int_equal(build("A", 'C', CODE_BODY_MAX + 1), ERR_INVALID);
}

static void leaves_nothing_behind_when_the_text_does_not_fit(void **state)
{
	static const uint8_t body[CODE_STATIC_BODY_LEN] = {1};
	char storage[CODE_TEXT_MAX];
	struct bytes out;
	size_t whole = 0;

	(void)state;
	for (size_t cap = 4; cap < sizeof storage; cap++) {
		enum err_code code;

		bytes_init_fixed(&out, storage, cap);
		bytes_add_text(&out, "abc");
		code = code_text_build(&out, "QR.EXAMPLE.COM", 'C', SPAN(body, sizeof body));
		if (code == ERR_OK && !whole)
			whole = cap;
		assert_int_equal(code, whole ? ERR_OK : ERR_TOO_LARGE);
		assert_int_equal(out.len, whole ? whole : 3);
	}
	assert_int_equal(whole, 3 + 8 + 14 + 3 + 148);
}

static void signs_no_credential_of_generation_zero(void **state)
{
	struct code_credential c = {.generation = 0};
	uint8_t body[CODE_STATIC_BODY_LEN] = {0}, zero[CODE_STATIC_BODY_LEN] = {0};

	(void)state;
	assert_int_equal(code_credential_sign(body, &c, KEY_SPAN), ERR_INVALID);
	assert_memory_equal(body, zero, sizeof body);
	c.generation = 1;
	assert_int_not_equal(code_credential_sign(body, &c, SPAN(KEY, 31)), ERR_OK);
	assert_memory_equal(body, zero, sizeof body);
	assert_int_equal(code_credential_sign(body, &c, KEY_SPAN), ERR_OK);
}

static void makes_live_only_a_static_body(void **state)
{
	struct code_credential c = {.generation = 1};
	uint8_t body[CODE_STATIC_BODY_LEN], live[CODE_LIVE_BODY_LEN], again[CODE_LIVE_BODY_LEN];

	(void)state;
	assert_int_equal(code_credential_sign(body, &c, KEY_SPAN), ERR_OK);
	assert_int_equal(code_credential_live(live, body, KEY_SPAN, 1), ERR_OK);
	assert_int_equal(code_credential_live(again, live, KEY_SPAN, 1), ERR_INVALID);
	body[0] = 2;
	assert_int_equal(code_credential_live(again, body, KEY_SPAN, 1), ERR_INVALID);
}

static enum err_code build_challenge(const struct code_challenge *q)
{
	uint8_t storage[CODE_BODY_MAX];
	struct bytes out;
	enum err_code code;

	bytes_init_fixed(&out, storage, sizeof storage);
	code = code_challenge_build(&out, q, KEY_SPAN);
	assert_int_equal(code == ERR_OK, out.len > 0);
	return code;
}

static void builds_no_challenge_that_would_not_be_read(void **state)
{
	struct code_challenge q = CHALLENGE;

	(void)state;
	assert_int_equal(build_challenge(&q), ERR_OK);
	q.digits = 5;
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	q.digits = 11;
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	q = CHALLENGE;
	q.number = 1000000;
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	q = CHALLENGE;
	memcpy(q.currency, "EuR", 4);
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	memcpy(q.currency, "EU", 3);
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	q = CHALLENGE;
	memcpy(q.merchant, "a\nb", 4);
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	memset(q.merchant, 'm', sizeof q.merchant); /* no NUL: longer than it may be */
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	q = CHALLENGE;
	memcpy(q.reference, "\xff", 2);
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	memset(q.reference, 'r', sizeof q.reference);
	assert_int_equal(build_challenge(&q), ERR_INVALID);
	q.reference[CODE_REFERENCE_MAX] = '\0';
	memset(q.merchant, 'm', CODE_MERCHANT_MAX);
	q.merchant[CODE_MERCHANT_MAX] = '\0';
	assert_int_equal(build_challenge(&q), ERR_OK);
}

static void says_when_there_is_no_room_for_a_challenge(void **state)
{
	uint8_t storage[CODE_BODY_MAX];
	struct bytes out;

	(void)state;
	bytes_init_fixed(&out, storage, 86);
	assert_int_equal(code_challenge_build(&out, &CHALLENGE, KEY_SPAN), ERR_TOO_LARGE);
	assert_int_equal(out.len, 0);
	bytes_init_fixed(&out, storage, 87);
	assert_int_equal(code_challenge_build(&out, &CHALLENGE, KEY_SPAN), ERR_OK);
}

static void signs_presented_codes_of_section_10_only(void **state)
{
	struct code_presented p = {.not_after = 1};
	uint8_t body[CODE_PRESENTED_BODY_LEN];

	(void)state;
	for (int k = 0; k < 256; k++)
		assert_int_equal(code_presented_sign(body, (char)k, &p, span_text("{}"), KEY_SPAN),
			k && strchr("ATSLDPXJ", k) ? ERR_OK : ERR_INVALID);
}

static void a_presented_code_of_another_kind_is_forged(void **state)
{
	const struct vectors *all = *state;
	const struct vector *v = &all->list[0];
	struct code c;

	code_parse(&c, span_text(v->presented));
	assert_int_equal(code_presented_verify(&c, SPAN(v->issuer_public, 32)), ERR_OK);
	for (const char *k = "TSLDPXJCQR"; *k; k++) {
		c.kind = (enum code_kind) * k;
		assert_int_equal(code_presented_verify(&c, SPAN(v->issuer_public, 32)), ERR_FORGED);
	}
	c.kind = CODE_FOREIGN;
	assert_int_equal(code_presented_verify(&c, SPAN(v->issuer_public, 32)), ERR_FORGED);
}

static void checks_of_another_kind_say_forged(void **state)
{
	const struct vectors *all = *state;
	const struct vector *v = &all->list[0];
	struct code c;
	uint64_t step = 0;

	code_parse(&c, span_text(v->first_static));
	assert_int_equal(code_challenge_verify(&c, SPAN(v->k_challenge, 32)), ERR_FORGED);
	assert_int_equal(code_live_find(&step, &c.credential, SPAN(v->k_live, 32),
				 code_step(v->now), 1), ERR_FORGED);
	/* The right tag does not make a code live that says it is static. */
	code_parse(&c, span_text(v->first_live));
	c.credential.live = false;
	assert_int_equal(code_live_find(&step, &c.credential, SPAN(v->k_live, 32),
				 code_step(v->now), 1), ERR_FORGED);
	code_parse(&c, span_text(v->second[0][0]));
	assert_int_equal(code_challenge_verify(&c, SPAN(v->k_challenge, 32)), ERR_FORGED);
	assert_int_equal(code_presented_verify(&c, SPAN(v->issuer_public, 32)), ERR_FORGED);
}

/* ---- formulas ---- */

static void counts_steps_of_30_seconds(void **state)
{
	(void)state;
	assert_int_equal(code_step(0), 0);
	assert_int_equal(code_step(29), 0);
	assert_int_equal(code_step(30), 1);
	assert_int_equal(code_step(1800000000), 60000000);
	assert_int_equal(code_step(-1), 0);
	assert_int_equal(code_step(INT64_MIN), 0);
	assert_int_equal(code_step(INT64_MAX), (uint64_t)INT64_MAX / 30);
}

static void writes_numbers_with_their_leading_zeroes(void **state)
{
	char text[CODE_DIGITS_MAX + 1];

	(void)state;
	code_number_text(text, 0, 6);
	assert_string_equal(text, "000000");
	code_number_text(text, 12345, 6);
	assert_string_equal(text, "012345");
	code_number_text(text, 9999999999, 10);
	assert_string_equal(text, "9999999999");
	assert_int_equal(code_number_end(0), 1);
	assert_int_equal(code_number_end(10), 10000000000);
	assert_int_equal(code_number_end(19), 10000000000000000000u);
}

static void makes_numbers_of_6_to_10_digits_only(void **state)
{
	struct code_number_input in = {
		.k_number = KEY_SPAN, .registration_record = span_text("{}")};
	uint64_t number = 77;
	uint32_t used = 77;

	(void)state;
	for (in.digits = -1; in.digits < 20; in.digits++) {
		bool good = in.digits >= 6 && in.digits <= 10;

		number = 77;
		assert_int_equal(code_number(&number, &used, &in, 0), good ? ERR_OK : ERR_INVALID);
		if (good)
			assert_true(number < code_number_end(in.digits));
		else
			assert_int_equal(number, 77);
	}
}

static void every_input_of_a_number_matters(void **state)
{
	struct code_number_input in =
					 {
						 .k_number = KEY_SPAN,
						 .registration_record =
							 span_text("{\"name\":\"a\"}"),
						 .digits = 10,
					 },
				 other;
	uint8_t key[SEC_KEY_LEN] = {9};
	uint64_t a, b;
	uint32_t used;

	(void)state;
	assert_int_equal(code_number(&a, &used, &in, 0), ERR_OK);
	assert_int_equal(code_number(&b, &used, &in, 0), ERR_OK);
	assert_int_equal(a, b);
	other = in;
	other.k_number = SPAN(key, sizeof key);
	assert_int_equal(code_number(&b, &used, &other, 0), ERR_OK);
	assert_int_not_equal(a, b);
	other = in;
	other.registration_record = span_text("{\"name\":\"b\"}");
	assert_int_equal(code_number(&b, &used, &other, 0), ERR_OK);
	assert_int_not_equal(a, b);
	other = in;
	other.verification_id[15] ^= 1;
	assert_int_equal(code_number(&b, &used, &other, 0), ERR_OK);
	assert_int_not_equal(a, b);
	assert_int_equal(code_number(&b, &used, &in, UINT32_MAX), ERR_OK);
	assert_int_equal(used, UINT32_MAX);
	assert_int_not_equal(a, b);
}

static void every_input_of_a_response_matters(void **state)
{
	uint8_t body[CODE_STATIC_BODY_LEN] = {1}, key[SEC_KEY_LEN] = {9},
		amount[CODE_BINDING_AMOUNT_LEN];
	uint8_t a[CODE_RESPONSE_LEN], b[CODE_RESPONSE_LEN];
	struct code_response_input in =
					   {
						   .k_response = KEY_SPAN,
						   .static_body = body,
						   .number = "012345",
						   .timed = true,
						   .step = 60000000,
					   },
				   other;

	(void)state;
	assert_int_equal(code_response_compute(a, &in), ERR_OK);
	for (int i = 0; i < 6; i++) {
		other = in;
		if (i == 0)
			other.k_response = SPAN(key, sizeof key);
		if (i == 1)
			other.number = "0123450";
		if (i == 2)
			other.timed = false;
		if (i == 3)
			other.step++;
		if (i == 4) {
			code_binding_amount(amount, 0, "EUR");
			other.binding_data = SPAN(amount, sizeof amount);
		}
		if (i == 5)
			body[91] ^= 1;
		assert_int_equal(code_response_compute(b, &other), ERR_OK);
		assert_memory_not_equal(a, b, sizeof a);
	}
}

static void computes_no_response_to_what_is_no_number(void **state)
{
	static const char *const bad[] = {
		"",
		"1",
		"12345",
		"12345678901",
		"12345a",
		" 12345",
		"-12345",
		"12345\n",
		"\xef\xbc\x91\xef\xbc\x92",
	};
	static const uint8_t body[CODE_STATIC_BODY_LEN];
	uint8_t out[CODE_RESPONSE_LEN];
	struct code_response_input in = {.k_response = KEY_SPAN, .static_body = body};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		in.number = bad[i];
		assert_int_equal(code_response_compute(out, &in), ERR_INVALID);
	}
}

static void derives_keys_from_32_bytes_only(void **state)
{
	uint8_t secret[33] = {0}, out[SEC_KEY_LEN];
	struct code_keys keys;

	(void)state;
	for (size_t len = 0; len <= sizeof secret; len++) {
		enum err_code want = len == SEC_KEY_LEN ? ERR_OK : ERR_INVALID;

		assert_int_equal(code_keys_derive(&keys, SPAN(secret, len)), want);
		assert_int_equal(code_key_response_derive(out, SPAN(secret, len)), want);
		if (len <= 32)
			assert_int_equal(code_issuer_key_id(out, SPAN(secret, len)), want);
	}
}

static int load(void **state)
{
	if (sec_start(NULL))
		return -1;
	*state = (void *)(uintptr_t)vectors_load();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_a_text_only_from_good_parts),
		cmocka_unit_test(leaves_nothing_behind_when_the_text_does_not_fit),
		cmocka_unit_test(signs_no_credential_of_generation_zero),
		cmocka_unit_test(makes_live_only_a_static_body),
		cmocka_unit_test(builds_no_challenge_that_would_not_be_read),
		cmocka_unit_test(says_when_there_is_no_room_for_a_challenge),
		cmocka_unit_test(signs_presented_codes_of_section_10_only),
		cmocka_unit_test(a_presented_code_of_another_kind_is_forged),
		cmocka_unit_test(checks_of_another_kind_say_forged),
		cmocka_unit_test(counts_steps_of_30_seconds),
		cmocka_unit_test(writes_numbers_with_their_leading_zeroes),
		cmocka_unit_test(makes_numbers_of_6_to_10_digits_only),
		cmocka_unit_test(every_input_of_a_number_matters),
		cmocka_unit_test(every_input_of_a_response_matters),
		cmocka_unit_test(computes_no_response_to_what_is_no_number),
		cmocka_unit_test(derives_keys_from_32_bytes_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load, NULL);
}
