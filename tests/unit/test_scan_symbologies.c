/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes other than QR: read when they are wanted, and what the scanner makes of whatever the
 * library says.
 */
#include "tests/lib/scan_pictures.h"

#include "scanner/examine.h"
#include "scanner/source.h"

#define FIXTURES "fixtures/symbologies"
#define EAN "4006381333931"

static struct scan_examiner examiner;
static struct scan_examined seen;
static struct scan_grey grey, turned;

static int begin(void **state)
{
	(void)state;
	scan_examiner_init(&examiner);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scan_examiner_done(&examiner);
	scan_grey_done(&grey);
	scan_grey_done(&turned);
	return 0;
}

static void load(void)
{
	struct err err = {.text = ""};
	if (scan_symbologies_load(&examiner.symbologies, &err))
		fail_msg("%s", err.text);
}

static void examine(const struct scan_frame *f, bool thorough)
{
	assert_int_equal(scan_examine(&examiner, &seen, f, thorough, NULL), ERR_OK);
}

static void examine_grey(struct scan_grey *g, bool thorough)
{
	struct scan_frame f = {.grey = g};
	examine(&f, thorough);
}

static void is(unsigned i, const char *text, enum scan_symbology symbology)
{
	assert_true(i < seen.found.count);
	const struct scan_code *c = &seen.found.codes[i];
	assert_int_equal(c->text_len, strlen(text));
	assert_memory_equal(c->text, text, strlen(text));
	assert_int_equal(c->symbology, symbology);
}

/* ---- pictures ---- */

/* The 95 modules of an EAN-13: ISO/IEC 15420. */
static void ean13_modules(char out[96], const char *digits)
{
	static const char *const left_odd[10] = {"0001101", "0011001", "0010011", "0111101",
		"0100011", "0110001", "0101111", "0111011", "0110111", "0001011"};
	static const char *const parity[10] = {"OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE",
		"OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO"};
	char *p = out;
	memcpy(p, "101", 3);
	p += 3;
	for (int i = 1; i <= 12; i++) {
		const char *odd = left_odd[digits[i] - '0'];
		bool even = i <= 6 && parity[digits[0] - '0'][i - 1] == 'E';
		for (int k = 0; k < 7; k++) {
			char bit = even ? (odd[6 - k] == '1' ? '0' : '1') : odd[k];
			/* right: complement of odd; even: that, mirrored */
			*p++ = i > 6 ? (odd[k] == '1' ? '0' : '1') : bit;
		}
		if (i == 6) {
			memcpy(p, "01010", 5);
			p += 5;
		}
	}
	memcpy(p, "101", 4);
}

static void ean13(struct scan_grey *g, int width, int height, int module)
{
	char modules[96];
	int left = (width - 95 * module) / 2;
	ean13_modules(modules, EAN);
	grey_fill(g, width, height, 200);
	for (int y = height / 4; y < height * 3 / 4; y++)
		for (int i = 0; i < 95 * module; i++)
			if (modules[i / module] == '1')
				g->pixels[(size_t)y * (size_t)width + (size_t)(left + i)] = 40;
}

static void turn(struct scan_grey *out, const struct scan_grey *in)
{
	grey_fill(out, in->height, in->width, 0);
	for (int y = 0; y < in->height; y++)
		for (int x = 0; x < in->width; x++)
			out->pixels[(size_t)x * (size_t)in->height +
				(size_t)(in->height - 1 - y)] =
				in->pixels[(size_t)y * (size_t)in->width + (size_t)x];
}

/* ---- what is read ---- */

static void reads_every_symbology(void **state)
{
	(void)state;
	static const struct {
		const char *file, *text;
		enum scan_symbology symbology;
	} cases[] = {{"aztec", "Aztec", SCAN_AZTEC}, {"codabar", "40156", SCAN_CODABAR},
		{"code-128", "Hello-128", SCAN_CODE_128}, {"code-39", "CODE39", SCAN_CODE_39},
		{"code-93", "CODE93", SCAN_CODE_93}, {"data-matrix", "Data Matrix",
		SCAN_DATA_MATRIX}, {"databar", "24012345678905", SCAN_DATABAR},
		{"ean-8", "96385074", SCAN_EAN_8}, {"itf", "12345678901231", SCAN_ITF},
		{"pdf417", "PDF417 made for tests", SCAN_PDF417},
		{"upc-a", "036000291452", SCAN_UPC_A}, {"upc-e", "01234565", SCAN_UPC_E}};
	load();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char path[128];
		struct scan_source *source;
		struct scan_frame f;
		snprintf(path, sizeof path, FIXTURES "/%s.png", cases[i].file);
		struct scan_source_options opt = {.path = path};
		assert_int_equal(scan_source_open(&source, &opt, NULL), ERR_OK);
		assert_int_equal(source->ops->next(source, &f, NULL), SOURCE_FRAME);
		examine(&f, true);
		is(0, cases[i].text, cases[i].symbology);
		assert_int_equal(seen.found.count, 1);
		assert_int_equal(seen.hint, SCAN_HINT_NONE);
		for (int k = 0; k < 6 && (k == 0 || !seen.found.count); k++) /* its turn comes */
			examine(&f, false);
		is(0, cases[i].text, cases[i].symbology);
		scan_source_close(&source);
	}
}

