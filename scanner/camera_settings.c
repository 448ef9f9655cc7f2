/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/camera_settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text_safe.h"
#include "scanner/scanner.h"

struct word {
	const char *name, *value;
	size_t name_len, value_len;
};

static bool is_gap(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_value_char(char c)
{
	return is_name_char(c) || c == '.' || c == '+' || c == '-';
}

static enum err_code refuse(const struct word *w, const char *what, struct err *err)
{
	char safe[64];
	size_t len = w->name_len + (w->value ? w->value_len + 1 : 0);
	text_safe(safe, sizeof safe, SPAN(w->name, len));
	return err_set(err, ERR_INVALID, "camera setting \"%s\": %s", safe, what);
}

/* Small letters into `to`; false when a character is not allowed or it does not fit. */
static bool take(char *to, size_t cap, const char *from, size_t len, bool (*allowed)(char c))
{
	if (len == 0 || len >= cap)
		return false;
	for (size_t i = 0; i < len; i++) {
		to[i] = small(from[i]);
		if (!allowed(to[i]))
			return false;
	}
	to[len] = '\0';
	return true;
}

/* Digits only; -1 = no such number, or above max. */
static int number(const char *text, size_t len, int max)
{
	int v = 0;
	if (len < 1 || len > 6)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		v = v * 10 + (text[i] - '0');
	}
	return v <= max ? v : -1;
}

static enum err_code set_size(struct camera_settings *s, const struct word *w, struct err *err)
{
	const char *x = memchr(w->value, 'x', w->value_len);
	if (!x)
		x = memchr(w->value, 'X', w->value_len);
	if (x) {
		size_t left = (size_t)(x - w->value);
		int width = number(w->value, left, SCAN_WIDTH_MAX);
		int height = number(x + 1, w->value_len - left - 1, SCAN_HEIGHT_MAX);
		if (width >= SCAN_SIDE_MIN && height >= SCAN_SIDE_MIN) {
			s->width = width;
			s->height = height;
			return ERR_OK;
		}
	}
	return refuse(w, "width x height in pixels, for example 1280x720; sides 16 to 4096", err);
}

static bool is_letter_or_digit(char c)
{
	return is_name_char(c) && c != '_';
}

static enum err_code set_format(struct camera_settings *s, const struct word *w, struct err *err)
{
	char text[sizeof s->format] = "";
	if (!take(text, 6, w->value, w->value_len, is_letter_or_digit))
		return refuse(w, "the driver's four letters, for example YUYV or MJPG", err);
	for (size_t i = 0; text[i]; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] = (char)(text[i] - 'a' + 'A');
	memcpy(s->format, text, sizeof text);
	return ERR_OK;
}

static enum err_code set_rate(struct camera_settings *s, const struct word *w, struct err *err)
{
	int rate = number(w->value, w->value_len, CAMERA_RATE_MAX);
	if (rate < 1)
		return refuse(w, "frames a second, 1 to 1000", err);
	s->rate = rate;
	return ERR_OK;
}

static enum err_code set_scale(struct camera_settings *s, const struct word *w, struct err *err)
{
	static const char *const words[] = {
		[CAMERA_SCALE_AUTO] = "auto",
		[CAMERA_SCALE_FULL] = "full",
		[CAMERA_SCALE_HALF] = "half",
	};
	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strlen(words[i]) == w->value_len && !memcmp(words[i], w->value, w->value_len)) {
			s->scale = (enum camera_scale)i;
			return ERR_OK;
		}
	}
	return refuse(w, "auto, full or half", err);
}

/* At most one character is another, too much, missing, or changed places with the next. */
static bool is_nearly(const char *word, const struct word *w)
{
	size_t len = strlen(word), n = w->name_len, at = 0, back = 0;
	while (at < len && at < n && word[at] == small(w->name[at]))
		at++;
	while (back < len - at && back + at < n &&
		word[len - 1 - back] == small(w->name[n - 1 - back]))
		back++;
	size_t left = len - at - back, right = n - at - back;
	if (left == 2 && right == 2)
		return word[at] == small(w->name[at + 1]) && word[at + 1] == small(w->name[at]);
	return left <= 1 && right <= 1;
}

/* Which controls there are only the driver knows; how the mode is chosen is known here. */
static const char *meant(const struct word *w)
{
	static const struct {
		const char *name, *mode;
	} names[] = {
		{"size", "size"}, {"format", "format"}, {"rate", "rate"}, {"scale", "scale"},
		{"sizes", "size"}, {"resolution", "size"}, {"width", "size"}, {"height", "size"},
		{"pixelformat", "format"}, {"fps", "rate"}, {"framerate", "rate"},
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (is_nearly(names[i].name, w))
			return names[i].mode;
	return NULL;
}

static enum err_code set_control(struct camera_settings *s, const struct word *w, struct err *err)
{
	struct camera_control_setting c;
	memset(&c, 0, sizeof c);
	if (!take(c.name, sizeof c.name, w->name, w->name_len, is_name_char))
		return refuse(w, "a name has letters, digits and _, at most 39 of them", err);
	if (!take(c.value, sizeof c.value, w->value, w->value_len, is_value_char))
		return refuse(w, "a value has letters, digits and . _ + -, at most 39 of them",
			err);
	unsigned i = 0;
	while (i < s->count && strcmp(s->control[i].name, c.name) != 0)
		i++;
	if (i == CAMERA_CONTROLS_MAX)
		return refuse(w, "too many controls, at most 32", err);
	s->count += i == s->count;
	s->control[i] = c;
	return ERR_OK;
}

static enum err_code set(struct camera_settings *s, const struct word *w, struct err *err)
{
	static const struct {
		const char *name;
		enum err_code (*set)(struct camera_settings *s, const struct word *w,
			struct err *err);
	} modes[] = {
		{"size", set_size},
		{"format", set_format},
		{"rate", set_rate},
		{"scale", set_scale},
	};
	if (!w->value || !w->name_len || !w->value_len)
		return refuse(w, "is not name=value", err);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strlen(modes[i].name) == w->name_len &&
			strncasecmp(modes[i].name, w->name, w->name_len) == 0)
			return modes[i].set(s, w, err);
	const char *mode = meant(w);
	if (mode) {
		char what[48];
		snprintf(what, sizeof what, "no camera has this; did you mean %s?", mode);
		return refuse(w, what, err);
	}
	return set_control(s, w, err);
}

enum err_code camera_settings_parse(struct camera_settings *out, const char *words,
	struct err *err)
{
	memset(out, 0, sizeof *out);
	if (words && strnlen(words, SCAN_CAMERA_WORDS_MAX) == SCAN_CAMERA_WORDS_MAX)
		return err_set(err, ERR_INVALID, "the camera's settings are longer than %d bytes",
			SCAN_CAMERA_WORDS_MAX - 1);
	while (words && *words) {
		if (is_gap(*words)) {
			words++;
			continue;
		}
		struct word w = {.name = words};
		while (*words && !is_gap(*words)) {
			if (*words == '=' && !w.value) {
				w.name_len = (size_t)(words - w.name);
				w.value = words + 1;
			}
			words++;
		}
		if (w.value)
			w.value_len = (size_t)(words - w.value);
		else
			w.name_len = (size_t)(words - w.name);
		enum err_code code = set(out, &w, err);
		if (code)
			return code;
	}
	return ERR_OK;
}
