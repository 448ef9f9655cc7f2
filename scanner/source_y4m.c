/* SPDX-License-Identifier: Apache-2.0
 *
 * YUV4MPEG2 from a file or a pipe: the luma plane goes straight into the grey picture, chroma is
 * passed over. The stream has no marks to find the way again: damage ends it.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/reader.h"
#include "scanner/source.h"
#include "scanner/times.h"
#include "scanner/y4m.h"

#define PIECES_A_CALL 1024 /* more than the largest frame has */

struct y4m {
	struct scan_source base;
	struct scan_reader *reader;
	struct scan_times *times;
	struct y4m_head head;
	char head_text[SCAN_STREAM_HEAD_MAX];
	struct scan_grey grey;
	enum {
		Y4M_JOIN, /* looking for a frame's start in the middle of a stream */
		Y4M_HEAD,
		Y4M_LINE,
		Y4M_LUMA,
		Y4M_REST
	} state;
	size_t have; /* bytes of this plane */
	bool cut_told;
	bool note; /* note_err is to be told */
	struct err note_err;
};

static void set_head(struct y4m *y, const struct y4m_head *head, struct span line)
{
	y->head = *head;
	memcpy(y->head_text, line.data, line.len);
	y->head_text[line.len] = '\0';
	y->base.head = y->head_text;
	y->base.width = head->width;
	y->base.height = head->height;
	y->base.rate_num = head->rate_num;
	y->base.rate_den = head->rate_den;
}

/* Takes a line of at most SCAN_STREAM_HEAD_MAX - 1 bytes; -1 = too long, 0 = not here yet. */
static int take_line(struct y4m *y, struct span *line)
{
	struct span have = scan_reader_bytes(y->reader);
	const uint8_t *end = have.len ? memchr(have.data, '\n', have.len) : NULL;
	size_t len = end ? (size_t)(end - have.data) : have.len;
	if (len >= SCAN_STREAM_HEAD_MAX)
		return -1;
	if (!end)
		return 0;
	*line = SPAN(have.data, len);
	scan_reader_eat(y->reader, len + 1); /* the bytes stay until the next fill */
	return 1;
}

static enum scan_source_result on_head(struct y4m *y, struct err *err)
{
	struct span line = SPAN(NULL, 0);
	struct y4m_head head = {.width = 0};
	int r = take_line(y, &line);
	if (r == 0)
		return SOURCE_WAIT;
	if (r < 0) {
		ERR_IGNORE(err_set(err, ERR_FORMAT, "y4m: header line is too long"));
		return SOURCE_FAILED;
	}
	if (y4m_head_parse(&head, line, err))
		return SOURCE_FAILED;
	set_head(y, &head, line);
	y->state = Y4M_LINE;
	return SOURCE_FRAME;
}

static bool begins_frame(struct span line)
{
	return line.len >= 5 && memcmp(line.data, "FRAME", 5) == 0 &&
		(line.len == 5 || line.data[5] == ' ');
}

static enum scan_source_result on_line(struct y4m *y, struct err *err)
{
	struct span line = SPAN(NULL, 0);
	int r = take_line(y, &line);
	if (r == 0)
		return SOURCE_WAIT;
	if (r < 0 || !begins_frame(line)) {
		ERR_IGNORE(err_set(err, ERR_FORMAT, "y4m: a frame does not begin with FRAME"));
		return SOURCE_FAILED;
	}
	if (scan_grey_size(&y->grey, y->head.width, y->head.height, err))
		return SOURCE_FAILED;
	y->state = Y4M_LUMA;
	y->have = 0;
	return SOURCE_FRAME;
}

/* In the middle of a stream: anything up to the next "FRAME" is the rest of a lost frame. */
static enum scan_source_result on_join(struct y4m *y)
{
	struct span have = scan_reader_bytes(y->reader);
	const uint8_t *at = have.len >= 6 ? memmem(have.data, have.len, "FRAME\n", 6) : NULL;
	if (at) {
		scan_reader_eat(y->reader, (size_t)(at - have.data));
		y->state = Y4M_LINE;
		return SOURCE_FRAME;
	}
	if (have.len > 5)
		scan_reader_eat(y->reader, have.len - 5);
	return SOURCE_WAIT;
}

static enum scan_source_result hand_out(struct y4m *y, struct scan_frame *out)
{
	*out = (struct scan_frame){.grey = &y->grey};
	y->state = Y4M_LINE;
	if (!y->times)
		return SOURCE_FRAME;
	if (scan_times_next(y->times, &out->at_ms, &y->note_err)) {
		y->note = true;
		y->base.times_bad = true;
		scan_times_free(&y->times);
	} else {
		out->stamped = true;
	}
	return SOURCE_FRAME;
}

