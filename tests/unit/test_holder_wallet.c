/* SPDX-License-Identifier: Apache-2.0
 *
 * The wallet file, and the answer of an activation.
 */
#include "tests/lib/exact.h"
#include "tests/lib/folder.h"
#include "tests/lib/holder_kit.h"

#define PASSCODE span_text("an honest passcode")

static const struct vector *a_case(void)
{
	return &vectors_load()->list[0];
}

static void assert_same(const struct wallet *a, const struct wallet *b)
{
	assert_memory_equal(a->key->data, b->key->data, SEC_KEY_LEN);
	assert_int_equal(a->token->len, b->token->len);
	assert_memory_equal(a->token->data, b->token->data, a->token->len);
	assert_memory_equal(a->credential_id, b->credential_id, CODE_ID_LEN);
	assert_int_equal(a->generation, b->generation);
	assert_int_equal(a->not_after, b->not_after);
	assert_int_equal(a->live, b->live);
	assert_int_equal(a->digits, b->digits);
	assert_memory_equal(a->static_body, b->static_body, CODE_STATIC_BODY_LEN);
	assert_memory_equal(a->issuer_public, b->issuer_public, SEC_ED25519_PUBLIC_LEN);
	assert_string_equal(a->issuer_name, b->issuer_name);
	assert_string_equal(a->host, b->host);
	assert_string_equal(a->purpose, b->purpose);
	assert_string_equal(a->face_value, b->face_value);
	assert_string_equal(a->holder, b->holder);
	assert_string_equal(a->url, b->url);
}

/* ---- the file ---- */

