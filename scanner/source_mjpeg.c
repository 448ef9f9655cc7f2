/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG frames one behind another, from a file or a pipe. Nothing is decoded here: a frame goes on
 * as bytes. After damage the next start of image is looked for; a frame that was cut short is
 * handed on all the same, since libjpeg decodes as far as it goes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "scanner/mjpeg.h"
#include "scanner/reader.h"
#include "scanner/source.h"
#include "scanner/times.h"

#define PIECES_A_CALL 64 /* of a file without frames, before commands are looked at again */

struct mjpeg {
	struct scan_source base;
	struct scan_reader *reader;
	struct scan_times *times;
	struct mjpeg_split split;
	bool in_frame;
	bool stepped;
	size_t frame_len; /* of the frame handed out last, eaten at the next call */
	uint64_t junk;    /* bytes outside frames that are no padding, not told yet */
	bool note;        /* note_err is to be told */
	struct err note_err;
	int64_t quiet_since_ms; /* a pipe stopped in the middle of a frame; 0 = it did not */
};

static void count_junk(struct mjpeg *m, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		m->junk += bytes.data[i] != 0 && bytes.data[i] != 0xff;
}

static bool find_frame(struct mjpeg *m)
{
	struct span have = scan_reader_bytes(m->reader);
	size_t junk = mjpeg_find_start(have);
	count_junk(m, SPAN(have.data, junk));
	scan_reader_eat(m->reader, junk);
	m->in_frame = have.len - junk >= 2;
	m->split = (struct mjpeg_split){.at = 0};
	return m->in_frame;
}

static enum scan_source_result hand_out(struct mjpeg *m, struct scan_frame *out, size_t len)
{
	*out = (struct scan_frame){.verbatim = true};
	out->jpeg = SPAN(scan_reader_bytes(m->reader).data, len);
	m->frame_len = len;
	m->in_frame = false;
	m->quiet_since_ms = 0;
	if (!m->times)
		return SOURCE_FRAME;
	if (scan_times_next(m->times, &out->at_ms, &m->note_err)) {
		m->note = true; /* told once; the frames go on by their rate */
		m->base.times_bad = true;
		scan_times_free(&m->times);
	} else {
		out->stamped = true;
	}
	return SOURCE_FRAME;
}

/* A stepped writer waits for an answer to the frame that it has cut: silence ends the frame. */
static bool is_cut_by_silence(struct mjpeg *m)
{
	struct clock clock;
	if (!m->stepped || !m->in_frame)
		return false;
	clock_init_real(&clock);
	int64_t now = clock_mono_ms(&clock);
	if (!m->quiet_since_ms)
		m->quiet_since_ms = now;
	return now - m->quiet_since_ms >= SCAN_CUT_FRAME_MS;
}

static enum scan_source_result tell(struct mjpeg *m, struct err *err)
{
	if (m->note) {
		m->note = false;
		*err = m->note_err;
	} else {
		ERR_IGNORE(err_set(err, ERR_FORMAT,
			"%llu bytes between frames belong to none and were skipped",
			(unsigned long long)m->junk));
		m->junk = 0;
	}
	return SOURCE_NOTE;
}

/* The last bytes of the stream: a length may have led past another frame. */
static enum scan_source_result hand_out_rest(struct mjpeg *m, struct scan_frame *out)
{
	struct span rest = scan_reader_bytes(m->reader);
	size_t len = rest.len;
	m->split = (struct mjpeg_split){.lost = true};
	if (mjpeg_split_next(&m->split, rest, &len) == MJPEG_MORE)
		len = rest.len;
	return hand_out(m, out, len);
}

static enum scan_source_result read_more(struct mjpeg *m, struct scan_frame *out, struct err *err)
{
	size_t held = scan_reader_bytes(m->reader).len;
	switch (scan_reader_fill(m->reader, err)) {
	case READER_MORE:
		m->quiet_since_ms = 0;
		return SOURCE_WAIT;
	case READER_WAIT:
		return is_cut_by_silence(m) ? hand_out(m, out, held) : SOURCE_WAIT;
	case READER_END:
		return m->in_frame ? hand_out_rest(m, out) : SOURCE_END;
	case READER_FULL:
		scan_reader_eat(m->reader, held);
		m->in_frame = false;
		ERR_IGNORE(err_set(err, ERR_TOO_LARGE, "a JPEG frame of more than %u bytes",
			SCAN_FRAME_BYTES_MAX));
		return SOURCE_BAD;
	case READER_FAILED:
		break;
	}
	return SOURCE_FAILED;
}

static enum scan_source_result mjpeg_next(struct scan_source *s, struct scan_frame *out,
	struct err *err)
{
	struct mjpeg *m = (struct mjpeg *)s;
	scan_reader_eat(m->reader, m->frame_len);
	m->frame_len = 0;
	if (m->note)
		return tell(m, err);
	for (int piece = 0; piece < PIECES_A_CALL; piece++) {
		size_t len;
		if (m->in_frame || find_frame(m)) {
			if (m->junk)
				return tell(m, err);
			if (mjpeg_split_next(&m->split, scan_reader_bytes(m->reader), &len) !=
				MJPEG_MORE)
				return hand_out(m, out, len);
		}
		size_t before = scan_reader_bytes(m->reader).len;
		enum scan_source_result r = read_more(m, out, err);
		if (r != SOURCE_WAIT || scan_reader_bytes(m->reader).len == before)
			return r;
	}
	return SOURCE_WAIT;
}

static int mjpeg_fd(const struct scan_source *s)
{
	const struct mjpeg *m = (const struct mjpeg *)s;
	return m->reader->regular ? -1 : m->reader->fd;
}

static bool mjpeg_rewind(struct scan_source *s)
{
	struct mjpeg *m = (struct mjpeg *)s;
	if (!scan_reader_rewind(m->reader))
		return false;
	if (m->times)
		scan_times_rewind(m->times);
	m->frame_len = 0;
	m->in_frame = false;
	return true;
}

static void mjpeg_close(struct scan_source *s)
{
	struct mjpeg *m = (struct mjpeg *)s;
	scan_reader_free(&m->reader);
	scan_times_free(&m->times);
	free(m);
}

static const struct scan_source_ops mjpeg_ops = {
	.name = "mjpeg",
	.next = mjpeg_next,
	.fd = mjpeg_fd,
	.rewind = mjpeg_rewind,
	.close = mjpeg_close,
};

enum err_code scan_mjpeg_open(struct scan_source **out, struct scan_reader *reader,
	struct scan_times *times, const struct scan_source_options *opt, struct err *err)
{
	struct mjpeg *m = calloc(1, sizeof *m);
	*out = NULL;
	if (!m) {
		scan_reader_free(&reader);
		scan_times_free(&times);
		return err_set(err, ERR_NO_MEMORY, "no memory for the source");
	}
	m->base.ops = &mjpeg_ops;
	m->base.class = reader->regular ? SOURCE_FILE : SOURCE_PIPE;
	m->reader = reader;
	m->times = times;
	m->stepped = opt->stepped && !reader->regular;
	if (opt->joined && find_frame(m))
		m->junk = 0; /* the rest of a frame that was read before */
	*out = &m->base;
	return ERR_OK;
}
