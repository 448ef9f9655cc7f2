/* SPDX-License-Identifier: Apache-2.0
 *
 * Where frames come from: one table of operations for each kind of source. A source never blocks:
 * it says WAIT, and the caller polls its descriptor beside the command socket.
 */
#ifndef SCANNER_SOURCE_H
#define SCANNER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "scanner/grey.h"

#define SCAN_FPS_DEFAULT 15
#define SCAN_FPS_MAX 1000
#define SCAN_FRAME_BYTES_MAX (16u << 20) /* of one JPEG in a stream */
#define SCAN_FILE_BYTES_MAX (40u << 20)  /* of one picture file: 4096 x 4096 x 16 bit and some */
#define SCAN_FOLDER_FILES_MAX 100000
#define SCAN_CUT_FRAME_MS 1000 /* stepped pipe silent in the middle of a JPEG: the frame is cut */
#define SCAN_NO_WRITER_MS 3000 /* named pipe without a byte: said once that it is waited for */
#define SCAN_FULL_PIXELS_MAX 2073600 /* 1920 x 1080: a camera's JPEG frames with more are halved */
#define SCAN_STREAM_HEAD_MAX 128 /* bytes of a y4m header line */

/* One frame as the source delivered it; borrowed until the next call on the source. */
struct scan_frame {
	struct span jpeg;        /* as delivered; len 0 when the source gives grey at once */
	struct scan_grey *grey;  /* set when jpeg is empty */
	const struct scan_code *code; /* of a hand-held reader: no picture; text_len 0: nothing
				       * was read for a while; else NULL */
	int64_t at_ms;           /* see `stamped` */
	bool stamped;            /* at_ms is set: a recording's time or the camera's */
	bool verbatim;           /* jpeg may be recorded as it is */
	int shrink;              /* of jpeg: 2 = decode it at half size; 0, 1 = all of it */
};

enum scan_source_result {
	SOURCE_FRAME,  /* out is filled */
	SOURCE_WAIT,   /* nothing yet: poll scan_source_fd() */
	SOURCE_BAD,    /* one frame came and cannot be read (err says why); the next may be good */
	SOURCE_NOTE,   /* no frame, but something to tell (err); ask again */
	SOURCE_END,
	SOURCE_FAILED  /* err; the source is of no use any more */
};

enum scan_source_class {
	SOURCE_FILE,  /* can be read again from the start; paced by us */
	SOURCE_PIPE,  /* paced by its writer */
	SOURCE_CAMERA /* newest frame wins, times are its own */
};

struct scan_source;
struct scan_code;

struct scan_source_ops {
	const char *name;
	enum scan_source_result (*next)(struct scan_source *s, struct scan_frame *out,
		struct err *err);
	/* Passes over one frame without decoding it; results as next(). NULL = use next(). */
	enum scan_source_result (*skip)(struct scan_source *s, struct err *err);
	/* The frame of the last next() was examined: could it be decoded? May be NULL; else the
	 * source tells what is wrong with its frames.
	 */
	void (*judge)(struct scan_source *s, bool readable);
	int (*fd)(const struct scan_source *s); /* for polling; -1 = always ready; may be NULL */
	/* Monotonic time at which next() is wanted although fd() is not ready; INT64_MAX = none.
	 * May be NULL.
	 */
	int64_t (*due_ms)(const struct scan_source *s);
	/* Back to the first frame; false when it cannot. May be NULL. */
	bool (*rewind)(struct scan_source *s);
	/* Between pause and resume a camera may stop its stream. May be NULL. */
	void (*pause)(struct scan_source *s, bool on);
	void (*close)(struct scan_source *s); /* frees s */
};

/* First member of every source. */
struct scan_source {
	const struct scan_source_ops *ops;
	enum scan_source_class class;
	int width, height;  /* 0 when not known yet */
	int rate_num, rate_den; /* frames a second as the stream says; 0/0 = it does not */
	const char *head;   /* y4m header line, needed to go on in the middle; NULL = none */
	bool times_bad;     /* a recording's times are damaged: told, and of no use any more */
	uint64_t dropped;   /* frames of a camera that were lost, or that a newer one overtook */
	bool opens;         /* it has an opener (opener.h) for its files */
	bool pictures;      /* no video: each frame stands alone and is worth every effort */
};

struct scan_source_options {
	const char *path;    /* file, folder, device, "-" */
	const char *pipe;    /* what a named pipe that comes as "-" is called; NULL = no such */
	bool joined;         /* the pipe was read before: its first bytes may be half a frame */
	const char *head;    /* and this was its y4m header line; NULL = it has none */
	bool stepped;        /* a pipe that falls silent in the middle of a JPEG ends that frame */
	int device_fd;       /* a camera or reader that the terminal opened; 0 = open `path`. The
			      * source takes it over, also on failure */
	const char *camera;  /* settings of a camera; NULL = none */
	bool reader;         /* `path` is a hand-held reader, no camera */
};

/* Returns: ERR_OK; ERR_NOT_FOUND; ERR_PERMISSION; ERR_FORMAT; ERR_UNSUPPORTED; ERR_IO */
ERR_MUST_CHECK enum err_code scan_source_open(struct scan_source **out,
	const struct scan_source_options *opt, struct err *err);
void scan_source_close(struct scan_source **s); /* NULL-safe */

/* The kinds; scan_source_open() picks one. */
struct scan_reader;
struct scan_times;
/* These two take over reader and times (NULL = none), also on failure. */
ERR_MUST_CHECK enum err_code scan_mjpeg_open(struct scan_source **out, struct scan_reader *reader,
	struct scan_times *times, const struct scan_source_options *opt, struct err *err);
ERR_MUST_CHECK enum err_code scan_y4m_open(struct scan_source **out, struct scan_reader *reader,
	struct scan_times *times, const struct scan_source_options *opt, struct err *err);
ERR_MUST_CHECK enum err_code scan_codes_open(struct scan_source **out, struct scan_reader *reader,
	struct scan_times *times, const struct scan_source_options *opt, struct err *err);
/* Takes over dir_fd; only = one file name in it, or NULL for all pictures in order of name. */
ERR_MUST_CHECK enum err_code scan_folder_open(struct scan_source **out, int dir_fd,
	const char *only, struct err *err);
/* opt->device_fd is open, O_NONBLOCK. */
ERR_MUST_CHECK enum err_code scan_v4l2_open(struct scan_source **out,
	const struct scan_source_options *opt, struct err *err);
/* A hand-held reader. Its frames carry codes in place of a picture (`code`). */
ERR_MUST_CHECK enum err_code scan_typed_open(struct scan_source **out,
	const struct scan_source_options *opt, struct err *err);

#endif
