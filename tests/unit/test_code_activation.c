/* SPDX-License-Identifier: Apache-2.0
 *
 * Activations: every value of fixtures/vectors/activation.json, which another program made; what
 * people type, and what nobody takes.
 */
#include "tests/lib/vectors.h"

#include "base/file.h"
#include "verifier/code.h"

#define PATH "fixtures/vectors/activation.json"
#define CASES_MAX 8

struct activation_case {
	struct code_activation fields;
	const struct json *json;
	char host[CODE_HOST_MAX + 1], typed[32], code[CODE_TEXT_MAX];
	uint8_t seed[SEC_ED25519_SEED_LEN], public_key[SEC_ED25519_PUBLIC_LEN];
	uint8_t code_id[CODE_ID_LEN];
};

static struct json *all;
static struct activation_case cases[CASES_MAX];
static size_t count;

static void read_case(struct activation_case *v, const struct json *j)
{
	v->json = j;
	vectors_text(v->host, sizeof v->host, j, "host");
	vectors_text(v->typed, sizeof v->typed, j, "typed");
	vectors_text(v->code, sizeof v->code, j, "code");
	vectors_hex(v->seed, sizeof v->seed, j, "issuer_seed");
	vectors_hex(v->public_key, sizeof v->public_key, j, "issuer_public");
	vectors_hex(v->code_id, sizeof v->code_id, j, "code_id");
	vectors_hex(v->fields.secret, CODE_ACTIVATION_LEN, j, "secret");
	vectors_hex(v->fields.credential_id, CODE_ID_LEN, j, "credential");
	v->fields.generation = (uint16_t)vectors_int(j, "generation");
	v->fields.not_after = (uint32_t)vectors_int(j, "not_after");
	assert_int_equal(code_issuer_key_id(v->fields.issuer_key_id,
				 SPAN(v->public_key, sizeof v->public_key)), ERR_OK);
}

static int set_up(void **state)
{
	static uint8_t storage[65536];
	struct bytes text;
	struct err err;
	(void)state;

	bytes_init_fixed(&text, storage, sizeof storage);
	if (sec_start(&err) || file_read(&text, PATH, false, &err) ||
		json_parse(&all, bytes_span(&text), sizeof storage, &err) ||
		json_get_array_len(all, "cases", &count, &err) || count > CASES_MAX)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct json *j = NULL;

		assert_int_equal(json_get_array_object(all, "cases", i, &j, NULL), ERR_OK);
		read_case(&cases[i], j);
	}
	return count == 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_free(&all);
	return 0;
}

static void parsed(struct code *out, const char *text)
{
	code_parse(out, span_text(text));
	assert_int_equal(out->kind, CODE_ACTIVATION);
}

/* ---- as people type it ---- */

static void a_secret_has_one_text_and_many_spellings(void **state)
{
	(void)state;

	for (size_t i = 0; i < count; i++) {
		const struct activation_case *v = &cases[i];
		char text[CODE_ACTIVATION_TEXT_LEN + 1], spelling[64];
		uint8_t secret[CODE_ACTIVATION_LEN];
		size_t spellings = 0;

		code_activation_text(text, v->fields.secret);
		assert_string_equal(text, v->typed);
		assert_int_equal(
			json_get_array_len(v->json, "spellings", &spellings, NULL), ERR_OK);
		assert_true(spellings >= 4);
		for (size_t k = 0; k < spellings; k++) {
			assert_int_equal(json_get_array_text(v->json, "spellings", k, spelling,
						 sizeof spelling, NULL), ERR_OK);
			memset(secret, 0x55, sizeof secret);
			assert_int_equal(
				code_activation_typed(secret, span_text(spelling)), ERR_OK);
			assert_memory_equal(secret, v->fields.secret, sizeof secret);
		}
	}
}

static void refuses_what_is_no_text_of_a_secret(void **state)
{
	static const uint8_t before[CODE_ACTIVATION_LEN] = "untouched";
	uint8_t secret[CODE_ACTIVATION_LEN];
	char text[64], many[2048];
	size_t texts = 0;
	(void)state;

	memcpy(secret, before, sizeof secret);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(
			json_get_array_len(cases[i].json, "not_typed", &texts, NULL), ERR_OK);
		for (size_t k = 0; k < texts; k++) {
			assert_int_equal(json_get_array_text(cases[i].json, "not_typed", k, text,
						 sizeof text, NULL), ERR_OK);
			assert_int_equal(
				code_activation_typed(secret, span_text(text)), ERR_FORMAT);
		}
		assert_int_equal(
			code_activation_typed(secret, span_text(cases[i].code)), ERR_FORMAT);
	}
	assert_memory_equal(secret, before, sizeof secret);
	/* every other character, in every place */
	for (size_t at = 0; at < CODE_ACTIVATION_TEXT_LEN; at++) {
		for (int c = 0; c < 256; c++) {
			bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
				      (c >= '2' && c <= '7');
			bool dash = at % 5 == 4;

			memcpy(text, cases[0].typed, CODE_ACTIVATION_TEXT_LEN);
			text[at] = (char)c;
			assert_int_equal(code_activation_typed(secret,
						 SPAN(text, CODE_ACTIVATION_TEXT_LEN)),
				dash ? (c == '-' || c == ' ' ? ERR_OK : ERR_FORMAT)
				     : (letter ? ERR_OK : ERR_FORMAT));
		}
	}
	/* dashes are free, letters are not */
	memset(many, '-', sizeof many);
	memcpy(many + 1000, cases[0].typed, CODE_ACTIVATION_TEXT_LEN);
	assert_int_equal(code_activation_typed(secret, SPAN(many, sizeof many)), ERR_OK);
	memset(many, 'A', sizeof many);
	assert_int_equal(code_activation_typed(secret, SPAN(many, sizeof many)), ERR_FORMAT);
}

