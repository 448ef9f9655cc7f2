/* SPDX-License-Identifier: Apache-2.0
 *
 * Small grey pictures through every step of the decoder: the first two bytes are the sides.
 */
#include <stdint.h>
#include <string.h>

#include "scanner/decode.h"
#include "scanner/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What comes out must be a message that the terminal accepts. */
static void check(const struct scan_found *found, const struct scan_grey *g)
{
	struct scan_msg m;
	scan_msg_init(&m, SCAN_MSG_FRAME);
	m.width = (uint16_t)g->width;
	m.height = (uint16_t)g->height;
	m.code_count = (uint16_t)found->count;
	ASSERT(found->count <= SCAN_CODES_MAX);
	memcpy(m.codes, found->codes, found->count * sizeof m.codes[0]);
	ASSERT(scan_msg_check(&m, sizeof m, NULL) == ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan_grey g = {.pixels = NULL};
	struct scan_decoder d;
	struct scan_found found;
	if (size < 3)
		return 0;
	int width = 16 + data[0], height = 16 + data[1];
	ASSERT(scan_grey_size(&g, width, height, NULL) == ERR_OK);
	for (size_t i = 0, n = (size_t)width * (size_t)height; i < n; i++)
		g.pixels[i] = data[2 + i % (size - 2)];
	scan_decoder_init(&d);
	/* As a picture, then as a video whose frames move a little. */
	for (int turn = 0; turn < 3; turn++) {
		scan_decoder_begin(&d, &found);
		while (scan_decoder_pass(&d, &found, &g, turn == 0))
			;
		check(&found, &g);
		memmove(g.pixels, g.pixels + 1, (size_t)width * (size_t)height - 1);
	}
	scan_decoder_done(&d);
	scan_grey_done(&g);
	return 0;
}
