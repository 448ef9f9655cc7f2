/* SPDX-License-Identifier: Apache-2.0
 *
 * Every value of fixtures/vectors/vectors.json: derived, built, parsed and checked.
 */
#include "tests/lib/vectors.h"

#include "base/base32.h"

static void build_text(char out[static CODE_TEXT_MAX], const struct vector *v, char kind,
	const uint8_t *body, size_t len)
{
	struct bytes text;

	bytes_init_fixed(&text, out, CODE_TEXT_MAX);
	assert_int_equal(code_text_build(&text, v->host, kind, SPAN(body, len)), ERR_OK);
	assert_string_equal(bytes_text(&text), out);
}

static void static_body(uint8_t out[static CODE_STATIC_BODY_LEN], const struct vector *v)
{
	struct code_credential c = {
		.generation = (uint16_t)v->generation,
		.not_after = (uint32_t)v->not_after,
	};

	memcpy(c.credential_id, v->credential_id, sizeof c.credential_id);
	assert_int_equal(code_issuer_key_id(c.issuer_key_id, SPAN(v->issuer_public, 32)), ERR_OK);
	assert_int_equal(code_credential_sign(out, &c, SPAN(v->issuer_seed, 32)), ERR_OK);
}

static void challenge_body(struct bytes *out, const struct vector *v)
{
	struct code_challenge q = {
		.number = strtoull(v->number, NULL, 10),
		.digits = (int)v->digits,
		.expires = (uint32_t)v->expires,
		.amount = (uint64_t)v->amount,
	};

	memcpy(q.credential_short, v->credential_id, sizeof q.credential_short);
	memcpy(q.verification_id, v->verification_id, sizeof q.verification_id);
	memcpy(q.currency, v->currency, sizeof q.currency);
	memcpy(q.merchant, v->merchant, sizeof q.merchant);
	memcpy(q.reference, v->reference, sizeof q.reference);
	assert_int_equal(code_challenge_build(out, &q, SPAN(v->k_challenge, 32)), ERR_OK);
}

static void derives_the_keys(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		uint8_t alone[SEC_KEY_LEN], public[SEC_ED25519_PUBLIC_LEN];
		struct code_keys k;

		assert_int_equal(code_keys_derive(&k, SPAN(v->secret, 32)), ERR_OK);
		assert_memory_equal(k.response, v->k_response, 32);
		assert_memory_equal(k.live, v->k_live, 32);
		assert_memory_equal(k.challenge, v->k_challenge, 32);
		assert_int_equal(code_key_response_derive(alone, SPAN(v->secret, 32)), ERR_OK);
		assert_memory_equal(alone, v->k_response, 32);
		assert_int_equal(sec_ed25519_public(public, SPAN(v->issuer_seed, 32)), ERR_OK);
		assert_memory_equal(public, v->issuer_public, 32);
	}
}

static void makes_the_first_codes(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		uint8_t body[CODE_STATIC_BODY_LEN], live[CODE_LIVE_BODY_LEN];
		char text[CODE_TEXT_MAX];

		static_body(body, v);
		build_text(text, v, 'C', body, sizeof body);
		assert_string_equal(text, v->first_static);
		assert_int_equal(
			code_credential_live(live, body, SPAN(v->k_live, 32), code_step(v->now)),
			ERR_OK);
		build_text(text, v, 'C', live, sizeof live);
		assert_string_equal(text, v->first_live);
	}
}

