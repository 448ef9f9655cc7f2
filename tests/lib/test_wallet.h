/* SPDX-License-Identifier: Apache-2.0
 *
 * The least wallet that a backend test needs: from the secret and the first code of an activation
 * to live first codes and second codes. For test programs only.
 */
#ifndef TESTS_LIB_TEST_WALLET_H
#define TESTS_LIB_TEST_WALLET_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/code.h"

struct test_wallet {
	char host[CODE_HOST_MAX + 1];
	uint8_t static_body[CODE_STATIC_BODY_LEN];
	uint8_t id[CODE_ID_LEN];
	struct code_keys keys;
};

#define TEST_MUST(call)                                                                            \
	do {                                                                                       \
		if (call) {                                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #call);                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* secret_hex and first_code as the activation gave them. */
static inline void test_wallet_init(
	struct test_wallet *w, const char *secret_hex, const char *first_code)
{
	uint8_t secret[SEC_KEY_LEN];
	struct code c;

	TEST_MUST(hex_decode(secret, sizeof(secret), span_text(secret_hex)));
	TEST_MUST(code_keys_derive(&w->keys, SPAN(secret, sizeof(secret))));
	code_parse(&c, span_text(first_code));
	TEST_MUST(c.kind != CODE_CREDENTIAL);
	memcpy(w->static_body, c.credential.static_body, sizeof(w->static_body));
	memcpy(w->id, c.credential.credential_id, sizeof(w->id));
	memcpy(w->host, c.host, sizeof(w->host));
}

static inline void test_wallet_text(const struct test_wallet *w, char out[static CODE_TEXT_MAX],
	char kind, struct span body)
{
	struct bytes text;

	bytes_init_fixed(&text, out, CODE_TEXT_MAX);
	TEST_MUST(code_text_build(&text, w->host, kind, body));
	(void)bytes_text(&text);
	TEST_MUST(text.full);
}

static inline void test_wallet_show(
	const struct test_wallet *w, char out[static CODE_TEXT_MAX], int64_t unix_s)
{
	uint8_t body[CODE_LIVE_BODY_LEN];

	TEST_MUST(code_credential_live(body, w->static_body,
		SPAN(w->keys.live, sizeof(w->keys.live)), code_step(unix_s)));
	test_wallet_text(w, out, 'C', SPAN(body, sizeof(body)));
}

static inline void test_wallet_send(const struct test_wallet *w, char out[static CODE_TEXT_MAX],
	enum code_binding binding, struct code_response_input *in)
{
	struct code_response r = {.binding = binding, .timed = in->timed};
	uint8_t body[CODE_RESPONSE_BODY_LEN];

	in->k_response = SPAN(w->keys.response, sizeof(w->keys.response));
	in->static_body = w->static_body;
	TEST_MUST(code_response_compute(r.response, in));
	memcpy(r.credential_short, w->id, CODE_ID_SHORT_LEN);
	code_response_build(body, &r);
	test_wallet_text(w, out, 'R', SPAN(body, sizeof(body)));
}

/* The number typed by hand: binding 0, timed. */
static inline void test_wallet_answer(const struct test_wallet *w, char out[static CODE_TEXT_MAX],
	const char *number, int64_t unix_s)
{
	struct code_response_input in = {
		.number = number, .timed = true, .step = code_step(unix_s)};

	test_wallet_send(w, out, CODE_BINDING_NUMBER, &in);
}

/* The challenge code scanned from the terminal: binding 2, timed. */
static inline void test_wallet_scan(const struct test_wallet *w, char out[static CODE_TEXT_MAX],
	const char *challenge, int64_t unix_s)
{
	struct code c;
	char number[CODE_DIGITS_MAX + 1];
	struct code_response_input in = {
		.number = number, .timed = true, .step = code_step(unix_s)};

	code_parse(&c, span_text(challenge));
	TEST_MUST(c.kind != CODE_CHALLENGE);
	TEST_MUST(code_challenge_verify(
		&c, SPAN(w->keys.challenge, sizeof(w->keys.challenge))));
	code_number_text(number, c.challenge.number, c.challenge.digits);
	in.binding_data = SPAN(c.body, c.body_len - CODE_CHALLENGE_TAG_LEN);
	test_wallet_send(w, out, CODE_BINDING_CHALLENGE, &in);
}

#endif
