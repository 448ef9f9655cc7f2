/* SPDX-License-Identifier: Apache-2.0
 *
 * The wallet page: which paths lead to it, what its answers say, and that a phone which reads
 * slowly gets all of it and is in nobody's way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backend/site.h"
#include "base/base32.h"
#include "tests/lib/test_backend.h"

#define LARGE ((size_t)8 << 20) /* more than the system holds for a connection */
#define GET(path, more) "GET " path " HTTP/1.1\r\nHost: localhost\r\n" more "\r\n"

static uint8_t large[LARGE];
static const struct site_file FILES[] = {
	{"/", "text/html; charset=utf-8", {(const uint8_t *)"<page>", 6}, {0}, "\"page\"", NULL},
	{"/app.js", "text/javascript; charset=utf-8", {(const uint8_t *)"long long", 9},
		{(const uint8_t *)"short", 5}, "\"plain\"", "\"packed\""},
	{"/icons/large.png", "image/png", {large, LARGE}, {0}, "\"large\"", NULL},
};
static const struct site SITE = {FILES, sizeof(FILES) / sizeof(FILES[0])};

/* ---- paths ---- */

static const char *found(const char *target)
{
	const struct site_file *file = site_find(&SITE, span_text(target));

	return file ? file->path : "none";
}

static void files_have_their_exact_names(void **state)
{
	static const char *const NONE[] = {"/app.js/", "/app.jsx", "/app.j", "//app.js", "/App.js",
		"/./app.js", "/icons/../app.js", "/icons/", "/icons", "/%61pp.js", "/app.js?v=1",
		"/app.js?", "/app.js#", "/index.html", "//", "/C", "/v1", "/v1/issuer", "/healthz",
		"/favicon.ico", "/robots.txt", "/app.js\\", "app.js"};

	(void)state;
	assert_string_equal(found("/"), "/");
	assert_string_equal(found("/app.js"), "/app.js");
	assert_string_equal(found("/icons/large.png"), "/icons/large.png");
	for (size_t i = 0; i < sizeof(NONE) / sizeof(NONE[0]); i++)
		if (strcmp(found(NONE[i]), "none") != 0)
			fail_msg("%s leads to %s", NONE[i], found(NONE[i]));
}

static void senders_of_links_may_add_to_them(void **state)
{
	(void)state;
	assert_string_equal(found("/?"), "/");
	assert_string_equal(found("/?utm_source=sms&x=<script>"), "/");
	assert_string_equal(found("/?/app.js"), "/");
}

static void code_path(char out[static CODE_TEXT_MAX], char kind, size_t body_len)
{
	uint8_t body[CODE_BODY_MAX + 8] = {CODE_VERSION};
	struct bytes text;

	memset(body + 1, 0xa5, sizeof(body) - 1);
	bytes_init_fixed(&text, out, CODE_TEXT_MAX - 1);
	bytes_add_u8(&text, '/');
	bytes_add_u8(&text, (uint8_t)kind);
	bytes_add_u8(&text, '/');
	base32_encode(&text, SPAN(body, body_len));
	assert_false(text.full);
	out[text.len] = '\0';
}

/* Every length that a code of ours has, and every letter: some are of later versions. */
static void a_code_of_any_kind_leads_to_the_page(void **state)
{
	static const size_t LENGTHS[] = {CODE_RESPONSE_BODY_LEN, CODE_STATIC_BODY_LEN,
		CODE_LIVE_BODY_LEN, CODE_PRESENTED_BODY_LEN, 52, 132, CODE_BODY_MAX, SITE_CODE_MIN};
	char path[CODE_TEXT_MAX];

	(void)state;
	for (char kind = 'A'; kind <= 'Z'; kind++)
		for (size_t i = 0; i < sizeof(LENGTHS) / sizeof(LENGTHS[0]); i++) {
			code_path(path, kind, LENGTHS[i]);
			assert_string_equal(found(path), "/");
		}
	code_path(path, 'C', CODE_LIVE_BODY_LEN);
	memcpy(path + strlen(path), "?a=b", 5);
	assert_string_equal(found(path), "/");
}

static void what_cannot_be_a_code_leads_nowhere(void **state)
{
	static const char BAD[] = "abcz0189=-_.%/ \x7f";
	char path[CODE_TEXT_MAX], kept;
	size_t len;

	(void)state;
	code_path(path, 'C', SITE_CODE_MIN - 1);
	assert_string_equal(found(path), "none");
	code_path(path, 'C', CODE_BODY_MAX + 1);
	assert_string_equal(found(path), "none");
	for (const char *kind = "c1/-."; *kind; kind++) {
		code_path(path, *kind, CODE_LIVE_BODY_LEN);
		assert_string_equal(found(path), "none");
	}
	code_path(path, 'C', CODE_RESPONSE_BODY_LEN); /* 68 characters, four bits of no use */
	len = strlen(path);
	for (size_t at = 0; at < len; at++)
		for (size_t i = 0; i < sizeof(BAD) - 1; i++) {
			kept = path[at];
			if (kept == BAD[i])
				continue;
			path[at] = BAD[i];
			assert_string_equal(found(path), "none");
			path[at] = kept;
		}
	path[len - 1]++; /* an unused bit */
	assert_string_equal(found(path), "none");
	path[len - 1] = '\0'; /* a length that Base32 does not have */
	path[len - 2] = '\0';
	assert_string_equal(found(path), "none");
}

