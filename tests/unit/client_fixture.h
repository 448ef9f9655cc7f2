/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of a backend for the tests of messages, client and terminal: whole and consistent, so
 * that a test changes one thing.
 */
#ifndef TESTS_UNIT_CLIENT_FIXTURE_H
#define TESTS_UNIT_CLIENT_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/client.h"

#define FIXTURE_ID     "00112233445566778899aabbccddeeff"
#define FIXTURE_NUMBER "012345"
#define FIXTURE_NOW    INT64_C(1790000000)

static inline struct code_challenge fixture_challenge_fields(
	const char *id, uint64_t number, int digits, uint8_t credential_byte)
{
	struct code_challenge fields = {.number = number,
		.digits = digits,
		.expires = (uint32_t)FIXTURE_NOW + 60,
		.currency = "XXX"};

	memset(fields.credential_short, credential_byte, sizeof fields.credential_short);
	assert_int_equal(hex_decode(fields.verification_id, CODE_ID_LEN, span_text(id)), ERR_OK);
	return fields;
}

static inline void fixture_challenge_text(
	char out[static CODE_TEXT_MAX], const struct code_challenge *fields)
{
	uint8_t key[SEC_KEY_LEN] = {1};
	uint8_t storage[CODE_BODY_MAX];
	struct bytes body;
	struct bytes text;

	bytes_init_fixed(&body, storage, sizeof storage);
	assert_int_equal(code_challenge_build(&body, fields, SPAN(key, sizeof key)), ERR_OK);
	bytes_init_fixed(&text, out, CODE_TEXT_MAX);
	assert_int_equal(code_text_build(&text, "QR.EXAMPLE.COM", 'Q', bytes_span(&body)), ERR_OK);
	assert_string_not_equal(bytes_text(&text), "");
}

static inline void fixture_challenge(char out[static CODE_TEXT_MAX], const char *id,
	uint64_t number, int digits, uint8_t credential_byte)
{
	struct code_challenge fields =
		fixture_challenge_fields(id, number, digits, credential_byte);

	fixture_challenge_text(out, &fields);
}

/* Stage one, accepted. */
static inline const char *fixture_started_for(const struct client_sale *sale)
{
	static char body[2048];
	char challenge[CODE_TEXT_MAX];
	struct code_challenge fields = fixture_challenge_fields(FIXTURE_ID, 12345, 6, 7);

	fields.amount = sale->amount;
	if (sale->currency[0])
		memcpy(fields.currency, sale->currency, sizeof fields.currency);
	memcpy(fields.reference, sale->reference, sizeof fields.reference);
	fixture_challenge_text(challenge, &fields);
	snprintf(body, sizeof body,
		"{\"id\":\"%s\",\"number\":\"%s\",\"digits\":6,\"expires_at\":%lld,"
		"\"challenge_code\":\"%s\",\"credential\":{\"purpose\":\"Member card\","
		"\"face_value\":\"Gold\",\"holder\":\"Li Lei\"},\"pin_required\":true}",
		FIXTURE_ID, FIXTURE_NUMBER, (long long)FIXTURE_NOW + 60, challenge);
	return body;
}

static inline const char *fixture_started(void)
{
	return fixture_started_for(&(struct client_sale){0});
}

static inline void fixture_flow(struct flow *f)
{
	flow_init(f);
	memset(f->credential_id, 7, sizeof f->credential_id);
	memcpy(f->first_code, "HTTPS://QR.EXAMPLE.COM/C/AE", 28);
	memcpy(f->second_code, "HTTPS://QR.EXAMPLE.COM/R/AE", 28);
	memcpy(f->id, FIXTURE_ID, sizeof FIXTURE_ID);
	f->pin_try = 1;
}

#endif
