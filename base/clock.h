/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock seam. Time-outs use the monotonic clock, dates the wall clock; both come from here, so
 * that a recording can be replayed with the recorded time and tests can turn the clock by hand.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
	/* Manual when `manual` is set: then the two figures below are the time. */
	int manual;
	int64_t mono_ms; /* manual only */
	int64_t unix_ms; /* manual only; milliseconds since 1970-01-01 UTC */
};

void clock_init_real(struct clock *c);
void clock_init_manual(struct clock *c, int64_t mono_ms, int64_t unix_ms);
/* Manual only: moves both figures forward (never back) so that mono_ms becomes the given one. */
void clock_advance_to(struct clock *c, int64_t mono_ms);
/* Manual only: sets the wall time, any direction. */
void clock_set_unix(struct clock *c, int64_t unix_ms);

int64_t clock_mono_ms(const struct clock *c);
int64_t clock_unix_ms(const struct clock *c);
int64_t clock_unix_s(const struct clock *c); /* rounded down, also before 1970 */

/* Of this machine, whatever the seam says: for limits on other programs and the like. */
int64_t clock_machine_ms(void);

#define CLOCK_TEXT_LEN 20 /* 2026-11-21T06:41:03Z */
/* RFC 3339 in UTC, with NUL. */
void clock_text(char out[static CLOCK_TEXT_LEN + 1], int64_t unix_s);

#endif
