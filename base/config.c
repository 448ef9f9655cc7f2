/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration files. libinih reads lines into a buffer of INI_MAX_LINE bytes (200 in Debian) and
 * takes what is left of a longer one for a line of its own, so lines are handed to it by a reader
 * that knows their numbers and refuses what it would misread.
 */
#include "base/config.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/near.h"
#include "base/text_safe.h"

#define WORDS_MAX 200

struct reading {
	const char *path;
	const struct config_key *keys;
	size_t key_count;
	bool *seen; /* of each key */
	struct span rest; /* not yet handed to libinih */
	int line;
	enum err_code code; /* of the first fault; nothing is read after it */
	struct err *err;
};

/* Messages name the key, never the value: it may be a secret. */
static bool refuse(struct reading *r, const char *section, const char *name, const char *words)
{
	char safe_section[64];
	char safe_name[64];

	text_safe(safe_section, sizeof safe_section, span_text(section));
	text_safe(safe_name, sizeof safe_name, span_text(name));
	if (r->code == ERR_OK)
		r->code = err_set(r->err, ERR_FORMAT, "%s:%d: [%s] %s: %s", r->path, r->line,
			safe_section, safe_name, words);
	return false;
}

static void refuse_line(struct reading *r, const char *words)
{
	if (r->code == ERR_OK)
		r->code = err_set(r->err, ERR_FORMAT, "%s:%d: %s", r->path, r->line, words);
}

/* Out of the quotes. False: what is in them was not written by config_add(). */
static bool unquote(char *text, size_t *len)
{
	size_t n = 0;

	if (*len < 2 || text[0] != '"' || text[*len - 1] != '"')
		return true;
	for (size_t i = 1; i < *len - 1; i++) {
		if (text[i] == '"')
			return false;
		if (text[i] == '\\' && (++i == *len - 1 || !strchr("\"\\;", text[i])))
			return false;
		text[n++] = text[i];
	}
	text[n] = '\0';
	*len = n;
	return true;
}

static bool set_text(struct reading *r, const struct config_key *key, const char *line_value)
{
	char value[INI_MAX_LINE];
	size_t len = strlen(line_value);

	if (len >= sizeof value)
		return refuse(r, key->section, key->name, "value is too long");
	memcpy(value, line_value, len + 1);
	if (!unquote(value, &len))
		return refuse(r, key->section, key->name,
			"in quotes, write \\\" \\\\ \\; for \" \\ ;");
	if (len >= key->size)
		return refuse(r, key->section, key->name, "value is too long");
	memcpy(key->value, value, len + 1);
	return true;
}

static bool set_int(struct reading *r, const struct config_key *key, const char *value)
{
	char *end;

	/* strtoll() lets white space and a plus sign pass. */
	const char *digits = value[0] == '-' ? value + 1 : value;
	if (digits[0] < '0' || digits[0] > '9')
		return refuse(r, key->section, key->name, "not a whole number");
	errno = 0;
	long long v = strtoll(value, &end, 10);
	if (*end != '\0')
		return refuse(r, key->section, key->name, "not a whole number");
	if (errno != 0 || v < key->min || v > key->max) {
		char words[96];
		snprintf(words, sizeof words, "must be from %lld to %lld", (long long)key->min,
			(long long)key->max);
		return refuse(r, key->section, key->name, words);
	}
	*(int64_t *)key->value = v;
	return true;
}

static bool set_bool(struct reading *r, const struct config_key *key, const char *value)
{
	static const char *const yes[] = {"yes", "true", "on", "1"};
	static const char *const no[] = {"no", "false", "off", "0"};

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		if (strcasecmp(value, yes[i]) == 0 || strcasecmp(value, no[i]) == 0) {
			*(bool *)key->value = strcasecmp(value, yes[i]) == 0;
			return true;
		}
	}
	return refuse(r, key->section, key->name, "must be yes or no");
}

static bool set_value(struct reading *r, const struct config_key *key, const char *value)
{
	if (!text_is_safe(span_text(value)))
		return refuse(r, key->section, key->name, "value is not plain UTF-8 text");
	switch (key->type) {
	case CONFIG_TEXT:
		return set_text(r, key, value);
	case CONFIG_INT:
		return set_int(r, key, value);
	case CONFIG_BOOL:
		return set_bool(r, key, value);
	}
	return refuse(r, key->section, key->name, "of a type that is not known");
}

/* The key that was meant: of this name in another section, or of a name that is nearly this. */
static const struct config_key *meant(const struct reading *r, const char *section,
	const char *name)
{
	const struct config_key *best = NULL;
	size_t best_cost = SIZE_MAX;

	for (size_t i = 0; i < r->key_count; i++) {
		size_t distance = near_distance(name, r->keys[i].name);
		size_t cost = distance * NEAR_WORD_MAX + near_distance(section, r->keys[i].section);

		if (near_is(distance, name) && cost < best_cost) {
			best = &r->keys[i];
			best_cost = cost;
		}
	}
	return best;
}

