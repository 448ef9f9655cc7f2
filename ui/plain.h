/* SPDX-License-Identifier: Apache-2.0
 *
 * --headless without --json: what happens, in words, a line each.
 */
#ifndef UI_PLAIN_H
#define UI_PLAIN_H

#include "ui/events.h"

/* After a step; e holds what was before it. */
void plain_after(const struct events *e, const struct flow *f, const struct flow_actions *actions);
/* The frames ended and no verification was begun; fault: of the source, "" = none. */
void plain_nothing_decided(enum flow_reason reason, const char *fault);
/* False when nobody takes these words any more. */
/* What to do about a phone that is not read; "" says nothing. */
void plain_hint(const char *act);
bool plain_is_read(void);

#endif
