/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/examine.h"

#include <time.h>

#include "scanner/picture.h"

void scan_examiner_init(struct scan_examiner *e)
{
	*e = (struct scan_examiner){.at_ms = -1};
	scan_decoder_init(&e->decoder);
	scan_guide_init(&e->guide);
}

void scan_examiner_done(struct scan_examiner *e)
{
	scan_decoder_done(&e->decoder);
	scan_symbologies_done(&e->symbologies);
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

/* What the guide says of a frame that was looked at. */
static enum scan_hint hint_of(struct scan_examiner *e, const struct scan_examined *out,
	const struct scan_frame *frame, bool thorough)
{
	int64_t at_ms = e->at_ms >= 0 || !frame->stamped ? e->at_ms : frame->at_ms;

	if (out->found.count)
		return scan_guide_read(&e->guide);
	if (thorough)
		return scan_guide_picture(&e->guide, out->grey, &e->decoder.seen);
	return scan_guide_frame(&e->guide, at_ms, out->grey, &e->decoder.seen);
}

/* From pixels of what was looked at to pixels of the frame. */
static void enlarge(struct scan_examined *out)
{
	int16_t limit[2] = {(int16_t)out->width, (int16_t)out->height};
	if (out->grey->width == out->width)
		return;
	for (unsigned i = 0; i < out->found.count; i++) {
		for (int k = 0; k < 4; k++) {
			int16_t *corner = out->found.codes[i].corner[k];
			for (int axis = 0; axis < 2; axis++) {
				int v = 2 * corner[axis];
				corner[axis] = v < limit[axis] ? (int16_t)v : limit[axis];
			}
		}
	}
}

enum err_code scan_examine(struct scan_examiner *e, struct scan_examined *out,
	const struct scan_frame *frame, bool thorough, struct err *err)
{
	int64_t start = cpu_us();
	enum err_code code = ERR_OK;
	out->found.count = 0;
	out->damaged = false;
	out->hint = SCAN_HINT_NONE;
	out->grey = frame->grey;
	out->width = frame->grey ? frame->grey->width : 0;
	out->height = frame->grey ? frame->grey->height : 0;
	if (frame->code) { /* of a hand-held reader: it has looked itself */
		out->found.count = frame->code->text_len > 0;
		out->found.codes[0] = *frame->code;
		out->cpu_us = 0;
		return ERR_OK;
	}
	if (frame->jpeg.len) {
		code = scan_jpeg_read_shrunk(&e->grey, frame->shrink, &out->width, &out->height,
			frame->jpeg, &out->damaged, err);
		out->grey = code ? NULL : &e->grey;
	}
	if (!code) {
		look(e, out, thorough);
		if (!out->found.count)
			scan_symbologies_look(&e->symbologies, &out->found, out->grey, thorough,
				&e->decoder);
		out->hint = hint_of(e, out, frame, thorough);
		enlarge(out);
	}
	int64_t used = cpu_us() - start;
	out->cpu_us = used > UINT32_MAX ? UINT32_MAX : (uint32_t)used;
	return code;
}
