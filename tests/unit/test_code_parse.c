/* SPDX-License-Identifier: Apache-2.0
 *
 * One rule of PROTOCOL.md sections 2, 4, 6, 7 and 10 after the other, kept and broken.
 */
#include "tests/lib/vectors.h"

#include "base/base32.h"

#define HOST "QR.EXAMPLE.COM"

/* ---- bodies by hand: not by the builders, which refuse to make wrong ones ---- */

static size_t credential_body(uint8_t body[static CODE_BODY_MAX], bool live)
{
	size_t len = live ? CODE_LIVE_BODY_LEN : CODE_STATIC_BODY_LEN;

	memset(body, 0x5a, CODE_BODY_MAX);
	body[0] = 1;
	body[1] = live;
	be16_put(body + 22, 1);
	return len;
}

static size_t challenge_body(uint8_t body[static CODE_BODY_MAX], const char *merchant, size_t m,
	const char *reference, size_t r)
{
	memset(body, 0, CODE_BODY_MAX);
	body[0] = 1;
	be64_put(body + 26, 999999);
	body[34] = 6;
	memcpy(body + 47, "EUR", 3);
	body[50] = (uint8_t)m;
	memcpy(body + 51, merchant, m);
	body[51 + m] = (uint8_t)r;
	memcpy(body + 52 + m, reference, r);
	return 52 + m + r + CODE_CHALLENGE_TAG_LEN;
}

static size_t response_body(uint8_t body[static CODE_BODY_MAX], uint8_t flags)
{
	memset(body, 0x33, CODE_BODY_MAX);
	body[0] = 1;
	body[1] = flags;
	return CODE_RESPONSE_BODY_LEN;
}

static size_t presented_body(uint8_t body[static CODE_BODY_MAX])
{
	memset(body, 0x44, CODE_BODY_MAX);
	body[0] = 1;
	body[1] = 0;
	return CODE_PRESENTED_BODY_LEN;
}

static void parse_body(struct code *out, char kind, const uint8_t *body, size_t len)
{
	char storage[1024];
	struct bytes text;

	bytes_init_fixed(&text, storage, sizeof storage);
	bytes_add_text(&text, "HTTPS://" HOST "/");
	bytes_add_u8(&text, (uint8_t)kind);
	bytes_add_text(&text, "/");
	base32_encode(&text, SPAN(body, len));
	assert_false(text.full);
	parse_exact(out, storage, text.len);
}

static void assert_ours(char kind, const uint8_t *body, size_t len)
{
	struct code c;

	parse_body(&c, kind, body, len);
	if (c.kind == CODE_FOREIGN)
		fail_msg("refused: %s", c.why);
	assert_int_equal(c.kind, kind);
	assert_string_equal(c.host, HOST);
	assert_int_equal(c.body_len, len);
	assert_memory_equal(c.body, body, len);
}

static void assert_damaged(char kind, const uint8_t *body, size_t len, const char *why)
{
	static const struct code nothing;
	struct code c;

	parse_body(&c, kind, body, len);
	assert_int_equal(c.kind, CODE_FOREIGN);
	assert_int_equal(c.foreign, CODE_FOREIGN_DAMAGED);
	assert_string_equal(c.why, why);
	/* Nothing of it is handed on. */
	assert_int_equal(c.body_len, 0);
	assert_memory_equal(c.body, nothing.body, sizeof c.body);
	assert_string_equal(c.host, "");
}

/* ---- the text ---- */

static enum code_foreign foreign(const char *text)
{
	struct code c;

	parse_exact(&c, text, strlen(text));
	assert_int_equal(c.kind, CODE_FOREIGN);
	return c.foreign;
}

