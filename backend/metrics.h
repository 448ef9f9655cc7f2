/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of /metrics and their text. Each figure has one thread that writes it, so counting is
 * a load and a store; whoever reads adds up what is there. No figure tells of a person, a terminal
 * or a credential.
 */
#ifndef BACKEND_METRICS_H
#define BACKEND_METRICS_H

#include <stdatomic.h>

#include "backend/ends.h"
#include "backend/tally.h"
#include "base/bytes.h"

#define METRICS_BUCKETS 14
#define METRICS_TEXT_MAX 32768 /* bytes of the whole text */

struct metrics_histogram {
	atomic_uint_fast64_t bucket[METRICS_BUCKETS + 1]; /* the last: above all bounds */
	atomic_uint_fast64_t sum_us;
};

/* What a request was about, for its latency: X(NAME, "label") */
#define METRICS_STAGES(X)                                                                          \
	X(OTHER, "other")                                                                          \
	X(START, "start")                                                                          \
	X(ANSWER, "answer")                                                                        \
	X(PIN, "pin")

enum metrics_stage {
#define METRICS_STAGE(name, word) METRICS_##name,
	METRICS_STAGES(METRICS_STAGE)
#undef METRICS_STAGE
	METRICS_STAGE_COUNT
};

struct metrics {
	/* I/O thread */
	struct metrics_histogram stage[METRICS_STAGE_COUNT]; /* from whole request to answer */
	atomic_uint_fast64_t answers[6];                     /* by class of status: [2] is 2xx */
	/* store thread */
	_Alignas(64) atomic_uint_fast64_t decided[TALLY_COUNT];
	struct metrics_histogram commit;
	atomic_uint_fast64_t commit_jobs; /* requests that shared them */
	atomic_uint_fast64_t commits_failed;
	atomic_uint_fast64_t audit_seq;
	atomic_uint_fast64_t messages_written;
	/* the messenger's */
	_Alignas(64) atomic_uint_fast64_t messages_sent;
	atomic_uint_fast64_t messages_again;
	atomic_uint_fast64_t messages_failed;
	/* written once */
	int64_t started_unix_ms;
};

/* Only by the thread that a figure belongs to. */
static inline void metrics_add(atomic_uint_fast64_t *c, uint64_t by)
{
	atomic_store_explicit(
		c, atomic_load_explicit(c, memory_order_relaxed) + by, memory_order_relaxed);
}
int64_t metrics_now_us(void); /* monotonic */
void metrics_observe(struct metrics_histogram *h, int64_t us);
void metrics_tally(struct metrics *m, const struct tally *t);

/* What is looked at when the text is asked for. */
struct metrics_gauges {
	uint64_t connections, handshakes, streams;
	uint64_t handshakes_failed, connections_refused;
	uint64_t jobs, hashes, listeners;
	int64_t server_not_after, authority_not_after; /* Unix seconds; 0 = none */
	const struct ends *ends;
};
/* Prometheus text format 0.0.4. */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
void metrics_text(struct bytes *out, const struct metrics *m, const struct metrics_gauges *g);

#endif
