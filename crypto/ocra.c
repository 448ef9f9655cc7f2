/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6287 section 5: HMAC over suite | 00 | C | Q | P | S | T.
 */
#include "crypto/crypto.h"

#include <string.h>

#define QUESTION_LEN   128
#define NUMBER_NIBBLES 108 /* 128 decimal digits are less than 2^426 */
#define SESSION_MAX    512

static int nibble_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static void put_nibble(uint8_t *q, size_t i, int v)
{
	q[i / 2] = (uint8_t)(q[i / 2] | (i % 2 == 0 ? v << 4 : v));
}

/* QA: the characters themselves. */
static bool question_text(uint8_t q[static QUESTION_LEN], struct span in)
{
	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.data[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!letter && (c < '0' || c > '9'))
			return false;
		q[i] = c;
	}
	return true;
}

/* QH: two digits a byte, padded on the right. */
static bool question_hex(uint8_t q[static QUESTION_LEN], struct span in)
{
	for (size_t i = 0; i < in.len; i++) {
		int v = nibble_of(in.data[i]);
		if (v < 0)
			return false;
		put_nibble(q, i, v);
	}
	return true;
}

/* QN: the number in hex without leading zeroes, then padded on the right: so that n, 16 n and 256 n
 * are the same question (appendix A does it, and its vectors need it). PROTOCOL.md uses QA.
 */
static bool question_number(uint8_t q[static QUESTION_LEN], struct span in)
{
	uint8_t nibbles[NUMBER_NIBBLES] = {0}; /* the last is the lowest */
	size_t first = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.data[i] < '0' || in.data[i] > '9')
			return false;
		unsigned carry = in.data[i] - (unsigned)'0';
		for (size_t j = NUMBER_NIBBLES; j-- > 0;) {
			carry += nibbles[j] * 10u;
			nibbles[j] = carry & 15u;
			carry >>= 4;
		}
		ASSERT(carry == 0);
	}
	while (first < NUMBER_NIBBLES - 1 && nibbles[first] == 0)
		first++;
	for (size_t j = first; j < NUMBER_NIBBLES; j++)
		put_nibble(q, j - first, nibbles[j]);
	return true;
}

static bool question(uint8_t q[static QUESTION_LEN], const struct sec_ocra_suite *suite,
	struct span in)
{
	memset(q, 0, QUESTION_LEN);
	/* Two challenges of the agreed length in mutual mode: section 7.2. */
	if (in.len == 0 || in.len > 2 * (size_t)suite->question_len)
		return false;
	switch (suite->question_format) {
	case 'A':
		return question_text(q, in);
	case 'H':
		return question_hex(q, in);
	case 'N':
		return question_number(q, in);
	default:
		return false;
	}
}

static enum err_code check_input(const struct sec_ocra_suite *suite, struct span key,
	const struct sec_ocra_input *in, struct err *err)
{
	size_t pin_len = suite->pin ? sec_hash_len(suite->pin_hash) : 0;

	if (key.len == 0)
		return err_set(err, ERR_INVALID, "OCRA: empty key");
	if (in->pin_digest.len != pin_len)
		return err_set(
			err, ERR_INVALID, "OCRA: the PIN digest must have %zu bytes", pin_len);
	if (suite->session_len < 0 || suite->session_len > SESSION_MAX ||
		in->session.len > (size_t)suite->session_len)
		return err_set(err, ERR_INVALID, "OCRA: session data of more than %d bytes",
			suite->session_len);
	return ERR_OK;
}

/* The session padded to its length, the question to its own. */
struct padded {
	uint8_t question[QUESTION_LEN];
	uint8_t session[SESSION_MAX];
};

static enum err_code pad(struct padded *p, const struct sec_ocra_suite *suite,
	const struct sec_ocra_input *in, struct err *err)
{
	size_t session_len = (size_t)suite->session_len;

	if (!question(p->question, suite, in->question))
		return err_set(err, ERR_INVALID, "OCRA: the question does not fit Q%c%02d",
			suite->question_format, suite->question_len);
	memset(p->session, 0, session_len - in->session.len);
	if (in->session.len > 0)
		memcpy(p->session + session_len - in->session.len, in->session.data,
			in->session.len);
	return ERR_OK;
}

/* The time is the last part of the message, so that all before it is hashed once. */
enum err_code sec_ocra_mac_steps(uint8_t *const *out, size_t count,
	const struct sec_ocra_suite *suite, struct span key, const struct sec_ocra_input *in,
	struct err *err)
{
	uint8_t counter[8], steps[SEC_OCRA_STEPS_MAX][8];
	struct span rests[SEC_OCRA_STEPS_MAX];
	struct padded p;

	ASSERT(count > 0 && count <= SEC_OCRA_STEPS_MAX);
	enum err_code code = check_input(suite, key, in, err);
	if (code == ERR_OK)
		code = pad(&p, suite, in, err);
	if (code != ERR_OK)
		return code;
	be64_put(counter, in->counter);
	for (size_t i = 0; i < count; i++) {
		be64_put(steps[i], in->time_steps + i);
		rests[i] = SPAN(steps[i], suite->time_step_s != 0 ? sizeof steps[i] : 0);
	}

	const struct span parts[] = {
		SPAN(suite->text, strlen(suite->text) + 1), /* with the NUL: the separator 00 */
		SPAN(counter, suite->counter ? sizeof counter : 0),
		SPAN(p.question, sizeof p.question),
		in->pin_digest,
		SPAN(p.session, (size_t)suite->session_len),
	};
	code = sec_hmac_each(out, suite->hash, key, parts, sizeof parts / sizeof parts[0], rests,
		count);
	sec_wipe(p.session, (size_t)suite->session_len);
	if (code != ERR_OK)
		return err_set(err, code, "OCRA: HMAC failed");
	return ERR_OK;
}

enum err_code sec_ocra_mac(uint8_t *out, const struct sec_ocra_suite *suite, struct span key,
	const struct sec_ocra_input *in, struct err *err)
{
	return sec_ocra_mac_steps(&out, 1, suite, key, in, err);
}

void sec_truncate(char *out, const uint8_t *mac, size_t mac_len, int digits)
{
	ASSERT(digits >= 4 && digits <= 10 && mac_len >= SEC_SHA1_LEN);
	uint32_t v = be32_get(mac + (mac[mac_len - 1] & 15)) & 0x7fffffff;

	for (int i = digits - 1; i >= 0; i--) {
		out[i] = (char)('0' + v % 10);
		v /= 10;
	}
	out[digits] = '\0';
}

enum err_code sec_ocra_text(char out[static SEC_OCRA_TEXT_LEN + 1],
	const struct sec_ocra_suite *suite, struct span key, const struct sec_ocra_input *in,
	struct err *err)
{
	uint8_t mac[SEC_SHA512_LEN];

	if (suite->digits == 0)
		return err_set(
			err, ERR_INVALID, "OCRA: the suite's value is not truncated to digits");
	enum err_code code = sec_ocra_mac(mac, suite, key, in, err);
	if (code == ERR_OK)
		sec_truncate(out, mac, sec_hash_len(suite->hash), suite->digits);
	sec_wipe(mac, sizeof mac);
	return code;
}