static void tells_web_address_text_and_damaged_code_apart(void **state)
{
	static const struct {
		const char *text;
		enum code_foreign foreign;
	} cases[] = {
		{"", CODE_FOREIGN_TEXT},
		{"6901234567892", CODE_FOREIGN_TEXT},
		{"WIFI:S:x;;", CODE_FOREIGN_TEXT},
		{"HTTPS:/", CODE_FOREIGN_TEXT},
		{"HTTPS:", CODE_FOREIGN_TEXT},
		{" HTTPS://A/C/", CODE_FOREIGN_TEXT},
		{"FTP://A/C/AE", CODE_FOREIGN_TEXT},
		{"wwww.example.com", CODE_FOREIGN_TEXT},
		{"mailto:a@b", CODE_FOREIGN_TEXT},
		{"\x1b[2J", CODE_FOREIGN_TEXT},
		{"http://", CODE_FOREIGN_WEB},
		{"http://example.com/c/ae", CODE_FOREIGN_WEB},
		{"hTTpS://QR.EXAMPLE.COM/C/AE", CODE_FOREIGN_WEB},
		{"www.example.com", CODE_FOREIGN_WEB},
		{"WWW.EXAMPLE.COM", CODE_FOREIGN_WEB},
		{"HTTPS://", CODE_FOREIGN_WEB},
		{"HTTPS:///C/AE", CODE_FOREIGN_WEB},
		{"HTTPS://EXAMPLE.COM/", CODE_FOREIGN_WEB},
		{"HTTPS://EXAMPLE.COM/C", CODE_FOREIGN_WEB},
		{"HTTPS://EXAMPLE.COM/CC/AE", CODE_FOREIGN_WEB},
		{"HTTPS://EXAMPLE.COM/c/AE", CODE_FOREIGN_WEB},
		{"HTTPS://EXAMPLE.COM/1/AE", CODE_FOREIGN_WEB},
		{"HTTPS://example.com/C/AE", CODE_FOREIGN_WEB},
		{"HTTPS://EX_AMPLE/C/AE", CODE_FOREIGN_WEB},
		{"HTTPS://USER@EXAMPLE.COM/C/AE", CODE_FOREIGN_WEB},
		{"HTTP://EXAMPLE.COM/C/AE", CODE_FOREIGN_WEB},
		{"HTTPS://EXAMPLE.COM/C/", CODE_FOREIGN_DAMAGED},
		{"HTTPS://EXAMPLE.COM/C/AE", CODE_FOREIGN_DAMAGED},
		{"HTTPS://EXAMPLE.COM/C/AE======", CODE_FOREIGN_DAMAGED},
		{"HTTPS://EXAMPLE.COM/Z/AE", CODE_FOREIGN_DAMAGED},
		{"HTTPS://EXAMPLE.COM/C/AE/", CODE_FOREIGN_DAMAGED},
		{"HTTPS://EXAMPLE.COM/C/AE?A=B", CODE_FOREIGN_DAMAGED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (foreign(cases[i].text) != cases[i].foreign)
			fail_msg("%s", cases[i].text);
	}
}

static void says_in_words_what_is_wrong_with_the_text(void **state)
{
	static const struct {
		const char *tail, *why;
	} cases[] = {
		{"C/", "body is too short"},
		{"C/AE", "body is too short"},
		{"C/AEAAA=", "body is not canonical Base32"},
		{"C/AEAAB", "body is not canonical Base32"}, /* trailing bits */
		{"C/AEA", "body is not canonical Base32"},   /* impossible length */
		{"C/aeaaa", "body is not canonical Base32"},
		{"C/AE1AA", "body is not canonical Base32"},
		{"C/AIAAA", "version is not 1"},
		{"C/AAAAA", "version is not 1"},
		{"Z/AEAAA", "kind letter is not known"},
		{"B/AEAAA", "kind letter is not known"},
	};
	char text[128];
	struct code c;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(text, sizeof text, "HTTPS://%s/%s", HOST, cases[i].tail);
		parse_exact(&c, text, strlen(text));
		assert_int_equal(c.foreign, CODE_FOREIGN_DAMAGED);
		assert_string_equal(c.why, cases[i].why);
	}
}

