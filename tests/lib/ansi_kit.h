/* SPDX-License-Identifier: Apache-2.0
 *
 * A small terminal: takes the bytes that a program sends and keeps what they show, characters and
 * brightness. Stops the test at what no terminal would understand.
 */
#ifndef TESTS_LIB_ANSI_KIT_H
#define TESTS_LIB_ANSI_KIT_H

#include "base/text_safe.h"
#include "tests/lib/phone_kit.h"

#define TERMINAL_PENDING_MAX 64

struct terminal_colours {
	uint8_t ink, ground;
	bool reversed;
};

struct test_terminal {
	struct grid cells;
	struct terminal_colours *colours; /* of each cell */
	struct terminal_colours now;
	int col, row;
	bool cursor, other_screen;
	unsigned beginnings; /* how often it was cleared */
	char pending[TERMINAL_PENDING_MAX]; /* of a sequence or a character that is not whole */
	size_t pending_len;
};

static inline void terminal_plain(struct test_terminal *t)
{
	t->now = (struct terminal_colours){.ink = 229, .ground = 0};
}

static inline void terminal_clear(struct test_terminal *t)
{
	grid_clear(&t->cells);
	for (int i = 0; i < t->cells.cols * t->cells.rows; i++)
		t->colours[i] = t->now;
}

static inline void terminal_new(struct test_terminal *t, int cols, int rows)
{
	memset(t, 0, sizeof *t);
	assert_int_equal(grid_init(&t->cells, cols, rows, NULL), ERR_OK);
	t->colours = calloc((size_t)(cols * rows), sizeof *t->colours);
	t->cursor = true;
	terminal_plain(t);
	terminal_clear(t);
}

static inline void terminal_free(struct test_terminal *t)
{
	grid_done(&t->cells);
	free(t->colours);
	t->colours = NULL;
}

/* Of the eight and the bright ones, and of 256: near enough to read by. */
static inline uint8_t terminal_grey(int colour)
{
	static const uint8_t eight[] = {0, 60, 110, 140, 40, 90, 130, 170};

	if (colour < 8)
		return eight[colour];
	if (colour < 16)
		return (uint8_t)(85 + eight[colour - 8] * 170 / 170);
	if (colour >= 232)
		return (uint8_t)(8 + (colour - 232) * 10);
	colour -= 16;
	return (uint8_t)((colour / 36 * 76 + colour / 6 % 6 * 150 + colour % 6 * 29) / 5);
}

static inline void terminal_sgr(struct test_terminal *t, const int *p, int n)
{
	for (int i = 0; i < n; i++) {
		bool more = i + 2 < n && p[i + 1] == 5;

		if (p[i] == 0)
			terminal_plain(t);
		else if (p[i] == 7)
			t->now.reversed = true;
		else if (p[i] >= 30 && p[i] <= 37)
			t->now.ink = terminal_grey(p[i] - 30);
		else if (p[i] >= 40 && p[i] <= 47)
			t->now.ground = terminal_grey(p[i] - 40);
		else if (p[i] >= 90 && p[i] <= 97)
			t->now.ink = terminal_grey(p[i] - 90 + 8);
		else if (p[i] >= 100 && p[i] <= 107)
			t->now.ground = terminal_grey(p[i] - 100 + 8);
		else if (p[i] == 38 && more)
			t->now.ink = terminal_grey(p[i += 2]);
		else if (p[i] == 48 && more)
			t->now.ground = terminal_grey(p[i += 2]);
		else
			assert_int_equal(p[i], 1);
	}
}

static inline void terminal_mode(struct test_terminal *t, int mode, bool on)
{
	if (mode == 25)
		t->cursor = on;
	else if (mode == 1049)
		t->other_screen = on;
	else
		assert_int_equal(mode, 7);
}

