/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/typed_spec.h"

#include <stdint.h>
#include <string.h>

#include "base/text_safe.h"

#define WORD_MAX 64

static const int speeds[] = {1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800,
	921600};

/* -1 when it is no number of at most six digits. */
static int number(const char *text)
{
	int v = 0;
	size_t n = strlen(text);
	if (n == 0 || n > 6)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		v = v * 10 + (*text - '0');
	}
	return v;
}

static bool set_speed(struct typed_spec *s, const char *word)
{
	int v = number(word);
	for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
		if (speeds[i] == v) {
			s->baud = v;
			return true;
		}
	}
	return false;
}

static bool set_bits(struct typed_spec *s, const char *word)
{
	if (strlen(word) != 3 || (word[0] != '7' && word[0] != '8') || !strchr("neo", word[1]) ||
		(word[2] != '1' && word[2] != '2'))
		return false;
	s->data_bits = word[0] - '0';
	s->parity = word[1];
	s->stop_bits = word[2] - '0';
	return true;
}

static bool set_end(struct typed_spec *s, const char *word)
{
	static const char *const words[] = {
		[TYPED_END_ANY] = "end=any",
		[TYPED_END_CR] = "end=cr",
		[TYPED_END_LF] = "end=lf",
		[TYPED_END_TAB] = "end=tab",
		[TYPED_END_NONE] = "end=none",
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i], word) == 0) {
			s->end = (enum typed_end)i;
			return true;
		}
	}
	return false;
}

static bool set_idle(struct typed_spec *s, const char *word)
{
	static const char idle[] = "idle=";
	if (strncmp(word, idle, sizeof idle - 1) != 0)
		return false;
	int v = number(word + sizeof idle - 1);
	if (v < TYPED_IDLE_MIN_MS || v > TYPED_IDLE_MAX_MS)
		return false;
	s->idle_ms = v;
	return true;
}

static bool set_word(struct typed_spec *s, const char *word)
{
	return set_speed(s, word) || set_bits(s, word) || set_end(s, word) || set_idle(s, word);
}

static enum err_code refuse(const char *word, struct err *err)
{
	char safe[WORD_MAX];
	text_safe(safe, sizeof safe, span_text(word));
	return err_set(err, ERR_INVALID, "reader: \"%s\" is no setting; there are a speed such as "
		"115200, 8n1, end=any|cr|lf|tab|none, idle=%d..%d", safe, TYPED_IDLE_MIN_MS,
		TYPED_IDLE_MAX_MS);
}

/* From the right, since names under /dev/.../by-id may hold a comma of their own; those have an
 * underline, too, which no setting has.
 */
static enum err_code take_words(struct typed_spec *s, struct err *err)
{
	char *comma;
	while ((comma = strrchr(s->path, ','))) {
		if (!set_word(s, comma + 1)) {
			if (strpbrk(comma + 1, "_/"))
				return ERR_OK;
			return refuse(comma + 1, err);
		}
		*comma = '\0';
	}
	return ERR_OK;
}

enum err_code typed_spec_parse(struct typed_spec *out, const char *text, struct err *err)
{
	static const char prefix[] = "reader:";
	if (strncmp(text, prefix, sizeof prefix - 1) == 0)
		text += sizeof prefix - 1;
	*out = (struct typed_spec){.baud = TYPED_BAUD,
		.data_bits = 8,
		.parity = 'n',
		.stop_bits = 1,
		.end = TYPED_END_ANY};
	size_t len = strlen(text);
	if (len > SCAN_SOURCE_MAX)
		return err_set(err, ERR_INVALID, "reader: at most %d characters", SCAN_SOURCE_MAX);
	memcpy(out->path, text, len + 1);
	enum err_code code = take_words(out, err);
	if (!code && strncmp(out->path, "/dev/", 5) != 0)
		code = err_set(err, ERR_INVALID, "reader: needs a device: /dev/input/eventN, "
			"/dev/hidrawN, /dev/ttyACM0, or a name under /dev/input/by-id");
	if (!out->idle_ms)
		out->idle_ms = out->end == TYPED_END_ANY || out->end == TYPED_END_NONE
			? TYPED_IDLE_MS : TYPED_IDLE_LONG_MS;
	return code;
}
