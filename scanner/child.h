/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner process: what main.c tells it, and its two ways to run.
 */
#ifndef SCANNER_CHILD_H
#define SCANNER_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "scanner/confine.h"
#include "scanner/source.h"

#define CHILD_SOCKET_FD 3
#define CHILD_PREVIEW_FD 5 /* with --preview-fd: the memory of preview.h */
#define CHILD_DEVICE_FD 4  /* with --device-fd: the camera or reader, opened by the terminal */

struct child_options {
	const char *source;     /* file, folder, device or "-"; without "replay:" */
	int fps;                /* 0 = the stream's own, or SCAN_FPS_DEFAULT */
	bool stepped;
	bool loop;
	uint32_t skip;          /* frames of a file that were examined in a former life */
	uint32_t first;         /* number of the first frame after those */
	bool joined;            /* the pipe was read in a former life */
	const char *pipe;       /* the name of the pipe that is standard input; NULL = none */
	const char *head;       /* and this was its y4m header; NULL = it had none */
	const char *record_dir; /* NULL = no recording */
	bool record_more;       /* the recording was begun in a former life */
	int64_t origin_ms;      /* monotonic time that a recording's times count from */
	bool quiet;             /* print: the summary only */
	bool reader;            /* the source is a hand-held reader, no camera */
	bool preview_fd;        /* the preview has a memory: CHILD_PREVIEW_FD */
	bool device_fd;         /* the device is open: CHILD_DEVICE_FD */
	const char *camera;     /* settings of a camera; NULL = none */
	int budget_ms;          /* of work for one frame; 0 = SCAN_BUDGET_MS */
	uint32_t frames;        /* print: end after so many; 0 = when the source ends */
	bool all_symbologies;
};

/* Talks to the terminal over CHILD_SOCKET_FD. Returns the exit status. */
int child_serve(const struct child_options *opt);
/* Prints what it finds: one JSON object a line. Returns the exit status. */
int child_print(const struct child_options *opt);

/* What a process with this source and these options still needs once they are open. */
struct scan_confine child_needs(const struct child_options *opt, const struct scan_source *source);

#endif