/* text: after ESC [, without its last character. */
static inline void terminal_csi(struct test_terminal *t, const char *text, char last)
{
	bool question = text[0] == '?';
	int p[16] = {0}, n = 1;

	for (const char *c = text + question; *c; c++) {
		if (*c == ';') {
			assert_in_range(++n, 1, 16);
			continue;
		}
		assert_in_range(*c, '0', '9');
		p[n - 1] = p[n - 1] * 10 + (*c - '0');
	}
	if (last == 'H') {
		t->row = p[0] > 0 ? p[0] - 1 : 0;
		t->col = n > 1 ? p[1] - 1 : 0;
		assert_in_range(t->row, 0, t->cells.rows - 1);
		assert_in_range(t->col, 0, t->cells.cols - 1);
	} else if (last == 'm') {
		terminal_sgr(t, p, n);
	} else if (last == 'J') {
		assert_int_equal(p[0], 2);
		t->beginnings++;
		terminal_clear(t);
	} else if (last == 'h' || last == 'l') {
		assert_true(question);
		terminal_mode(t, p[0], last == 'h');
	} else {
		assert_int_equal(last, ']'); /* a console's own */
	}
}

static inline void terminal_character(struct test_terminal *t, uint32_t c)
{
	assert_true(c >= ' ');
	assert_true(t->col < t->cells.cols);
	/* half of a wide one that is written over goes away */
	if (grid_at(&t->cells, t->col, t->row)->columns == 0)
		grid_put(&t->cells, t->col - 1, t->row, ' ', GRID_NORMAL);
	grid_put(&t->cells, t->col, t->row, c, GRID_NORMAL);
	t->colours[t->row * t->cells.cols + t->col] = t->now;
	t->col += text_char_columns(c);
}

/* Returns how many bytes were a whole something. */
static inline size_t terminal_take(struct test_terminal *t, const char *at, size_t len)
{
	char text[TERMINAL_PENDING_MAX];
	size_t n = 0, used = 0;
	uint8_t first = (uint8_t)at[0];

	if (first != 0x1b) {
		n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
		if (n > len)
			return 0;
		terminal_character(t, text_utf8_next(SPAN(at, n), &used));
		return n;
	}
	if (len < 3)
		return 0;
	if (at[1] == '%') {
		assert_int_equal(at[2], 'G');
		return 3;
	}
	assert_int_equal(at[1], '[');
	for (n = 2; n < len && n < sizeof text; n++)
		if (at[n] >= 0x40 && at[n] <= 0x7e) {
			memcpy(text, at + 2, n - 2);
			text[n - 2] = '\0';
			terminal_csi(t, text, at[n]);
			return n + 1;
		}
	return 0;
}

static inline void terminal_feed(struct test_terminal *t, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		char buffer[2 * TERMINAL_PENDING_MAX];
		size_t n = len < TERMINAL_PENDING_MAX ? len : TERMINAL_PENDING_MAX, taken;

		memcpy(buffer, t->pending, t->pending_len);
		memcpy(buffer + t->pending_len, at, n);
		taken = terminal_take(t, buffer, t->pending_len + n);
		if (taken == 0) {
			assert_true(t->pending_len + n < TERMINAL_PENDING_MAX);
			memcpy(t->pending, buffer, t->pending_len + n);
			t->pending_len += n;
			return;
		}
		assert_true(taken >= t->pending_len);
		at += taken - t->pending_len;
		len -= taken - t->pending_len;
		t->pending_len = 0;
	}
}

/* As a monitor shows it. */
static inline void terminal_screen(struct phone_picture *out, const struct test_terminal *t,
	const struct phone_font *f)
{
	const struct grid *g = &t->cells;

	phone_picture_new(out, g->cols * f->width, g->rows * f->height);
	for (int y = 0; y < out->height; y++)
		for (int x = 0; x < out->width; x++) {
			int at = y / f->height * g->cols + x / f->width;
			const struct terminal_colours *c = &t->colours[at];
			bool ink = phone_ink(g->cells[at].code_point, f, x % f->width,
				y % f->height);

			out->grey[y * out->width + x] = ink != c->reversed ? c->ink : c->ground;
		}
}

#endif
