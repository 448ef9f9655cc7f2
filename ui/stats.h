/* SPDX-License-Identifier: Apache-2.0
 *
 * --stats: figures of this run, for benchmarks.
 */
#ifndef UI_STATS_H
#define UI_STATS_H

#include "ui/counter.h"

/* Now and then, while the scanner lives: its memory is gone when it is. */
void stats_sample(struct counter *c);
/* One JSON line: an event on standard output when events go there, else on standard error. */
void stats_print(struct counter *c, bool as_event);

#endif
