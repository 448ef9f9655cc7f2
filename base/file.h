/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files whole: read with a limit, written so that a crash leaves the old or the new one.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>

#include "base/bytes.h"

/* Regular files only; out's max is the limit. secret: refuse one that group or others may read. */
ERR_MUST_CHECK enum err_code file_read(struct bytes *out, const char *path, bool secret,
	struct err *err);
/* The same, but refuses a file whose mode has any of the given bits; `secret` means 0077. */
ERR_MUST_CHECK enum err_code file_read_unless(struct bytes *out, const char *path, unsigned mode,
	struct err *err);
/* ERR_UNCERTAIN: the new file is in place, but a power cut may still bring the old one back.
 * Written beside, synced, renamed over; mode as given (0600 for secrets).
 */
ERR_MUST_CHECK enum err_code file_replace(const char *path, struct span data, unsigned mode,
	struct err *err);
/* That names in the folder of this file were changed is durable: after rename() and unlink().
 * ERR_UNCERTAIN: nobody knows.
 */
ERR_MUST_CHECK enum err_code file_sync_folder(const char *path, struct err *err);
/* The whole of it to a descriptor; EINTR and short writes are handled. */
ERR_MUST_CHECK enum err_code file_write_all(int fd, struct span data, struct err *err);
/* Descriptor flags at one place. */
ERR_MUST_CHECK enum err_code file_set_nonblocking(int fd, bool on, struct err *err);

#endif