static void reads_and_checks_the_first_codes(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		uint8_t body[CODE_STATIC_BODY_LEN];
		struct code c;
		uint64_t found = 0;

		static_body(body, v);
		for (int live = 0; live < 2; live++) {
			const char *text = live ? v->first_live : v->first_static;

			parse_exact(&c, text, strlen(text));
			assert_int_equal(c.kind, CODE_CREDENTIAL);
			assert_string_equal(c.host, v->host);
			assert_int_equal(c.credential.live, live);
			assert_memory_equal(c.credential.credential_id, v->credential_id, 16);
			assert_int_equal(c.credential.generation, v->generation);
			assert_int_equal(c.credential.not_after, v->not_after);
			assert_memory_equal(c.credential.static_body, body, sizeof body);
			assert_int_equal(
				code_credential_verify(&c.credential, SPAN(v->issuer_public, 32)),
				ERR_OK);
		}
		for (int64_t off = -3; off <= 3; off++)
			assert_int_equal(code_live_find(&found, &c.credential, SPAN(v->k_live, 32),
						 code_step(v->now + off * CODE_STEP_S), 1),
				off ? ERR_FORGED : ERR_OK);
		for (size_t first = 0; first < CODE_LIVE_STEPS_MAX; first++) {
			uint64_t now = code_step(v->now), step = 0;

			assert_int_equal(code_live_find(&step, &c.credential, SPAN(v->k_live, 32),
						 now - first, CODE_LIVE_STEPS_MAX), ERR_OK);
			assert_int_equal(step, now);
			assert_int_equal(code_live_find(&step, &c.credential, SPAN(v->k_live, 32),
						 now + 1 + first, CODE_LIVE_STEPS_MAX), ERR_FORGED);
			if (first > 0)
				assert_int_equal(code_live_find(&step, &c.credential,
							 SPAN(v->k_live, 32), now - first, first),
					ERR_FORGED);
		}
		assert_int_equal(code_live_find(&found, &c.credential, SPAN(v->k_challenge, 32),
					 code_step(v->now), 1),
			ERR_FORGED);
	}
}

static void makes_the_numbers(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		struct code_number_input in = {
			.k_number = SPAN(v->k_number, 32),
			.registration_record = span_text(v->record),
			.digits = (int)v->digits,
		};
		char text[CODE_DIGITS_MAX + 1];
		uint64_t number;
		uint32_t used;

		memcpy(in.verification_id, v->verification_id, sizeof in.verification_id);
		assert_int_equal(code_number(&number, &used, &in, 0), ERR_OK);
		code_number_text(text, number, in.digits);
		assert_string_equal(text, v->number);
		assert_int_equal(code_number(&number, &used, &in, used + 1), ERR_OK);
		code_number_text(text, number, in.digits);
		assert_string_equal(text, v->number_used);
	}
}

static void makes_reads_and_checks_the_challenges(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		uint8_t storage[CODE_BODY_MAX];
		char text[CODE_TEXT_MAX];
		struct bytes body;
		struct code c;

		bytes_init_fixed(&body, storage, sizeof storage);
		challenge_body(&body, v);
		build_text(text, v, 'Q', body.data, body.len);
		assert_string_equal(text, v->challenge);
		parse_exact(&c, text, strlen(text));
		assert_int_equal(c.kind, CODE_CHALLENGE);
		assert_memory_equal(c.challenge.credential_short, v->credential_id, 8);
		assert_memory_equal(c.challenge.verification_id, v->verification_id, 16);
		assert_int_equal(c.challenge.digits, v->digits);
		assert_int_equal(c.challenge.number, strtoull(v->number, NULL, 10));
		assert_int_equal(c.challenge.expires, v->expires);
		assert_int_equal(c.challenge.amount, v->amount);
		assert_string_equal(c.challenge.currency, v->currency);
		assert_string_equal(c.challenge.merchant, v->merchant);
		assert_string_equal(c.challenge.reference, v->reference);
		assert_int_equal(code_challenge_verify(&c, SPAN(v->k_challenge, 32)), ERR_OK);
		assert_int_equal(code_challenge_verify(&c, SPAN(v->k_live, 32)), ERR_FORGED);
	}
}

/* Binding data of section 7. */
static struct span binding_data(
	uint8_t storage[static CODE_BODY_MAX], const struct vector *v, enum code_binding binding)
{
	struct bytes body;

	bytes_init_fixed(&body, storage, CODE_BODY_MAX);
	if (binding == CODE_BINDING_AMOUNT) {
		code_binding_amount(storage, (uint64_t)v->amount, v->currency);
		return SPAN(storage, CODE_BINDING_AMOUNT_LEN);
	}
	if (binding == CODE_BINDING_CHALLENGE) {
		challenge_body(&body, v);
		return SPAN(storage, body.len - CODE_CHALLENGE_TAG_LEN);
	}
	return (struct span){0};
}

