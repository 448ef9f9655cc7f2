/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer as bytes.
 */
#include "backend/http_write.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

#define LAST_SECOND 253402300799 /* 9999-12-31T23:59:59Z */

static const struct {
	int status;
	const char *words;
} PHRASES[] = {
	{200, "OK"},
	{201, "Created"},
	{304, "Not Modified"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{411, "Length Required"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{417, "Expectation Failed"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
	{505, "HTTP Version Not Supported"},
};

static const char *phrase(int status)
{
	for (size_t i = 0; i < sizeof(PHRASES) / sizeof(PHRASES[0]); i++)
		if (PHRASES[i].status == status)
			return PHRASES[i].words;
	return "Other";
}

void http_date_text(char out[static HTTP_DATE_LEN + 1], int64_t unix_s)
{
	/* not strftime(): its names follow the locale */
	static const char DAYS[] = "SunMonTueWedThuFriSat";
	static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)(unix_s < 0 ? 0 : unix_s > LAST_SECOND ? LAST_SECOND : unix_s);
	struct tm tm = {0};

	ASSERT(gmtime_r(&t, &tm));
	(void)snprintf(out, HTTP_DATE_LEN + 1, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
		DAYS + (ptrdiff_t)3 * tm.tm_wday, (unsigned)tm.tm_mday % 100,
		MONTHS + (ptrdiff_t)3 * tm.tm_mon, (unsigned)(tm.tm_year + 1900) % 10000,
		(unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

/* Not printf(): three of them cost as much as parsing the request. */
static void add_number(struct bytes *out, size_t n)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	bytes_add(out, digits + at, sizeof(digits) - at);
}

static void add_field(struct bytes *out, const char *name, const char *value)
{
	bytes_add_text(out, name);
	bytes_add_text(out, value);
	bytes_add(out, "\r\n", 2);
}

static const char *date_of(struct http_date *date, int64_t unix_s)
{
	if (date->unix_s != unix_s || !date->text[0])
		http_date_text(date->text, unix_s);
	date->unix_s = unix_s;
	return date->text;
}

/* Of a 304 they would be about what the client has. */
static void add_about_body(struct bytes *out, const struct http_answer *answer, bool endless)
{
	if (answer->status == 304)
		return;
	add_field(out, "Content-Type: ",
		answer->content_type ? answer->content_type : "application/json");
	if (answer->gzip)
		add_field(out, "Content-Encoding: ", "gzip");
	if (endless) { /* a proxy must hand on each piece as it comes */
		bytes_add_text(out, "X-Accel-Buffering: no\r\n");
	} else {
		bytes_add_text(out, "Content-Length: ");
		add_number(out, answer->body.len);
		bytes_add(out, "\r\n", 2);
	}
}

static void add_about_page(struct bytes *out, const struct http_answer *answer)
{
	if (answer->vary)
		add_field(out, "Vary: ", "Accept-Encoding");
	if (answer->etag)
		add_field(out, "ETag: ", answer->etag);
	if (answer->fields)
		bytes_add_text(out, answer->fields);
}

void http_answer_head(struct bytes *out, struct http_date *date, const struct http_answer *answer,
	struct http_write_options opt)
{
	bytes_add_text(out, "HTTP/1.1 ");
	add_number(out, (size_t)answer->status);
	add_field(out, " ", phrase(answer->status));
	add_field(out, "Date: ", date_of(date, answer->date_unix_s));
	add_field(out, "Cache-Control: ", answer->cache ? answer->cache : "no-store");
	/* what is served to programs is served from the origin of a page */
	bytes_add_text(out, "X-Content-Type-Options: nosniff\r\n");
	add_about_body(out, answer, opt.endless);
	add_about_page(out, answer);
	if (answer->allow)
		add_field(out, "Allow: ", answer->allow);
	if (answer->retry_after_s > 0) {
		bytes_add_text(out, "Retry-After: ");
		add_number(out, (size_t)answer->retry_after_s);
		bytes_add(out, "\r\n", 2);
	}
	if (answer->authenticate)
		bytes_add_text(out, "WWW-Authenticate: Bearer\r\n");
	if (opt.close)
		bytes_add_text(out, "Connection: close\r\n");
	bytes_add(out, "\r\n", 2);
}
