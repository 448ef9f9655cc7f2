/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of one HTTP/1.1 request; RFC 9110 and RFC 9112, the strict subset of the header.
 */
#include "backend/http_parse.h"

#include <string.h>

static const struct {
	const char *word;
	enum http_method method;
} METHODS[] = {
	{"GET", HTTP_GET},
	{"POST", HTTP_POST},
	{"DELETE", HTTP_DELETE},
	{"HEAD", HTTP_HEAD},
};
#define METHOD_COUNT      (sizeof(METHODS) / sizeof(METHODS[0]))
#define METHOD_LEN_MAX    16
#define LENGTH_DIGITS_MAX 18 /* more digits than that are too large whatever they say */

const char *http_method_word(enum http_method m)
{
	for (size_t i = 0; i < METHOD_COUNT; i++)
		if (METHODS[i].method == m)
			return METHODS[i].word;
	return "other";
}

static enum err_code refuse(
	struct http_refusal *r, int status, const char *word, const char *detail)
{
	*r = (struct http_refusal){.status = status, .word = word, .detail = detail};
	return ERR_FORMAT;
}

static enum err_code refuse_bad(struct http_refusal *r, const char *detail)
{
	return refuse(r, 400, "bad-request", detail);
}

/* RFC 9110 section 5.6.2 */
static bool is_token_char(uint8_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return true;
	return c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static uint8_t lower(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool is_word(struct span s, const char *word)
{
	size_t n = strlen(word);

	if (s.len != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(s.data[i]) != lower((uint8_t)word[i]))
			return false;
	return true;
}

struct span http_trim(struct span s)
{
	while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Everything before the next CRLF; *rest moves behind it. The caller knows that there is one. */
static struct span take_line(struct span *rest)
{
	const uint8_t *end = memmem(rest->data, rest->len, "\r\n", 2);
	size_t n = end ? (size_t)(end - rest->data) : rest->len;
	struct span line = SPAN(rest->data, n);

	n += end ? 2 : 0;
	rest->data += n;
	rest->len -= n;
	return line;
}

/* Everything before the next `c`; *rest moves behind it. */
static struct span take_until(struct span *rest, uint8_t c)
{
	const uint8_t *end = rest->len ? memchr(rest->data, c, rest->len) : NULL;
	size_t n = end ? (size_t)(end - rest->data) : rest->len;
	struct span part = SPAN(rest->data, n);

	n += end ? 1 : 0;
	rest->data += n;
	rest->len -= n;
	return part;
}

size_t http_head_len(struct span input, size_t from)
{
	const uint8_t *end;

	/* the empty line may straddle what was searched before */
	from = from > 3 ? from - 3 : 0;
	if (input.len <= from)
		return 0;
	end = memmem(input.data + from, input.len - from, "\r\n\r\n", 4);
	return end ? (size_t)(end - input.data) + 4 : 0;
}

bool http_start_plausible(struct span input)
{
	for (size_t i = 0; i < input.len && i <= METHOD_LEN_MAX; i++) {
		if (i > 0 && input.data[i] == ' ')
			return true;
		if (input.data[i] < 'A' || input.data[i] > 'Z')
			return false;
	}
	return input.len <= METHOD_LEN_MAX;
}

/* What was seen once must not come again: two readers could take different ones. */
struct seen {
	bool host, length, type, authorization, transfer, expect, event_id, extra, none_match;
	bool too_large;
	bool version_1_0;
};

static enum http_method method_of(struct span word)
{
	for (size_t i = 0; i < METHOD_COUNT; i++)
		if (span_equal(word, span_text(METHODS[i].word)))
			return METHODS[i].method;
	return HTTP_OTHER;
}

static enum err_code parse_target(struct http_head *out, struct http_refusal *r, struct span target)
{
	if (target.len == 0 || target.data[0] != '/')
		return refuse_bad(r, "the target is not a path");
	if (target.len > HTTP_TARGET_MAX)
		return refuse(r, 431, "too-large", "the path is too long");
	for (size_t i = 0; i < target.len; i++)
		if (target.data[i] <= ' ' || target.data[i] >= 0x7f)
			return refuse_bad(r, "the path has a character that is not visible ASCII");
	out->target = target;
	return ERR_OK;
}

static enum err_code parse_request_line(
	struct http_head *out, struct http_refusal *r, struct seen *seen, struct span line)
{
	struct span rest = line;
	struct span method = take_until(&rest, ' ');
	struct span target = take_until(&rest, ' ');

	if (method.len == 0 || method.len > METHOD_LEN_MAX)
		return refuse_bad(r, "no method in the request line");
	for (size_t i = 0; i < method.len; i++)
		if (!is_token_char(method.data[i]))
			return refuse_bad(r, "the method is not a word");
	if (rest.len != 8 || memcmp(rest.data, "HTTP/", 5) != 0)
		return refuse_bad(r, "no HTTP version in the request line");
	out->method = method_of(method);
	if (span_equal(rest, span_text("HTTP/1.1")))
		out->keep_alive = true;
	else if (span_equal(rest, span_text("HTTP/1.0")))
		seen->version_1_0 = true;
	else
		return refuse(r, 505, "bad-request", "only HTTP/1.1 and HTTP/1.0 are served");
	return parse_target(out, r, target);
}

static enum err_code once(struct http_refusal *r, bool *seen, const char *detail)
{
	if (*seen)
		return refuse_bad(r, detail);
	*seen = true;
	return ERR_OK;
}

static enum err_code parse_length(
	struct http_head *out, struct http_refusal *r, struct seen *seen, struct span value)
{
	uint64_t n = 0;
	enum err_code e = once(r, &seen->length, "Content-Length was sent twice");

	if (e)
		return e;
	if (value.len == 0)
		return refuse_bad(r, "Content-Length is empty");
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < '0' || value.data[i] > '9')
			return refuse_bad(r, "Content-Length is not a number");
	for (size_t i = 0; i < value.len && i < LENGTH_DIGITS_MAX; i++)
		n = n * 10 + (uint64_t)(value.data[i] - '0');
	out->has_length = true;
	if (n > HTTP_BODY_MAX || value.len > LENGTH_DIGITS_MAX)
		seen->too_large = true; /* told after the rest of the head was found sound */
	else
		out->content_length = (size_t)n;
	return ERR_OK;
}

static enum err_code parse_type(
	struct http_head *out, struct http_refusal *r, struct seen *seen, struct span value)
{
	struct span rest = value;
	enum err_code e = once(r, &seen->type, "Content-Type was sent twice");

	if (e)
		return e;
	out->has_type = true;
	out->json = is_word(http_trim(take_until(&rest, ';')), "application/json");
	rest = http_trim(rest);
	/* JSON is UTF-8, RFC 8259; another charset would be a lie or a trap */
	if (rest.len > 0 && !is_word(rest, "charset=utf-8") && !is_word(rest, "charset=\"utf-8\""))
		out->json = false;
	return ERR_OK;
}

static enum err_code parse_expect(
	struct http_head *out, struct http_refusal *r, struct seen *seen, struct span value)
{
	enum err_code e = once(r, &seen->expect, "Expect was sent twice");

	if (e)
		return e;
	if (!is_word(value, "100-continue"))
		return refuse(r, 417, "bad-request", "only 100-continue can be expected");
	out->expect_continue = true;
	return ERR_OK;
}

static void parse_connection(struct http_head *out, struct span value)
{
	while (value.len > 0)
		if (is_word(http_trim(take_until(&value, ',')), "close"))
			out->keep_alive = false;
}

/* RFC 9110 section 12.4.2: a weight of zero, in any of its spellings, is a no. */
static bool is_refused(struct span parameters)
{
	struct span value = http_trim(parameters);

	(void)take_until(&value, '=');
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] != '0' && value.data[i] != '.')
			return false;
	return value.len > 0;
}