static bool refuse_unknown(struct reading *r, const char *section, const char *name)
{
	const struct config_key *key = meant(r, section, name);
	char words[WORDS_MAX];

	if (key != NULL)
		snprintf(words, sizeof words, "is not known; is it [%s] %s?", key->section,
			key->name);
	else
		snprintf(words, sizeof words,
			"is not known; see the manual for the names that are");
	return refuse(r, section, name, words);
}

/* libinih calls this for each `name = value`; 0 reports a fault. */
static int on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;

	if (r->code != ERR_OK)
		return 0;
	if (value == NULL)
		return refuse(r, section, name, "has no value");
	for (size_t i = 0; i < r->key_count; i++) {
		const struct config_key *key = &r->keys[i];
		if (strcmp(key->section, section) != 0 || strcmp(key->name, name) != 0)
			continue;
		if (r->seen[i])
			return refuse(r, section, name, "is there twice");
		r->seen[i] = true;
		return set_value(r, key, value);
	}
	return refuse_unknown(r, section, name);
}

static bool line_is_blank(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		uint8_t c = line.data[i];
		if (c == ';' || c == '#')
			return true;
		if (c != ' ' && c != '\t' && c != '\r')
			return false;
	}
	return true;
}

/* The next line, as fgets() would give it; NULL at the end or after a fault. */
static char *next_line(char *out, int cap, void *user)
{
	struct reading *r = user;

	if (r->code != ERR_OK || r->rest.len == 0)
		return NULL;
	r->line++;
	const uint8_t *end = memchr(r->rest.data, '\n', r->rest.len);
	size_t len = end != NULL ? (size_t)(end - r->rest.data) : r->rest.len;
	struct span line = {.data = r->rest.data, .len = len};
	size_t taken = len + (end != NULL ? 1 : 0);
	r->rest.data += taken;
	r->rest.len -= taken;

	if (cap < 2 || len > (size_t)cap - 2)
		refuse_line(r, "line is too long");
	else if (len > 0 && memchr(line.data, '\0', len) != NULL)
		refuse_line(r, "line holds a NUL byte");
	else if (len > 0 && (line.data[0] == ' ' || line.data[0] == '\t') && !line_is_blank(line))
		refuse_line(r, "line begins with white space"); /* a continuation to libinih */
	if (r->code != ERR_OK)
		return NULL;
	if (len > 0)
		memcpy(out, line.data, len);
	out[len] = '\n';
	out[len + 1] = '\0';
	return out;
}

enum err_code config_read(const char *path, bool secret, const struct config_key *keys,
	size_t key_count, struct err *err)
{
	bool seen[CONFIG_KEYS_MAX];

	return config_read_told(path, secret, keys, key_count, seen, err);
}

enum err_code config_read_told(const char *path, bool secret, const struct config_key *keys,
	size_t key_count, bool *seen, struct err *err)
{
	struct bytes text;
	struct reading r = {
		.path = path, .keys = keys, .key_count = key_count, .seen = seen, .err = err};

	ASSERT(key_count <= CONFIG_KEYS_MAX);
	memset(seen, 0, key_count * sizeof *seen);
	bytes_init(&text, CONFIG_FILE_MAX);
	r.code = file_read_unless(&text, path, secret ? 0077 : 0022, err);
	if (r.code == ERR_OK) {
		r.rest = bytes_span(&text);
		int result = ini_parse_stream(next_line, &r, on_value, &r);
		if (result == -2 && r.code == ERR_OK)
			r.code = err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
		/* The first line that was at fault; ours is told unless it comes later. */
		if (result > 0 && (r.code == ERR_OK || result < r.line)) {
			r.code = ERR_OK;
			r.line = result;
			refuse_line(&r, "neither [section] nor name = value");
		}
	}
	if (text.data != NULL)
		explicit_bzero(text.data, text.cap); /* it may have held a token */
	bytes_done(&text);
	return r.code;
}

/* ---- writing ---- */

static bool needs_quotes(const char *value)
{
	size_t len = strlen(value);

	return len == 0 || strchr(value, ';') != NULL || value[0] == '"' || value[0] == ' ' ||
		value[len - 1] == ' ';
}

bool config_add(struct bytes *to, const char *name, const char *value)
{
	char storage[CONFIG_LINE_MAX + 1];
	struct bytes line;
	bool quoted = needs_quotes(value);

	if (!text_is_safe(span_text(value)))
		return false;
	bytes_init_fixed(&line, storage, sizeof storage);
	bytes_add_text(&line, name);
	bytes_add_text(&line, quoted ? " = \"" : " = ");
	for (const char *p = value; *p != '\0'; p++) {
		if (quoted && strchr("\"\\;", *p) != NULL)
			bytes_add_u8(&line, '\\');
		bytes_add_u8(&line, (uint8_t)*p);
	}
	if (quoted)
		bytes_add_u8(&line, '"');
	bytes_add_u8(&line, '\n');
	if (!line.full)
		bytes_add(to, line.data, line.len);
	explicit_bzero(storage, sizeof storage); /* it may have held a token */
	return !line.full && !to->full;
}
