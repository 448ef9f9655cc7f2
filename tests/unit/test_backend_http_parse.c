/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of a request: what can be read in two ways is refused. And dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/http_parse.h"
#include "backend/http_write.h"

#define HOST "Host: localhost\r\n"

/* Copied to an exact heap block, so that a read beyond it is seen. */
static enum err_code parse(struct http_head *out, struct http_refusal *refusal, const char *text)
{
	size_t len = strlen(text);
	uint8_t *copy = malloc(len ? len : 1);
	enum err_code e;

	memcpy(copy, text, len);
	e = http_head_parse(out, refusal, SPAN(copy, len), "X-Extra");
	/* spans point into the block: only the flags are looked at afterwards */
	free(copy);
	return e;
}

static void takes_a_plain_request(void **state)
{
	static const char TEXT[] = "POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n"
				   "content-type:application/json\r\nAuthorization:  Bearer T \r\n"
				   "x-extra: 7\r\n\r\n";
	struct http_head h;
	struct http_refusal r;

	(void)state;
	assert_int_equal(
		http_head_parse(&h, &r, SPAN(TEXT, sizeof(TEXT) - 1), "X-Extra"), ERR_OK);
	assert_int_equal(h.method, HTTP_POST);
	assert_true(span_equal(h.target, span_text("/v1/x")));
	assert_true(span_equal(h.authorization, span_text("Bearer T")));
	assert_true(span_equal(h.extra, span_text("7")));
	assert_int_equal(h.content_length, 12);
	assert_true(h.json && h.keep_alive && !h.expect_continue);
}

static void takes_what_clients_may_vary(void **state)
{
	static const char *const GOOD[] = {
		"GET / HTTP/1.1\r\n" HOST "\r\n",
		"GET / HTTP/1.0\r\n\r\n",
		"BREW /pot HTTP/1.1\r\n" HOST "\r\n",
		"GET / HTTP/1.1\r\n" HOST "Connection: keep-alive, close\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "Accept:\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "Accept-Language: z\xc3\xbc\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: 016384\r\nExpect: 100-continue\r\n\r\n",
	};
	struct http_head h;
	struct http_refusal r;

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		if (parse(&h, &r, GOOD[i]))
			fail_msg("refused: %s (%s)", GOOD[i], r.detail);
}

/* Whoever comes through a proxy of this machine is not of this machine. */
static void sees_who_asks_for_somebody_else(void **state)
{
	static const char *const FIELDS[] = {"Forwarded: for=192.0.2.1", "via: 1.1 a",
		"X-Forwarded-For: 127.0.0.1", "X-FORWARDED-HOST:", "X-Forwarded-Proto: https",
		"X-Real-IP: 192.0.2.1"};
	char text[160];
	struct http_head h;
	struct http_refusal r;

	(void)state;
	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
		(void)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" HOST "%s\r\nA: b\r\n\r\n",
			FIELDS[i]);
		assert_int_equal(parse(&h, &r, text), ERR_OK);
		assert_true(h.forwarded);
	}
	assert_int_equal(parse(&h, &r, "GET / HTTP/1.1\r\n" HOST "Vial: x\r\n\r\n"), ERR_OK);
	assert_false(h.forwarded);
}

/* RFC 9110 section 12.5.3; nothing said is a no here. */
static void sees_who_takes_a_packed_answer(void **state)
{
	static const struct {
		bool gzip;
		const char *fields;
	} CASES[] = {
		{true, "Accept-Encoding: gzip"},
		{true, "accept-encoding:gzip, deflate, br, zstd"},
		{true, "Accept-Encoding: br;q=1.0 , GZIP ; q=0.5"},
		{true, "Accept-Encoding: gzip;q=0.001"},
		{true, "Accept-Encoding: *"},
		{true, "Accept-Encoding: br\r\nAccept-Encoding: gzip"},
		{true, "Accept-Encoding: *;q=0, gzip"},
		{false, "Accept: */*"},
		{false, "Accept-Encoding:"},
		{false, "Accept-Encoding: identity"},
		{false, "Accept-Encoding: gzip;q=0"},
		{false, "Accept-Encoding: gzip;q=0.000, br"},
		{false, "Accept-Encoding: gzip;q=0, *"},
		{false, "Accept-Encoding: *;q=0"},
		{false, "Accept-Encoding: gzipped, x gzip, gzip2"},
		{false, "X-Accept-Encoding: gzip"},
	};
	char text[160];
	struct http_head h;
	struct http_refusal r;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		(void)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" HOST "%s\r\n\r\n",
			CASES[i].fields);
		assert_int_equal(parse(&h, &r, text), ERR_OK);
		if (h.gzip != CASES[i].gzip)
			fail_msg("%s", CASES[i].fields);
	}
}

