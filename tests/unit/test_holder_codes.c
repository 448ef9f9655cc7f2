/* SPDX-License-Identifier: Apache-2.0
 *
 * First and second codes, challenges and amounts of the wallet, against every vector.
 */
#include "tests/lib/exact.h"
#include "tests/lib/holder_kit.h"
#include "wallet/holder/command.h"

static void shows_the_first_codes_of_every_vector(void **state)
{
	const struct vectors *all = vectors_load();

	(void)state;
	for (size_t i = 0; i < all->count; i++) {
		struct wallet *w = kit_wallet(&all->list[i], true);

		KIT_TEXT(fixed);
		KIT_TEXT(live);
		assert_int_equal(wallet_first_code(&fixed, w, false, 0), ERR_OK);
		assert_string_equal(bytes_text(&fixed), all->list[i].first_static);
		assert_int_equal(wallet_first_code(&live, w, true, all->list[i].now), ERR_OK);
		assert_string_equal(bytes_text(&live), all->list[i].first_live);
		wallet_free(&w);
	}
}

static void live_code_changes_every_thirty_seconds(void **state)
{
	struct wallet *w = kit_wallet(&vectors_load()->list[0], true);

	(void)state;
	KIT_TEXT(a);
	KIT_TEXT(b);
	KIT_TEXT(c);
	assert_int_equal(wallet_first_code(&a, w, true, 1800000000), ERR_OK);
	assert_int_equal(wallet_first_code(&b, w, true, 1800000029), ERR_OK);
	assert_int_equal(wallet_first_code(&c, w, true, 1800000030), ERR_OK);
	assert_true(span_equal(bytes_span(&a), bytes_span(&b)));
	assert_false(span_equal(bytes_span(&a), bytes_span(&c)));
	wallet_free(&w);
}

static void answers_every_vector_in_every_binding(void **state)
{
	const struct vectors *all = vectors_load();

	(void)state;
	for (size_t i = 0; i < all->count; i++)
		for (int timed = 0; timed < 2; timed++)
			for (int b = 0; b < 3; b++) {
				const struct vector *v = &all->list[i];
				struct wallet *w = kit_wallet(v, timed);
				struct code q;
				struct wallet_answer in = {.number = v->number,
					.binding = (enum code_binding)b,
					.amount = (uint64_t)v->amount,
					.challenge = &q,
					.timed = timed,
					.unix_s = v->answered_at};

				KIT_TEXT(text);
				memcpy(in.currency, v->currency, sizeof(in.currency));
				assert_int_equal(wallet_challenge_open(&q, w,
							 span_text(v->challenge), v->now, NULL),
					ERR_OK);
				assert_int_equal(wallet_second_code(&text, w, &in, NULL), ERR_OK);
				assert_string_equal(bytes_text(&text), v->second[timed][b]);
				wallet_free(&w);
			}
}

static void refuses_numbers_that_are_none(void **state)
{
	static const char *const bad[] = {"", "1", "12345", "1234567", "12345a", " 123456",
		"123456 ", "-12345", "+12345", "12 456", "1234.5", "\xef\xbc\x91\xef\xbc\x92",
		"0x1234"};
	const struct vector *v = &vectors_load()->list[0];
	struct wallet *w = kit_wallet(v, true);

	(void)state;
	assert_int_equal(v->digits, 6);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wallet_answer in = {.number = bad[i]};
		struct err err = {0};

		KIT_TEXT(text);
		assert_int_equal(wallet_second_code(&text, w, &in, &err), ERR_INVALID);
		assert_true(strlen(err.text) > 10);
		assert_int_equal(text.len, 0);
	}
	wallet_free(&w);
}

static void refuses_an_amount_without_a_proper_currency(void **state)
{
	static const char bad[][4] = {"", "eur", "EU", "E1R", "E R"};
	const struct vector *v = &vectors_load()->list[0];
	struct wallet *w = kit_wallet(v, true);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wallet_answer in = {.number = v->number, .binding = CODE_BINDING_AMOUNT};

		KIT_TEXT(text);
		memcpy(in.currency, bad[i], sizeof(in.currency));
		assert_int_equal(wallet_second_code(&text, w, &in, NULL), ERR_INVALID);
	}
	wallet_free(&w);
}

