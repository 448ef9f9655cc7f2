/* SPDX-License-Identifier: Apache-2.0
 *
 * OCRA suites: what is accepted is in bounds and can be computed with. The suite ends at the first
 * line break; the rest is the question.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compute(const struct sec_ocra_suite *suite, struct span question)
{
	static const uint8_t bytes[SEC_SHA512_LEN] = {1, 2, 3};
	uint8_t mac[SEC_SHA512_LEN];
	char text[SEC_OCRA_TEXT_LEN + 1];
	struct err e;
	struct sec_ocra_input in = {.question = question, .counter = 1, .time_steps = 2};

	if (suite->pin)
		in.pin_digest = SPAN(bytes, sec_hash_len(suite->pin_hash));
	if (suite->session_len > 0)
		in.session = SPAN(bytes, 1);
	enum err_code code = sec_ocra_mac(mac, suite, SPAN(bytes, 32), &in, &e);
	ASSERT(code == ERR_OK || code == ERR_INVALID);
	if (question.len == 0 || question.len > 2 * (size_t)suite->question_len)
		ASSERT(code == ERR_INVALID);
	if (sec_ocra_text(text, suite, SPAN(bytes, 32), &in, &e) == ERR_OK)
		ASSERT(code == ERR_OK && strlen(text) == (size_t)suite->digits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	struct sec_ocra_suite suite;
	struct err e;

	if (!started && sec_start(&e) != ERR_OK)
		abort();
	started = true;
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t len = end != NULL ? (size_t)(end - data) : size;
	if (sec_ocra_suite_parse(&suite, SPAN(data, len), &e) != ERR_OK)
		return 0;
	ASSERT(strlen(suite.text) == len && memcmp(suite.text, data, len) == 0);
	ASSERT(suite.digits == 0 || (suite.digits >= 4 && suite.digits <= 10));
	ASSERT(suite.question_len >= 4 && suite.question_len <= 64);
	ASSERT(suite.session_len >= 0 && suite.session_len <= 512);
	ASSERT(suite.time_step_s >= 0 && suite.time_step_s <= 48 * 3600);
	compute(&suite, end != NULL ? SPAN(end + 1, size - len - 1) : (struct span){0});
	return 0;
}