static void keeps_what_the_client_has_already(void **state)
{
	static const char TEXT[] = "GET / HTTP/1.1\r\n" HOST
				   "if-none-match:  W/\"a\", \"b\" \r\n\r\n";
	struct http_head h;
	struct http_refusal r;

	(void)state;
	assert_int_equal(http_head_parse(&h, &r, SPAN(TEXT, sizeof(TEXT) - 1), NULL), ERR_OK);
	assert_true(span_equal(h.none_match, span_text("W/\"a\", \"b\"")));
	assert_int_equal(parse(&h, &r, "GET / HTTP/1.1\r\n" HOST "\r\n"), ERR_OK);
	assert_int_equal(h.none_match.len, 0);
}

static void refuses_what_can_be_read_in_two_ways(void **state)
{
	static const struct {
		int status;
		const char *text;
	} BAD[] = {
		{400, "\r\nGET / HTTP/1.1\r\n" HOST "\r\n"},
		{400, " GET / HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET /  HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET / HTTP/1.1 \r\n" HOST "\r\n"},
		{505, "GET / HTTP/2.0\r\n" HOST "\r\n"},
		{400, "GET / http/1.1\r\n" HOST "\r\n"},
		{400, "GET /\r\n" HOST "\r\n"},
		{400, "GET\r\n" HOST "\r\n"},
		{400, "GET http://localhost/ HTTP/1.1\r\n" HOST "\r\n"},
		{400, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET /\x01 HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET /\xc3\xbc HTTP/1.1\r\n" HOST "\r\n"},
		{400, "G\tET / HTTP/1.1\r\n" HOST "\r\n"},
		{400, "AVERYLONGMETHODNAME / HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET / HTTP/1.1\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "If-None-Match: a\r\nIf-None-Match: b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "Connection: close\r\nHost: b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST ": no name\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "Space : x\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "A: a\nB: b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "A: a\rB: b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "A: \x1b[2J\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "A: \x7f\r\n\r\n"},
		{400, "GET / HTTP/1.1\n" HOST "\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n"},
		{400, "DELETE / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"},
		{411, "POST / HTTP/1.1\r\n" HOST "\r\n"},
		{411, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST
		      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"},
		{411, "GET / HTTP/1.1\r\n" HOST "transfer-encoding: identity\r\n\r\n"},
		{413, "POST / HTTP/1.1\r\n" HOST "Content-Length: 16385\r\n\r\n"},
		{413, "POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551617\r\n\r\n"},
		{413, "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n"},
		{417, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nExpect: tea\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "Authorization: a\r\nauthorization: b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "X-Extra: 1\r\nX-Extra: 2\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "Content-Type: a\r\nContent-Type: b\r\n\r\n"},
	};
	struct http_head h;
	struct http_refusal r;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		if (parse(&h, &r, BAD[i].text) != ERR_FORMAT)
			fail_msg("let through: %s", BAD[i].text);
		if (r.status != BAD[i].status)
			fail_msg("%d, not %d, for: %s", r.status, BAD[i].status, BAD[i].text);
		assert_non_null(r.word);
		assert_int_equal(h.method, HTTP_OTHER);
		assert_null(h.target.data);
	}
}

static void knows_json_by_its_media_type_only(void **state)
{
	static const struct {
		const char *type;
		bool json;
	} TYPES[] = {
		{"application/json", true},
		{"Application/JSON", true},
		{"application/json; charset=utf-8", true},
		{"application/json;charset=\"UTF-8\"", true},
		{"application/json; charset=utf-16", false},
		{"application/json; x=y", false},
		{"application/jsonp", false},
		{"application/problem+json", false},
		{"text/plain", false},
		{"application/x-www-form-urlencoded", false},
		{"", false},
	};
	char text[256];
	struct http_head h;
	struct http_refusal r;

	(void)state;
	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		snprintf(text, sizeof(text),
			"POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\nContent-Type: %s\r\n\r\n",
			TYPES[i].type);
		assert_int_equal(parse(&h, &r, text), ERR_OK);
		if (h.json != TYPES[i].json)
			fail_msg("%s", TYPES[i].type);
	}
}

static void refuses_too_many_fields_and_too_long_paths(void **state)
{
	char text[HTTP_HEAD_MAX + 512];
	struct http_head h;
	struct http_refusal r;
	size_t at;

	(void)state;
	at = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < HTTP_FIELDS_MAX - 1; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "A: b\r\n");
	snprintf(text + at, sizeof(text) - at, "\r\n");
	assert_int_equal(parse(&h, &r, text), ERR_OK);
	snprintf(text + at, sizeof(text) - at, "A: b\r\n\r\n");
	assert_int_equal(parse(&h, &r, text), ERR_FORMAT);
	assert_int_equal(r.status, 431);

	snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n" HOST "\r\n", HTTP_TARGET_MAX, 0);
	assert_int_equal(parse(&h, &r, text), ERR_FORMAT);
	assert_int_equal(r.status, 431);
}

