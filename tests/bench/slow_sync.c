/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk whose syncs take at least SLOW_SYNC_MS, for bench_backend on a machine with a fast one:
 * loaded before the server by LD_PRELOAD. The sync itself is done, too.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

static void wait_until(struct timespec t)
{
	const char *text = getenv("SLOW_SYNC_MS");
	long long ns = t.tv_nsec + (long long)(text ? strtod(text, NULL) * 1e6 : 0);

	t.tv_sec += ns / 1000000000;
	t.tv_nsec = ns % 1000000000;
	(void)prctl(PR_SET_TIMERSLACK, 1); /* of this thread: wake up in time */
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* dlsym() gives a pointer to data; POSIX says that it can be one to a function. */
static int slowly(const char *name, int fd)
{
	void *found = dlsym(RTLD_NEXT, name);
	struct timespec from;
	int (*real)(int), e;

	memcpy(&real, &found, sizeof(real));
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	e = real(fd);
	wait_until(from);
	return e;
}

int fsync(int fd);
int fdatasync(int fd);

int fsync(int fd)
{
	return slowly("fsync", fd);
}

int fdatasync(int fd)
{
	return slowly("fdatasync", fd);
}
