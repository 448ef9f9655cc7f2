/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder in which a terminal keeps what must outlive it: today's sales and the like. Only its
 * owner may look into it.
 */
#ifndef UI_STATE_H
#define UI_STATE_H

#include "base/err.h"

#define STATE_PATH_MAX 4096

/* The first of: the configured one (NULL or "" = none), $STATE_DIRECTORY (systemd's),
 * $XDG_STATE_HOME/countersign, /var/lib/countersign where it is there and may be written,
 * ~/.local/state/countersign. Makes it with mode 0700 when it is not there.
 *
 * Returns: ERR_OK; ERR_INVALID a name that is not absolute or too long; ERR_NOT_FOUND none of them
 *          can be told; ERR_PERMISSION it is there and others may write to it; ERR_IO. Words say
 *          which folder.
 */
ERR_MUST_CHECK enum err_code state_folder(char out[static STATE_PATH_MAX], const char *configured,
	struct err *err);

/* Its name alone, for whoever only reads there: makes and looks at nothing. */
ERR_MUST_CHECK enum err_code state_folder_name(char out[static STATE_PATH_MAX],
	const char *configured, struct err *err);

#endif
