/* SPDX-License-Identifier: Apache-2.0
 *
 * The query of the route for events.
 */
#include "backend/query.h"

#include <string.h>

#define NUMBER_DIGITS_MAX 16 /* of EVENTS_NUMBER_MAX */

struct span query_split(struct span target, struct span *query)
{
	const uint8_t *mark = target.len ? memchr(target.data, '?', target.len) : NULL;
	size_t before = mark ? (size_t)(mark - target.data) : target.len;

	*query = mark ? SPAN(mark + 1, target.len - before - 1) : SPAN(NULL, 0);
	return SPAN(target.data, before);
}

enum err_code query_number(int64_t *out, struct span digits, int64_t max)
{
	int64_t n = 0;

	if (digits.len == 0 || digits.len > NUMBER_DIGITS_MAX)
		return ERR_FORMAT;
	if (digits.len > 1 && digits.data[0] == '0')
		return ERR_FORMAT;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return ERR_FORMAT;
		n = n * 10 + (digits.data[i] - '0');
	}
	if (n > max)
		return ERR_RANGE;
	*out = n;
	return ERR_OK;
}

/* What stands before `c`; *rest moves behind it. */
static struct span take(struct span *rest, uint8_t c)
{
	const uint8_t *at = rest->len ? memchr(rest->data, c, rest->len) : NULL;
	size_t n = at ? (size_t)(at - rest->data) : rest->len;
	struct span part = SPAN(rest->data, n);

	n += at ? 1 : 0;
	rest->data += n;
	rest->len -= n;
	return part;
}

static enum err_code read_one(int64_t *wait_s, int64_t *after, struct span pair, struct err *err)
{
	struct span name = take(&pair, '=');
	bool wait = span_equal(name, span_text("wait"));
	int64_t *to = wait ? wait_s : after;

	if (!wait && !span_equal(name, span_text("after")))
		return err_set(err, ERR_FORMAT, "the query takes wait=SECONDS and after=NUMBER");
	if (*to >= 0)
		return err_set(err, ERR_FORMAT, "%s was said twice", wait ? "wait" : "after");
	if (query_number(to, pair, wait ? EVENTS_WAIT_MAX_S : EVENTS_NUMBER_MAX) == ERR_OK)
		return ERR_OK;
	return err_set(err, ERR_RANGE, "%s must be a whole number from 0 to %lld",
		wait ? "wait" : "after",
		wait ? (long long)EVENTS_WAIT_MAX_S : (long long)EVENTS_NUMBER_MAX);
}

enum err_code query_read(int64_t *wait_s, int64_t *after, struct span query, struct err *err)
{
	enum err_code e = ERR_OK;

	*wait_s = *after = -1;
	if (!query.data)
		return ERR_OK;
	if (query.len == 0 || query.data[query.len - 1] == '&')
		return err_set(err, ERR_FORMAT, "the query is empty, or ends with &");
	while (!e && query.len > 0)
		e = read_one(wait_s, after, take(&query, '&'), err);
	return e;
}
