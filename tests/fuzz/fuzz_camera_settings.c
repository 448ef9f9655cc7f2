/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera's settings: whatever is accepted is inside its limits, and says the same again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/camera_settings.h"
#include "scanner/scanner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The settings in words again. */
static void write_out(char *out, size_t cap, const struct camera_settings *s)
{
	static const char *const scales[] = {"auto", "full", "half"};
	size_t len = 0;
	if (s->width)
		len += (size_t)snprintf(out + len, cap - len, "size=%dx%d ", s->width, s->height);
	if (s->format[0])
		len += (size_t)snprintf(out + len, cap - len, "format=%s ", s->format);
	if (s->rate)
		len += (size_t)snprintf(out + len, cap - len, "rate=%d ", s->rate);
	len += (size_t)snprintf(out + len, cap - len, "scale=%s", scales[s->scale]);
	for (unsigned i = 0; i < s->count; i++)
		len += (size_t)snprintf(out + len, cap - len, " %s=%s", s->control[i].name,
			s->control[i].value);
	ASSERT(len < cap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char words[SCAN_CAMERA_WORDS_MAX * 2 + 64];
	struct camera_settings first, again;
	struct err err = {.code = ERR_OK};
	char *text = malloc(size + 1); /* of its own size: one byte read too many is seen */
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	enum err_code code = camera_settings_parse(&first, text, &err);
	free(text);
	if (code) {
		ASSERT(code == ERR_INVALID && err.text[0]);
		return 0;
	}
	ASSERT(first.width == 0 || (first.width >= SCAN_SIDE_MIN && first.width <= SCAN_WIDTH_MAX));
	ASSERT(first.height <= SCAN_HEIGHT_MAX && first.rate >= 0 && first.rate <= CAMERA_RATE_MAX);
	ASSERT(first.count <= CAMERA_CONTROLS_MAX);
	write_out(words, sizeof words, &first);
	if (strlen(words) >= SCAN_CAMERA_WORDS_MAX)
		return 0;
	ASSERT(camera_settings_parse(&again, words, NULL) == ERR_OK);
	ASSERT(memcmp(&first, &again, sizeof first) == 0);
	return 0;
}
