/* SPDX-License-Identifier: Apache-2.0
 *
 * The code of a receipt: what it is of, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "verifier/code.h"

#define ID "00112233445566778899aabbccddeeff"

static const struct code_receipt receipt = {.state = "authorised", .receipt = "20261121-000042",
	.verification = ID, .amount = 2490, .currency = "EUR",
	.reference = "T\xc3\xa4sch \"4\""};

static uint8_t seed[SEC_ED25519_SEED_LEN] = {1, 2, 3}, public_key[SEC_ED25519_PUBLIC_LEN];
static uint8_t body[CODE_PRESENTED_BODY_LEN];

static enum err_code verify_body(char kind, const uint8_t *b, const struct code_receipt *r)
{
	char storage[CODE_TEXT_MAX];
	struct bytes text;
	struct code code;

	bytes_init_fixed(&text, storage, sizeof storage);
	assert_int_equal(code_text_build(&text, "BANK.EXAMPLE", kind,
				 SPAN(b, CODE_PRESENTED_BODY_LEN)), ERR_OK);
	code_parse(&code, bytes_span(&text));
	return code_receipt_verify(&code, r, SPAN(public_key, sizeof public_key));
}

static void sign(char kind, const struct code_receipt *r)
{
	struct code_presented fields = {.code_id = {9}, .not_after = CODE_NO_END};
	uint8_t storage[CODE_RECEIPT_CONTENT_MAX];
	struct bytes content;

	bytes_init_fixed(&content, storage, sizeof storage);
	assert_int_equal(code_receipt_content(&content, r), ERR_OK);
	assert_int_equal(code_issuer_key_id(fields.issuer_key_id,
				 SPAN(public_key, sizeof public_key)), ERR_OK);
	assert_int_equal(code_presented_sign(body, kind, &fields, bytes_span(&content),
				 SPAN(seed, sizeof seed)), ERR_OK);
}

static int set_up(void **state)
{
	struct err err;
	(void)state;

	return sec_start(&err) != ERR_OK ||
	       sec_ed25519_public(public_key, SPAN(seed, sizeof seed)) != ERR_OK;
}

static void content_is_what_stands_on_the_receipt(void **state)
{
	static const struct code_receipt least = {.state = "accepted", .receipt = "1",
		.verification = ID, .currency = "", .reference = ""};
	uint8_t storage[2][CODE_RECEIPT_CONTENT_MAX];
	struct bytes content, again;
	struct json *j;
	struct err err;
	(void)state;

	bytes_init_fixed(&content, storage[0], sizeof storage[0]);
	assert_int_equal(code_receipt_content(&content, &receipt), ERR_OK);
	assert_string_equal(bytes_text(&content),
		"{\"amount\":2490,\"currency\":\"EUR\",\"receipt\":\"20261121-000042\","
		"\"reference\":\"T\xc3\xa4sch \\\"4\\\"\",\"state\":\"authorised\","
		"\"verification\":\"" ID "\"}");
	/* canonical: sorting it changes nothing */
	bytes_init_fixed(&again, storage[1], sizeof storage[1]);
	assert_int_equal(json_parse(&j, bytes_span(&content), sizeof storage[0], &err), ERR_OK);
	assert_int_equal(json_canonical(&again, j, NULL, &err), ERR_OK);
	assert_true(span_equal(bytes_span(&content), bytes_span(&again)));
	json_free(&j);
	bytes_clear(&content);
	assert_int_equal(code_receipt_content(&content, &least), ERR_OK);
	assert_string_equal(bytes_text(&content),
		"{\"amount\":0,\"currency\":\"" "XXX" "\",\"receipt\":\"1\",\"reference\":\"\","
		"\"state\":\"accepted\",\"verification\":\"" ID "\"}");
	bytes_init_fixed(&content, storage[0], 40);
	assert_int_equal(code_receipt_content(&content, &receipt), ERR_TOO_LARGE);
}

static void every_byte_is_signed(void **state)
{
	(void)state;
	sign('X', &receipt);
	assert_int_equal(verify_body('X', body, &receipt), ERR_OK);
	for (size_t i = 0; i < sizeof body; i++) {
		body[i] ^= 0x10;
		assert_int_not_equal(verify_body('X', body, &receipt), ERR_OK);
		body[i] ^= 0x10;
	}
	public_key[0] ^= 1;
	assert_int_not_equal(verify_body('X', body, &receipt), ERR_OK);
	public_key[0] ^= 1;
	/* A document's code, or a circle's, is no receipt, whoever signed it. */
	assert_int_not_equal(verify_body('D', body, &receipt), ERR_OK);
	sign('D', &receipt);
	assert_int_not_equal(verify_body('D', body, &receipt), ERR_OK);
	assert_int_not_equal(verify_body('X', body, &receipt), ERR_OK);
}

static void a_code_is_of_one_receipt(void **state)
{
	struct code_receipt others[] = {receipt, receipt, receipt, receipt, receipt, receipt};
	(void)state;

	sign('X', &receipt);
	others[0].state = "accepted";
	others[1].receipt = "20261121-000043";
	others[2].verification = "00112233445566778899aabbccddeefe";
	others[3].amount = 24900;
	others[4].currency = "USD";
	others[5].reference = "";
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(verify_body('X', body, &others[i]), ERR_FORGED);
	assert_int_equal(verify_body('X', body, &receipt), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_is_what_stands_on_the_receipt),
		cmocka_unit_test(every_byte_is_signed),
		cmocka_unit_test(a_code_is_of_one_receipt),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