static void refuses_to_answer_no_challenge(void **state)
{
	struct wallet *w = kit_wallet(&vectors_load()->list[0], true);
	struct wallet_answer in = {.binding = CODE_BINDING_CHALLENGE};

	(void)state;
	KIT_TEXT(text);
	assert_int_equal(wallet_second_code(&text, w, &in, NULL), ERR_INVALID);
	wallet_free(&w);
}

static void refuses_every_changed_character_of_a_challenge(void **state)
{
	const struct vector *v = &vectors_load()->list[1];
	struct wallet *w = kit_wallet(v, true);
	size_t len = strlen(v->challenge);

	(void)state;
	for (size_t i = 0; i < len; i++)
		for (int step = 0; step < 3; step++) {
			char changed[CODE_TEXT_MAX];
			struct span text;
			struct code q;

			memcpy(changed, v->challenge, len + 1);
			changed[i] = "A7-"[step];
			if (changed[i] == v->challenge[i])
				continue;
			text = exact(changed, len);
			/* the host is no part of the tag: it is only shown */
			if (i >= 8 && i < 8 + strlen(v->host))
				assert_int_not_equal(
					wallet_challenge_open(&q, w, text, v->now, NULL),
					ERR_CRYPTO);
			else
				assert_int_not_equal(
					wallet_challenge_open(&q, w, text, v->now, NULL), ERR_OK);
			exact_free(text);
		}
	wallet_free(&w);
}

static void tells_what_is_wrong_with_a_challenge(void **state)
{
	const struct vectors *all = vectors_load();
	const struct vector *v = &all->list[0];
	struct wallet *w = kit_wallet(v, true);
	struct code q;

	(void)state;
	assert_int_equal(
		wallet_challenge_open(&q, w, span_text(v->challenge), v->expires - 1, NULL),
		ERR_OK);
	assert_int_equal(wallet_challenge_open(&q, w, span_text(v->challenge), v->expires, NULL),
		ERR_TIMEOUT);
	assert_int_equal(wallet_challenge_open(&q, w, span_text(all->list[1].challenge), 0, NULL),
		ERR_NOT_FOUND);
	assert_int_equal(
		wallet_challenge_open(&q, w, span_text(v->first_static), 0, NULL), ERR_FORMAT);
	assert_int_equal(wallet_challenge_open(&q, w, span_text("hello"), 0, NULL), ERR_FORMAT);
	assert_int_equal(wallet_challenge_open(&q, w, SPAN(NULL, 0), 0, NULL), ERR_FORMAT);
	w->key->data[5] ^= 1;
	assert_int_equal(
		wallet_challenge_open(&q, w, span_text(v->challenge), v->now, NULL), ERR_FORGED);
	wallet_free(&w);
}

/* ---- holder derive ---- */

static struct json *derive_case_of(const struct vector *v, const char *leave_out)
{
	static char in_storage[8192], out_storage[16384];
	struct json_out j;
	struct bytes in, out;
	struct json *result = NULL;
	struct err err = {0};

	bytes_init_fixed(&in, in_storage, sizeof(in_storage));
	bytes_init_fixed(&out, out_storage, sizeof(out_storage));
	json_out_init(&j, &in);
	json_out_begin(&j, NULL);
#define PUT(kind, name, ...)                                                                       \
	if (strcmp(name, leave_out) != 0)                                                          \
	json_out_##kind(&j, name, __VA_ARGS__)
	PUT(hex, "issuer_seed", SPAN(v->issuer_seed, 32));
	PUT(hex, "secret", SPAN(v->secret, 32));
	PUT(hex, "credential_id", SPAN(v->credential_id, 16));
	PUT(int, "generation", v->generation);
	PUT(int, "not_after", v->not_after);
	PUT(text, "host", v->host);
	PUT(int, "now", v->now);
	PUT(int, "answered_at", v->answered_at);
	PUT(hex, "k_number", SPAN(v->k_number, 32));
	PUT(text, "registration_record", v->record);
	PUT(hex, "verification_id", SPAN(v->verification_id, 16));
	PUT(int, "digits", v->digits);
	PUT(int, "amount", v->amount);
	PUT(text, "currency", v->currency);
	PUT(text, "merchant", v->merchant);
	PUT(text, "reference", v->reference);
	PUT(int, "expires", v->expires);
	PUT(text, "number", "000000"); /* no input: to be ignored */
	if (strcmp(leave_out, "presented") != 0) {
		json_out_begin(&j, "presented");
		PUT(text, "kind", v->presented_kind);
		PUT(hex, "code_id", SPAN(v->code_id, 16));
		PUT(int, "not_after", v->presented_not_after);
		PUT(text, "content", v->content);
		json_out_end(&j);
	}
#undef PUT
	json_out_end(&j);
	if (derive(&out, bytes_span(&in), &err))
		return NULL;
	assert_int_equal(json_parse(&result, bytes_span(&out), sizeof(out_storage), NULL), ERR_OK);
	return result;
}

