/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes frames as they came: frames.mjpeg (JPEG bytes verbatim) or frames.y4m (mono), and times.
 * The first fault ends the recording and nothing else.
 */
#ifndef SCANNER_RECORD_H
#define SCANNER_RECORD_H

#include <stdbool.h>

#include "scanner/source.h"

#define SCAN_RECORD_SPARE_FDS 2 /* descriptors that it opens with the first frame */

struct scan_record {
	int opener_fd; /* of the folder, see opener.h; -1 = no recording, or not any more */
	int frames_fd, times_fd;
	bool jpeg, codes; /* what frames_fd holds; neither: y4m */
	int width, height; /* of y4m */
	int fps;
	int64_t frames_len, times_len; /* bytes that hold whole frames */
};

/* Opens the folder and starts its opener, so that the process may be confined before the first
 * frame says what is recorded. more: frames may be there already and are added to; else they must
 * not.
 */
ERR_MUST_CHECK enum err_code scan_record_open(struct scan_record *r, const char *dir, bool more,
	int fps, struct err *err);
/* Writes one frame; grey is looked at when the source gave no JPEG. After an error the recording
 * has ended, what was written of this frame is taken back, and the next calls do nothing.
 */
ERR_MUST_CHECK enum err_code scan_record_frame(struct scan_record *r, const struct scan_frame *f,
	int64_t at_ms, struct err *err);
void scan_record_close(struct scan_record *r);

#endif