/* Bytes of a plane; WAIT while some are missing. */
static enum scan_source_result on_plane(struct y4m *y)
{
	struct span have = scan_reader_bytes(y->reader);
	size_t want = (y->state == Y4M_LUMA ? y->head.luma_len : y->head.rest_len) - y->have;
	size_t n = have.len < want ? have.len : want;
	if (n && y->state == Y4M_LUMA)
		memcpy(y->grey.pixels + y->have, have.data, n);
	scan_reader_eat(y->reader, n);
	y->have += n;
	if (n < want)
		return SOURCE_WAIT;
	if (y->state == Y4M_LUMA) {
		y->state = Y4M_REST;
		y->have = 0;
	} else {
		y->state = Y4M_LINE;
	}
	return SOURCE_FRAME;
}

static enum scan_source_result on_bytes(struct y4m *y, struct err *err)
{
	switch (y->state) {
	case Y4M_JOIN:
		return on_join(y);
	case Y4M_HEAD:
		return on_head(y, err);
	case Y4M_LINE:
		return on_line(y, err);
	case Y4M_LUMA:
	case Y4M_REST:
		break;
	}
	return on_plane(y);
}

static enum scan_source_result at_end(struct y4m *y, struct err *err)
{
	bool between = y->state == Y4M_LINE && scan_reader_bytes(y->reader).len == 0;
	if (between || y->cut_told)
		return SOURCE_END;
	y->cut_told = true;
	ERR_IGNORE(err_set(err, ERR_FORMAT, "y4m: the stream ends in the middle of a %s",
		y->state == Y4M_HEAD ? "header" : "frame"));
	return SOURCE_NOTE;
}

static enum scan_source_result y4m_next(struct scan_source *s, struct scan_frame *out,
	struct err *err)
{
	struct y4m *y = (struct y4m *)s;
	if (y->note) {
		y->note = false;
		*err = y->note_err;
		return SOURCE_NOTE;
	}
	for (int piece = 0; piece < PIECES_A_CALL; piece++) {
		bool in_rest = y->state == Y4M_REST;
		enum scan_source_result r = on_bytes(y, err);
		if (r == SOURCE_FAILED)
			return r;
		if (r == SOURCE_FRAME && in_rest)
			return hand_out(y, out);
		if (r == SOURCE_FRAME)
			continue;
		switch (scan_reader_fill(y->reader, err)) {
		case READER_MORE:
			break;
		case READER_WAIT:
			return SOURCE_WAIT;
		case READER_END:
			return at_end(y, err);
		case READER_FULL:
		case READER_FAILED:
			return SOURCE_FAILED;
		}
	}
	return SOURCE_WAIT;
}

static int y4m_fd(const struct scan_source *s)
{
	const struct y4m *y = (const struct y4m *)s;
	return y->reader->regular ? -1 : y->reader->fd;
}

static bool y4m_rewind(struct scan_source *s)
{
	struct y4m *y = (struct y4m *)s;
	if (!scan_reader_rewind(y->reader))
		return false;
	if (y->times)
		scan_times_rewind(y->times);
	y->state = Y4M_HEAD;
	y->cut_told = false;
	return true;
}

static void y4m_close(struct scan_source *s)
{
	struct y4m *y = (struct y4m *)s;
	scan_reader_free(&y->reader);
	scan_times_free(&y->times);
	scan_grey_done(&y->grey);
	free(y);
}

static const struct scan_source_ops y4m_ops = {
	.name = "y4m",
	.next = y4m_next,
	.fd = y4m_fd,
	.rewind = y4m_rewind,
	.close = y4m_close,
};

enum err_code scan_y4m_open(struct scan_source **out, struct scan_reader *reader,
	struct scan_times *times, const struct scan_source_options *opt, struct err *err)
{
	struct y4m *y = calloc(1, sizeof *y);
	enum err_code code = ERR_OK;
	*out = NULL;
	if (!y) {
		scan_reader_free(&reader);
		scan_times_free(&times);
		return err_set(err, ERR_NO_MEMORY, "no memory for the source");
	}
	y->base.ops = &y4m_ops;
	y->base.class = reader->regular ? SOURCE_FILE : SOURCE_PIPE;
	y->reader = reader;
	y->times = times;
	y->state = Y4M_HEAD;
	if (opt->joined && opt->head) {
		struct span line = span_text(opt->head);
		struct y4m_head head = {.width = 0};
		code = line.len >= sizeof y->head_text ? err_set(err, ERR_FORMAT, "y4m: header")
						       : y4m_head_parse(&head, line, err);
		if (!code)
			set_head(y, &head, line);
		y->state = Y4M_JOIN;
	} else if (reader->regular) {
		/* Words about a bad header now rather than at the first frame. */
		enum reader_result r = scan_reader_fill(reader, err);
		if (r == READER_FAILED)
			code = ERR_IO;
		else if (on_head(y, err) == SOURCE_FAILED)
			code = ERR_FORMAT;
	}
	if (code)
		y4m_close(&y->base);
	else
		*out = &y->base;
	return code;
}
