/* SPDX-License-Identifier: Apache-2.0
 *
 * Server-sent events as the standard has them, in pieces of every size, and what is left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verifier/event_stream.h"

static char told[8192];

static void sink(void *ctx, const char *kind, const char *data)
{
	size_t len = strlen(told);

	(void)ctx;
	snprintf(told + len, sizeof told - len, "[%s|%s]", kind, data);
}

/* In pieces of this size, each in memory that ends where it ends. */
static const char *fed(struct event_stream *s, const char *text, size_t size)
{
	size_t len = strlen(text);

	told[0] = '\0';
	for (size_t at = 0; at < len; at += size) {
		size_t n = len - at < size ? len - at : size;
		uint8_t *piece = malloc(n);

		assert_non_null(piece);
		memcpy(piece, text + at, n);
		event_stream_feed(s, SPAN(piece, n), sink, NULL);
		free(piece);
	}
	return told;
}

static const struct {
	const char *text, *told, *id;
} CASES[] = {
	{"data: a\n\n", "[|a]", ""},
	{"event: x\ndata: a\nid: 5\n\n", "[x|a]", "5"},
	{"event:x\ndata:a\nid:5\n\n", "[x|a]", "5"},
	{"id: 5\r\nevent: x\r\ndata: a\r\n\r\n", "[x|a]", "5"},
	{"id: 5\revent: x\rdata: a\r\r", "[x|a]", "5"},
	{"data: a\ndata: b\n\n", "[|a\nb]", ""},
	{"data:  a\n\n", "[| a]", ""},
	{"event: x\n\ndata: a\n\n", "[|a]", ""}, /* no data: no event, and its kind is gone */
	{":\nid: 7\n\n", "", "7"},                 /* a sign of life that moves the number on */
	{"retry: 2000\n\n", "", ""},
	{"unknown: 1\ndata: a\n\n", "[|a]", ""},
	{"data\n\n", "", ""},
	{"data: a\n\nevent: y\ndata: b\n\n", "[|a][y|b]", ""},
	{"id: 5\ndata: a", "", ""}, /* not whole yet */
	{"id: 5\ndata: a\n", "", ""},
	{"id: 5x\ndata: a\n\n", "[|a]", ""}, /* not of ours: it would go into a header */
	{"id: -5\ndata: a\n\n", "[|a]", ""},
	{"id:\ndata: a\n\n", "[|a]", ""},
	{"id: 123456789012345678901\ndata: a\n\n", "[|a]", ""},
	{"event: 1234567890123456\ndata: a\n\ndata: b\n\n", "[|b]", ""},
};

static void takes_events_in_pieces_of_every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
		for (size_t size = 1; size <= 40; size++) {
			struct event_stream s;

			event_stream_init(&s);
			assert_string_equal(fed(&s, CASES[i].text, size), CASES[i].told);
			assert_string_equal(s.last_id, CASES[i].id);
		}
}

static void what_is_too_long_is_left_out_whole(void **state)
{
	static char text[3 * EVENT_STREAM_LINE_MAX];
	struct event_stream s;

	(void)state;
	/* one line */
	event_stream_init(&s);
	snprintf(text, sizeof text, "data: %01100d\n\ndata: b\n\n", 7);
	assert_string_equal(fed(&s, text, 100), "[|b]");
	/* two lines that are too long together */
	snprintf(text, sizeof text, "id: 9\ndata: %0600d\ndata: %0600d\n\ndata: b\n\n", 7, 7);
	assert_string_equal(fed(&s, text, 100), "[|b]");
	assert_string_equal(s.last_id, "9");
}

static void another_connection_forgets_what_was_begun(void **state)
{
	struct event_stream s;

	(void)state;
	event_stream_init(&s);
	assert_string_equal(fed(&s, "id: 3\ndata: a\n\nid: 4\nevent: x\ndata: lo", 7), "[|a]");
	event_stream_again(&s);
	assert_string_equal(fed(&s, "data: b\n\n", 7), "[|b]");
	assert_string_equal(s.last_id, "3"); /* 4 was never whole: it comes again */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_events_in_pieces_of_every_size),
		cmocka_unit_test(what_is_too_long_is_left_out_whole),
		cmocka_unit_test(another_connection_forgets_what_was_begun),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
