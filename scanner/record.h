/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes frames as they came: frames.mjpeg (JPEG bytes verbatim) or frames.y4m (mono), and times.
 * The first fault ends the recording and nothing else.
 */
#ifndef SCANNER_RECORD_H
#define SCANNER_RECORD_H

#include <stdbool.h>

#include "scanner/source.h"

struct scan_record {
	int dir_fd;    /* -1 = no recording, or not any more */
	int frames_fd, times_fd;
	bool jpeg;     /* what frames_fd holds */
	bool more;     /* go on with what a former life of the process wrote */
	int width, height; /* of y4m */
	int fps;
	int64_t frames_len, times_len; /* bytes that hold whole frames */
};

/* Opens the folder. more: frames may be there already and are added to; else they must not. */
ERR_MUST_CHECK enum err_code scan_record_open(struct scan_record *r, const char *dir, bool more,
	int fps, struct err *err);
/* Writes one frame; grey is looked at when the source gave no JPEG. After an error the recording
 * has ended, what was written of this frame is taken back, and the next calls do nothing.
 */
ERR_MUST_CHECK enum err_code scan_record_frame(struct scan_record *r, const struct scan_frame *f,
	int64_t at_ms, struct err *err);
void scan_record_close(struct scan_record *r);

#endif
