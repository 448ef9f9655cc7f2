/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers about operators and customer service. First byte: which; the rest is the body. What is
 * taken can be shown, sent back in a path or a header, and allows nothing in a call that is over.
 */
#include <stddef.h>
#include <string.h>

#include "base/text_safe.h"
#include "verifier/message_service.h"

#define ID "00112233445566778899aabbccddeeff" /* of the seeds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_visible(const char *text)
{
	for (; *text != '\0'; text++)
		ASSERT(*text > ' ' && *text <= '~');
}

static void check_call(const struct message_call *c)
{
	ASSERT(strcmp(c->id, ID) == 0 && c->question_count <= MESSAGE_QUESTIONS_MAX);
	ASSERT(c->state <= MESSAGE_CALL_IDENTIFIED || !(c->may_act || c->may_freeze));
	for (size_t i = 0; i < c->question_count; i++)
		ASSERT(text_is_safe(span_text(c->question[i].words)));
}

static void check_credential(const struct message_credential *c)
{
	ASSERT(strspn(c->id, "0123456789abcdef") == MESSAGE_ID_LEN);
	ASSERT(text_is_safe(span_text(c->purpose)) && text_is_safe(span_text(c->account)));
	ASSERT(c->status <= MESSAGE_STATUS_EXPIRED && c->not_after >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct message_credentials list;
	struct message_session session;
	struct message_call call;
	struct message_renewed renewed;
	struct span body;

	if (len < 1)
		return 0;
	body = SPAN(data + 1, len - 1);
	switch (data[0] & 3) {
	case 0:
		if (message_session_parse(&session, body, NULL) == ERR_OK) {
			check_visible(session.token);
			ASSERT(text_is_safe(span_text(session.name)));
			ASSERT(session.role <= MESSAGE_ROLE_ADMINISTRATOR);
		}
		break;
	case 1:
		if (message_call_parse(&call, ID, body, NULL) == ERR_OK)
			check_call(&call);
		break;
	case 2:
		if (message_credentials_parse(&list, body, NULL) == ERR_OK)
			for (size_t i = 0; i < list.count; i++)
				check_credential(&list.list[i]);
		break;
	default:
		if (message_renewed_parse(&renewed, ID, true, body, NULL) == ERR_OK) {
			check_visible(renewed.token);
			check_visible(renewed.link);
			check_visible(renewed.code);
		}
	}
	return 0;
}
