/* SPDX-License-Identifier: Apache-2.0
 *
 * The suite grammar of RFC 6287 section 6:
 *
 *   OCRA-1:HOTP-<hash>-<digits>:[C-]Q<format><length>[-P<hash>][-S<length>][-T<step>]
 *
 * P, S and T alone stand for the defaults the section gives (SHA1, 064, 1M). Q is always written
 * out: the section says that it is not a single letter.
 */
#include "crypto/crypto.h"

#include <string.h>

/* What is left of the text; every take_ function moves it only when it returns true. */
struct reader {
	struct span rest;
};

static bool take(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if (r->rest.len < len || !sec_equal(r->rest.data, word, len))
		return false;
	r->rest.data += len;
	r->rest.len -= len;
	return true;
}

/* A decimal number of exactly `count` digits. */
static bool take_number(struct reader *r, size_t count, int *out)
{
	int v = 0;

	if (r->rest.len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint8_t c = r->rest.data[i];
		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	r->rest.data += count;
	r->rest.len -= count;
	*out = v;
	return true;
}

static bool take_hash(struct reader *r, enum sec_hash *out)
{
	if (take(r, "SHA1"))
		*out = SEC_HASH_SHA1;
	else if (take(r, "SHA256"))
		*out = SEC_HASH_SHA256;
	else if (take(r, "SHA512"))
		*out = SEC_HASH_SHA512;
	else
		return false;
	return true;
}

/* 0, or 4 to 10, without leading zeroes. */
static bool take_digits(struct reader *r, int *out)
{
	if (take(r, "10")) {
		*out = 10;
		return true;
	}
	return take_number(r, 1, out) && (*out == 0 || *out >= 4);
}

static bool take_question(struct reader *r, struct sec_ocra_suite *s)
{
	if (take(r, "QA"))
		s->question_format = 'A';
	else if (take(r, "QN"))
		s->question_format = 'N';
	else if (take(r, "QH"))
		s->question_format = 'H';
	else
		return false;
	return take_number(r, 2, &s->question_len) && s->question_len >= 4 && s->question_len <= 64;
}

static bool at_end_of_part(const struct reader *r)
{
	return r->rest.len == 0 || r->rest.data[0] == '-';
}

static bool take_pin(struct reader *r, struct sec_ocra_suite *s)
{
	s->pin = true;
	s->pin_hash = SEC_HASH_SHA1;
	return at_end_of_part(r) || take_hash(r, &s->pin_hash);
}

static bool take_session(struct reader *r, struct sec_ocra_suite *s)
{
	s->session_len = 64;
	if (at_end_of_part(r))
		return true;
	return take_number(r, 3, &s->session_len) && s->session_len >= 1 && s->session_len <= 512;
}

/* [1-59]S, [1-59]M, [1-48]H. The section's table has 0H too; a step of nothing divides by zero. */
static bool take_step(struct reader *r, struct sec_ocra_suite *s)
{
	int n;

	s->time_step_s = 60;
	if (r->rest.len == 0)
		return true;
	if (r->rest.data[0] == '0')
		return false;
	if (!take_number(r, 2, &n) && !take_number(r, 1, &n))
		return false;
	if (take(r, "S") && n <= 59)
		s->time_step_s = n;
	else if (take(r, "M") && n <= 59)
		s->time_step_s = (int64_t)n * 60;
	else if (take(r, "H") && n <= 48)
		s->time_step_s = (int64_t)n * 3600;
	else
		return false;
	return true;
}

static bool take_suite(struct reader *r, struct sec_ocra_suite *s)
{
	if (!take(r, "OCRA-1:HOTP-") || !take_hash(r, &s->hash) || !take(r, "-") ||
		!take_digits(r, &s->digits) || !take(r, ":"))
		return false;
	s->counter = take(r, "C-");
	if (!take_question(r, s))
		return false;
	if (take(r, "-P") && !take_pin(r, s))
		return false;
	if (take(r, "-S") && !take_session(r, s))
		return false;
	if (take(r, "-T") && !take_step(r, s))
		return false;
	return r->rest.len == 0;
}

enum err_code sec_ocra_suite_parse(struct sec_ocra_suite *out, struct span text, struct err *err)
{
	struct sec_ocra_suite s = {0};
	struct reader r = {.rest = text};

	if (text.len == 0 || text.len >= sizeof s.text || !take_suite(&r, &s))
		return err_set(err, ERR_FORMAT, "not an OCRA suite (RFC 6287 section 6)");
	memcpy(s.text, text.data, text.len);
	*out = s;
	return ERR_OK;
}
