/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory from /proc, times from the counter.
 */
#include "ui/stats.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define SAMPLE_FRAMES 64 /* between two looks at the scanner */

/* Resident KiB of a process; 0 when it is gone. */
static int64_t rss_kib(const char *path)
{
	char text[128];
	char *end;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	strtoll(text, &end, 10); /* size; then resident, in pages */
	return strtoll(end, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

static void scanner_look(struct counter *c)
{
	char path[64];
	int64_t kib;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)scan_process_pid(c->scanner));
	kib = rss_kib(path);
	if (kib > c->scanner_rss_kib)
		c->scanner_rss_kib = kib;
}

void stats_sample(struct counter *c)
{
	if (c->frames < c->sampled + SAMPLE_FRAMES && (c->sampled > 0 || c->frames == 0))
		return;
	c->sampled = c->frames;
	scanner_look(c);
}

static int64_t clock_ms(clockid_t id)
{
	struct timespec t;

	return clock_gettime(id, &t) == 0 ? (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 : 0;
}

/* A sink of its own for standard error. */
static void line_to_stderr(void *ctx, enum events_to to, struct span line)
{
	(void)ctx;
	(void)to;
	/* Nobody is left to tell that standard error is gone. */
	ERR_IGNORE(file_write_all(STDERR_FILENO, line, NULL));
}

void stats_print(struct counter *c, bool as_event)
{
	struct events_stats s;

	if (scan_process_pid(c->scanner) > 0)
		scanner_look(c);
	s = (struct events_stats){
		.rss_kib = rss_kib("/proc/self/statm"),
		.scanner_rss_kib = c->scanner_rss_kib,
		.first_frame_ms = c->first_frame_ms,
		.wall_ms = clock_ms(CLOCK_MONOTONIC) - c->began_ms,
		.cpu_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID),
		.frames = c->frames,
		.decode_us = c->decode_us,
		.restarts = scan_process_restarts(c->scanner),
	};
	if (!as_event)
		c->events.sink = line_to_stderr;
	events_stats(&c->events, &s);
	c->events.sink = outlet_line;
}
