/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of bench_backend: each measures on a copy of the same world and prints its rows.
 */
#ifndef TESTS_BENCH_LOAD_REPORT_H
#define TESTS_BENCH_LOAD_REPORT_H

#include "tests/bench/load.h"

struct load_options {
	const char *dir, *server;
	unsigned credentials, connections, runs, listeners, large;
	double seconds, rate, slow_sync_ms;
	bool plain;
	unsigned parts; /* bits; 0 = all */
};

struct load_report {
	const struct load_options *o;
	const struct load_world *world; /* never served: parts serve copies */
	double sync_ms, store_us, echo_us, handshake_us; /* floors */
};

/* X(function, word, what it tells) */
#define LOAD_PART_LIST(X)                                                                          \
	X(report_idle, "idle", "start, memory, events and handshakes of terminals that wait")      \
	X(report_rate, "rate", "as fast as the answers come")                                      \
	X(report_paced, "paced", "latencies at a rate")                                            \
	X(report_slow, "slow", "both on a disk whose sync takes long (simulated)")                 \
	X(report_large, "large", "start and rate with many more credentials")                      \
	X(report_postgres, "postgres", "rate on PostgreSQL beside pgbench on the same cluster")

#define LOAD_PART_DECLARE(function, word, what) void function(const struct load_report *r);
LOAD_PART_LIST(LOAD_PART_DECLARE)
#undef LOAD_PART_DECLARE

void report_floors(struct load_report *r);

#endif
