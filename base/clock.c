/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock seam.
 */
#include "base/clock.h"

#include <string.h>
#include <time.h>

#include "base/err.h"

#define YEAR_0    (-62167219200) /* 0000-01-01T00:00:00Z */
#define YEAR_9999 253402300799   /* 9999-12-31T23:59:59Z */

static int64_t read_ms(clockid_t id)
{
	struct timespec t;

	ASSERT(clock_gettime(id, &t) == 0);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_init_real(struct clock *c)
{
	*c = (struct clock){0};
}

void clock_init_manual(struct clock *c, int64_t mono_ms, int64_t unix_ms)
{
	*c = (struct clock){.manual = 1, .mono_ms = mono_ms, .unix_ms = unix_ms};
}

void clock_advance_to(struct clock *c, int64_t mono_ms)
{
	ASSERT(c->manual);
	if (mono_ms <= c->mono_ms)
		return;
	c->unix_ms += mono_ms - c->mono_ms;
	c->mono_ms = mono_ms;
}

void clock_set_unix(struct clock *c, int64_t unix_ms)
{
	ASSERT(c->manual);
	c->unix_ms = unix_ms;
}

int64_t clock_mono_ms(const struct clock *c)
{
	return c->manual ? c->mono_ms : read_ms(CLOCK_MONOTONIC);
}

int64_t clock_machine_ms(void)
{
	struct clock real;

	clock_init_real(&real);
	return clock_mono_ms(&real);
}

int64_t clock_unix_ms(const struct clock *c)
{
	return c->manual ? c->unix_ms : read_ms(CLOCK_REALTIME);
}

int64_t clock_unix_s(const struct clock *c)
{
	int64_t ms = clock_unix_ms(c);

	return ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
}

static char *put_digits(char *at, int value, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + count;
}

void clock_text(char out[static CLOCK_TEXT_LEN + 1], int64_t unix_s)
{
	struct tm tm;
	char *at = out;

	/* RFC 3339 has four digits for the year; beyond them the nearest end is shown. */
	time_t t = unix_s < YEAR_0 ? YEAR_0 : unix_s > YEAR_9999 ? YEAR_9999 : unix_s;
	ASSERT(gmtime_r(&t, &tm) != NULL);
	at = put_digits(at, tm.tm_year + 1900, 4);
	*at++ = '-';
	at = put_digits(at, tm.tm_mon + 1, 2);
	*at++ = '-';
	at = put_digits(at, tm.tm_mday, 2);
	*at++ = 'T';
	at = put_digits(at, tm.tm_hour, 2);
	*at++ = ':';
	at = put_digits(at, tm.tm_min, 2);
	*at++ = ':';
	at = put_digits(at, tm.tm_sec, 2);
	*at++ = 'Z';
	*at = '\0';
}
