/* SPDX-License-Identifier: Apache-2.0
 *
 * One decoder and the frame that it looks at, new for each case, for tests of the decoder. Static,
 * so that each test program has its own.
 */
#ifndef TESTS_LIB_DECODER_KIT_H
#define TESTS_LIB_DECODER_KIT_H

#include "tests/lib/scan_pictures.h"

#include "scanner/decode.h"

static struct scan_grey frame;
static struct scan_decoder decoder;
static struct scan_found found;
static char text[SCAN_TEXT_MAX + 200]; /* room for code_text() */

static int fresh(void **state)
{
	(void)state;
	scan_decoder_init(&decoder);
	return 0;
}

static int done(void **state)
{
	(void)state;
	scan_decoder_done(&decoder);
	scan_grey_done(&frame);
	return 0;
}

/* The same picture before a decoder that knows nothing. */
static void forget(void)
{
	scan_decoder_done(&decoder);
	scan_decoder_init(&decoder);
}

/* One frame of a video; thorough: a single picture. How many codes were found. */
static unsigned look(bool thorough)
{
	scan_decoder_begin(&decoder, &found);
	while (scan_decoder_pass(&decoder, &found, &frame, thorough))
		;
	return found.count;
}

static bool has(const char *wanted)
{
	for (unsigned i = 0; i < found.count; i++)
		if (found.codes[i].text_len == strlen(wanted) &&
			!memcmp(found.codes[i].text, wanted, strlen(wanted)))
			return true;
	return false;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, done)

#endif
