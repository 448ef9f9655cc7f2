/* SPDX-License-Identifier: Apache-2.0
 *
 * A phone that shows a picture of a file: which is taken, when it is read again, how it is fitted.
 */
#include <sys/stat.h>

#include "base/log.h"
#include "tests/lib/folder.h"
#include "tests/lib/holder_kit.h"
#include "wallet/holder/phone.h"
#include "wallet/holder/shown.h"

static const char *png(const char *name, int width, int height, uint8_t grey)
{
	struct picture p;

	assert_int_equal(picture_new(&p, width, height), ERR_OK);
	picture_fill(&p, 0, 0, width, height, grey);
	assert_int_equal(png_write(in_folder(name), &p, NULL), ERR_OK);
	picture_free(&p);
	return in_folder(name);
}

static enum err_code look(struct shown *s, const char *path, struct err *err)
{
	return shown_look(s, span_text(path), err);
}

static void takes_a_picture_again_when_the_file_changes(void **state)
{
	struct shown s = {0};
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s", png("a.png", 3, 5, 40));
	assert_int_equal(look(&s, path, NULL), ERR_OK);
	assert_int_equal(s.picture.width, 3);
	assert_int_equal(s.picture.height, 5);
	assert_int_equal(s.picture.grey[14], 40);
	assert_int_equal(s.turn, 1);
	assert_int_equal(look(&s, path, NULL), ERR_OK);
	assert_int_equal(s.turn, 1); /* nothing new */
	png("b.png", 3, 5, 41);
	assert_int_equal(rename(in_folder("b.png"), path), 0);
	assert_int_equal(look(&s, path, NULL), ERR_OK);
	assert_int_equal(s.turn, 2);
	assert_int_equal(s.picture.grey[0], 41);
	png("a.png", 200, 1, 42); /* in place, of another size */
	assert_int_equal(look(&s, path, NULL), ERR_OK);
	assert_int_equal(s.picture.width, 200);
	shown_done(&s);
}