/* Of all codings there is one we have. What is said of it goes before what is said of all. */
static void parse_encodings(struct http_head *out, struct span value)
{
	bool any = out->gzip, named = false;

	while (value.len > 0) {
		struct span rest = take_until(&value, ',');
		struct span coding = http_trim(take_until(&rest, ';'));

		if (is_word(coding, "gzip")) {
			named = true;
			out->gzip = !is_refused(rest);
		} else if (is_word(coding, "*")) {
			any = !is_refused(rest);
		}
	}
	out->gzip = named ? out->gzip : any;
}

/* What proxies add about whom they ask for; one is enough, whatever it says. */
static bool is_of_proxy(struct span name)
{
	static const char *const NAMES[] = {"forwarded", "via", "x-forwarded-for",
		"x-forwarded-host", "x-forwarded-proto", "x-real-ip"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		if (is_word(name, NAMES[i]))
			return true;
	return false;
}

static enum err_code parse_known(struct http_head *out, struct http_refusal *r, struct seen *seen,
	struct span name, struct span value)
{
	if (is_word(name, "host"))
		return once(r, &seen->host, "Host was sent twice");
	if (is_word(name, "content-length"))
		return parse_length(out, r, seen, value);
	if (is_word(name, "content-type"))
		return parse_type(out, r, seen, value);
	if (is_word(name, "expect"))
		return parse_expect(out, r, seen, value);
	if (is_word(name, "last-event-id")) {
		out->has_event_id = true;
		out->event_id = value;
		return once(r, &seen->event_id, "Last-Event-ID was sent twice");
	}
	if (is_word(name, "if-none-match")) {
		out->none_match = value;
		return once(r, &seen->none_match, "If-None-Match was sent twice");
	}
	if (is_word(name, "accept-encoding"))
		parse_encodings(out, value);
	if (is_word(name, "transfer-encoding"))
		seen->transfer = true;
	out->forwarded = out->forwarded || is_of_proxy(name);
	if (is_word(name, "connection"))
		parse_connection(out, value);
	if (is_word(name, "authorization")) {
		out->authorization = value;
		return once(r, &seen->authorization, "Authorization was sent twice");
	}
	return ERR_OK;
}

static enum err_code split_field(
	struct http_refusal *r, struct span line, struct span *name, struct span *value)
{
	if (line.data[0] == ' ' || line.data[0] == '\t')
		return refuse_bad(r, "a header field is folded over two lines");
	if (!memchr(line.data, ':', line.len))
		return refuse_bad(r, "a header field has no colon");
	*value = line;
	*name = take_until(value, ':');
	if (name->len == 0)
		return refuse_bad(r, "a header field has no name");
	for (size_t i = 0; i < name->len; i++)
		if (!is_token_char(name->data[i]))
			return refuse_bad(r, "the name of a header field is not a word");
	for (size_t i = 0; i < value->len; i++)
		if ((value->data[i] < ' ' && value->data[i] != '\t') || value->data[i] == 0x7f)
			return refuse_bad(r, "a header field has a control character");
	*value = http_trim(*value);
	return ERR_OK;
}

static enum err_code parse_fields(struct http_head *out, struct http_refusal *r, struct seen *seen,
	struct span rest, const char *extra_name)
{
	size_t count = 0;

	for (struct span line = take_line(&rest); line.len > 0; line = take_line(&rest)) {
		struct span name, value;
		enum err_code e = split_field(r, line, &name, &value);

		if (!e && ++count > HTTP_FIELDS_MAX)
			return refuse(r, 431, "too-large", "too many header fields");
		if (!e)
			e = parse_known(out, r, seen, name, value);
		if (!e && extra_name && is_word(name, extra_name)) {
			out->extra = value;
			e = once(r, &seen->extra, "a header field was sent twice");
		}
		if (e)
			return e;
	}
	return ERR_OK;
}

/* What only the whole head can tell: how long the body is must have one answer. */
static enum err_code check_framing(
	const struct http_head *head, struct http_refusal *r, const struct seen *seen)
{
	if (seen->transfer)
		return refuse(r, seen->length ? 400 : 411, "bad-request",
			"Transfer-Encoding is not accepted; send Content-Length");
	if (!seen->host && !seen->version_1_0)
		return refuse_bad(r, "Host is missing");
	if (head->method == HTTP_POST && !seen->length)
		return refuse(r, 411, "bad-request", "Content-Length is missing");
	if (seen->too_large)
		return refuse(r, 413, "too-large", "the body is larger than 16 KiB");
	if (head->method != HTTP_POST && head->method != HTTP_OTHER && head->content_length > 0)
		return refuse_bad(r, "this method takes no body");
	return ERR_OK;
}

enum err_code http_head_parse(struct http_head *out, struct http_refusal *refusal, struct span head,
	const char *extra_name)
{
	struct seen seen = {0};
	struct span rest = head;
	struct span line = take_line(&rest);
	struct http_head parsed = {0};
	enum err_code e;

	memset(out, 0, sizeof(*out));
	if (head.len > HTTP_HEAD_MAX)
		return refuse(refusal, 431, "too-large", "the head is larger than 8 KiB");
	e = parse_request_line(&parsed, refusal, &seen, line);
	if (!e)
		e = parse_fields(&parsed, refusal, &seen, rest, extra_name);
	if (!e)
		e = check_framing(&parsed, refusal, &seen);
	if (!e)
		*out = parsed;
	return e;
}