/* ---- answers ---- */

static struct http_answer answer_to(const char *path, bool gzip, const char *none_match)
{
	const struct http_head head = {.gzip = gzip, .none_match = span_text(none_match)};
	struct http_answer a;

	site_answer(&a, site_find(&SITE, span_text(path)), &head);
	return a;
}

static void packed_for_who_takes_it(void **state)
{
	struct http_answer a = answer_to("/app.js", true, "");

	(void)state;
	assert_true(a.gzip && a.vary && a.lasting);
	assert_true(span_equal(a.body, span_text("short")));
	assert_string_equal(a.etag, "\"packed\"");
	a = answer_to("/app.js", false, "");
	assert_true(!a.gzip && a.vary);
	assert_true(span_equal(a.body, span_text("long long")));
	assert_string_equal(a.etag, "\"plain\"");
	a = answer_to("/", true, ""); /* there is no packed one */
	assert_true(!a.gzip && !a.vary);
	assert_true(span_equal(a.body, span_text("<page>")));
}

static void who_has_the_same_is_told_so(void **state)
{
	static const char *const SAME[] = {"\"packed\"", "W/\"packed\"", "*", "\"a\", \"packed\"",
		"\"a\",W/\"packed\",\"b\"", " \"packed\" , "};
	static const char *const OTHER[] = {"", "\"plain\"", "packed", "\"packed", "\"PACKED\"",
		"W/", "w/\"packed\"", ",", "\"packed\"\"packed\"", "\"packedx\""};
	struct http_answer a;

	(void)state;
	for (size_t i = 0; i < sizeof(SAME) / sizeof(SAME[0]); i++) {
		a = answer_to("/app.js", true, SAME[i]);
		assert_int_equal(a.status, 304);
		assert_int_equal(a.body.len, 0);
		assert_string_equal(a.etag, "\"packed\"");
	}
	for (size_t i = 0; i < sizeof(OTHER) / sizeof(OTHER[0]); i++)
		assert_int_equal(answer_to("/app.js", true, OTHER[i]).status, 200);
}

/* ---- from the server ---- */

static void ask(const struct test_backend *b, struct raw_answer *a, const char *text)
{
	raw_once(b->port, a, text, strlen(text));
}

static void start(struct test_backend *b, int connections_max)
{
	const struct server_options opt = {.site = &SITE, .connections_max = connections_max};

	test_backend_start(b, &opt);
}

static void fields_keep_everything_else_out(void **state)
{
	static const char *const FIELDS[] = {"\r\nContent-Type: text/html; charset=utf-8\r\n",
		"\r\nX-Content-Type-Options: nosniff\r\n", "\r\nReferrer-Policy: no-referrer\r\n",
		"\r\nCross-Origin-Opener-Policy: same-origin\r\n",
		"\r\nCross-Origin-Resource-Policy: same-origin\r\n",
		"\r\nCache-Control: no-cache\r\n", "\r\nETag: \"page\"\r\n",
		"\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; ",
		"; frame-ancestors 'none'; require-trusted-types-for 'script'; ",
		"; trusted-types wallet-sw\r\n",
		"\r\nPermissions-Policy: camera=(self), ", "\r\nContent-Length: 6\r\n"};
	static const char *const NEVER[] = {"Set-Cookie", "Strict-Transport-Security",
		"Access-Control", "unsafe", "Content-Encoding", "Server:"};
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	start(&b, 0);
	ask(&b, &a, GET("/", "Accept-Encoding: gzip\r\n"));
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "<page>");
	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++)
		if (!strstr(a.text, FIELDS[i]))
			fail_msg("not there: %s", FIELDS[i]);
	for (size_t i = 0; i < sizeof(NEVER) / sizeof(NEVER[0]); i++)
		if (strstr(a.text, NEVER[i]))
			fail_msg("there: %s", NEVER[i]);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void nothing_of_the_request_is_in_the_page(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char path[CODE_TEXT_MAX], text[2 * CODE_TEXT_MAX];

	(void)state;
	start(&b, 0);
	code_path(path, 'C', CODE_LIVE_BODY_LEN);
	(void)snprintf(text, sizeof(text),
		"GET %s?MARK HTTP/1.1\r\nHost: MARK\r\nReferer: MARK\r\nOrigin: MARK\r\n\r\n",
		path);
	ask(&b, &a, text);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "<page>");
	assert_null(strstr(a.text, "MARK"));
	assert_null(strstr(a.text, path + 3));
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void next(int fd, struct raw_answer *a, const char *text)
{
	raw_text(fd, text);
	raw_read(fd, a, 5000, false);
}