static void takes_hosts_of_up_to_64_characters(void **state)
{
	uint8_t body[CODE_BODY_MAX];
	size_t body_len = response_body(body, 0);
	char host[80], storage[512];
	struct bytes text;
	struct code c;

	(void)state;
	for (size_t len = 1; len < sizeof host; len++) {
		memset(host, 'H', len);
		host[len] = '\0';
		bytes_init_fixed(&text, storage, sizeof storage);
		assert_int_equal(code_text_build(&text, host, 'R', SPAN(body, body_len)),
			len <= CODE_HOST_MAX ? ERR_OK : ERR_INVALID);
		bytes_clear(&text);
		bytes_add_text(&text, "HTTPS://");
		bytes_add_text(&text, host);
		bytes_add_text(&text, "/R/");
		base32_encode(&text, SPAN(body, body_len));
		parse_exact(&c, storage, text.len);
		assert_int_equal(c.kind, len <= CODE_HOST_MAX ? CODE_RESPONSE : CODE_FOREIGN);
		if (len <= CODE_HOST_MAX)
			assert_string_equal(c.host, host);
		else
			assert_string_equal(c.why, "host is longer than 64 characters");
	}
}

static void a_text_with_a_nul_or_much_too_long_is_foreign(void **state)
{
	const struct vectors *all = *state;
	size_t len = strlen(all->list[0].first_live);
	char text[CODE_TEXT_MAX], *big;
	struct code c;

	for (size_t at = 0; at < len; at++) {
		memcpy(text, all->list[0].first_live, len);
		text[at] = '\0';
		parse_exact(&c, text, len);
		assert_int_equal(c.kind, CODE_FOREIGN);
	}
	big = malloc(1 << 20);
	assert_non_null(big);
	memset(big, 'A', 1 << 20);
	memcpy(big, "HTTPS://A/C/", 12);
	parse_exact(&c, big, 1 << 20);
	assert_string_equal(c.why, "body is too long");
	memset(big + 8, 'A', 64);
	parse_exact(&c, big, 1 << 20);
	assert_int_equal(c.foreign, CODE_FOREIGN_WEB);
	free(big);
}

static void only_the_letters_of_the_protocol_are_kinds(void **state)
{
	uint8_t body[CODE_BODY_MAX];
	size_t len = presented_body(body);
	struct code c;

	(void)state;
	for (int k = 0; k < 256; k++) {
		if (k == 'C' || k == 'Q' || k == 'R')
			continue;
		parse_body(&c, (char)k, body, len);
		if (k && strchr("ATSLDPXJ", k)) {
			assert_int_equal(c.kind, k);
			assert_string_not_equal(code_kind_words(c.kind), "foreign code");
		} else {
			assert_int_equal(c.kind, CODE_FOREIGN);
			assert_string_equal(code_kind_words((enum code_kind)k), "foreign code");
		}
	}
}

/* ---- first code ---- */

static void reads_a_credential_only_in_its_exact_form(void **state)
{
	uint8_t body[CODE_BODY_MAX];
	size_t len;

	(void)state;
	assert_ours('C', body, credential_body(body, false));
	assert_ours('C', body, credential_body(body, true));
	for (len = 2; len <= CODE_BODY_MAX; len++) {
		credential_body(body, false);
		if (len == CODE_STATIC_BODY_LEN)
			continue;
		assert_damaged('C', body, len,
			len == CODE_LIVE_BODY_LEN ? "a static credential has 92 bytes"
						  : "a credential has 92 or 100 bytes");
		credential_body(body, true);
		if (len == CODE_LIVE_BODY_LEN)
			continue;
		assert_damaged('C', body, len, "a credential has 92 or 100 bytes");
	}
	credential_body(body, true);
	assert_damaged('C', body, CODE_STATIC_BODY_LEN, "a live credential has 100 bytes");
	for (int bit = 1; bit < 8; bit++) {
		len = credential_body(body, bit & 1);
		body[1] |= (uint8_t)(1 << bit);
		assert_damaged('C', body, len, "reserved flag bits are not zero");
	}
	for (int version = 0; version < 256; version++) {
		len = credential_body(body, true);
		body[0] = (uint8_t)version;
		if (version != 1)
			assert_damaged('C', body, len, "version is not 1");
	}
	len = credential_body(body, true);
	be16_put(body + 22, 0);
	assert_damaged('C', body, len, "generation is zero");
	be16_put(body + 22, 0xffff);
	assert_ours('C', body, len);
}

