/* SPDX-License-Identifier: Apache-2.0
 *
 * The small picture, through memory that both processes share: the scanner writes, the terminal
 * can only read. What is read may have been written by a process that was taken over, and may
 * change while it is read: it is copied first, and then every field of the copy is checked.
 */
#ifndef SCANNER_PREVIEW_H
#define SCANNER_PREVIEW_H

#include <stdatomic.h>

#include "scanner/scanner.h"

#define SCAN_PREVIEW_SLOTS 3 /* the newest, the one before, and the one that is written */

struct scan_preview_slot {
	_Atomic uint32_t sequence; /* odd while it is written */
	struct scan_preview picture;
};

struct scan_preview_ring {
	_Atomic uint32_t written; /* the newest is in slot (written - 1) % SLOTS; 0: none */
	struct scan_preview_slot slot[SCAN_PREVIEW_SLOTS];
};

/* In the terminal. *fd: for the scanner; its size can never be changed. */
ERR_MUST_CHECK enum err_code scan_preview_make(const struct scan_preview_ring **ring, int *fd,
	struct err *err);
void scan_preview_unmake(const struct scan_preview_ring **ring, int *fd); /* NULL, -1: nothing */
/* False: there is none, it changes faster than it can be read, or it is nonsense. */
bool scan_preview_read(const struct scan_preview_ring *ring, struct scan_preview *out);

/* In the scanner. Maps and closes fd. */
ERR_MUST_CHECK enum err_code scan_preview_join(struct scan_preview_ring **ring, int fd,
	struct err *err);
void scan_preview_write(struct scan_preview_ring *ring, const struct scan_preview *picture);

#endif
