/* SPDX-License-Identifier: Apache-2.0
 *
 * --headless without --json: what happens, in words, a line each.
 */
#ifndef UI_PLAIN_H
#define UI_PLAIN_H

#include "ui/events.h"

/* After a step; e holds what was before it. fault: the client's last one. */
void plain_after(const struct events *e, const struct flow *f, const struct flow_actions *actions,
	const char *fault);
/* The run ends and no verification was begun. */
void plain_nothing_decided(enum flow_reason reason);
/* What to do about a phone that is not read; "" says nothing. */
void plain_hint(const char *act);
/* The `state` and `text` of the event `scanner`: what is wrong with the camera or reader, that it
 * is started again, that it works again. The end has other words.
 */
void plain_scanner(const char *state, const char *words);
void plain_symbologies_lost(void);
/* False when nobody takes these words any more. */
bool plain_is_read(void);

#endif
