/* SPDX-License-Identifier: Apache-2.0
 *
 * A terminal that was never set up: the few questions that it takes, line by line, before there is
 * a screen. Language, camera, the server's address, the enrolment code; then it is enrolled, and
 * the program goes on as if it had always been.
 */
#ifndef UI_FIRST_START_H
#define UI_FIRST_START_H

#include "ui/options.h"

#define FIRST_START_LINE_MAX 512 /* bytes of an answer with its NUL */
#define FIRST_START_DEVICES_MAX 9 /* that are offered */

/* Nothing happens where there is a configuration. Nothing is asked with --headless, in a replay, or
 * where nobody can answer: that there is none is told where it is read.
 *
 * Returns: ERR_OK; ERR_NOT_FOUND there is no place for one; ERR_CLOSED the answers ended; others
 *          from what enrolment met
 */
ERR_MUST_CHECK enum err_code first_start(const struct options *opt, struct err *err);

#endif
