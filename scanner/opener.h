/* SPDX-License-Identifier: Apache-2.0
 *
 * A small process that opens files for one that must not: started before confinement, it holds one
 * folder and a list of names, is asked by number, and answers with a descriptor. It never looks at
 * what is in the files, so what strangers put there cannot harm it, and it can do nothing else: no
 * other folder, no other way of opening, no network. It ends when the asker does.
 */
#ifndef SCANNER_OPENER_H
#define SCANNER_OPENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SCAN_OPENER_SPARE_FDS 1 /* descriptors that must be free for one answer */

struct scan_opener_job {
	int dir_fd;               /* borrowed, for the start only */
	const char *const *names; /* borrowed, for the start only: the opener has a copy */
	size_t count;
	int flags;                /* of openat(2); with O_CREAT the mode is 0600 */
};

/* *fd: the socket to it; close it and the process ends. */
ERR_MUST_CHECK enum err_code scan_opener_start(int *fd, const struct scan_opener_job *job,
	struct err *err);
/* Asks for names[index]: regular files only.
 * Returns: ERR_OK: *out is the caller's to close; ERR_IO, ERR_FORMAT, words without the name
 */
ERR_MUST_CHECK enum err_code scan_opener_open(int fd, int *out, uint32_t index, struct err *err);

#endif
