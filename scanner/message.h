/* SPDX-License-Identifier: Apache-2.0
 *
 * The messages of scanner.h as bytes from a process that may have been taken over.
 */
#ifndef SCANNER_MESSAGE_H
#define SCANNER_MESSAGE_H

#include <stddef.h>

#include "scanner/scanner.h"

/* Looks at every field that anybody will use.
 * Returns: ERR_OK; ERR_PROTOCOL with words
 * In:      len  bytes that were received, which must be exactly one message
 */
ERR_MUST_CHECK enum err_code scan_msg_check(const struct scan_msg *m, size_t len, struct err *err);

/* An empty message of a kind. */
void scan_msg_init(struct scan_msg *m, enum scan_msg_kind kind);
/* Sets the fault words, made safe and cut to fit. */
void scan_msg_set_fault(struct scan_msg *m, const char *words);

ERR_MUST_CHECK enum err_code scan_command_check(const struct scan_command *c, size_t len,
	struct err *err);

#endif