/* ---- challenge ---- */

static void reads_a_challenge_with_texts_of_every_length(void **state)
{
	uint8_t body[CODE_BODY_MAX];
	char text[64];
	struct code c;

	(void)state;
	memset(text, 'm', sizeof text);
	for (size_t m = 0; m <= 42; m++) {
		for (size_t r = 0; r <= 26; r++) {
			size_t len = challenge_body(body, text, m, text, r);

			parse_body(&c, 'Q', body, len);
			assert_int_equal(
				c.kind, m <= 40 && r <= 24 ? CODE_CHALLENGE : CODE_FOREIGN);
			if (c.kind == CODE_FOREIGN) {
				assert_string_equal(c.why, "a text of the challenge is too long");
				continue;
			}
			assert_int_equal(strlen(c.challenge.merchant), m);
			assert_int_equal(strlen(c.challenge.reference), r);
		}
	}
}

static void refuses_a_challenge_whose_lengths_do_not_add_up(void **state)
{
	uint8_t body[CODE_BODY_MAX];
	size_t len = challenge_body(body, "Corner Bakery", 13, "A-1001", 6);

	(void)state;
	assert_ours('Q', body, len);
	for (size_t cut = 2; cut < len; cut++)
		assert_damaged('Q', body, cut, "challenge is too short");
	for (size_t more = len + 1; more <= CODE_BODY_MAX; more++)
		assert_damaged('Q', body, more, "challenge is longer than its texts");
	for (unsigned m = 0; m < 256; m++) {
		struct code c;

		body[50] = (uint8_t)m;
		parse_body(&c, 'Q', body, len);
		assert_int_equal(c.kind, m == 13 ? CODE_CHALLENGE : CODE_FOREIGN);
	}
	body[50] = 13;
	for (unsigned r = 0; r < 256; r++) {
		struct code c;

		body[64] = (uint8_t)r;
		parse_body(&c, 'Q', body, len);
		assert_int_equal(c.kind, r == 6 ? CODE_CHALLENGE : CODE_FOREIGN);
	}
}

static void refuses_a_challenge_with_a_field_out_of_range(void **state)
{
	uint8_t body[CODE_BODY_MAX];
	size_t len = challenge_body(body, "", 0, "", 0);
	uint64_t end = 1000000;

	(void)state;
	body[1] = 0x80;
	assert_damaged('Q', body, len, "reserved flag bits are not zero");
	body[1] = 0;
	for (unsigned digits = 0; digits < 256; digits++) {
		body[34] = (uint8_t)digits;
		if (digits < 6 || digits > 10) {
			assert_damaged('Q', body, len, "number of digits is not 6 to 10");
			continue;
		}
		be64_put(body + 26, end - 1);
		assert_ours('Q', body, len);
		be64_put(body + 26, end);
		assert_damaged('Q', body, len, "number has more digits than it says");
		be64_put(body + 26, UINT64_MAX);
		assert_damaged('Q', body, len, "number has more digits than it says");
		end *= 10;
	}
	len = challenge_body(body, "", 0, "", 0);
	for (size_t i = 0; i < 3; i++) {
		for (unsigned c = 0; c < 256; c++) {
			body[47 + i] = (uint8_t)c;
			if (c >= 'A' && c <= 'Z')
				assert_ours('Q', body, len);
			else
				assert_damaged('Q', body, len, "currency is not three letters");
		}
		body[47 + i] = 'A';
	}
	memset(body + 35, 0xff, 12); /* expires and amount may be anything */
	assert_ours('Q', body, len);
}

