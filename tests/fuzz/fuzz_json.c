/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON: what is accepted has a canonical text, which is accepted and is its own canonical text; any
 * bytes written as text come back as valid JSON; and the plain reader takes nothing else and reads
 * nothing otherwise than the whole one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_plain.h"
#include "base/text_safe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct json *j)
{
	static const char *const names[] = {"a", "code", "amount"};
	const struct json *inner;
	struct err e;
	char text[64];
	int64_t i;
	bool b;
	size_t len;

	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
		if (json_get_text(j, names[n], text, sizeof text, &e) == ERR_OK)
			ASSERT(strlen(text) < sizeof text);
		if (json_get_int(j, names[n], &i, -5, 1000, &e) == ERR_OK)
			ASSERT(i >= -5 && i <= 1000);
		ERR_IGNORE(json_get_bool(j, names[n], &b, &e)); /* any answer is right */
		if (json_get_object(j, names[n], &inner, &e) == ERR_OK)
			ASSERT(inner != NULL);
		if (json_get_array_len(j, names[n], &len, &e) == ERR_OK && len > 0) {
			ERR_IGNORE(
				json_get_array_text(j, names[n], len - 1, text, sizeof text, &e));
			ERR_IGNORE(json_get_array_object(j, names[n], 0, &inner, &e));
		}
	}
	if (json_only(j, names, 3, &e) != ERR_OK)
		ASSERT(text_is_safe(span_text(e.text)));
}

static void parse(struct span text)
{
	struct json *j;
	struct bytes first, second;
	struct err e;

	if (json_parse(&j, text, 16384, &e) != ERR_OK) {
		ASSERT(j == NULL && text_is_safe(span_text(e.text)));
		return;
	}
	look(j);
	bytes_init(&first, 1 << 20);
	bytes_init(&second, 1 << 20);
	ASSERT(json_canonical(&first, j, NULL, &e) == ERR_OK);
	json_free(&j);
	ASSERT(json_parse(&j, bytes_span(&first), JSON_TEXT_MAX, &e) == ERR_OK);
	ASSERT(json_canonical(&second, j, NULL, &e) == ERR_OK);
	ASSERT(span_equal(bytes_span(&first), bytes_span(&second)));
	json_free(&j);
	bytes_done(&first);
	bytes_done(&second);
}

#define MEMBERS 4
#define TEXT_MAX 16384

static void compare(const struct json *j, const struct json_member *m)
{
	static char name[TEXT_MAX + 1], value[TEXT_MAX + 1];
	int64_t number;

	memcpy(name, m->name.data, m->name.len);
	name[m->name.len] = '\0';
	if (m->is_text) {
		ASSERT(json_get_text(j, name, value, sizeof value, NULL) == ERR_OK);
		ASSERT(span_equal(span_text(value), m->text));
	} else {
		ASSERT(json_get_int(j, name, &number, 0, INT64_MAX, NULL) == ERR_OK);
		ASSERT(number == m->number);
	}
}

static void parse_plain(struct span text)
{
	struct json_member members[MEMBERS];
	struct bytes bare;
	struct json *j;
	size_t count;

	if (text.len > TEXT_MAX || !json_plain(members, MEMBERS, &count, text))
		return;
	ASSERT(json_parse(&j, text, TEXT_MAX, NULL) == ERR_OK);
	for (size_t i = 0; i < count; i++)
		compare(j, &members[i]);
	/* and it has no more: the canonical text has just room for these */
	bytes_init(&bare, 1 << 20);
	ASSERT(json_canonical(&bare, j, NULL, NULL) == ERR_OK);
	size_t len = 2 + (count > 0 ? count - 1 : 0);
	for (size_t i = 0; i < count; i++) {
		len += members[i].name.len + 3;
		len += members[i].is_text ? members[i].text.len + 2 : 0;
		for (int64_t n = members[i].number; !members[i].is_text; n /= 10) {
			len++;
			if (n < 10)
				break;
		}
	}
	ASSERT(bare.len == len);
	bytes_done(&bare);
	json_free(&j);
}

static void write_and_read(struct span text)
{
	struct bytes out;
	struct json_out w;
	struct json *j;
	struct err e;

	bytes_init(&out, 1 << 20);
	json_out_init(&w, &out);
	json_out_begin(&w, NULL);
	json_out_span(&w, "t", text);
	json_out_hex(&w, "h", text);
	json_out_end(&w);
	/* Only a NUL can be written and not read. */
	if (text.len == 0 || memchr(text.data, '\0', text.len) == NULL) {
		ASSERT(!out.full && json_parse(&j, bytes_span(&out), JSON_TEXT_MAX, &e) == ERR_OK);
		json_free(&j);
	}
	bytes_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse(SPAN(data, size));
	parse_plain(SPAN(data, size));
	if (size < 8192)
		write_and_read(SPAN(data, size));
	return 0;
}