static void makes_and_reads_the_second_codes(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count * 6; i++) {
		const struct vector *v = &all->list[i / 6];
		struct code_response r = {
			.binding = (enum code_binding)(i % 3), .timed = i / 3 % 2};
		uint8_t body[CODE_STATIC_BODY_LEN], bound[CODE_BODY_MAX],
			out[CODE_RESPONSE_BODY_LEN];
		struct code_response_input in = {
			.k_response = SPAN(v->k_response, 32),
			.static_body = body,
			.number = v->number,
			.binding_data = binding_data(bound, v, r.binding),
			.timed = r.timed,
			.step = code_step(v->answered_at),
		};
		const char *expected = v->second[r.timed][r.binding];
		char text[CODE_TEXT_MAX];
		struct code c;

		static_body(body, v);
		memcpy(r.credential_short, v->credential_id, sizeof r.credential_short);
		assert_int_equal(code_response_compute(r.response, &in), ERR_OK);
		code_response_build(out, &r);
		build_text(text, v, 'R', out, sizeof out);
		assert_string_equal(text, expected);
		parse_exact(&c, expected, strlen(expected));
		assert_int_equal(c.kind, CODE_RESPONSE);
		assert_int_equal(c.response.binding, r.binding);
		assert_int_equal(c.response.timed, r.timed);
		assert_memory_equal(c.response.credential_short, v->credential_id, 8);
		assert_memory_equal(c.response.response, r.response, CODE_RESPONSE_LEN);
	}
}

static void makes_reads_and_checks_the_presented_codes(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		struct code_presented p = {.not_after = (uint32_t)v->presented_not_after};
		struct span content = span_text(v->content);
		uint8_t body[CODE_PRESENTED_BODY_LEN], digest[SEC_SHA256_LEN];
		char text[CODE_TEXT_MAX];
		struct code c;

		memcpy(p.code_id, v->code_id, sizeof p.code_id);
		assert_int_equal(
			code_issuer_key_id(p.issuer_key_id, SPAN(v->issuer_public, 32)), ERR_OK);
		assert_int_equal(code_presented_sign(body, v->presented_kind[0], &p, content,
					 SPAN(v->issuer_seed, 32)),
			ERR_OK);
		build_text(text, v, v->presented_kind[0], body, sizeof body);
		assert_string_equal(text, v->presented);
		parse_exact(&c, text, strlen(text));
		assert_int_equal(c.kind, v->presented_kind[0]);
		assert_memory_equal(c.presented.code_id, v->code_id, 16);
		assert_int_equal(c.presented.not_after, v->presented_not_after);
		assert_int_equal(sec_sha256(digest, &content, 1), ERR_OK);
		assert_memory_equal(c.presented.content_digest, digest, 16);
		assert_int_equal(code_presented_verify(&c, SPAN(v->issuer_public, 32)), ERR_OK);
	}
}

static void says_of_every_foreign_text_that_it_is_foreign(void **state)
{
	const struct vectors *all = *state;
	struct code c;

	for (size_t i = 0; i < all->foreign_count; i++) {
		parse_exact(&c, all->foreign[i], strlen(all->foreign[i]));
		if (c.kind != CODE_FOREIGN)
			fail_msg("taken as ours: %s", all->foreign[i]);
		assert_int_equal(c.foreign == CODE_FOREIGN_DAMAGED, c.why != NULL);
	}
}

/* ---- damage ---- */

/* Foreign, or its own check fails. A response has no check of its own: it is another response. */
static bool refused(const struct code *c, const struct vector *v, const struct code *original)
{
	uint64_t step = 0;

	switch (c->kind) {
	case CODE_FOREIGN:
		return true;
	case CODE_CREDENTIAL:
		if (code_credential_verify(&c->credential, SPAN(v->issuer_public, 32)))
			return true;
		return c->credential.live &&
		       code_live_find(&step, &c->credential, SPAN(v->k_live, 32),
			       code_step(v->now), 1);
	case CODE_CHALLENGE:
		return code_challenge_verify(c, SPAN(v->k_challenge, 32)) == ERR_FORGED;
	case CODE_RESPONSE:
		return original->kind == CODE_RESPONSE &&
		       memcmp(c->body, original->body, c->body_len);
	default:
		return code_presented_verify(c, SPAN(v->issuer_public, 32)) == ERR_FORGED;
	}
}

