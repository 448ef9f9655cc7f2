/* SPDX-License-Identifier: Apache-2.0
 *
 * Words about what ends.
 */
#include "backend/ends.h"

#include <stdio.h>

#include "base/log.h"

#define DAY_S 86400

int64_t ends_terminal_soon_s(int64_t certificate_days)
{
	int64_t sixth = certificate_days * DAY_S / 6;

	return sixth < ENDS_SOON_S ? sixth : ENDS_SOON_S;
}

void ends_words(char out[static ENDS_WORDS_MAX], int64_t not_after, int64_t now)
{
	char day[CLOCK_TEXT_LEN + 1];

	clock_text(day, not_after);
	(void)snprintf(out, ENDS_WORDS_MAX, "%s %.10s", not_after > now ? "ends on" : "ended on",
		day);
}

void ends_warn(const char *what, int64_t not_after, int64_t now, const char *next)
{
	char words[ENDS_WORDS_MAX];

	if (!ends_soon(not_after, now))
		return;
	ends_words(words, not_after, now);
	log_line(LOG_WARNING, "certificates", "%s %s: %s", what, words, next);
}
