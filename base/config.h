/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration files: INI by libinih, read against a table of known keys. A key that is not in the
 * table (the nearest one is named), a value that does not fit, a file that group or others may
 * write (or, when it holds secrets, read) is an error that names file, line and key.
 *
 * A semicolon after white space begins a comment, and white space at either end of a value is not
 * its. A text that needs them stands in double quotes, in which \" \\ and \; stand for the second
 * character of each.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
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
#define CONFIG_KEYS_MAX 192 /* of one table */

/* secret: refuse a file that group or others may read.
 * Returns: ERR_OK; ERR_NOT_FOUND; ERR_PERMISSION; ERR_TOO_LARGE; ERR_FORMAT with file and line.
 * On error the values may be partly set.
 */
ERR_MUST_CHECK enum err_code config_read(const char *path, bool secret,
	const struct config_key *keys, size_t key_count, struct err *err);
/* The same, and which of the keys the file has: seen has room for key_count. */
ERR_MUST_CHECK enum err_code config_read_told(const char *path, bool secret,
	const struct config_key *keys, size_t key_count, bool *seen, struct err *err);

#define CONFIG_LINE_MAX 198 /* bytes of a line: what libinih reads at once */

/* Appends `name = value`, in quotes where it needs them, so that config_read() gives it back as it
 * is. False, and nothing is appended: it cannot be written (a line feed, other characters that
 * cannot be shown, too long).
 */
ERR_MUST_CHECK bool config_add(struct bytes *to, const char *name, const char *value);

#endif