static void refuses_every_changed_character(void **state)
{
	static const char others[] = "A2BZ7Q/:. a\x01\xff";
	const struct vectors *all = *state;
	const struct vector *v = &all->list[1];
	struct code c, original;

	for (size_t n = 0; n < VECTOR_CODES; n++) {
		const char *good = vector_code(v, n);
		size_t body = strlen("HTTPS://") + strlen(v->host), len = strlen(good);
		char text[CODE_TEXT_MAX];

		parse_exact(&original, good, len);
		for (size_t at = 0; at < len; at++) {
			for (size_t k = 0; k < sizeof others; k++) {
				/* The host is not signed, and no terminal goes there. */
				if (others[k] == good[at] || (at >= 8 && at < body))
					continue;
				memcpy(text, good, len + 1);
				text[at] = others[k];
				parse_exact(&c, text, len);
				if (!refused(&c, v, &original))
					fail_msg(
						"code %zu, character %zu, as %d", n, at, others[k]);
			}
		}
	}
}

static void refuses_every_flipped_bit(void **state)
{
	const struct vectors *all = *state;

	for (size_t n = 0; n < 2 * VECTOR_CODES; n++) {
		const struct vector *v = &all->list[n / VECTOR_CODES * 3];
		const char *good = vector_code(v, n % VECTOR_CODES);
		char text[CODE_TEXT_MAX];
		struct code c, original;

		parse_exact(&original, good, strlen(good));
		for (size_t bit = 0; bit < original.body_len * 8; bit++) {
			uint8_t body[CODE_BODY_MAX];

			memcpy(body, original.body, original.body_len);
			body[bit / 8] ^= (uint8_t)(1u << bit % 8);
			build_text(text, v, (char)original.kind, body, original.body_len);
			parse_exact(&c, text, strlen(text));
			if (!refused(&c, v, &original))
				fail_msg("code %zu, bit %zu", n, bit);
		}
	}
}

static void refuses_every_truncation_and_extension(void **state)
{
	const struct vectors *all = *state;

	for (size_t n = 0; n < all->count * VECTOR_CODES; n++) {
		const struct vector *v = &all->list[n / VECTOR_CODES];
		const char *good = vector_code(v, n % VECTOR_CODES);
		char text[2 * CODE_TEXT_MAX];
		size_t len = strlen(good);
		struct code c;

		for (size_t cut = 0; cut < len; cut++) {
			parse_exact(&c, good, cut);
			assert_int_equal(c.kind, CODE_FOREIGN);
		}
		memcpy(text, good, len);
		for (size_t more = 1; more <= CODE_TEXT_MAX; more++) {
			text[len + more - 1] = 'A';
			parse_exact(&c, text, len + more);
			assert_int_equal(c.kind, CODE_FOREIGN);
		}
		text[len] = '\0';
		parse_exact(&c, text, len + 1);
		assert_int_equal(c.kind, CODE_FOREIGN);
		memcpy(text + len, good, len);
		parse_exact(&c, text, 2 * len);
		assert_int_equal(c.kind, CODE_FOREIGN);
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
		cmocka_unit_test(derives_the_keys),
		cmocka_unit_test(makes_the_first_codes),
		cmocka_unit_test(reads_and_checks_the_first_codes),
		cmocka_unit_test(makes_the_numbers),
		cmocka_unit_test(makes_reads_and_checks_the_challenges),
		cmocka_unit_test(makes_and_reads_the_second_codes),
		cmocka_unit_test(makes_reads_and_checks_the_presented_codes),
		cmocka_unit_test(says_of_every_foreign_text_that_it_is_foreign),
		cmocka_unit_test(refuses_every_changed_character),
		cmocka_unit_test(refuses_every_flipped_bit),
		cmocka_unit_test(refuses_every_truncation_and_extension),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load, NULL);
}
