/* SPDX-License-Identifier: Apache-2.0
 *
 * A line that is typed.
 */
#include "ui/entry.h"

#include <string.h>

#include "base/text_safe.h"

#define SECRET_DOT 0x2022 /* U+2022 BULLET */

void entry_init(struct entry *e, size_t max)
{
	ASSERT(max > 0 && max <= ENTRY_BYTES_MAX);
	*e = (struct entry){.max = max};
	e->text = e->storage;
}

enum err_code entry_init_secret(struct entry *e, size_t max, struct err *err)
{
	entry_init(e, max);
	if (secret_new(&e->secret, max + 1) != ERR_OK)
		return err_set(err, ERR_NO_MEMORY, "no locked memory for what is typed");
	e->text = (char *)e->secret->data;
	return ERR_OK;
}

void entry_done(struct entry *e)
{
	secret_free(&e->secret);
	sec_wipe(e, sizeof *e);
}

void entry_clear(struct entry *e)
{
	sec_wipe(e->text, e->max + 1);
	e->len = e->cursor = 0;
}

/* ---- editing ---- */

static size_t next(const struct entry *e, size_t at)
{
	if (at < e->len)
		(void)text_utf8_next(SPAN(e->text, e->len), &at);
	return at;
}

static size_t before(const struct entry *e, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && ((unsigned char)e->text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static void insert(struct entry *e, uint32_t character)
{
	uint8_t storage[TEXT_UTF8_MAX];
	struct bytes b;

	bytes_init_fixed(&b, storage, sizeof storage);
	text_utf8_put(&b, character);
	if (e->len + b.len <= e->max && text_char_columns(character) > 0 &&
		text_is_safe(bytes_span(&b))) {
		memmove(e->text + e->cursor + b.len, e->text + e->cursor,
			e->len - e->cursor + 1);
		memcpy(e->text + e->cursor, storage, b.len);
		e->len += b.len;
		e->cursor += b.len;
	}
	sec_wipe(storage, sizeof storage);
}

/* Wiped behind the end, too: it may be a secret. */
static void erase(struct entry *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, e->len - to + 1);
	sec_wipe(e->text + e->len - (to - from) + 1, to - from);
	e->len -= to - from;
	e->cursor = from;
}

void entry_set(struct entry *e, const char *text)
{
	struct span s = span_text(text);
	size_t at = 0;

	entry_clear(e);
	while (at < s.len)
		insert(e, text_utf8_next(s, &at));
}

bool entry_key(struct entry *e, const struct screen_input *in)
{
	switch (in->key) {
	case SCREEN_KEY_CHARACTER:
		insert(e, in->character);
		return true;
	case SCREEN_KEY_BACKSPACE:
		erase(e, before(e, e->cursor), e->cursor);
		return true;
	case SCREEN_KEY_DELETE:
		erase(e, e->cursor, next(e, e->cursor));
		return true;
	case SCREEN_KEY_LEFT:
		e->cursor = before(e, e->cursor);
		return true;
	case SCREEN_KEY_RIGHT:
		e->cursor = next(e, e->cursor);
		return true;
	case SCREEN_KEY_HOME:
		e->cursor = 0;
		return true;
	case SCREEN_KEY_END:
		e->cursor = e->len;
		return true;
	default:
		return false;
	}
}

/* ---- drawing ---- */

static int columns_at(const struct entry *e, size_t at)
{
	return e->secret != NULL
		? 1
		: text_char_columns(text_utf8_next(SPAN(e->text, e->len), &at));
}

static int columns_between(const struct entry *e, size_t from, size_t to)
{
	int columns = 0;

	for (; from < to; from = next(e, from))
		columns += columns_at(e, from);
	return columns;
}

void entry_draw(struct grid *g, int col, int row, int cols, const struct entry *e, bool focus)
{
	size_t first = 0;
	int used = 0;

	/* what is before the cursor, and the cursor, have to be seen */
	while (columns_between(e, first, e->cursor) >= cols && first < e->cursor)
		first = next(e, first);
	grid_fill(g, col, row, cols, 1, ' ', focus ? GRID_FIELD : GRID_FIELD_OTHER);
	for (size_t at = first; at < e->len; at = next(e, at)) {
		size_t i = at;
		uint32_t c = text_utf8_next(SPAN(e->text, e->len), &i);
		int wide = columns_at(e, at);

		if (used + wide > cols)
			break;
		grid_put(g, col + used, row, e->secret != NULL ? SECRET_DOT : c,
			focus && at == e->cursor ? GRID_CURSOR
			: focus			 ? GRID_FIELD
						 : GRID_FIELD_OTHER);
		used += wide;
	}
	if (focus && e->cursor == e->len && used < cols)
		grid_put(g, col + used, row, ' ', GRID_CURSOR);
}
