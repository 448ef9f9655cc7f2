/* SPDX-License-Identifier: Apache-2.0
 *
 * A hand-held reader: its key events, reports or bytes become whole codes. It is read at all times;
 * what comes while the scanner is paused is thrown away, a code that was begun before or meanwhile
 * to its end.
 */
#include <errno.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "scanner/scanner.h"
#include "scanner/source.h"
#include "scanner/typed_code.h"
#include "scanner/typed_hid.h"
#include "scanner/typed_keys.h"
#include "scanner/typed_port.h"

#define READS_A_CALL 16       /* then commands have their turn, however fast it types */
#define DRAIN_READS_MAX 1024
#define EVENT_AGE_MAX_MS 60000 /* an older one has another clock */

struct typed {
	struct scan_source base;
	struct clock clock;
	struct typed_port port; /* its fd is ours; opened elsewhere: the kind alone is known */
	bool opened_here;
	struct typed_code code;
	struct typed_keys keys;
	struct typed_hid hid;
	struct typed_hid_piece piece;
	struct scan_code found, nothing;
	bool lost;       /* the kernel dropped events, up to its next report */
	bool only_keyboard; /* to be told */
	int64_t tick_ms; /* when nothing is to be told as a frame */
	size_t at, len;  /* of buffer: what was read and not looked at yet */
	union {
		uint8_t buffer[TYPED_HID_REPORT_MAX];
		struct input_event events[64];
	};
};

static int64_t now_ms(const struct typed *t)
{
	return clock_mono_ms(&t->clock);
}

/* ---- key events ---- */

static int64_t time_of(const struct typed *t, const struct input_event *e)
{
	int64_t now = now_ms(t);
	int64_t at = (int64_t)e->input_event_sec * 1000 + (int64_t)e->input_event_usec / 1000;
	if (at > now || now - at > EVENT_AGE_MAX_MS)
		at = now;
	return at > t->code.last_ms ? at : t->code.last_ms;
}

static enum typed_code_result take_key(struct typed *t, const struct input_event *e, int64_t at,
	struct err *err)
{
	uint8_t bytes[TYPED_KEY_BYTES_MAX];
	unsigned len;
	enum typed_code_result result = TYPED_CODE_NONE;
	switch (typed_keys_take(&t->keys, bytes, &len, e->code, e->value)) {
	case TYPED_KEY_NONE:
		break;
	case TYPED_KEY_UNKNOWN:
		typed_code_damage(&t->code, "it has a key that is no character", at);
		break;
	case TYPED_KEY_BYTES:
		for (unsigned i = 0; i < len; i++) /* only a code of one byte can be an end */
			result = typed_code_add(&t->code, &t->found, bytes[i], at, err);
		break;
	}
	return result;
}

static enum typed_code_result take_event(struct typed *t, struct err *err)
{
	const struct input_event *e = &t->events[t->at / sizeof *e];
	int64_t at = time_of(t, e);
	enum typed_code_result result = typed_code_pause(&t->code, &t->found, at, err);
	if (result != TYPED_CODE_NONE)
		return result; /* the event comes again */
	t->at += sizeof *e;
	if (e->type == EV_SYN && e->code == SYN_DROPPED) {
		typed_code_damage(&t->code, "characters were lost", at);
		t->lost = true;
	} else if (e->type == EV_SYN && e->code == SYN_REPORT && t->lost) {
		t->lost = false;
		t->keys.held = 0; /* a reader lets go of its keys within a moment */
	} else if (e->type == EV_KEY && !t->lost) {
		return take_key(t, e, at, err);
	}
	return TYPED_CODE_NONE;
}

/* ---- reports and bytes ---- */

static void put(struct typed *t, const uint8_t *data, size_t len, int64_t now)
{
	for (size_t i = 0; i < len; i++) /* no byte ends a code whose end is told */
		(void)typed_code_add(&t->code, &t->found, data[i], now, NULL);
}

