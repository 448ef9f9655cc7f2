/* SPDX-License-Identifier: Apache-2.0
 *
 * The customer's screens: compared with fixtures/screens/customer-NAME.LANGUAGE.COLSxROWS.txt.
 * UI_SCREENS_WRITE=1 writes the files anew; look at the difference before it is committed.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "tests/lib/view_kit.h"
#include "ui/view_customer.h"
#include "ui/words_customer.h"

static const char *const languages[] = {"en", "zh_CN"};

static void draw_customer(const struct view_model *m, bool closed, int cols, int rows)
{
	const struct view_customer v = {.m = m, .title = "Corner Shop", .closed = closed};
	struct bytes b;
	struct grid g;

	assert_int_equal(grid_init(&g, cols, rows, NULL), ERR_OK);
	view_customer_draw(&g, &v);
	bytes_init_fixed(&b, dump, sizeof dump);
	grid_dump(&g, &b);
	(void)bytes_text(&b);
	assert_false(b.full);
	grid_done(&g);
}

static void compare(const char *name, const char *language, int cols, int rows)
{
	static uint8_t storage[DUMP_MAX];
	struct view_model m;
	struct flow f;
	struct err err = {.code = ERR_OK};
	struct bytes expected;
	char path[PATH_MAX];

	text_init(language);
	sample_fill(&m, &f, sample_named(name));
	draw_customer(&m, false, cols, rows);
	snprintf(path, sizeof path, "fixtures/screens/customer-%s.%s.%dx%d.txt", name, language,
		cols, rows);
	if (getenv("UI_SCREENS_WRITE")) {
		assert_int_equal(file_replace(path, span_text(dump), 0644, &err), ERR_OK);
		return;
	}
	bytes_init_fixed(&expected, storage, sizeof storage);
	if (file_read(&expected, path, false, &err))
		fail_msg("%s", err.text);
	if (strcmp(dump, bytes_text(&expected)) != 0)
		fail_msg("%s differs from:\n%s", path, dump);
}

static void every_screen_looks_as_recorded(void **state)
{
	static const char *const names[] = {"waiting", "waiting-far", "starting", "number-10",
		"number-challenge", "answering", "pin-again", "uncertain", "accepted", "refused",
		"uncertain-result", "camera-fault"};
	static const int sizes[][2] = {{80, 24}, {132, 43}, {240, 67}};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		for (size_t l = 0; l < 2; l++)
			for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
				compare(names[i], languages[l], sizes[k][0], sizes[k][1]);
}

static void the_simulator_is_called_one_on_every_screen(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	for (size_t i = 0; i < 2 * SAMPLE_COUNT; i++) {
		text_init(languages[i % 2]);
		sample_fill(&m, &f, &SAMPLES[i / 2]);
		m.simulator = true;
		m.replay = false;
		draw_customer(&m, false, i % 3 ? 80 : 40, i % 5 ? 24 : 10);
		assert_non_null(strstr(dump, _("SIMULATOR")));
		m.simulator = false;
		draw_customer(&m, false, 80, 24);
		assert_null(strstr(dump, _("SIMULATOR")));
	}
}

/* Whole, in the least window: the last word of each sentence is there. */
static void every_reason_fits_into_80x24(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	for (size_t l = 0; l < 2; l++)
		for (int r = 0; r < FLOW_REASON_COUNT; r++) {
			const char *words = words_customer_notice((enum flow_reason)r);

			text_init(languages[l]);
			sample_fill(&m, &f, sample_named("refused"));
			f.reason = (enum flow_reason)r;
			draw_customer(&m, false, 80, 24);
			assert_non_null(strstr(dump, last_word(words_customer_reason(f.reason))));
			sample_fill(&m, &f, sample_named("waiting"));
			f.notice = (enum flow_reason)r;
			draw_customer(&m, false, 80, 24);
			words = words_customer_notice(f.notice);
			if (words[0] != '\0')
				assert_non_null(strstr(dump, last_word(words)));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_looks_as_recorded),
		cmocka_unit_test(the_simulator_is_called_one_on_every_screen),
		cmocka_unit_test(every_reason_fits_into_80x24),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
