/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines of a till.
 */
#include "ui/command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- one line ---- */

struct reader {
	const uint8_t *at;
	const uint8_t *end;
};

static void blanks_skip(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

static bool sign_take(struct reader *r, char sign)
{
	blanks_skip(r);
	if (r->at == r->end || *r->at != (uint8_t)sign)
		return false;
	r->at++;
	return true;
}

static bool text_take(struct reader *r, struct span *out)
{
	const uint8_t *start;

	if (!sign_take(r, '"'))
		return false;
	start = r->at;
	while (r->at < r->end && *r->at != '"') {
		if (*r->at < 0x20 || *r->at > 0x7e || *r->at == '\\')
			return false;
		r->at++;
	}
	if (r->at == r->end)
		return false;
	*out = SPAN(start, (size_t)(r->at++ - start));
	return true;
}

static bool is_word(struct span text, const char *word)
{
	return span_equal(text, span_text(word));
}

struct members {
	struct span command;
	struct span pin;
};

static bool member_take(struct reader *r, struct members *m)
{
	struct span name;
	struct span value;
	struct span *to;

	if (!text_take(r, &name) || !sign_take(r, ':') || !text_take(r, &value))
		return false;
	if (is_word(name, "command"))
		to = &m->command;
	else if (is_word(name, "pin"))
		to = &m->pin;
	else
		return false;
	if (to->data != NULL) /* twice */
		return false;
	*to = value;
	return true;
}

static bool members_take(struct reader *r, struct members *m)
{
	if (!sign_take(r, '{'))
		return false;
	do {
		if (!member_take(r, m))
			return false;
	} while (sign_take(r, ','));
	if (!sign_take(r, '}'))
		return false;
	blanks_skip(r);
	return r->at == r->end;
}

enum err_code command_parse(struct command *out, struct span line, struct err *err)
{
	struct reader r = {line.data, line.data + line.len};
	struct members m = {{NULL, 0}, {NULL, 0}};

	if (line.len > 0 && members_take(&r, &m)) {
		if (is_word(m.command, "cancel") && m.pin.data == NULL) {
			*out = (struct command){.kind = COMMAND_CANCEL};
			return ERR_OK;
		}
		if (is_word(m.command, "pin") && m.pin.data != NULL) {
			*out = (struct command){.kind = COMMAND_PIN, .pin = m.pin};
			return ERR_OK;
		}
	}
	return err_set(err, ERR_FORMAT, "not a command: {\"command\":\"pin\",\"pin\":\"...\"} or "
					"{\"command\":\"cancel\"}");
}

/* ---- lines ---- */

enum err_code command_input_init(struct command_input *in, int fd, struct err *err)
{
	*in = (struct command_input){.fd = fd};
	if (secret_new(&in->buffer, COMMAND_LINE_MAX) != ERR_OK)
		return err_set(err, ERR_NO_MEMORY, "no locked memory for commands");
	return ERR_OK;
}

void command_input_done(struct command_input *in)
{
	secret_free(&in->buffer);
	*in = (struct command_input){.fd = -1};
}

/* The line given out last goes, what is behind it moves up, the rest is wiped. */
static void taken_drop(struct command_input *in)
{
	uint8_t *data = in->buffer->data;

	memmove(data, data + in->taken, in->len - in->taken);
	in->len -= in->taken;
	in->taken = 0;
	sec_wipe(data + in->len, in->buffer->len - in->len);
}

void command_input_fill(struct command_input *in)
{
	ssize_t n;

	taken_drop(in);
	if (in->fd < 0 || in->len == in->buffer->len)
		return;
	n = read(in->fd, in->buffer->data + in->len, in->buffer->len - in->len);
	if (n > 0)
		in->len += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		in->fd = -1;
}

enum err_code command_input_line(struct command_input *in, struct span *line, struct err *err)
{
	const uint8_t *end;

	taken_drop(in);
	end = memchr(in->buffer->data, '\n', in->len);
	if (end == NULL && in->len == in->buffer->len) {
		in->skipping = true;
		in->taken = in->len;
		taken_drop(in);
		return ERR_NOT_FOUND;
	}
	if (end == NULL && in->fd < 0 && in->len > 0 && !in->skipping) {
		*line = SPAN(in->buffer->data, in->len); /* a last line without its break */
		in->taken = in->len;
		return ERR_OK;
	}
	if (end == NULL)
		return ERR_NOT_FOUND;
	in->taken = (size_t)(end - in->buffer->data) + 1;
	if (in->skipping) {
		in->skipping = false;
		return err_set(err, ERR_TOO_LARGE, "a command line of more than %d bytes",
			COMMAND_LINE_MAX);
	}
	*line = SPAN(in->buffer->data, in->taken - 1);
	return ERR_OK;
}
