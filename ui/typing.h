/* SPDX-License-Identifier: Apache-2.0
 *
 * Who types: a person, or a device that pretends to be a keyboard. A bar code scanner of the wedge
 * kind sends what it reads as keys, and reads whatever is held before it; a paste comes the same
 * way. Both are faster than fingers, by far.
 *
 * Where only a person may type, every key that makes text (and Enter) is told here. TYPING_KEYS of
 * them within TYPING_WINDOW_MS are no person's: what they have entered so far is to be thrown away,
 * and so is what follows until the keyboard was quiet for TYPING_QUIET_MS. When the program was
 * held up, keys of a person may look like that, too: then they are typed again.
 */
#ifndef UI_TYPING_H
#define UI_TYPING_H

#include <stdbool.h>
#include <stdint.h>

#define TYPING_KEYS 4
#define TYPING_WINDOW_MS 150 /* a person takes three times as long, a scanner a tenth */
#define TYPING_QUIET_MS 400

struct typing { /* all zero: nothing was typed */
	int64_t at_ms[TYPING_KEYS]; /* of the last keys, the oldest first */
	int count;
	bool machine; /* until it is quiet */
};

/* at_ms: when the key was read, of the machine's monotonic clock; 0 = not known, then it is a
 * person's. True: it is not to be taken.
 */
bool typing_is_machine(struct typing *t, int64_t at_ms);

#endif