static void one_connection_for_the_page_and_what_it_asks(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	int fd;

	(void)state;
	start(&b, 0);
	fd = raw_connect(b.port);
	next(fd, &a, GET("/app.js", "Accept-Encoding: br, gzip\r\n"));
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "short");
	assert_non_null(raw_field(&a, "\r\nContent-Encoding: gzip"));
	assert_non_null(raw_field(&a, "\r\nVary: Accept-Encoding"));
	next(fd, &a, GET("/app.js", "If-None-Match: \"plain\"\r\n"));
	assert_int_equal(a.status, 304);
	assert_string_equal(a.body, "");
	assert_null(raw_field(&a, "\r\nContent-Length")); /* of what the client has */
	assert_null(raw_field(&a, "\r\nContent-Type:"));
	next(fd, &a, GET("/healthz", ""));
	assert_int_equal(a.status, 200);
	assert_non_null(raw_field(&a, "\r\nCache-Control: no-store"));
	next(fd, &a, GET("/v1/issuer", ""));
	assert_int_equal(a.status, 401);
	next(fd, &a, GET("/nothing", ""));
	assert_int_equal(a.status, 404);
	assert_non_null(raw_field(&a, "\r\nX-Content-Type-Options: nosniff"));
	close(fd);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_page_is_read_and_nothing_else(void **state)
{
	static const char *const METHODS[] = {"POST", "DELETE", "PUT", "OPTIONS", "PROPFIND"};
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	start(&b, 0);
	assert_int_equal(test_call(&b, &a, NULL, "HEAD", "/app.js", NULL), 200);
	assert_non_null(raw_field(&a, "\r\nContent-Length: 9"));
	assert_string_equal(a.body, "");
	for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
		assert_int_equal(test_call(&b, &a, NULL, METHODS[i], "/",
			strcmp(METHODS[i], "POST") == 0 ? "{}" : NULL), 405);
		assert_non_null(raw_field(&a, "\r\nAllow: GET, HEAD"));
	}
	/* and what programs ask takes what it took */
	assert_int_equal(test_call(&b, &a, NULL, "HEAD", "/healthz", NULL), 405);
	assert_int_equal(test_call(&b, &a, NULL, "POST", "/nothing", "{}"), 404);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void there_may_be_no_page(void **state)
{
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(test_call(&b, &a, NULL, "GET", "/", NULL), 404);
	assert_int_equal(test_call(&b, &a, NULL, "POST", "/", "{}"), 404);
	assert_int_equal(test_call(&b, &a, NULL, "GET", "/healthz", NULL), 200);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* ---- slow phones ---- */

/* Its answer has begun to come. */
static int slow_phone(const struct test_backend *b)
{
	int fd = raw_connect(b->port), least = 4096;
	char first;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)), 0);
	raw_text(fd, GET("/icons/large.png", ""));
	assert_int_equal(recv(fd, &first, 1, 0), 1);
	return fd;
}

static void a_slow_phone_gets_all_of_it(void **state)
{
	static uint8_t part[65536];
	struct test_backend b;
	struct raw_answer a;
	size_t have = 0;
	ssize_t n;
	char byte;
	int fd;

	(void)state;
	start(&b, 0);
	fd = raw_connect(b.port);
	raw_text(fd, GET("/icons/large.png", "") GET("/app.js", ""));
	for (unsigned end = 0; end != 0x0d0a0d0a; end = end << 8 | (unsigned)byte)
		assert_int_equal(recv(fd, &byte, 1, 0), 1);
	while (have < LARGE) {
		n = recv(fd, part, LARGE - have < sizeof(part) ? LARGE - have : sizeof(part), 0);
		assert_true(n > 0);
		assert_memory_equal(part, large + have, (size_t)n);
		have += (size_t)n;
	}
	raw_read(fd, &a, 5000, false); /* and the next one, that waited behind it */
	assert_string_equal(a.body, "long long");
	close(fd);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* Who takes a page and does not read it could otherwise hold all the connections there are. */
static void a_phone_that_does_not_read_gives_way(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	int fd[4];

	(void)state;
	start(&b, 3);
	for (int i = 0; i < 4; i++)
		fd[i] = slow_phone(&b);
	for (int i = 0; i < 8; i++)
		assert_int_equal(test_call(&b, &a, NULL, "GET", "/healthz", NULL), 200);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_have_their_exact_names),
		cmocka_unit_test(senders_of_links_may_add_to_them),
		cmocka_unit_test(a_code_of_any_kind_leads_to_the_page),
		cmocka_unit_test(what_cannot_be_a_code_leads_nowhere),
		cmocka_unit_test(packed_for_who_takes_it),
		cmocka_unit_test(who_has_the_same_is_told_so),
		CASE(fields_keep_everything_else_out),
		CASE(nothing_of_the_request_is_in_the_page),
		CASE(one_connection_for_the_page_and_what_it_asks),
		CASE(a_page_is_read_and_nothing_else),
		CASE(there_may_be_no_page),
		CASE(a_slow_phone_gets_all_of_it),
		CASE(a_phone_that_does_not_read_gives_way),
	};

	for (size_t i = 0; i < LARGE; i++)
		large[i] = (uint8_t)('a' + (i + i / 251) % 26);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
