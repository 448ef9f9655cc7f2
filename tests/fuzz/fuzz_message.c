/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of a backend. First byte: kind of request and status; the rest is the body. What is taken
 * must be usable: texts end, digits are digits, a refusal never says yes.
 */
#include <stddef.h>
#include <string.h>

#include "base/text_safe.h"
#include "verifier/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct flow_event *ev, const struct message_request *request)
{
	switch (ev->kind) {
	case FLOW_EV_STARTED:
		ASSERT(request->kind == FLOW_DO_START);
		ASSERT(strlen(ev->started.id) == FLOW_ID_TEXT_LEN);
		ASSERT(strspn(ev->started.number, "0123456789") == strlen(ev->started.number));
		ASSERT(strlen(ev->started.number) >= CODE_DIGITS_MIN);
		ASSERT(ev->started.lifetime_ms >= 0 &&
			ev->started.lifetime_ms <= FLOW_NUMBER_MS_MAX);
		ASSERT(text_is_safe(span_text(ev->started.credential.holder)));
		ASSERT(text_is_safe(span_text(ev->started.credential.purpose)));
		break;
	case FLOW_EV_STATE:
		ASSERT(request->kind != FLOW_DO_START);
		ASSERT(ev->answer.attempts_left >= -1 && ev->answer.pin_tries_used >= -1);
		ASSERT(ev->answer.reason < FLOW_REASON_COUNT);
		ASSERT(text_is_safe(span_text(ev->answer.receipt)));
		break;
	case FLOW_EV_REFUSED:
		ASSERT(ev->refusal.reason != REASON_NONE && ev->refusal.reason < FLOW_REASON_COUNT);
		break;
	default:
		ASSERT(ev->kind == FLOW_EV_NO_ANSWER);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const int statuses[] = {201, 200, 400, 403, 404, 409, 429, 500};
	static const enum flow_action_kind kinds[] = {
		FLOW_DO_START, FLOW_DO_ANSWER, FLOW_DO_PIN, FLOW_DO_ASK};
	/* This and the sale are of the seed `started`, whose challenge code is whole. */
	static const uint8_t credential[CODE_ID_SHORT_LEN] = {
		0x80, 0x3d, 0x60, 0x29, 0xed, 0x58, 0x96, 0xaa};
	struct message_request request = {.id = "00112233445566778899aabbccddeeff",
		.sale = {.amount = 1280, .currency = "EUR", .reference = "A-1001"}};
	struct message_answer answer = {.date_unix_s = 1790000000};
	struct flow_event ev;
	struct err err = {0};

	if (len < 1)
		return 0;
	request.kind = kinds[data[0] & 3];
	memcpy(request.credential_short, credential, sizeof credential);
	answer.status = statuses[data[0] >> 2 & 7];
	answer.problem = answer.status >= 400;
	answer.body = SPAN(data + 1, len - 1);
	message_answer_parse(&ev, &request, &answer, &err);
	check(&ev, &request);
	return 0;
}