static void assert_member(const struct json *j, const char *name, const char *value)
{
	char text[CODE_TEXT_MAX];

	assert_int_equal(json_get_text(j, name, text, sizeof(text), NULL), ERR_OK);
	assert_string_equal(text, value);
}

static void derives_every_vector(void **state)
{
	const struct vectors *all = vectors_load();

	(void)state;
	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		struct json *j = derive_case_of(v, "");
		const struct json *presented;
		int64_t not_after;
		char hex[65];

		assert_non_null(j);
		hex_encode(hex, SPAN(v->issuer_public, 32));
		assert_member(j, "issuer_public", hex);
		hex_encode(hex, SPAN(v->k_response, 32));
		assert_member(j, "k_response", hex);
		hex_encode(hex, SPAN(v->k_live, 32));
		assert_member(j, "k_live", hex);
		hex_encode(hex, SPAN(v->k_challenge, 32));
		assert_member(j, "k_challenge", hex);
		assert_member(j, "first_code_static", v->first_static);
		assert_member(j, "first_code_live", v->first_live);
		assert_member(j, "number", v->number);
		assert_member(j, "number_if_that_was_used", v->number_used);
		assert_member(j, "challenge_code", v->challenge);
		assert_member(j, "second_code_binding_0", v->second[0][0]);
		assert_member(j, "second_code_binding_1", v->second[0][1]);
		assert_member(j, "second_code_binding_2", v->second[0][2]);
		assert_member(j, "second_code_timed_binding_0", v->second[1][0]);
		assert_member(j, "second_code_timed_binding_1", v->second[1][1]);
		assert_member(j, "second_code_timed_binding_2", v->second[1][2]);
		assert_int_equal(json_get_object(j, "presented", &presented, NULL), ERR_OK);
		assert_member(presented, "code", v->presented);
		assert_member(presented, "kind", v->presented_kind);
		hex_encode(hex, SPAN(v->code_id, 16));
		assert_member(presented, "code_id", hex);
		assert_int_equal(json_get_int(presented, "not_after", &not_after, 0, UINT32_MAX,
					 NULL), ERR_OK);
		assert_int_equal(not_after, v->presented_not_after);
		assert_member(presented, "content", v->content);
		json_free(&j);
	}
}

static void derive_refuses_a_case_with_a_member_missing(void **state)
{
	static const char *const names[] = {"issuer_seed", "secret", "credential_id", "generation",
		"not_after", "host", "now", "answered_at", "k_number", "registration_record",
		"verification_id", "digits", "amount", "currency", "merchant", "reference",
		"expires", "presented", "kind", "code_id", "content"};
	const struct vector *v = &vectors_load()->list[0];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(derive_case_of(v, names[i]));
}

static void derive_refuses_what_is_no_case(void **state)
{
	static const char *const bad[] = {"", "{}", "[]", "null", "{\"secret\":1}", "{\"a\":"};
	char storage[1024];
	struct bytes out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct span text = exact_text(bad[i]);

		bytes_init_fixed(&out, storage, sizeof(storage));
		assert_int_not_equal(derive(&out, text, NULL), ERR_OK);
		assert_int_equal(out.len, 0);
		exact_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_the_first_codes_of_every_vector),
		cmocka_unit_test(live_code_changes_every_thirty_seconds),
		cmocka_unit_test(answers_every_vector_in_every_binding),
		cmocka_unit_test(refuses_numbers_that_are_none),
		cmocka_unit_test(refuses_an_amount_without_a_proper_currency),
		cmocka_unit_test(refuses_to_answer_no_challenge),
		cmocka_unit_test(refuses_every_changed_character_of_a_challenge),
		cmocka_unit_test(tells_what_is_wrong_with_a_challenge),
		cmocka_unit_test(derives_every_vector),
		cmocka_unit_test(derive_refuses_a_case_with_a_member_missing),
		cmocka_unit_test(derive_refuses_what_is_no_case),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, holder_set_up, NULL);
}