static void reads_back_what_it_wrote(void **state)
{
	const char *path = in_folder("back");
	struct wallet *w = kit_wallet(a_case(), true), *again = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(wallet_file_write(w, path, PASSCODE, false, NULL), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(wallet_file_read(&again, path, PASSCODE, NULL), ERR_OK);
	assert_same(w, again);
	wallet_free(&w);
	wallet_free(&again);
}

static void keeps_an_existing_file_unless_told_otherwise(void **state)
{
	const char *path = in_folder("exists");
	struct wallet *w = kit_wallet(a_case(), true), *again = NULL;

	(void)state;
	assert_int_equal(wallet_file_write(w, path, PASSCODE, false, NULL), ERR_OK);
	w->digits = 8;
	assert_int_equal(wallet_file_may_write(path, false, NULL), ERR_EXISTS);
	assert_int_equal(wallet_file_write(w, path, PASSCODE, false, NULL), ERR_EXISTS);
	assert_int_equal(wallet_file_read(&again, path, PASSCODE, NULL), ERR_OK);
	assert_int_equal(again->digits, 6);
	wallet_free(&again);
	assert_int_equal(wallet_file_write(w, path, PASSCODE, true, NULL), ERR_OK);
	assert_int_equal(wallet_file_read(&again, path, PASSCODE, NULL), ERR_OK);
	assert_int_equal(again->digits, 8);
	wallet_free(&again);
	wallet_free(&w);
}

static void asks_for_a_place_before_the_token_is_spent(void **state)
{
	(void)state;
	assert_int_equal(wallet_file_may_write(in_folder("new"), false, NULL), ERR_OK);
	assert_int_equal(
		wallet_file_may_write(in_folder("no/such/folder"), false, NULL), ERR_PERMISSION);
	assert_int_equal(wallet_file_may_write(folder_path, true, NULL), ERR_EXISTS);
}

static void refuses_a_file_that_others_may_read(void **state)
{
	const char *path = in_folder("open");
	struct wallet *w = kit_wallet(a_case(), true), *again = NULL;

	(void)state;
	assert_int_equal(wallet_file_write(w, path, PASSCODE, false, NULL), ERR_OK);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(wallet_file_read(&again, path, PASSCODE, NULL), ERR_PERMISSION);
	assert_null(again);
	assert_int_equal(
		wallet_file_read(&again, in_folder("none"), PASSCODE, NULL), ERR_NOT_FOUND);
	wallet_free(&w);
}

static void tells_a_wrong_passcode_from_no_wallet_file(void **state)
{
	uint8_t storage[WALLET_FILE_MAX];
	struct bytes file;
	struct wallet *w = kit_wallet(a_case(), true), *again = NULL;
	struct err err = {0};

	(void)state;
	bytes_init_fixed(&file, storage, sizeof(storage));
	assert_int_equal(wallet_seal(&file, w, PASSCODE, NULL), ERR_OK);
	assert_int_equal(
		wallet_open(&again, bytes_span(&file), span_text("another"), &err), ERR_FORGED);
	assert_non_null(strstr(err.text, "passcode is wrong"));
	assert_int_equal(
		wallet_open(&again, span_text("%PDF-1.4 and so on"), PASSCODE, &err), ERR_FORMAT);
	assert_int_equal(wallet_open(&again, SPAN(NULL, 0), PASSCODE, &err), ERR_FORMAT);
	file.data[8] = 2;
	assert_int_equal(wallet_open(&again, bytes_span(&file), PASSCODE, &err), ERR_UNSUPPORTED);
	assert_null(again);
	wallet_free(&w);
}

/* argon2id takes 25 ms a time: bytes that the key derivation sees are changed here and there, the
 * others each.
 */
static void refuses_every_changed_byte(void **state)
{
	uint8_t storage[WALLET_FILE_MAX];
	struct bytes file;
	struct wallet *w = kit_wallet(a_case(), true), *again = NULL;

	(void)state;
	bytes_init_fixed(&file, storage, sizeof(storage));
	assert_int_equal(wallet_seal(&file, w, PASSCODE, NULL), ERR_OK);
	for (size_t i = 0; i < file.len; i += i < WALLET_HEADER_LEN ? 1 : 31) {
		struct span text;

		file.data[i] ^= 0x01;
		text = exact(file.data, file.len);
		assert_int_not_equal(wallet_open(&again, text, PASSCODE, NULL), ERR_OK);
		assert_null(again);
		exact_free(text);
		file.data[i] ^= 0x01;
	}
	assert_int_equal(wallet_open(&again, bytes_span(&file), PASSCODE, NULL), ERR_OK);
	wallet_free(&again);
	wallet_free(&w);
}

static void refuses_a_file_that_is_cut_or_longer(void **state)
{
	uint8_t storage[WALLET_FILE_MAX];
	struct bytes file;
	struct wallet *w = kit_wallet(a_case(), true), *again = NULL;

	(void)state;
	bytes_init_fixed(&file, storage, sizeof(storage));
	assert_int_equal(wallet_seal(&file, w, PASSCODE, NULL), ERR_OK);
	for (size_t len = 0; len < file.len; len++) {
		struct span text = exact(file.data, len);

		assert_int_equal(wallet_open(&again, text, PASSCODE, NULL), ERR_FORMAT);
		exact_free(text);
	}
	bytes_add_u8(&file, 0);
	assert_int_equal(wallet_open(&again, bytes_span(&file), PASSCODE, NULL), ERR_FORMAT);
	wallet_free(&w);
}

static void refuses_a_body_that_is_cut_or_longer(void **state)
{
	uint8_t storage[WALLET_BODY_MAX];
	struct bytes body;
	struct wallet *w = kit_wallet(a_case(), true), *again = NULL;

	(void)state;
	bytes_init_fixed(&body, storage, sizeof(storage));
	wallet_body_build(&body, w);
	for (size_t len = 0; len <= body.len + 1; len++) {
		struct span text = exact(storage, len);
		enum err_code rc = wallet_body_parse(&again, text, NULL);

		assert_int_equal(rc, len == body.len ? ERR_OK : ERR_CORRUPT);
		assert_true((again != NULL) == (len == body.len));
		wallet_free(&again);
		exact_free(text);
	}
	wallet_free(&w);
}

/* What no signature covers may change: policy, digits in range, names, secret, token. */
static void refuses_a_changed_signed_field_of_the_body(void **state)
{
	uint8_t storage[WALLET_BODY_MAX];
	struct bytes body;
	struct wallet *w = kit_wallet(a_case(), true), *again = NULL;
	const struct {
		size_t from, to;
	} signed_parts[] = {{0, 1}, {1, 17}, {17, 19}, {19, 23}, {57, 57 + 92}, {149, 149 + 32}};

	(void)state;
	bytes_init_fixed(&body, storage, sizeof(storage));
	wallet_body_build(&body, w);
	for (size_t p = 0; p < sizeof(signed_parts) / sizeof(signed_parts[0]); p++)
		for (size_t i = signed_parts[p].from; i < signed_parts[p].to; i++) {
			body.data[i] ^= 0x10;
			assert_int_equal(
				wallet_body_parse(&again, bytes_span(&body), NULL), ERR_CORRUPT);
			body.data[i] ^= 0x10;
		}
	wallet_free(&w);
}

static void takes_the_longest_fields(void **state)
{
	const char *path = in_folder("long");
	struct wallet *w = kit_wallet(a_case(), false), *again = NULL;

	(void)state;
	memset(w->issuer_name, 'i', WALLET_LABEL_MAX);
	memset(w->purpose, 'p', WALLET_LABEL_MAX);
	memset(w->face_value, 'f', WALLET_LABEL_MAX);
	memset(w->holder, 'h', WALLET_LABEL_MAX);
	memset(w->url, 'u', WALLET_URL_MAX);
	memset(w->host, 'H', CODE_HOST_MAX);
	secret_free(&w->token);
	assert_int_equal(secret_new(&w->token, WALLET_TOKEN_MAX), ERR_OK);
	assert_int_equal(wallet_file_write(w, path, PASSCODE, false, NULL), ERR_OK);
	assert_int_equal(wallet_file_read(&again, path, PASSCODE, NULL), ERR_OK);
	assert_same(w, again);
	wallet_free(&again);
	wallet_free(&w);
}

/* ---- activation ---- */

struct answer {
	const char *id, *policy, *digits, *purpose, *secret, *first_code, *host, *key, *token,
		*more;
};

static void hex_of(char *out, const uint8_t *data, size_t len)
{
	hex_encode(out, SPAN(data, len));
}

static char answer_id[33], answer_secret[65], answer_key[65];

static struct answer good_answer(const struct vector *v)
{
	hex_of(answer_id, v->credential_id, CODE_ID_LEN);
	hex_of(answer_secret, v->secret, SEC_KEY_LEN);
	hex_of(answer_key, v->issuer_public, SEC_ED25519_PUBLIC_LEN);
	return (struct answer){.id = answer_id,
		.policy = "live",
		.digits = "6",
		.purpose = "Member card",
		.secret = answer_secret,
		.first_code = v->first_static,
		.host = v->host,
		.key = answer_key,
		.token = "BEARERTOKEN2",
		.more = ""};
}

/* Parses the answer from an exact block; the block must hold no secret afterwards. */
static enum err_code answer_parse(struct wallet **out, const struct answer *a)
{
	char text[4096];
	int n = snprintf(text, sizeof(text),
		"{\"credential\":{\"id\":\"%s\",\"generation\":1,\"not_after\":4294967295,"
		"\"policy\":\"%s\",\"digits\":%s,\"purpose\":\"%s\",\"face_value\":\"Gold\","
		"\"holder\":\"Li Lei\"},\"secret\": \"%s\",\"first_code\":\"%s\","
		"\"issuer\":{\"name\":\"Corner Bank\",\"host\":\"%s\",\"key\":\"%s\"},"
		"\"token\"\n:\t\"%s\"%s}",
		a->id, a->policy, a->digits, a->purpose, a->secret, a->first_code, a->host, a->key,
		a->token, a->more);
	struct bytes answer;
	enum err_code rc;
	uint8_t *block = malloc((size_t)n);

	assert_true(n > 0 && n < (int)sizeof(text));
	assert_non_null(block);
	memcpy(block, text, (size_t)n);
	bytes_init_fixed(&answer, block, (size_t)n);
	answer.len = (size_t)n;
	rc = wallet_activation_parse(out, &answer, "http://127.0.0.1:8080", NULL);
	for (int i = 0; i < n; i++)
		assert_int_equal(block[i], 0);
	free(block);
	return rc;
}

static void an_activation_becomes_a_wallet(void **state)
{
	struct wallet *w = kit_wallet(a_case(), true), *got = NULL;
	struct answer a = good_answer(a_case());

	(void)state;
	assert_int_equal(answer_parse(&got, &a), ERR_OK);
	assert_same(w, got);
	wallet_free(&got);
	a.policy = "static";
	assert_int_equal(answer_parse(&got, &a), ERR_OK);
	assert_false(got->live);
	wallet_free(&got);
	wallet_free(&w);
}

static void refuses_an_activation_that_does_not_fit_together(void **state)
{
	const struct vectors *all = vectors_load();
	struct answer good = good_answer(a_case());
	struct wallet *got = NULL;
	char other_key[65], long_purpose[WALLET_LABEL_MAX + 2] = {0};
	struct answer bad[24];
	size_t n = 0;

	(void)state;
	hex_of(other_key, all->list[0].k_live, 32);
	memset(long_purpose, 'p', WALLET_LABEL_MAX + 1);
#define BAD(member, value) bad[n] = good, bad[n++].member = (value)
	BAD(id, "00000000000000000000000000000000");
	BAD(id, "00");
	BAD(policy, "both");
	BAD(digits, "5");
	BAD(digits, "11");
	BAD(digits, "\"6\"");
	BAD(purpose, long_purpose);
	BAD(purpose, "a\\u0007b");
	BAD(purpose, "a\\u202eb");
	BAD(secret, "");
	BAD(secret, "00");
	BAD(secret, "zz");
	BAD(first_code, all->list[0].first_live);
	BAD(first_code, all->list[0].challenge);
	BAD(first_code, all->list[1].first_static);
	BAD(first_code, "https://example.com/");
	BAD(host, "OTHER.EXAMPLE.COM");
	BAD(host, "qr.example.com");
	BAD(key, other_key);
	BAD(key, "");
	BAD(token, "");
	BAD(more, ",\"secret\":\"00\"");
	BAD(more, ",\"surprise\":1");
	BAD(more, "}");
#undef BAD
	assert_int_equal(n, sizeof(bad) / sizeof(bad[0]));
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(answer_parse(&got, &bad[i]), ERR_OK);
		assert_null(got);
	}
}