static enum typed_code_result take_report(struct typed *t, struct err *err)
{
	struct err why;
	int64_t now = now_ms(t);
	enum typed_code_result result = typed_code_pause(&t->code, &t->found, now, err);
	if (result != TYPED_CODE_NONE)
		return result;
	struct span report = SPAN(t->buffer, t->len);
	t->at = t->len;
	switch (typed_hid_read(&t->hid, &t->piece, report, &why)) {
	case ERR_OK:
		break;
	case ERR_NOT_FOUND:
		return TYPED_CODE_NONE;
	default:
		typed_code_damage(&t->code, "its report is damaged", now);
		return TYPED_CODE_NONE;
	}
	if (!t->code.open && t->piece.aim[0])
		put(t, t->piece.aim, sizeof t->piece.aim, now);
	put(t, t->piece.data, t->piece.len, now);
	return t->piece.more ? TYPED_CODE_NONE : typed_code_end(&t->code, &t->found, err);
}

static enum typed_code_result take_byte(struct typed *t, struct err *err)
{
	int64_t now = now_ms(t);
	enum typed_code_result result = TYPED_CODE_NONE;
	if (t->at == 0) /* bytes that were read together came together */
		result = typed_code_pause(&t->code, &t->found, now, err);
	if (result != TYPED_CODE_NONE)
		return result;
	return typed_code_add(&t->code, &t->found, t->buffer[t->at++], now, err);
}

/* ---- reading ---- */

/* One step of what was read. */
static enum typed_code_result take(struct typed *t, struct err *err)
{
	switch (t->port.kind) {
	case TYPED_KEYS:
		return take_event(t, err);
	case TYPED_HID:
		return take_report(t, err);
	case TYPED_SERIAL:
		break;
	}
	return take_byte(t, err);
}

enum filled {
	FILLED,
	FILLED_NOTHING,
	FILLED_GONE
};

static enum filled fill(struct typed *t)
{
	t->at = 0;
	t->len = 0;
	ssize_t n = read(t->port.fd, t->buffer, sizeof t->buffer);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? FILLED_NOTHING : FILLED_GONE;
	if (t->port.kind == TYPED_KEYS)
		n -= n % (ssize_t)sizeof t->events[0];
	t->len = (size_t)n;
	return n ? FILLED : FILLED_GONE;
}

/* What there is, without an answer to any of it. */
static void drain(struct typed *t)
{
	for (int i = 0; i < DRAIN_READS_MAX; i++) {
		while (t->at < t->len)
			(void)take(t, NULL);
		if (fill(t) != FILLED)
			break;
	}
	typed_code_drop(&t->code);
}

static enum scan_source_result give(struct typed *t, struct scan_frame *out,
	enum typed_code_result result)
{
	if (result == TYPED_CODE_DAMAGED)
		return SOURCE_NOTE;
	*out = (struct scan_frame){.code = &t->found};
	t->tick_ms = now_ms(t) + SCAN_READER_TICK_MS;
	return SOURCE_FRAME;
}

static enum scan_source_result quiet(struct typed *t, struct scan_frame *out, struct err *err)
{
	int64_t now = now_ms(t);
	enum typed_code_result result = typed_code_pause(&t->code, &t->found, now, err);
	if (result != TYPED_CODE_NONE)
		return give(t, out, result);
	if (now < t->tick_ms)
		return SOURCE_WAIT;
	t->tick_ms = now + SCAN_READER_TICK_MS;
	*out = (struct scan_frame){.code = &t->nothing};
	return SOURCE_FRAME;
}

static enum scan_source_result typed_next(struct scan_source *base, struct scan_frame *out,
	struct err *err)
{
	struct typed *t = (struct typed *)base;
	if (t->only_keyboard) {
		t->only_keyboard = false;
		ERR_IGNORE(err_set(err, ERR_BUSY, "the reader is the only keyboard of this "
			"machine: nothing else gets what it types"));
		return SOURCE_NOTE;
	}
	for (int reads = 0; reads < READS_A_CALL; reads++) {
		while (t->at < t->len) {
			enum typed_code_result result = take(t, err);
			if (result != TYPED_CODE_NONE)
				return give(t, out, result);
		}
		switch (fill(t)) {
		case FILLED:
			break;
		case FILLED_NOTHING:
			return quiet(t, out, err);
		case FILLED_GONE:
			ERR_IGNORE(err_set(err, ERR_NOT_FOUND,
				"the reader has gone; was it unplugged?"));
			return SOURCE_FAILED;
		}
	}
	return SOURCE_WAIT;
}

static int typed_fd(const struct scan_source *base)
{
	return ((const struct typed *)base)->port.fd;
}

static int64_t typed_due_ms(const struct scan_source *base)
{
	const struct typed *t = (const struct typed *)base;
	int64_t code = typed_code_due_ms(&t->code);
	return code < t->tick_ms ? code : t->tick_ms;
}