static void keeps_the_old_one_while_there_is_no_new_one(void **state)
{
	struct shown s = {0};
	struct bytes file;
	char path[256];

	(void)state;
	log_set_fd(-1);
	snprintf(path, sizeof(path), "%s", png("half.png", 30, 50, 40));
	assert_int_equal(look(&s, path, NULL), ERR_OK);
	bytes_init(&file, 100000);
	assert_int_equal(file_read(&file, path, false, NULL), ERR_OK);
	for (size_t len = 0; len < file.len - 16; len++) { /* its last 16 bytes say nothing */
		put_file("half.png", file.data, len, 0600);
		assert_int_equal(look(&s, path, NULL), ERR_OK);
		assert_int_equal(s.turn, 1);
		assert_int_equal(s.picture.grey[0], 40);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(look(&s, path, NULL), ERR_OK);
	assert_int_equal(s.turn, 1);
	png("half.png", 30, 50, 90);
	assert_int_equal(look(&s, path, NULL), ERR_OK);
	assert_int_equal(s.picture.grey[0], 90);
	bytes_done(&file);
	shown_done(&s);
}

static void another_file_is_another_picture(void **state)
{
	struct shown s = {0};
	char first[256], second[256];

	(void)state;
	snprintf(first, sizeof(first), "%s", png("one.png", 2, 2, 1));
	snprintf(second, sizeof(second), "%s", in_folder("nothing-there.png"));
	assert_int_equal(look(&s, first, NULL), ERR_OK);
	assert_int_not_equal(look(&s, second, NULL), ERR_OK); /* not the picture of the first */
	png("nothing-there.png", 2, 2, 2);
	assert_int_equal(look(&s, second, NULL), ERR_OK);
	assert_int_equal(s.picture.grey[0], 2);
	shown_done(&s);
}

static void refuses_what_is_no_picture(void **state)
{
	static const char with_nul[] = "a\0b";
	static char long_name[SHOWN_PATH_MAX + 1];
	struct shown s = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(look(&s, in_folder("missing.png"), &err), ERR_IO);
	assert_non_null(strstr(err.text, "missing.png"));
	assert_int_equal(look(&s, put_file("text.png", "no picture", 10, 0600), &err), ERR_FORMAT);
	assert_non_null(strstr(err.text, "text.png"));
	assert_non_null(strstr(err.text, "PNG"));
	assert_int_not_equal(look(&s, put_file("empty.png", "", 0, 0600), &err), ERR_OK);
	assert_int_not_equal(look(&s, "/", &err), ERR_OK);
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	assert_int_not_equal(look(&s, in_folder("fifo"), &err), ERR_OK); /* and does not wait */
	assert_int_equal(look(&s, "", &err), ERR_IO);
	assert_int_equal(shown_look(&s, SPAN(with_nul, 3), &err), ERR_INVALID);
	memset(long_name, 'x', SHOWN_PATH_MAX);
	assert_int_equal(look(&s, long_name, &err), ERR_INVALID);
	shown_done(&s);
}

/* Only its head is there: the size is looked at before anything is allocated. */
static void refuses_a_picture_that_is_too_large(void **state)
{
	static uint8_t wide[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D',
		'R', 0, 0, 0x10, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x94, 0x88, 0x5f, 0x9e, 0, 0, 0, 1,
		'I', 'D', 'A', 'T'};
	struct picture p = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(png_read(&p, SPAN(wide, sizeof(wide)), &err), ERR_FORMAT);
	assert_non_null(strstr(err.text, "4097x1 is too large"));
	assert_null(p.grey);
}

static void fits_a_picture_into_the_screen(void **state)
{
	struct picture p, from;

	(void)state;
	assert_int_equal(picture_new(&p, 40, 40), ERR_OK);
	assert_int_equal(picture_new(&from, 20, 40), ERR_OK);
	for (int y = 0; y < 40; y++)
		for (int x = 0; x < 20; x++)
			from.grey[y * 20 + x] = x < 10 ? 100 : 200;
	picture_fit(&p, 10, 20, 20, 20, &from); /* tall: 10 x 20 in the middle of 20 x 20 */
	for (int y = 0; y < 40; y++)
		for (int x = 0; x < 40; x++) {
			int wanted = y < 20 || x < 15 || x >= 25 ? 0 : x < 20 ? 100 : 200;

			assert_int_equal(p.grey[y * 40 + x], wanted);
		}
	picture_free(&from);
	assert_int_equal(picture_new(&from, 2, 1), ERR_OK);
	from.grey[0] = 10;
	from.grey[1] = 21;
	picture_fit(&p, 0, 0, 1, 1, &from); /* smaller than its shape allows: nothing */
	assert_int_equal(p.grey[0], 0);
	picture_fit(&p, 0, 0, 8, 8, &from); /* larger: whole pixels */
	assert_int_equal(p.grey[2 * 40 + 3], 10);
	assert_int_equal(p.grey[5 * 40 + 4], 21);
	assert_int_equal(p.grey[1 * 40 + 4], 0);
	assert_int_equal(p.grey[6 * 40 + 4], 0);
	picture_free(&from);
	assert_int_equal(picture_new(&from, 2, 2), ERR_OK);
	from.grey[0] = 10;
	from.grey[3] = 30;
	picture_fit(&p, 0, 0, 1, 1, &from);
	assert_int_equal(p.grey[0], 10); /* the mean of four */
	picture_free(&from);
	picture_free(&p);
}

static void the_phone_shows_nothing_else(void **state)
{
	static struct phone_view v = {.screen = PHONE_PICTURE, .clock = "06:41"};
	struct picture p, from;
	int white = 0;

	(void)state;
	assert_int_equal(picture_new(&p, PHONE_WIDTH, PHONE_HEIGHT), ERR_OK);
	assert_int_equal(picture_new(&from, 390, 844), ERR_OK);
	picture_fill(&from, 0, 0, 390, 844, 255);
	v.shown = &from;
	assert_int_equal(phone_draw(&p, &v, NULL), ERR_OK);
	for (int i = 0; i < PHONE_WIDTH * PHONE_HEIGHT; i++)
		white += p.grey[i] == 255;
	assert_int_equal(white, 1360 * (1360 * 390 / 844)); /* no status line in it */
	picture_free(&from);
	picture_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_picture_again_when_the_file_changes),
		cmocka_unit_test(keeps_the_old_one_while_there_is_no_new_one),
		cmocka_unit_test(another_file_is_another_picture),
		cmocka_unit_test(refuses_what_is_no_picture),
		cmocka_unit_test(refuses_a_picture_that_is_too_large),
		cmocka_unit_test(fits_a_picture_into_the_screen),
		cmocka_unit_test(the_phone_shows_nothing_else),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
