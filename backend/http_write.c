/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer as bytes. Head and body go into one buffer, so that they leave in one write.
 */
#include "backend/http_write.h"

#include <event2/buffer.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#define HEAD_ROOM 512 /* bytes of status line and header fields, about */
#define LAST_SECOND 253402300799 /* 9999-12-31T23:59:59Z */

static const struct {
	int status;
	const char *words;
} PHRASES[] = {
	{200, "OK"},
	{201, "Created"},
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

enum err_code http_answer_write(
	struct evbuffer *out, const struct http_answer *answer, struct http_write_options opt)
{
	char date[HTTP_DATE_LEN + 1];
	int bad = 0;

	http_date_text(date, answer->date_unix_s);
	/* one piece of memory: over TLS each piece becomes a record and a write of its own */
	bad |= evbuffer_expand(out, HEAD_ROOM + answer->body.len) < 0;
	bad |= evbuffer_add_printf(out,
		       "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\n"
		       "Cache-Control: no-store\r\n",
		       answer->status, phrase(answer->status), date,
		       answer->content_type ? answer->content_type : "application/json") < 0;
	if (opt.endless) /* a proxy must hand on each piece as it comes */
		bad |= evbuffer_add_printf(out, "X-Accel-Buffering: no\r\n") < 0;
	else
		bad |= evbuffer_add_printf(out, "Content-Length: %zu\r\n", answer->body.len) < 0;
	if (answer->allow)
		bad |= evbuffer_add_printf(out, "Allow: %s\r\n", answer->allow) < 0;
	if (answer->retry_after_s > 0)
		bad |= evbuffer_add_printf(out, "Retry-After: %d\r\n", answer->retry_after_s) < 0;
	if (answer->authenticate)
		bad |= evbuffer_add_printf(out, "WWW-Authenticate: Bearer\r\n") < 0;
	if (opt.close)
		bad |= evbuffer_add_printf(out, "Connection: close\r\n") < 0;
	bad |= evbuffer_add(out, "\r\n", 2) < 0;
	if (!opt.omit_body && answer->body.len > 0)
		bad |= evbuffer_add(out, answer->body.data, answer->body.len) < 0;
	return bad ? ERR_NO_MEMORY : ERR_OK;
}
