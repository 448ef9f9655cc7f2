/* SPDX-License-Identifier: Apache-2.0
 *
 * What every benchmark measures with: time, processor time, memory of a process, percentiles.
 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

double measure_now(void); /* seconds, monotonic */
double measure_thread_cpu(void);
double measure_process_cpu(void); /* of this one */

/* A line of /proc/PID/status: "VmRSS:", "VmHWM:". -1: there is none. */
double measure_memory_kib(pid_t pid, const char *word);

void measure_sort(double *v, size_t count);
double measure_at(const double *sorted, size_t count, double share); /* 0.5 = median; 0 of none */
double measure_median(double *v, size_t count);                      /* sorts */

/* On stderr: one line written again and again on a terminal, else now and then a line. */
void measure_progress(const char *what, size_t done, size_t all);

#endif
