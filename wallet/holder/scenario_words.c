/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wallet/holder/scenario_words.h"

/* One word or "text" from the line; *at moves behind it. */
static const char *word_cut(struct scenario_line *l, struct span line, size_t *at)
{
	struct scenario_word *w = &l->word[l->count];
	const char *text = (const char *)line.data;
	size_t begin = *at, end;

	if (l->count == SCENARIO_WORDS_MAX)
		return "too many words";
	w->quoted = text[begin] == '"';
	if (w->quoted) {
		for (end = ++begin; end < line.len && text[end] != '"'; end++)
			if (text[end] == '\\')
				end++;
		if (end >= line.len)
			return "the quotes are not closed";
		*at = end + 1;
	} else {
		for (end = begin; end < line.len && text[end] != ' ' && text[end] != '\t'; end++)
			;
		*at = end;
	}
	w->at = text + begin;
	w->len = end - begin;
	l->count++;
	return NULL;
}

const char *words_cut(struct scenario_line *l, struct span line)
{
	const char *wrong = NULL;
	size_t at = 0;

	l->count = l->next = 0;
	while (!wrong) {
		while (at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'))
			at++;
		if (at == line.len || line.data[at] == '#')
			break;
		wrong = word_cut(l, line, &at);
	}
	return wrong;
}

bool words_are_over(const struct scenario_line *l)
{
	return l->next == l->count;
}

bool words_take(struct scenario_line *l, const char *text)
{
	const struct scenario_word *w = &l->word[l->next];

	if (words_are_over(l) || w->quoted || w->len != strlen(text) ||
		memcmp(w->at, text, w->len) != 0)
		return false;
	l->next++;
	return true;
}

bool words_take_of(struct scenario_line *l, int *out, const char *const *list, int count)
{
	for (int i = 0; i < count; i++)
		if (list[i] && words_take(l, list[i])) {
			*out = i;
			return true;
		}
	return false;
}

bool words_take_plain(struct scenario_line *l, char out[static SCENARIO_WORD_MAX])
{
	const struct scenario_word *w = &l->word[l->next];

	if (words_are_over(l) || w->quoted || w->len == 0 || w->len >= SCENARIO_WORD_MAX)
		return false;
	memcpy(out, w->at, w->len);
	out[w->len] = 0;
	l->next++;
	return true;
}

bool words_take_int(struct scenario_line *l, int64_t *out, int64_t low, int64_t high)
{
	char text[SCENARIO_WORD_MAX], *end;
	size_t before = l->next;
	int64_t v;

	if (!words_take_plain(l, text))
		return false;
	v = strtoll(text, &end, 10);
	if (strspn(text, "+-0123456789") == strlen(text) && !*end && end != text && v >= low &&
		v <= high) {
		*out = v;
		return true;
	}
	l->next = before;
	return false;
}

/* Digits with a point; not the many other forms that strtod() knows. */
bool words_take_real(struct scenario_line *l, double *out, double low, double high)
{
	char text[SCENARIO_WORD_MAX], *end;
	size_t before = l->next;
	double v;

	if (words_take(l, "on"))
		v = 1;
	else if (words_take(l, "off"))
		v = 0;
	else {
		if (!words_take_plain(l, text))
			return false;
		v = strspn(text, "+-.0123456789") == strlen(text) ? strtod(text, &end) : NAN;
		if (!isfinite(v) || end == text || *end)
			v = NAN;
	}
	if (v >= low && v <= high) {
		*out = v;
		return true;
	}
	l->next = before;
	return false;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a quoted text: \\ \" \n \e \xNN. Returns how many were read, 0 = nonsense. */
static size_t escape_read(const char *at, size_t len, uint8_t *out)
{
	if (at[0] != '\\') {
		*out = (uint8_t)at[0];
		return 1;
	}
	if (len < 2)
		return 0;
	switch (at[1]) {
	case '\\':
	case '"':
		*out = (uint8_t)at[1];
		return 2;
	case 'n':
		*out = '\n';
		return 2;
	case 'e':
		*out = 0x1b;
		return 2;
	case 'x':
		if (len < 4 || hex_digit(at[2]) < 0 || hex_digit(at[3]) < 0)
			return 0;
		*out = (uint8_t)(hex_digit(at[2]) << 4 | hex_digit(at[3]));
		return 4;
	default:
		return 0;
	}
}

const char *words_take_text(struct scenario_line *l, struct bytes *out)
{
	const struct scenario_word *w = &l->word[l->next];

	if (words_are_over(l) || w->len == 0)
		return "a text is missing here";
	for (size_t at = 0; at < w->len;) {
		uint8_t c = (uint8_t)w->at[at];
		size_t used = w->quoted ? escape_read(w->at + at, w->len - at, &c) : 1;

		if (!used)
			return "after \\ comes one of \\ \" n e xNN";
		bytes_add_u8(out, c);
		at += used;
	}
	l->next++;
	return out->full ? "the text is too long" : NULL;
}
