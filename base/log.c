/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: one write(2) a line, so that lines of threads and of processes on one file stay whole.
 */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text_safe.h"

static atomic_int level_max = LOG_INFO;
static atomic_int log_fd = STDERR_FILENO;

void log_set_level(enum log_level level)
{
	level_max = (int)level;
}

void log_set_fd(int fd)
{
	log_fd = fd;
}

static const char *level_word(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return "error";
	case LOG_WARNING:
		return "warning";
	case LOG_INFO:
		return "info";
	case LOG_DEBUG:
		return "debug";
	}
	return "error";
}

/* A log that cannot be written is not a reason to fail: nobody could be told. */
static void write_line(int fd, const char *line, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, line, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		line += n;
		len -= (size_t)n;
	}
}

ERR_PRINTF(3, 0)
static void line_out(enum log_level level, const char *area, const char *fmt, va_list args)
{
	char words[LOG_LINE_MAX];
	char line[LOG_LINE_MAX];
	char time_text[CLOCK_TEXT_LEN + 1];
	struct clock clock;
	int os_errno = errno;
	int fd = log_fd;

	if (fd < 0 || (int)level > level_max)
		return;
	clock_init_real(&clock);
	clock_text(time_text, clock_unix_s(&clock));
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): untrue from its second file on */
	int n = vsnprintf(words, sizeof words, fmt, args);
	if (n < 0)
		words[0] = '\0';
	int head = snprintf(line, sizeof line, "%s %s %.32s: ", time_text, level_word(level), area);
	ASSERT(head > 0 && (size_t)head < sizeof line / 2);
	size_t len = (size_t)head;
	len += text_safe(line + len, sizeof line - len, span_text(words));
	line[len++] = '\n'; /* over the NUL: the line is at most LOG_LINE_MAX bytes */
	write_line(fd, line, len);
	errno = os_errno; /* a caller may log before it looks at errno */
}

void log_line(enum log_level level, const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line_out(level, area, fmt, args);
	va_end(args);
}

void log_fault_begin(struct log_fault *f, const char *area, const char *fmt, ...)
{
	va_list args;

	if (__atomic_exchange_n(&f->active, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	va_start(args, fmt);
	line_out(LOG_WARNING, area, fmt, args);
	va_end(args);
}

void log_fault_end(struct log_fault *f, const char *area, const char *fmt, ...)
{
	va_list args;

	if (__atomic_exchange_n(&f->active, 0, __ATOMIC_ACQ_REL) == 0)
		return;
	va_start(args, fmt);
	line_out(LOG_INFO, area, fmt, args);
	va_end(args);
}
