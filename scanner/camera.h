/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera through libv4l2, private to the scanner: one struct, a file for each part.
 *   camera_probe.c     what the device is, which modes it has
 *   camera_setup.c     one mode is set, what the driver made of it is read back and checked
 *   camera_buffers.c   mapped buffers, the stream, the newest frame
 *   camera_fault.c     an errno in words that say what to do
 *   camera_controls.c  exposure, focus and the like by name
 *   source_v4l2.c      all of it as a source of frames
 * What the kernel says is checked like any input: buffer numbers, lengths, sizes.
 */
#ifndef SCANNER_CAMERA_H
#define SCANNER_CAMERA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "scanner/camera_calls.h"
#include "scanner/camera_mode.h"

#define CAMERA_BUFFERS 4      /* asked for: one is looked at, one filled, two for hiccups */
#define CAMERA_BUFFERS_LEAST 2
#define CAMERA_BUFFERS_MAX 8  /* a driver may want more than it was asked for */
#define CAMERA_BUFFER_BYTES_MAX (80 * 1048576) /* 4096 x 4096 x 4 bytes and some */
#define CAMERA_ENUM_MAX 256   /* of any list of a driver */
#define CAMERA_IDLE_MAX 20    /* looks for nothing, although poll() said there is something ... */
#define CAMERA_IDLE_MS 5      /* ... then a pause before each */
#define CAMERA_TAKE_MAX 32    /* finished buffers in one look: more than there are is a fault */

struct camera_buffer {
	uint8_t *at;
	size_t len;
	bool queued; /* the driver has it */
};

struct camera {
	const struct camera_calls *calls;
	int fd;
	const char *path; /* for words; borrowed */
	bool open_done;   /* confined from now on: no look at other processes for words */

	/* as the driver said after it was set */
	struct camera_mode mode;
	size_t stride;     /* bytes from one row to the next; 0 for JPEG */
	size_t image_size; /* bytes of a frame */

	struct camera_buffer buffer[CAMERA_BUFFERS_MAX];
	unsigned buffers;
	bool streaming;
	int held;          /* buffer number of the frame handed out, -1 = none */

	/* counted, and what was seen last */
	uint64_t dropped;  /* frames that the driver lost, or that a newer one overtook */
	uint32_t sequence;
	bool sequence_known;
	int64_t stamp_ms;  /* of the newest frame */
	unsigned idle;     /* looks for nothing, one after the other */
};

/* A frame as the driver gave it; its bytes are borrowed until the next call. */
struct camera_taken {
	struct span data;
	int64_t at_ms; /* monotonic; -1 = the driver does not say, or not believably */
	bool damaged;  /* the driver says so, or it is empty */
};

/* Words for err and the code that fits. call: what failed, for those who know V4L2. A device that
 * is busy: looks who holds it. Returns err->code, never ERR_OK.
 */
enum err_code camera_fault(const struct camera *c, const char *call, int os_errno,
	struct err *err);
/* The same for open(2). */
enum err_code camera_open_fault(const char *path, int os_errno, struct err *err);
/* "name, process 123" of another process that has this device open; false when none is seen. */
bool camera_holder(char *out, size_t cap, const char *device);

struct camera_identity {
	char name[33], driver[17], bus[33]; /* as the driver says, made safe */
	bool capture, stream;
};
/* Returns: ERR_OK; ERR_UNSUPPORTED when it is no camera (err says what it is) */
ERR_MUST_CHECK enum err_code camera_probe_device(struct camera_identity *out,
	const struct camera *c, struct err *err);
/* The modes that can be read; those that libv4l2 converts only where there are no others. */
void camera_probe_modes(struct camera_modes *out, const struct camera *c,
	const struct camera_settings *want);

/* Sets the mode; c->mode, stride and image_size are what the driver made of it.
 * strict: another size than m's is an error (ERR_UNSUPPORTED).
 */
ERR_MUST_CHECK enum err_code camera_set_mode(struct camera *c, const struct camera_mode *m,
	bool strict, struct err *err);

/* Buffers and stream. ERR_BUSY, ERR_CLOSED (it has gone), ERR_PROTOCOL, ERR_IO, ERR_NO_MEMORY.
 * A start that fails is undone.
 */
ERR_MUST_CHECK enum err_code camera_buffers_get(struct camera *c, struct err *err);
void camera_buffers_drop(struct camera *c);
/* Could buffers be had now? ERR_BUSY: another program streams. Changes nothing. */
ERR_MUST_CHECK enum err_code camera_is_free(const struct camera *c, struct err *err);
ERR_MUST_CHECK enum err_code camera_stream_on(struct camera *c, struct err *err);
void camera_stream_off(struct camera *c);

enum camera_take {
	CAMERA_TAKEN,
	CAMERA_NOTHING, /* none is finished */
	CAMERA_BROKEN   /* err: the stream does not go on like this; off and on may help unless
			 * err->code is ERR_CLOSED */
};
/* The newest finished frame; older ones go back to the driver. The frame before goes back, too. */
enum camera_take camera_take_newest(struct camera *c, struct camera_taken *out, struct err *err);

#endif
