/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: one write(2) a line, so that lines of threads and of processes on one file stay whole.
 */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text_safe.h"

static atomic_int level_max = LOG_INFO;
static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_format = LOG_PLAIN;

void log_set_level(enum log_level level)
{
	level_max = (int)level;
}

void log_set_fd(int fd)
{
	log_fd = fd;
}

void log_set_format(enum log_format format)
{
	log_format = (int)format;
}

bool log_is_journal(void)
{
	const char *said = getenv("JOURNAL_STREAM");
	char is[64];
	struct stat st;

	if (!said || fstat(STDERR_FILENO, &st) != 0)
		return false;
	(void)snprintf(is, sizeof is, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(said, is) == 0;
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

bool log_level_read(enum log_level *out, const char *word)
{
	for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
		if (strcmp(word, level_word((enum log_level)i)) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

struct event_line {
	enum log_level level;
	const char *area;
	const char *fault; /* "begin" "end"; NULL = it is no fault that repeats */
	const char *words; /* as they came */
};

static size_t line_json(char *out, size_t cap, const struct event_line *l, const char *time_text)
{
	char safe[LOG_LINE_MAX];
	char area[33];
	struct json_out w;
	struct bytes to;

	(void)text_safe(safe, sizeof safe, span_text(l->words));
	(void)snprintf(area, sizeof area, "%s", l->area);
	bytes_init_fixed(&to, (uint8_t *)out, cap);
	json_out_init(&w, &to);
	json_out_begin(&w, NULL);
	json_out_text(&w, "time", time_text);
	json_out_text(&w, "level", level_word(l->level));
	json_out_text(&w, "area", area);
	if (l->fault)
		json_out_text(&w, "fault", l->fault);
	json_out_text(&w, "text", safe);
	json_out_end(&w);
	ASSERT(!to.full);
	return to.len;
}

/* Without a line feed; cap - 1 bytes at most. */
static size_t line_text(char *out, size_t cap, const struct event_line *l, const char *time_text)
{
	/* the numbers of syslog(3): err, warning, info, debug */
	static const int PRIORITY[] = {
		[LOG_ERROR] = 3, [LOG_WARNING] = 4, [LOG_INFO] = 6, [LOG_DEBUG] = 7};
	int head;

	if (log_format == LOG_JOURNAL)
		head = snprintf(out, cap, "<%d>%.32s: ", PRIORITY[l->level], l->area);
	else
		head = snprintf(
			out, cap, "%s %s %.32s: ", time_text, level_word(l->level), l->area);
	ASSERT(head > 0 && (size_t)head < cap / 2);
	return (size_t)head + text_safe(out + head, cap - (size_t)head, span_text(l->words));
}

ERR_PRINTF(4, 0)
static void line_out(enum log_level level, const char *area, const char *fault, const char *fmt,
	va_list args)
{
	char words[LOG_LINE_MAX];
	char line[LOG_JSON_MAX];
	char time_text[CLOCK_TEXT_LEN + 1];
	const struct event_line event = {level, area, fault, words};
	struct clock clock;
	size_t len;
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
	if (log_format == LOG_JSON)
		len = line_json(line, sizeof line - 1, &event, time_text);
	else /* the line feed goes over the NUL: the line is at most LOG_LINE_MAX bytes */
		len = line_text(line, LOG_LINE_MAX, &event, time_text);
	line[len++] = '\n';
	write_line(fd, line, len);
	errno = os_errno; /* a caller may log before it looks at errno */
}

void log_line(enum log_level level, const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line_out(level, area, NULL, fmt, args);
	va_end(args);
}

void log_fault_begin(struct log_fault *f, const char *area, const char *fmt, ...)
{
	va_list args;

	if (__atomic_exchange_n(&f->active, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	va_start(args, fmt);
	line_out(LOG_WARNING, area, "begin", fmt, args);
	va_end(args);
}

void log_fault_end(struct log_fault *f, const char *area, const char *fmt, ...)
{
	va_list args;

	if (__atomic_exchange_n(&f->active, 0, __ATOMIC_ACQ_REL) == 0)
		return;
	va_start(args, fmt);
	line_out(LOG_INFO, area, "end", fmt, args);
	va_end(args);
}
