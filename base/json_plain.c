/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_plain.h"

#include <string.h>

#include "base/eight.h"

#define DIGITS_MAX 18 /* fit into 63 bits */

/* Not ASCII, a control character, or what JSON escapes. */
static bool special(uint8_t c)
{
	return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

/* Is any of eight bytes one of those? Where none is above ASCII, a byte that is less than what is
 * taken from it leaves its top bit set, and otherwise none is.
 */
static bool any_special(uint64_t x)
{
	uint64_t mark = x ^ EIGHT('"'), backslash = x ^ EIGHT('\\');
	uint64_t any = x | (x - EIGHT(0x20)) | (mark - EIGHT(1)) | (backslash - EIGHT(1));

	return (any & EIGHT_TOP) != 0;
}

size_t json_plain_len(struct span text)
{
	size_t at = 0;
	uint64_t x;

	for (; text.len - at >= sizeof x; at += sizeof x) {
		memcpy(&x, text.data + at, sizeof x);
		if (any_special(x))
			break;
	}
	while (at < text.len && !special(text.data[at]))
		at++;
	return at;
}

/* What is left of the text; every take_ function moves it over what it found. */
struct reader {
	const uint8_t *at, *end;
};

static void skip_space(struct reader *r)
{
	while (r->at < r->end &&
		(*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
		r->at++;
}

static bool take(struct reader *r, uint8_t c)
{
	skip_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* After the opening quote. */
static bool take_text(struct reader *r, struct span *out)
{
	*out = SPAN(r->at, json_plain_len(SPAN(r->at, (size_t)(r->end - r->at))));
	r->at += out->len;
	return r->at < r->end && *r->at++ == '"';
}

/* Fractions, exponents and signs are not plain: what follows the digits would not be a comma. */
static bool take_number(struct reader *r, int64_t *out)
{
	const uint8_t *begin = r->at;

	*out = 0;
	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
		if (r->at - begin == DIGITS_MAX)
			return false;
		*out = *out * 10 + (*r->at - '0');
	}
	return r->at > begin && (*begin != '0' || r->at - begin == 1);
}

static bool take_member(struct reader *r, struct json_member *m)
{
	if (!take(r, '"') || !take_text(r, &m->name) || !take(r, ':'))
		return false;
	m->is_text = take(r, '"');
	m->number = 0;
	m->text = SPAN(NULL, 0);
	return m->is_text ? take_text(r, &m->text) : take_number(r, &m->number);
}

static bool is_new(const struct json_member *m, const struct json_member *others, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal(m->name, others[i].name))
			return false;
	return true;
}

bool json_plain(struct json_member *out, size_t room, size_t *count, struct span text)
{
	struct reader r = {.at = text.data, .end = text.data};
	bool more;

	*count = 0;
	if (text.len == 0)
		return false; /* it may have no address to add to */
	r.end += text.len;
	if (text.len == 0 || !take(&r, '{'))
		return false;
	more = !take(&r, '}');
	while (more) {
		if (*count == room || !take_member(&r, &out[*count]) ||
			!is_new(&out[*count], out, *count))
			return false;
		(*count)++;
		more = take(&r, ',');
		if (!more && !take(&r, '}'))
			return false;
	}
	skip_space(&r);
	return r.at == r.end;
}