static void finds_the_end_of_a_head_wherever_it_was_cut(void **state)
{
	static const char TEXT[] = "GET / HTTP/1.1\r\n" HOST "\r\nrest";
	size_t whole = sizeof(TEXT) - 1 - 4;

	(void)state;
	for (size_t cut = 0; cut <= sizeof(TEXT) - 1; cut++)
		for (size_t from = 0; from <= cut && from < whole; from++)
			assert_int_equal(http_head_len(SPAN(TEXT, cut), from),
				cut >= whole ? whole : 0);
}

static void every_truncated_head_is_incomplete_or_refused(void **state)
{
	static const char TEXT[] =
		"POST /v1/x HTTP/1.1\r\n" HOST "Content-Length: 12\r\n\r\n";
	struct http_head h;
	struct http_refusal r;

	(void)state;
	for (size_t n = 0; n < sizeof(TEXT) - 1; n++) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy, TEXT, n);
		assert_int_equal(http_head_len(SPAN(copy, n), 0), 0);
		/* never asked like this by the server; still must not read too far */
		ERR_IGNORE(http_head_parse(&h, &r, SPAN(copy, n), NULL));
		free(copy);
	}
}

static void tells_early_what_cannot_be_a_request(void **state)
{
	(void)state;
	assert_true(http_start_plausible(SPAN("", 0)));
	assert_true(http_start_plausible(span_text("PO")));
	assert_true(http_start_plausible(span_text("POST /")));
	assert_false(http_start_plausible(span_text("\x16\x03\x01"))); /* TLS */
	assert_false(http_start_plausible(span_text("SSH-2.0")));
	assert_false(http_start_plausible(span_text(" ")));
	assert_false(http_start_plausible(span_text("{\"a\":1}")));
	assert_false(http_start_plausible(span_text("AAAAAAAAAAAAAAAAAAAAAAAA")));
}

static void writes_dates_without_the_locale(void **state)
{
	char text[HTTP_DATE_LEN + 1];

	(void)state;
	http_date_text(text, 784111777);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	http_date_text(text, 0);
	assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
	http_date_text(text, 1793256063);
	assert_string_equal(text, "Thu, 29 Oct 2026 06:41:03 GMT");
	http_date_text(text, -5);
	assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
	http_date_text(text, INT64_MAX);
	assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_plain_request),
		cmocka_unit_test(takes_what_clients_may_vary),
		cmocka_unit_test(sees_who_asks_for_somebody_else),
		cmocka_unit_test(sees_who_takes_a_packed_answer),
		cmocka_unit_test(keeps_what_the_client_has_already),
		cmocka_unit_test(refuses_what_can_be_read_in_two_ways),
		cmocka_unit_test(knows_json_by_its_media_type_only),
		cmocka_unit_test(refuses_too_many_fields_and_too_long_paths),
		cmocka_unit_test(finds_the_end_of_a_head_wherever_it_was_cut),
		cmocka_unit_test(every_truncated_head_is_incomplete_or_refused),
		cmocka_unit_test(tells_early_what_cannot_be_a_request),
		cmocka_unit_test(writes_dates_without_the_locale),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
