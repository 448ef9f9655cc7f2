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
/* What to do about a phone that is not read; "" says nothing. */
void plain_hint(const char *act);
/* What is wrong with the camera or reader; "": nothing any more. */
void plain_scanner(const char *words);
/* False when nobody takes these words any more. */
bool plain_is_read(void);

#endif
