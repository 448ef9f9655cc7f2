/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration files: INI by libinih, read against a table of known keys. A key that is not in the
 * table, a value that does not fit, a file that group or others may write (or, when it holds
 * secrets, read) is an error that names file, line and key.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum config_type {
	CONFIG_TEXT, /* char[size], NUL-terminated; longer values are refused */
	CONFIG_INT,  /* int64_t with min and max */
	CONFIG_BOOL  /* bool; yes no true false on off 1 0 */
};

struct config_key {
	const char *section;
	const char *name;
	enum config_type type;
	void *value; /* where it goes; keeps its default when the key is absent */
	size_t size; /* CONFIG_TEXT: room with NUL */
	int64_t min, max;
};

#define CONFIG_FILE_MAX 65536

/* secret: refuse a file that group or others may read.
 * Returns: ERR_OK; ERR_NOT_FOUND; ERR_PERMISSION; ERR_TOO_LARGE; ERR_FORMAT with file and line.
 * On error the values may be partly set.
 */
ERR_MUST_CHECK enum err_code config_read(const char *path, bool secret,
	const struct config_key *keys, size_t key_count, struct err *err);

#endif
