/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		abort();
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double measure_now(void)
{
	return seconds(CLOCK_MONOTONIC);
}

double measure_thread_cpu(void)
{
	return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double measure_process_cpu(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double measure_memory_kib(pid_t pid, const char *word)
{
	char path[64], line[256];
	double kib = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, word, strlen(word)) == 0)
			kib = strtod(line + strlen(word), NULL);
	if (f)
		(void)fclose(f);
	return kib;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void measure_sort(double *v, size_t count)
{
	if (count)
		qsort(v, count, sizeof(*v), ascending);
}

double measure_at(const double *sorted, size_t count, double share)
{
	return count ? sorted[(size_t)((double)(count - 1) * share + 0.5)] : 0;
}

double measure_median(double *v, size_t count)
{
	measure_sort(v, count);
	return measure_at(v, count, 0.5);
}

void measure_progress(const char *what, size_t done, size_t all)
{
	size_t step = all > 1000 ? all / 100 : 10;

	if (isatty(2) && (done % step == 0 || done == all))
		fprintf(stderr, "\r%-24s %zu of %zu  %s", what, done, all,
			done == all ? "\n" : "");
	else if (!isatty(2) && done % (10 * step) == 0)
		fprintf(stderr, "%-24s %zu of %zu\n", what, done, all);
}
