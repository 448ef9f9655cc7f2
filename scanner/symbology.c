/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "scanner/scanner.h"

static const char *const words[SCAN_SYMBOLOGY_COUNT] = {
#define SYMBOLOGY_WORD(name, word) word,
	SCAN_SYMBOLOGY_LIST(SYMBOLOGY_WORD)
#undef SYMBOLOGY_WORD
};

const char *scan_symbology_word(unsigned symbology)
{
	return symbology < SCAN_SYMBOLOGY_COUNT ? words[symbology] : words[SCAN_OTHER];
}

bool scan_symbology_of(uint8_t *out, const char *word, size_t len)
{
	for (unsigned i = 0; i < SCAN_SYMBOLOGY_COUNT; i++) {
		if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0) {
			*out = (uint8_t)i;
			return true;
		}
	}
	return false;
}

bool scan_symbology_may_be_ours(unsigned symbology)
{
	return symbology == SCAN_QR || symbology == SCAN_UNTOLD;
}
