/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminal program: sets everything up, waits, and gives everything back.
 */
#ifndef UI_TERMINAL_H
#define UI_TERMINAL_H

#include "ui/options.h"

#define TERMINAL_WAIT_MAX_MS 1000 /* the loop looks around at least so often */
#define TERMINAL_GRACE_MS 1500    /* at the end, for a cancellation that is on its way */

/* Runs until it is done; returns enum exit_status. Faults are told on standard error. */
int terminal_run(const struct options *opt);

#endif
