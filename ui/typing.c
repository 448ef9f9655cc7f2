/* SPDX-License-Identifier: Apache-2.0
 *
 * Times between keys.
 */
#include "ui/typing.h"

#include <string.h>

static void remember(struct typing *t, int64_t at_ms)
{
	if (t->count == TYPING_KEYS)
		memmove(t->at_ms, t->at_ms + 1, (TYPING_KEYS - 1) * sizeof t->at_ms[0]);
	else
		t->count++;
	t->at_ms[t->count - 1] = at_ms;
}

bool typing_is_machine(struct typing *t, int64_t at_ms)
{
	bool quiet;

	if (at_ms == 0)
		return false;
	quiet = t->count == 0 || at_ms - t->at_ms[t->count - 1] >= TYPING_QUIET_MS;
	remember(t, at_ms);
	if (quiet)
		t->machine = false;
	if (t->count == TYPING_KEYS && at_ms - t->at_ms[0] <= TYPING_WINDOW_MS)
		t->machine = true;
	return t->machine;
}
