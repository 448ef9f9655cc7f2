/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of frames.codes; what is accepted is written again as it was read. And the same bytes as
 * a reader's characters: what comes out is a code that a message may carry.
 */
#include <stdint.h>
#include <string.h>

#include "scanner/codes.h"
#include "scanner/typed_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct scan_code *c)
{
	ASSERT(c->text_len <= SCAN_TEXT_MAX && c->symbology < SCAN_SYMBOLOGY_COUNT &&
		(!c->cut || c->text_len == SCAN_TEXT_MAX));
}

static void read_line(const uint8_t *data, size_t size)
{
	struct scan_code code, again;
	uint8_t room[SCAN_CODES_LINE_MAX];
	struct bytes line;
	struct err err = {.code = ERR_OK};
	if (scan_codes_parse(&code, SPAN(data, size), &err)) {
		ASSERT(err.code == ERR_FORMAT && err.text[0]);
		return;
	}
	check(&code);
	bytes_init_fixed(&line, room, sizeof room);
	scan_codes_line(&line, &code);
	ASSERT(!line.full && line.len && room[line.len - 1] == '\n');
	ASSERT(scan_codes_parse(&again, SPAN(room, line.len - 1), NULL) == ERR_OK);
	ASSERT(memcmp(&code, &again, sizeof code) == 0);
}

/* Each two bytes: a pause, and a character. */
static void type(const uint8_t *data, size_t size)
{
	struct typed_spec spec = {.end = (enum typed_end)(data[0] % 6), .idle_ms = 50};
	struct typed_code c;
	struct scan_code out;
	int64_t now = 0;
	typed_code_init(&c, &spec);
	for (size_t i = 1; i + 1 < size; i += 2) {
		now += data[i] & 0x3f;
		if (data[i] & 0x80)
			typed_code_drop(&c);
		if (typed_code_pause(&c, &out, now, NULL) == TYPED_CODE_READY)
			check(&out);
		if (typed_code_add(&c, &out, data[i + 1], now, NULL) == TYPED_CODE_READY)
			check(&out);
		ASSERT(c.len <= sizeof c.bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_line(data, size);
	if (size)
		type(data, size);
	return 0;
}
