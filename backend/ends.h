/* SPDX-License-Identifier: Apache-2.0
 *
 * What ends by itself, and when somebody has to be told: the server's certificate and the
 * authority's, certificates of terminals, keys of the issuer. Warned of once a day from ENDS_SOON_S
 * before; the figures are in /metrics, the next end of a server certificate in /healthz.
 *
 * What the store knows is counted by its thread in rules_ends_look() and read by the I/O thread.
 */
#ifndef BACKEND_ENDS_H
#define BACKEND_ENDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/* Limits, also in docs/limits.md. */
#define ENDS_SOON_S 2592000 /* 30 days before an end it is told */
#define ENDS_LOOK_S 3600    /* between two looks */
#define ENDS_TELL_S 86400   /* between two lines in the log about the same */

struct ends {
	atomic_int_fast64_t looked_at; /* Unix seconds; 0 = not yet */
	atomic_int_fast64_t terminals; /* certificates that end soon or ended not long ago */
	atomic_int_fast64_t issuer;    /* first end of a key of the issuer; 0 = none has one */
	int64_t told_at;               /* store thread only */
};

/* A clock that was set back is no reason to be silent. */
static inline bool ends_is_due(int64_t last, int64_t now, int64_t every)
{
	return last == 0 || now < last || now - last >= every;
}
static inline bool ends_soon(int64_t not_after, int64_t now)
{
	return not_after != 0 && not_after - ENDS_SOON_S <= now;
}
/* Terminals renew in the last third: one whose certificate ends within this time did not come. */
int64_t ends_terminal_soon_s(int64_t certificate_days);

/* For the log: "ends on 2026-12-01" or "has ended on ...". */
#define ENDS_WORDS_MAX 48
void ends_words(char out[static ENDS_WORDS_MAX], int64_t not_after, int64_t now);

/* One line when it ends soon. next: what to do about it. */
void ends_warn(const char *what, int64_t not_after, int64_t now, const char *next);

#endif