static void reads_bars_whichever_way_they_are_held(void **state)
{
	(void)state;
	load();
	ean13(&grey, 640, 480, 2);
	for (int quarter = 0; quarter < 4; quarter++) {
		bool read = false;
		for (int i = 0; i < 4 && !read; i++) { /* its turn comes */
			examine_grey(&grey, false);
			read = seen.found.count > 0;
		}
		is(0, EAN, SCAN_EAN_13);
		const struct scan_code *c = &seen.found.codes[0];
		for (int i = 0; i < 4; i++)
			assert_true(c->corner[i][0] > 50 && c->corner[i][0] < grey.width - 50 &&
				c->corner[i][1] > 50 && c->corner[i][1] < grey.height - 50);
		turn(&turned, &grey);
		struct scan_grey was = grey;
		grey = turned;
		turned = was;
	}
}

/* Sizes at which libzxing finds the same bars in more than one of the pictures that it makes. */
static void reads_bars_at_every_size_of_a_frame(void **state)
{
	(void)state;
	static const int sizes[][2] = {{640, 480}, {1280, 720}, {1920, 1080}};
	load();
	for (int i = 0; i < 3; i++)
		/* A larger frame is halved: of its fine bars too little is left. */
		for (int module = i < 2 ? 2 : 4; module <= sizes[i][0] / 110; module++) {
			ean13(&grey, sizes[i][0], sizes[i][1], module);
			examine_grey(&grey, true);
			is(0, EAN, SCAN_EAN_13);
			assert_int_equal(seen.found.count, 1);
		}
}

/* A shelf of one product: above one another, apart, and one of them turned. */
static void reads_where_the_same_bars_are_there_often(void **state)
{
	(void)state;
	load();
	for (int turned_too = 0; turned_too < 2; turned_too++) {
		ean13(&turned, 480, 240, 2);
		grey_fill(&grey, 1280, 720, 200);
		for (int y = 0; y < 720; y++)
			for (int x = 0; x < 1280; x++)
				grey.pixels[(size_t)y * 1280 + (size_t)x] =
					turned.pixels[(size_t)(y % 240) * 480 + (size_t)(x % 480)];
		for (int y = 0; turned_too && y < 480; y++)
			for (int x = 0; x < 240; x++)
				grey.pixels[(size_t)y * 1280 + (size_t)x] =
					turned.pixels[(size_t)x * 480 + (size_t)(479 - y)];
		examine_grey(&grey, true);
		is(0, EAN, SCAN_EAN_13);
		for (int i = 0; i < 4; i++)
			examine_grey(&grey, false);
	}
}

static void corners_of_a_large_frame_are_its_own(void **state)
{
	(void)state;
	load();
	ean13(&grey, 1920, 1080, 8);
	examine_grey(&grey, true);
	is(0, EAN, SCAN_EAN_13);
	int left = 1920, right = 0;
	for (int i = 0; i < 4; i++) {
		int x = seen.found.codes[0].corner[i][0];
		left = x < left ? x : left;
		right = x > right ? x : right;
	}
	assert_in_range(left, 560, 620);
	assert_in_range(right, 1300, 1360);
}

static void reads_nothing_unless_it_is_wanted(void **state)
{
	(void)state;
	ean13(&grey, 640, 480, 3);
	for (int i = 0; i < 12; i++) {
		examine_grey(&grey, i % 2);
		assert_int_equal(seen.found.count, 0);
	}
}

static void a_qr_code_is_not_its_business(void **state)
{
	(void)state;
	load();
	struct placed code = {.text = "HELLO", .x = 150, .y = 150, .module = 4, .dark = 30,
		.light = 220};
	ean13(&grey, 640, 480, 3);
	draw_code(&grey, &code);
	for (int i = 0; i < 8; i++) {
		examine_grey(&grey, false);
		is(0, "HELLO", SCAN_QR);
		assert_int_equal(seen.found.count, 1);
	}
}

/* ---- whatever the library says ---- */

static unsigned calls, calls_harder, calls_data_matrix, calls_others;
static unsigned gives_count;
static struct symbologies_symbol gives[SCAN_CODES_MAX];