static void refuses_every_cut_of_an_activation(void **state)
{
	static const char text[] = "{\"secret\":\"00\",\"token\":\"x\"}";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		uint8_t *block = malloc(len ? len : 1);
		struct wallet *got = NULL;
		struct bytes answer;

		assert_non_null(block);
		memcpy(block, text, len);
		bytes_init_fixed(&answer, block, len);
		answer.len = len;
		assert_int_not_equal(wallet_activation_parse(&got, &answer, "", NULL), ERR_OK);
		assert_null(got);
		free(block);
	}
}

/* ---- what the holder was given ---- */

static void finds_the_token_in_what_was_given(void **state)
{
	static const struct {
		const char *given, *token; /* NULL: refused */
		const char *words;
	} CASES[] = {
		{"ABCD-EFGH-IJKL-MNOP", "ABCD-EFGH-IJKL-MNOP", NULL},
		{" abcd efgh ijkl mnop", " abcd efgh ijkl mnop", NULL}, /* the backend reads it */
		{"https://qr.example.com/#ABCD-EFGH-IJKL-MNOP", "ABCD-EFGH-IJKL-MNOP", NULL},
		{"HTTPS://QR.EXAMPLE.COM/#ABCD", "ABCD", NULL},
		{"http://127.0.0.1:8080/wallet?lang=en#ABCD", "ABCD", NULL},
		{"", NULL, "empty"},
		{"https://qr.example.com/", NULL, "behind its #"},
		{"https://qr.example.com/#", NULL, "behind its #"},
		{"HTTPS://QR.EXAMPLE.COM/A/AE", NULL, "damaged"},
		{"HTTPS://QR.EXAMPLE.COM/A/aeaa", NULL, "damaged"},
	};
	const struct vectors *all = vectors_load();
	struct span token;
	struct err err;
	(void)state;

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		enum err_code rc = wallet_token_find(&token, span_text(CASES[i].given), &err);

		assert_int_equal(rc, CASES[i].token ? ERR_OK : ERR_INVALID);
		if (CASES[i].token)
			assert_true(span_equal(token, span_text(CASES[i].token)));
		else
			assert_non_null(strstr(err.text, CASES[i].words));
	}
	for (size_t i = 0; i < all->count; i++) { /* codes of every kind: one of them is A */
		const struct vector *v = &all->list[i];
		bool good = v->presented_kind[0] == CODE_ACTIVATION;

		assert_int_equal(wallet_token_find(&token, span_text(v->presented), &err),
			good ? ERR_OK : ERR_INVALID);
		if (good)
			assert_true(span_equal(token, span_text(v->presented)));
		else
			assert_non_null(strstr(err.text, "not of an activation"));
		assert_int_equal(
			wallet_token_find(&token, span_text(v->first_static), &err), ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back_what_it_wrote),
		cmocka_unit_test(keeps_an_existing_file_unless_told_otherwise),
		cmocka_unit_test(asks_for_a_place_before_the_token_is_spent),
		cmocka_unit_test(refuses_a_file_that_others_may_read),
		cmocka_unit_test(tells_a_wrong_passcode_from_no_wallet_file),
		cmocka_unit_test(refuses_every_changed_byte),
		cmocka_unit_test(refuses_a_file_that_is_cut_or_longer),
		cmocka_unit_test(refuses_a_body_that_is_cut_or_longer),
		cmocka_unit_test(refuses_a_changed_signed_field_of_the_body),
		cmocka_unit_test(takes_the_longest_fields),
		cmocka_unit_test(an_activation_becomes_a_wallet),
		cmocka_unit_test(refuses_an_activation_that_does_not_fit_together),
		cmocka_unit_test(refuses_every_cut_of_an_activation),
		cmocka_unit_test(finds_the_token_in_what_was_given),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (holder_set_up(NULL))
		return 1;
	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
