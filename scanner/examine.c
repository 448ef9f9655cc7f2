/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/examine.h"

#include <time.h>

#include "scanner/picture.h"

void scan_examiner_init(struct scan_examiner *e)
{
	*e = (struct scan_examiner){.alive = NULL};
	scan_decoder_init(&e->decoder);
}

void scan_examiner_done(struct scan_examiner *e)
{
	scan_decoder_done(&e->decoder);
	scan_grey_done(&e->grey);
}

static int64_t cpu_us(void)
{
	struct timespec t = {.tv_sec = 0};
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void look(struct scan_examiner *e, struct scan_examined *out, bool thorough)
{
	scan_decoder_begin(&e->decoder, &out->found);
	while (scan_decoder_pass(&e->decoder, &out->found, out->grey, thorough))
		if (e->alive)
			e->alive(e->context);
}

enum err_code scan_examine(struct scan_examiner *e, struct scan_examined *out,
	const struct scan_frame *frame, bool thorough, struct err *err)
{
	int64_t start = cpu_us();
	enum err_code code = ERR_OK;
	out->found.count = 0;
	out->damaged = false;
	out->grey = frame->grey;
	if (frame->jpeg.len) {
		code = scan_jpeg_read(&e->grey, frame->jpeg, &out->damaged, err);
		out->grey = code ? NULL : &e->grey;
	}
	if (!code)
		look(e, out, thorough);
	int64_t used = cpu_us() - start;
	out->cpu_us = used > UINT32_MAX ? UINT32_MAX : (uint32_t)used;
	return code;
}
