/* SPDX-License-Identifier: Apache-2.0
 *
 * A request body against the fields of every route: what is accepted is what was declared, what is
 * refused leaves nothing behind and has words that are safe to show.
 */
#include <stdint.h>
#include <string.h>

#include "backend/routes.h"
#include "base/text_safe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_field(const struct field *f, const uint8_t *target)
{
	const char *text = (const char *)target + f->offset;
	int64_t number;
	size_t len;

	if (f->type == FIELD_INT) {
		memcpy(&number, text, sizeof(number));
		ASSERT((number >= f->min && number <= f->max) || (!f->required && number == 0));
		return;
	}
	len = strnlen(text, (size_t)f->max + 1);
	ASSERT(len <= (size_t)f->max);
	ASSERT(len >= (size_t)f->min || (!f->required && len == 0));
	ASSERT(text_is_safe(SPAN(text, len)));
	for (size_t i = 0; i < len; i++) {
		ASSERT(f->type != FIELD_DIGITS || (text[i] >= '0' && text[i] <= '9'));
		ASSERT(f->type != FIELD_CURRENCY || (text[i] >= 'A' && text[i] <= 'Z'));
		ASSERT(f->type != FIELD_VISIBLE || (text[i] > ' ' && text[i] < 0x7f));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const union route_in zero;
	size_t count;
	const struct route *table = route_table(&count);

	for (size_t i = 0; i < count; i++) {
		union route_in in;
		struct err err = {0};

		if (fields_read(&in, sizeof(in), table[i].fields, table[i].field_count,
			    SPAN(data, size), &err)) {
			ASSERT(memcmp(&in, &zero, sizeof(in)) == 0);
			ASSERT(text_is_safe(span_text(err.text)));
			continue;
		}
		for (size_t k = 0; k < table[i].field_count; k++)
			check_field(&table[i].fields[k], (const uint8_t *)&in);
	}
	return 0;
}
