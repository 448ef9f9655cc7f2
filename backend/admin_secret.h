/* SPDX-License-Identifier: Apache-2.0
 *
 * One line that nobody else may see: from a file of mode 0600, from standard input, or typed at the
 * terminal without being shown. Never from the command line, where everybody on the machine could
 * read it. Private to the commands.
 */
#ifndef BACKEND_ADMIN_SECRET_H
#define BACKEND_ADMIN_SECRET_H

#include "base/bytes.h"

struct admin_secret {
	const char *what;  /* "passphrase" */
	const char *file;  /* NULL = none */
	bool from_stdin;
	bool twice;        /* typed: ask again and compare */
};

/* Without its line end. ERR_USAGE with words. The caller wipes out's storage. */
ERR_MUST_CHECK enum err_code admin_secret_read(struct bytes *out, const struct admin_secret *from,
	struct err *err);

#endif
