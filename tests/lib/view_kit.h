/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawing a model into text, for the tests of the screens.
 */
#ifndef TESTS_LIB_VIEW_KIT_H
#define TESTS_LIB_VIEW_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/lib/ui_samples.h"

#define DUMP_MAX 262144

static char dump[DUMP_MAX]; /* what was drawn last */

static inline void draw(struct grid *g, const struct view_model *m, int cols, int rows)
{
	struct err err;
	struct bytes b;

	assert_int_equal(grid_init(g, cols, rows, &err), ERR_OK);
	view_draw(g, m);
	bytes_init_fixed(&b, dump, sizeof(dump));
	grid_dump(g, &b);
	(void)bytes_text(&b);
	assert_false(b.full);
}

static inline void draw_text(const struct view_model *m, int cols, int rows)
{
	struct grid g;

	draw(&g, m, cols, rows);
	grid_done(&g);
}

static inline const struct sample *sample_named(const char *name)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		if (!strcmp(SAMPLES[i].name, name))
			return &SAMPLES[i];
	fail_msg("no sample %s", name);
	return NULL;
}

/* The end of each sentence must not be cut off; it stays together when lines are broken. */
static inline const char *last_word(const char *text)
{
	const char *end = text + strlen(text);
	const char *space = strrchr(text, ' ');

	return space ? space + 1 : end - 6; /* two wide characters */
}

#endif