/* ---- kind A ---- */

static void makes_reads_and_checks_the_codes(void **state)
{
	(void)state;

	for (size_t i = 0; i < count; i++) {
		const struct activation_case *v = &cases[i];
		uint8_t body[CODE_PRESENTED_BODY_LEN], secret[CODE_ACTIVATION_LEN];
		char text[CODE_TEXT_MAX];
		struct bytes out;
		struct code c;

		assert_int_equal(code_activation_sign(
					 body, &v->fields, SPAN(v->seed, sizeof v->seed)), ERR_OK);
		bytes_init_fixed(&out, text, sizeof text - 1);
		assert_int_equal(code_text_build(&out, v->host, CODE_ACTIVATION,
					 SPAN(body, sizeof body)), ERR_OK);
		text[out.len] = '\0';
		assert_string_equal(text, v->code);
		parsed(&c, v->code);
		assert_string_equal(c.host, v->host);
		assert_memory_equal(c.presented.code_id, v->code_id, CODE_ID_LEN);
		assert_int_equal(c.presented.not_after, v->fields.not_after);
		assert_int_equal(code_activation_secret(secret, &c), ERR_OK);
		assert_memory_equal(secret, v->fields.secret, sizeof secret);
		assert_int_equal(code_activation_verify(&c, &v->fields,
					 SPAN(v->public_key, sizeof v->public_key)), ERR_OK);
	}
}

/* Any byte of the body changed: no code, of no secret, or not what was signed. */
static void every_byte_is_looked_at(void **state)
{
	const struct activation_case *v = &cases[2];
	uint8_t body[CODE_PRESENTED_BODY_LEN], secret[CODE_ACTIVATION_LEN];
	char text[CODE_TEXT_MAX];
	struct bytes out;
	struct code good, c;
	(void)state;

	parsed(&good, v->code);
	for (size_t at = 0; at < sizeof body; at++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(body, good.body, sizeof body);
			body[at] ^= (uint8_t)(1 << bit);
			bytes_init_fixed(&out, text, sizeof text);
			assert_int_equal(code_text_build(&out, v->host, CODE_ACTIVATION,
						 SPAN(body, sizeof body)), ERR_OK);
			code_parse(&c, bytes_span(&out));
			assert_int_equal(code_activation_verify(&c, &v->fields,
						 SPAN(v->public_key, sizeof v->public_key)),
				ERR_FORGED);
			/* its id has a check of its own */
			assert_int_equal(code_activation_secret(secret, &c),
				at < 2 || (at >= 6 && at < 22) ? ERR_FORGED : ERR_OK);
		}
	}
}

static void a_code_is_of_one_activation(void **state)
{
	const struct activation_case *v = &cases[2], *w = &cases[0];
	struct code_activation others[5];
	struct code c;
	(void)state;

	parsed(&c, v->code);
	for (size_t i = 0; i < 5; i++)
		others[i] = v->fields;
	others[0].secret[9] ^= 1;
	others[1].credential_id[15] ^= 1;
	others[2].generation++;
	others[3].not_after++;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(code_activation_verify(&c, &others[i],
					 SPAN(v->public_key, sizeof v->public_key)), ERR_FORGED);
	assert_int_equal(code_activation_verify(&c, &others[4],
				 SPAN(w->public_key, sizeof w->public_key)), ERR_FORGED);
	assert_int_equal(code_activation_verify(&c, &others[4],
				 SPAN(v->public_key, sizeof v->public_key)), ERR_OK);
}

static void another_kind_is_no_activation(void **state)
{
	struct code_presented fields = {.not_after = CODE_NO_END};
	const struct activation_case *v = &cases[2];
	uint8_t body[CODE_PRESENTED_BODY_LEN], secret[CODE_ACTIVATION_LEN];
	char text[CODE_TEXT_MAX];
	struct bytes out;
	struct code c;
	(void)state;

	memcpy(fields.code_id, v->code_id, CODE_ID_LEN);
	assert_int_equal(code_presented_sign(body, CODE_TARGET, &fields, span_text("{}"),
				 SPAN(v->seed, sizeof v->seed)), ERR_OK);
	bytes_init_fixed(&out, text, sizeof text);
	assert_int_equal(code_text_build(&out, v->host, CODE_TARGET, SPAN(body, sizeof body)),
		ERR_OK);
	code_parse(&c, bytes_span(&out));
	assert_int_equal(c.kind, CODE_TARGET);
	assert_int_equal(code_activation_secret(secret, &c), ERR_FORGED);
	code_parse(&c, span_text("https://qr.example.com/#AAAA-AAAA-AAAA-AAAA"));
	assert_int_equal(code_activation_secret(secret, &c), ERR_FORGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_has_one_text_and_many_spellings),
		cmocka_unit_test(refuses_what_is_no_text_of_a_secret),
		cmocka_unit_test(makes_reads_and_checks_the_codes),
		cmocka_unit_test(every_byte_is_looked_at),
		cmocka_unit_test(a_code_is_of_one_activation),
		cmocka_unit_test(another_kind_is_no_activation),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
