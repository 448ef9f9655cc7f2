/* SPDX-License-Identifier: Apache-2.0
 *
 * One line per event to stderr: time, level, area, words. Text from outside goes through
 * text_safe() inside; a line is at most LOG_LINE_MAX bytes and never contains a line break.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

#define LOG_LINE_MAX 1024

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG
};

void log_set_level(enum log_level level); /* default LOG_INFO */
void log_set_fd(int fd);                  /* default 2; -1 = drop (screen owns the terminal) */
void log_line(enum log_level level, const char *area, const char *fmt, ...) ERR_PRINTF(3, 4);

/* A fault that repeats is logged when it begins and when it ends. */
struct log_fault {
	int active;
};
void log_fault_begin(struct log_fault *f, const char *area, const char *fmt, ...) ERR_PRINTF(3, 4);
void log_fault_end(struct log_fault *f, const char *area, const char *fmt, ...) ERR_PRINTF(3, 4);

#endif
