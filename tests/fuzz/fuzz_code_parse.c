/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text: never read too far, and what is ours is exactly what the builders make of its fields.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text_safe.h"
#include "verifier/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_foreign(const struct code *c)
{
	require((c->foreign == CODE_FOREIGN_DAMAGED) == (c->why != NULL));
	require(c->body_len == 0 && c->host[0] == '\0');
}

static void check_fields(const struct code *c)
{
	static const uint8_t key[SEC_KEY_LEN] = {1};
	uint8_t body[CODE_BODY_MAX];
	struct bytes out;

	switch (c->kind) {
	case CODE_RESPONSE:
		code_response_build(body, &c->response);
		require(!memcmp(body, c->body, c->body_len));
		break;
	case CODE_CHALLENGE:
		bytes_init_fixed(&out, body, sizeof body);
		require(code_challenge_build(&out, &c->challenge, SPAN(key, sizeof key)) == ERR_OK);
		require(out.len == c->body_len);
		require(!memcmp(body, c->body, out.len - CODE_CHALLENGE_TAG_LEN));
		require(text_is_safe(span_text(c->challenge.merchant)));
		break;
	case CODE_CREDENTIAL:
		require(c->credential.generation > 0);
		require(c->body_len ==
			(c->credential.live ? CODE_LIVE_BODY_LEN : CODE_STATIC_BODY_LEN));
		break;
	default:
		require(c->body_len == CODE_PRESENTED_BODY_LEN);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	char text[CODE_TEXT_MAX];
	struct bytes out;
	struct code c;

	if (!started)
		require(sec_start(NULL) == ERR_OK);
	started = true;
	code_parse(&c, SPAN(data, size));
	if (c.kind == CODE_FOREIGN) {
		check_foreign(&c);
		return 0;
	}
	bytes_init_fixed(&out, text, sizeof text);
	require(code_text_build(&out, c.host, (char)c.kind, SPAN(c.body, c.body_len)) == ERR_OK);
	require(span_equal(bytes_span(&out), SPAN(data, size)));
	check_fields(&c);
	return 0;
}