static void refuses_texts_that_are_not_printable(void **state)
{
	static const char *const bad[] = {
		"\x1b[2J",
		"a\nb",
		"\x7f",
		"\xc3",
		"\xff",
		"\xc0\xaf",
		"\xed\xa0\x80",
		"a\tb",
		"\xf4\x90\x80\x80",
		"\xe2\x80\xae x",
		"\xee\x80\x80",
		"\xe2\x80\xa8",
		"\x01",
	};
	uint8_t body[CODE_BODY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		size_t len = challenge_body(body, bad[i], strlen(bad[i]), "", 0);

		assert_damaged('Q', body, len, "a text of the challenge is not printable UTF-8");
		len = challenge_body(body, "", 0, bad[i], strlen(bad[i]));
		assert_damaged('Q', body, len, "a text of the challenge is not printable UTF-8");
	}
	assert_damaged('Q', body, challenge_body(body, "a\0b", 3, "", 0),
		"a text of the challenge is not printable UTF-8");
	assert_ours('Q', body, challenge_body(body, "街角面包店", 15, "订单", 6));
}

/* ---- second code, presented codes ---- */

static void reads_a_response_only_in_its_exact_form(void **state)
{
	uint8_t body[CODE_BODY_MAX];

	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		size_t len = response_body(body, (uint8_t)flags);

		if (flags & 0xf8)
			assert_damaged('R', body, len, "reserved flag bits are not zero");
		else if ((flags & 3) == 3)
			assert_damaged('R', body, len, "binding is not 0, 1 or 2");
		else
			assert_ours('R', body, len);
	}
	response_body(body, 4);
	for (size_t len = 2; len <= CODE_BODY_MAX; len++) {
		if (len != CODE_RESPONSE_BODY_LEN)
			assert_damaged('R', body, len, "a response has 42 bytes");
	}
}

static void reads_a_presented_code_only_in_its_exact_form(void **state)
{
	uint8_t body[CODE_BODY_MAX];

	(void)state;
	for (const char *k = "ATSLDPXJ"; *k; k++) {
		assert_ours(*k, body, presented_body(body));
		for (size_t len = 2; len <= CODE_BODY_MAX; len++) {
			if (len != CODE_PRESENTED_BODY_LEN)
				assert_damaged(*k, body, len, "a presented code has 106 bytes");
		}
		for (int bit = 0; bit < 8; bit++) {
			body[1] = (uint8_t)(1 << bit);
			assert_damaged(*k, body, CODE_PRESENTED_BODY_LEN,
				"reserved flag bits are not zero");
			body[1] = 0;
		}
	}
}

static int load(void **state)
{
	*state = (void *)(uintptr_t)vectors_load();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_web_address_text_and_damaged_code_apart),
		cmocka_unit_test(says_in_words_what_is_wrong_with_the_text),
		cmocka_unit_test(takes_hosts_of_up_to_64_characters),
		cmocka_unit_test(a_text_with_a_nul_or_much_too_long_is_foreign),
		cmocka_unit_test(only_the_letters_of_the_protocol_are_kinds),
		cmocka_unit_test(reads_a_credential_only_in_its_exact_form),
		cmocka_unit_test(reads_a_challenge_with_texts_of_every_length),
		cmocka_unit_test(refuses_a_challenge_whose_lengths_do_not_add_up),
		cmocka_unit_test(refuses_a_challenge_with_a_field_out_of_range),
		cmocka_unit_test(refuses_texts_that_are_not_printable),
		cmocka_unit_test(reads_a_response_only_in_its_exact_form),
		cmocka_unit_test(reads_a_presented_code_only_in_its_exact_form),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load, NULL);
}