static unsigned fake(struct symbologies_symbol *out, unsigned max, const uint8_t *pixels,
	int width, int height, unsigned what)
{
	(void)pixels;
	assert_int_equal(max, SCAN_CODES_MAX);
	assert_true((int64_t)width * height <= SYMBOLOGIES_PIXELS_MAX);
	calls++;
	calls_harder += (what & SYMBOLOGIES_HARDER) != 0;
	calls_data_matrix += (what & SYMBOLOGIES_DATA_MATRIX) != 0;
	calls_others += (what & SYMBOLOGIES_OTHERS) != 0;
	memcpy(out, gives, sizeof gives);
	return gives_count;
}

static void pretend(unsigned count)
{
	examiner.symbologies.read = fake;
	calls = calls_harder = calls_data_matrix = calls_others = 0;
	gives_count = count;
	memset(gives, 0, sizeof gives);
	for (unsigned i = 0; i < SCAN_CODES_MAX; i++) {
		gives[i].word = "ean-13";
		gives[i].len = 1;
		gives[i].text[0] = (uint8_t)('A' + i);
	}
	grey_fill(&grey, 640, 480, 100);
}

static void looks_at_every_second_frame_without_a_code(void **state)
{
	(void)state;
	pretend(0);
	for (int i = 0; i < 36; i++)
		examine_grey(&grey, false);
	assert_int_equal(calls, 18);
	assert_int_equal(calls_harder, 6);
	assert_int_equal(calls_data_matrix, 12); /* not together with all others, but with effort */
	assert_int_equal(calls_others, 12);
}

static void a_single_picture_gets_every_effort(void **state)
{
	(void)state;
	pretend(0);
	examine_grey(&grey, true);
	assert_int_equal(calls, 2);
	assert_int_equal(calls_harder, 2);
}

static void believes_no_more_than_fits_a_message(void **state)
{
	(void)state;
	pretend(99);
	gives[0].word = "hologram";
	gives[0].len = 100000;
	memset(gives[0].text, 'x', sizeof gives[0].text);
	for (int i = 0; i < 4; i++) {
		gives[1].corner[i][0] = i % 2 ? INT32_MAX : INT32_MIN;
		gives[1].corner[i][1] = i % 2 ? -5 : 100000;
	}
	gives[2].len = 0;
	gives[3].text[0] = 'B'; /* the same text as the second */
	examine_grey(&grey, true);
	assert_int_equal(seen.found.count, 2);
	assert_int_equal(seen.found.codes[0].symbology, SCAN_OTHER);
	assert_int_equal(seen.found.codes[0].text_len, SCAN_TEXT_MAX);
	assert_int_equal(seen.found.codes[0].cut, 1);
	is(1, "B", SCAN_EAN_13);
	for (int i = 0; i < 4; i++) {
		assert_in_range(seen.found.codes[1].corner[i][0], 0, 640);
		assert_in_range(seen.found.codes[1].corner[i][1], 0, 480);
	}
}

static unsigned slow(struct symbologies_symbol *out, unsigned max, const uint8_t *pixels,
	int width, int height, unsigned what)
{
	(void)out, (void)max, (void)pixels, (void)width, (void)height, (void)what;
	int64_t until = scan_cpu_us() + 5500;
	calls++;
	while (scan_cpu_us() < until)
		;
	return 0;
}

static void a_dear_look_is_followed_by_a_rest(void **state)
{
	(void)state;
	pretend(0);
	examiner.symbologies.read = slow;
	examiner.decoder.budget_ms = 1; /* five looks' worth, so five turns are passed over */
	examiner.decoder.live = true;
	for (int i = 0; i < 12; i++)
		examine_grey(&grey, false);
	assert_int_equal(calls, 1);
	examiner.decoder.live = false; /* a recording is read the same way on any machine */
	examiner.symbologies.rest = 0;
	for (int i = 0; i < 12; i++)
		examine_grey(&grey, false);
	assert_int_equal(calls, 7);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(reads_every_symbology),
		CASE(reads_bars_whichever_way_they_are_held),
		CASE(reads_bars_at_every_size_of_a_frame),
		CASE(reads_where_the_same_bars_are_there_often),
		CASE(corners_of_a_large_frame_are_its_own),
		CASE(reads_nothing_unless_it_is_wanted),
		CASE(a_qr_code_is_not_its_business),
		CASE(looks_at_every_second_frame_without_a_code),
		CASE(a_single_picture_gets_every_effort),
		CASE(believes_no_more_than_fits_a_message),
		CASE(a_dear_look_is_followed_by_a_rest),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scan_symbologies", tests, NULL, NULL);
}
