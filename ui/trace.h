/* SPDX-License-Identifier: Apache-2.0
 *
 * --verbose: what the terminal does, as debug lines of the log. No number, no code, no PIN, no
 * name: a log is kept longer and read by more people than a screen.
 */
#ifndef UI_TRACE_H
#define UI_TRACE_H

#include "ui/events.h"

/* After a step; e holds what was before it. */
void trace_after(const struct events *e, const struct flow *f, const struct flow_event *ev,
	const struct flow_actions *actions);
void trace_scanner(const char *state, const char *text);

#endif
