/* SPDX-License-Identifier: Apache-2.0
 *
 * frames.codes, from a file or a pipe.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/codes.h"
#include "scanner/reader.h"
#include "scanner/source.h"
#include "scanner/times.h"

#define LINES_A_CALL 64

struct codes {
	struct scan_source base;
	struct scan_reader *reader;
	struct scan_times *times;
	struct scan_code code;
	bool head; /* the header line was read */
	bool join; /* the rest of a line that somebody else began comes first */
	bool note; /* note_err is to be told */
	struct err note_err;
	unsigned line;
};

/* ---- lines ---- */

void scan_codes_line(struct bytes *out, const struct scan_code *code)
{
	char hex[2 * SCAN_TEXT_MAX + 1];
	if (!code->text_len) {
		bytes_add_text(out, "-\n");
		return;
	}
	bytes_add_text(out, scan_symbology_word(code->symbology));
	bytes_add_text(out, code->cut ? "+ " : " ");
	hex_encode(hex, SPAN(code->text, code->text_len));
	bytes_add_text(out, hex);
	bytes_add_text(out, "\n");
}

enum err_code scan_codes_parse(struct scan_code *out, struct span line, struct err *err)
{
	const uint8_t *space = line.len ? memchr(line.data, ' ', line.len) : NULL;
	memset(out, 0, sizeof *out);
	if (line.len == 1 && line.data[0] == '-')
		return ERR_OK;
	if (!space)
		return err_set(err, ERR_FORMAT, "neither a code nor \"-\"");
	size_t word = (size_t)(space - line.data), hex = line.len - word - 1;
	out->cut = word && space[-1] == '+';
	if (!scan_symbology_of(&out->symbology, (const char *)line.data, word - out->cut))
		return err_set(err, ERR_FORMAT, "a symbology that is not known");
	if (hex < 2 || hex > (size_t)2 * SCAN_TEXT_MAX ||
		(out->cut && hex < (size_t)2 * SCAN_TEXT_MAX) ||
		hex_decode((uint8_t *)out->text, hex / 2, SPAN(space + 1, hex)))
		return err_set(err, ERR_FORMAT, "a text of 1 to %d bytes in hexadecimal is wanted",
			SCAN_TEXT_MAX);
	out->text_len = (uint16_t)(hex / 2);
	return ERR_OK;
}

/* ---- the source ---- */

static enum scan_source_result hand_out(struct codes *c, struct scan_frame *out)
{
	*out = (struct scan_frame){.code = &c->code};
	if (!c->times)
		return SOURCE_FRAME;
	if (scan_times_next(c->times, &out->at_ms, &c->note_err)) {
		c->note = true;
		c->base.times_bad = true;
		scan_times_free(&c->times);
	} else {
		out->stamped = true;
	}
	return SOURCE_FRAME;
}

/* WAIT: not a frame, look at the next line. */
static enum scan_source_result on_line(struct codes *c, struct scan_frame *out, struct span line,
	struct err *err)
{
	c->line++;
	if (c->join) {
		c->join = false;
		return SOURCE_WAIT;
	}
	if (!c->head) {
		c->head = span_equal(line, span_text(SCAN_CODES_HEAD));
		if (c->head)
			return SOURCE_WAIT;
		ERR_IGNORE(err_set(err, ERR_FORMAT,
			"codes: the first line is not \"%s\"", SCAN_CODES_HEAD));
		return SOURCE_FAILED;
	}
	if (!scan_codes_parse(&c->code, line, err))
		return hand_out(c, out);
	ERR_IGNORE(err_prefix(err, "codes, line %u", c->line));
	(void)hand_out(c, out); /* it has its time */
	return SOURCE_BAD;
}

static enum scan_source_result at_end(struct codes *c, struct err *err)
{
	size_t rest = scan_reader_bytes(c->reader).len;
	if (!rest && c->head)
		return SOURCE_END;
	scan_reader_eat(c->reader, rest);
	c->head = true;
	ERR_IGNORE(err_set(err, ERR_FORMAT, "codes: the last line is cut"));
	return SOURCE_NOTE;
}

static enum scan_source_result codes_next(struct scan_source *base, struct scan_frame *out,
	struct err *err)
{
	struct codes *c = (struct codes *)base;
	if (c->note) {
		c->note = false;
		*err = c->note_err;
		return SOURCE_NOTE;
	}
	for (int lines = 0; lines < LINES_A_CALL; lines++) {
		struct span have = scan_reader_bytes(c->reader);
		const uint8_t *end = have.len ? memchr(have.data, '\n', have.len) : NULL;
		if (end) {
			struct span line = SPAN(have.data, (size_t)(end - have.data));
			enum scan_source_result r = on_line(c, out, line, err);
			scan_reader_eat(c->reader, line.len + 1);
			if (r != SOURCE_WAIT)
				return r;
			continue;
		}
		switch (scan_reader_fill(c->reader, err)) {
		case READER_MORE:
			break;
		case READER_WAIT:
			return SOURCE_WAIT;
		case READER_END:
			return at_end(c, err);
		case READER_FULL:
			ERR_IGNORE(err_set(err, ERR_FORMAT, "codes, line %u: too long",
				c->line + 1));
			return SOURCE_FAILED;
		case READER_FAILED:
			return SOURCE_FAILED;
		}
	}
	return SOURCE_WAIT;
}

static int codes_fd(const struct scan_source *base)
{
	const struct codes *c = (const struct codes *)base;
	return c->reader->regular ? -1 : c->reader->fd;
}

static bool codes_rewind(struct scan_source *base)
{
	struct codes *c = (struct codes *)base;
	if (!scan_reader_rewind(c->reader))
		return false;
	if (c->times)
		scan_times_rewind(c->times);
	c->head = false;
	c->line = 0;
	return true;
}

static void codes_close(struct scan_source *base)
{
	struct codes *c = (struct codes *)base;
	scan_reader_free(&c->reader);
	scan_times_free(&c->times);
	free(c);
}

static const struct scan_source_ops codes_ops = {
	.name = "codes",
	.next = codes_next,
	.fd = codes_fd,
	.rewind = codes_rewind,
	.close = codes_close,
};

enum err_code scan_codes_open(struct scan_source **out, struct scan_reader *reader,
	struct scan_times *times, const struct scan_source_options *opt, struct err *err)
{
	struct codes *c = calloc(1, sizeof *c);
	*out = NULL;
	if (!c) {
		scan_reader_free(&reader);
		scan_times_free(&times);
		return err_set(err, ERR_NO_MEMORY, "no memory for the source");
	}
	c->base.ops = &codes_ops;
	c->base.class = reader->regular ? SOURCE_FILE : SOURCE_PIPE;
	c->base.rate_num = 1000; /* where there are no times: ticks apart */
	c->base.rate_den = SCAN_READER_TICK_MS;
	c->base.head = SCAN_CODES_HEAD;
	c->reader = reader;
	c->times = times;
	c->head = c->join = opt->joined;
	*out = &c->base;
	return ERR_OK;
}
