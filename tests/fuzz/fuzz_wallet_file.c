/* SPDX-License-Identifier: Apache-2.0
 *
 * A wallet file as a stranger may have written it: the header, and what is sealed behind it, as if
 * the seal were right. The first byte says which; a body that is taken must come out the same
 * again.
 */
#include <stdlib.h>
#include <string.h>

#include "wallet/holder/wallet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void body_try(struct span body)
{
	uint8_t storage[WALLET_BODY_MAX];
	struct wallet *w = NULL;
	struct bytes again;

	if (wallet_body_parse(&w, body, NULL))
		return;
	bytes_init_fixed(&again, storage, sizeof(storage));
	wallet_body_build(&again, w);
	ASSERT(span_equal(bytes_span(&again), body));
	wallet_free(&w);
}

static void activation_try(struct span text)
{
	struct wallet *w = NULL;
	uint8_t *copy = malloc(text.len ? text.len : 1);
	struct bytes answer;

	if (!copy)
		return;
	if (text.len)
		memcpy(copy, text.data, text.len);
	bytes_init_fixed(&answer, copy, text.len);
	answer.len = text.len;
	ERR_IGNORE(
		wallet_activation_parse(&w, &answer, "", NULL)); /* only that it does not break */
	wallet_free(&w);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	struct wallet *w = NULL;

	if (!started && sec_start(NULL))
		abort();
	started = true;
	if (size == 0)
		return 0;
	switch (data[0] % 3) {
	case 0:
		body_try(SPAN(data + 1, size - 1));
		break;
	case 1:
		activation_try(SPAN(data + 1, size - 1));
		break;
	default:
		/* argon2id runs only for a perfect header: slow inputs are rare */
		ERR_IGNORE(wallet_open(&w, SPAN(data + 1, size - 1), span_text("passcode"), NULL));
		wallet_free(&w);
		break;
	}
	return 0;
}
