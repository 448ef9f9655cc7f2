/* SPDX-License-Identifier: Apache-2.0
 *
 * The registration record of any three texts: canonical, and the texts come out again.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/registration.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct json *j, const char *name, const char *want)
{
	char got[2048];

	ASSERT(json_get_text(j, name, got, sizeof(got), NULL) == ERR_OK);
	ASSERT(strcmp(got, want) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"account", "name", "phone"};
	char text[3][512];
	uint8_t storage[2][1024];
	struct bytes record, again;
	struct json *j = NULL;

	memset(text, 0, sizeof(text));
	for (size_t i = 0, field = 0, at = 0; i < size && field < 3; i++) {
		if (data[i] == 0 || at == sizeof(text[0]) - 1) {
			field++;
			at = 0;
		} else {
			text[field][at++] = (char)data[i];
		}
	}
	bytes_init_fixed(&record, storage[0], sizeof(storage[0]));
	bytes_init_fixed(&again, storage[1], sizeof(storage[1]));
	if (registration_build(&record, text[0], text[1], text[2], NULL)) {
		ASSERT(record.len == 0);
		return 0;
	}
	ASSERT(json_parse(&j, bytes_span(&record), sizeof(storage[0]), NULL) == ERR_OK);
	for (size_t i = 0; i < 3; i++)
		same(j, names[i], text[i]);
	ASSERT(json_canonical(&again, j, NULL, NULL) == ERR_OK);
	ASSERT(span_equal(bytes_span(&record), bytes_span(&again)));
	json_free(&j);
	return 0;
}
