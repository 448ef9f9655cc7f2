/* SPDX-License-Identifier: Apache-2.0
 *
 * --headless without --json: what happens, in words, a line each.
 */
#ifndef UI_PLAIN_H
#define UI_PLAIN_H

#include "ui/events.h"

/* After a step; e holds what was before it. */
void plain_after(const struct events *e, const struct flow *f, const struct flow_actions *actions);

#endif
