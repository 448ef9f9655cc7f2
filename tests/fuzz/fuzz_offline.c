/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of sales made offline, as whoever has its files may have written it: a line, and a
 * record as if its seal were right. A record that is taken must come out the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "ui/offline_journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void line_try(struct span line)
{
	static const uint8_t key[SEC_KEY_LEN];
	struct offline_chain chain = {.number = 1}, before = chain;
	struct offline_record r;

	if (offline_line_open(&r, &chain, SPAN(key, sizeof key), line, NULL) == ERR_OK)
		ASSERT(chain.number == before.number + 1);
	else
		ASSERT(memcmp(&chain, &before, sizeof chain) == 0);
}

static void record_try(struct span json)
{
	uint8_t first[OFFLINE_RECORD_MAX], second[OFFLINE_RECORD_MAX];
	struct offline_record r;
	struct bytes a, b;

	if (offline_record_read(&r, json, NULL) != ERR_OK)
		return;
	bytes_init_fixed(&a, first, sizeof first);
	bytes_init_fixed(&b, second, sizeof second);
	if (offline_record_write(&a, &r) != ERR_OK)
		return; /* escapes make it longer */
	ASSERT(offline_record_read(&r, bytes_span(&a), NULL) == ERR_OK);
	ASSERT(offline_record_write(&b, &r) == ERR_OK);
	ASSERT(span_equal(bytes_span(&a), bytes_span(&b)));
}

/* A line of this record, opened again: what is sealed is what is read. */
static void seal_try(struct span json)
{
	static const uint8_t key[SEC_KEY_LEN];
	struct offline_chain chain = {.number = 1}, reader = chain;
	uint8_t room[OFFLINE_LINE_MAX];
	struct offline_record r, again;
	struct bytes line;

	if (offline_record_read(&r, json, NULL) != ERR_OK)
		return;
	bytes_init_fixed(&line, room, sizeof room);
	if (offline_line_seal(&line, &chain, SPAN(key, sizeof key), &r, NULL) != ERR_OK)
		return;
	ASSERT(offline_line_open(&again, &reader, SPAN(key, sizeof key), bytes_span(&line),
		       NULL) == ERR_OK);
	ASSERT(memcmp(&chain, &reader, sizeof chain) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;

	if (!started && sec_start(NULL))
		abort();
	started = true;
	if (size == 0)
		return 0;
	line_try(SPAN(data, size));
	record_try(SPAN(data, size));
	seal_try(SPAN(data, size));
	return 0;
}
