/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/tally.h"

#include <string.h>

const char *const tally_words[TALLY_COUNT] = {
#define TALLY_WORD(name, word) [TALLY_##name] = (word),
	TALLY_LIST(TALLY_WORD)
#undef TALLY_WORD
};

void tally_add(struct tally *t, const char *kind)
{
	for (int i = 0; t && i < TALLY_COUNT; i++)
		if (strcmp(tally_words[i], kind) == 0) {
			t->count[i]++;
			return;
		}
}