static void typed_pause(struct scan_source *base, bool on)
{
	struct typed *t = (struct typed *)base;
	if (on)
		typed_code_drop(&t->code);
	else
		drain(t);
}

static void typed_close(struct scan_source *base)
{
	struct typed *t = (struct typed *)base;
	if (t->opened_here)
		typed_port_close(&t->port);
	else if (t->port.fd >= 0)
		close(t->port.fd);
	free(t);
}

static const struct scan_source_ops typed_ops = {
	.name = "reader",
	.next = typed_next,
	.fd = typed_fd,
	.due_ms = typed_due_ms,
	.pause = typed_pause,
	.close = typed_close,
};

/* ---- opening ---- */

static enum err_code set_up_hid(struct typed *t, const char *path, struct err *err)
{
	static struct hidraw_report_descriptor d; /* 4 KiB */
	int size = 0;
	d.size = 0;
	if (ioctl(t->port.fd, HIDIOCGRDESCSIZE, &size) || size < 1 ||
		size > HID_MAX_DESCRIPTOR_SIZE)
		return err_set(err, ERR_UNSUPPORTED, "%s has no report descriptor", path);
	d.size = (uint32_t)size;
	if (ioctl(t->port.fd, HIDIOCGRDESC, &d))
		return err_set_os(err, ERR_IO, errno, "%s: its report descriptor", path);
	enum err_code code = typed_hid_parse(&t->hid, SPAN(d.value, (size_t)size), err);
	if (t->hid.keyboard)
		return err_set(err, ERR_UNSUPPORTED, "%s types like a keyboard: use its name "
			"under /dev/input/by-id, there its typing can be held back", path);
	if (code)
		return err_prefix(err, "%s", path);
	t->code.end = TYPED_END_TOLD;
	if (t->code.idle_ms < TYPED_IDLE_LONG_MS)
		t->code.idle_ms = TYPED_IDLE_LONG_MS;
	return ERR_OK;
}

static void set_up_keys(struct typed *t)
{
	uint8_t leds[LED_MAX / 8 + 1] = {0};
	if (ioctl(t->port.fd, EVIOCGLED(sizeof leds), leds) >= 0)
		t->keys.caps = leds[LED_CAPSL / 8] >> (LED_CAPSL % 8) & 1;
	t->only_keyboard = typed_port_is_only_keyboard();
}

/* Takes over opt->device_fd. */
static enum err_code take_port(struct typed *t, const struct scan_source_options *opt,
	const struct typed_spec *spec, struct err *err)
{
	t->opened_here = opt->device_fd <= 0;
	if (t->opened_here)
		return typed_port_open(&t->port, spec, err);
	t->port.fd = opt->device_fd;
	return typed_port_kind(&t->port.kind, t->port.fd, err);
}

static enum err_code set_up(struct typed *t, const struct scan_source_options *opt,
	struct err *err)
{
	struct typed_spec spec;
	enum err_code code = typed_spec_parse(&spec, opt->path, err);
	if (!code && opt->stepped)
		code = err_set(err, ERR_UNSUPPORTED, "a hand-held reader has no frames to step "
			"through: leave out --step; a recording of one can be stepped");
	if (code)
		return code;
	typed_code_init(&t->code, &spec);
	code = take_port(t, opt, &spec, err);
	if (!code && t->port.kind == TYPED_HID)
		code = set_up_hid(t, spec.path, err);
	if (!code && t->port.kind == TYPED_KEYS)
		set_up_keys(t);
	return code;
}

enum err_code scan_typed_open(struct scan_source **out, const struct scan_source_options *opt,
	struct err *err)
{
	struct typed *t = calloc(1, sizeof *t);
	*out = NULL;
	if (!t) {
		if (opt->device_fd > 0)
			close(opt->device_fd);
		return err_set(err, ERR_NO_MEMORY, "no memory for the reader");
	}
	t->base.ops = &typed_ops;
	t->base.class = SOURCE_PIPE;
	t->port.fd = -1;
	clock_init_real(&t->clock);
	enum err_code code = set_up(t, opt, err);
	if (!code) /* what was typed to nobody, or to a process that died */
		drain(t);
	if (code) {
		if (t->port.fd < 0 && opt->device_fd > 0)
			close(opt->device_fd);
		typed_close(&t->base);
	} else {
		*out = &t->base;
	}
	return code;
}
