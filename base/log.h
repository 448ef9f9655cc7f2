/* SPDX-License-Identifier: Apache-2.0
 *
 * One line per event to stderr: time, level, area, words. Text from outside goes through
 * text_safe() inside; a line never contains a line break and is at most LOG_LINE_MAX bytes (as JSON
 * LOG_JSON_MAX: a quote takes two there).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/err.h"

#define LOG_LINE_MAX 1024
#define LOG_JSON_MAX 2304

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG
};

enum log_format {
	LOG_PLAIN = 0, /* for a person */
	LOG_JOURNAL,   /* "<N>area: words": systemd's journal adds the time; sd-daemon(3) */
	LOG_JSON       /* an object a line: time, level, area, text, and fault: begin or end */
};

void log_set_level(enum log_level level); /* default LOG_INFO */
void log_set_fd(int fd);                  /* default 2; -1 = drop (screen owns the terminal) */
void log_set_format(enum log_format format); /* default LOG_PLAIN */
/* Is standard error the journal's? By $JOURNAL_STREAM, "device:inode"; systemd.exec(5). */
bool log_is_journal(void);
/* "error" "warning" "info" "debug". False: none of these, *out is left. */
bool log_level_read(enum log_level *out, const char *word);
void log_line(enum log_level level, const char *area, const char *fmt, ...) ERR_PRINTF(3, 4);

/* A fault that repeats is logged when it begins and when it ends. */
struct log_fault {
	int active;
};
void log_fault_begin(struct log_fault *f, const char *area, const char *fmt, ...) ERR_PRINTF(3, 4);
void log_fault_end(struct log_fault *f, const char *area, const char *fmt, ...) ERR_PRINTF(3, 4);

#endif
