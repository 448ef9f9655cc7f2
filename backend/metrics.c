/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures, and their text for Prometheus: names with unit and _total by its conventions, labels
 * from the tables of this program only, so nothing needs escaping.
 */
#include "backend/metrics.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const STAGE_WORDS[METRICS_STAGE_COUNT] = {
#define STAGE_WORD(name, word) [METRICS_##name] = (word),
	METRICS_STAGES(STAGE_WORD)
#undef STAGE_WORD
};

/* From a sync of a fast disk to what a person waits for. */
static const struct {
	int64_t us;
	const char *text; /* seconds */
} BOUNDS[METRICS_BUCKETS] = {
	{500, "0.0005"}, {1000, "0.001"}, {2500, "0.0025"}, {5000, "0.005"}, {10000, "0.01"},
	{25000, "0.025"}, {50000, "0.05"}, {100000, "0.1"}, {250000, "0.25"}, {500000, "0.5"},
	{1000000, "1"}, {2500000, "2.5"}, {5000000, "5"}, {10000000, "10"},
};

void metrics_tally(struct metrics *m, const struct tally *t)
{
	for (int i = 0; i < TALLY_COUNT; i++)
		if (t->count[i])
			metrics_add(&m->decided[i], t->count[i]);
	if (t->messages)
		metrics_add(&m->messages_written, t->messages);
}

int64_t metrics_now_us(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void metrics_observe(struct metrics_histogram *h, int64_t us)
{
	size_t i = 0;

	while (i < METRICS_BUCKETS && us > BOUNDS[i].us)
		i++;
	metrics_add(&h->bucket[i], 1);
	metrics_add(&h->sum_us, us > 0 ? (uint64_t)us : 0);
}

/* ---- text ---- */

ERR_PRINTF(2, 3)
static void add(struct bytes *out, const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): untrue from its second file on */
	int n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	ASSERT(n > 0 && (size_t)n < sizeof(line));
	bytes_add_text(out, line);
}

static uint64_t read_one(const atomic_uint_fast64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static void head(struct bytes *out, const char *name, const char *type, const char *help)
{
	add(out, "# HELP %s %s\n", name, help);
	add(out, "# TYPE %s %s\n", name, type);
}

static void single(struct bytes *out, const char *name, const char *type, const char *help,
	uint64_t value)
{
	head(out, name, type, help);
	add(out, "%s %" PRIu64 "\n", name, value);
}

static void seconds(struct bytes *out, const char *name, const char *labels, uint64_t us)
{
	add(out, "%s%s %" PRIu64 ".%06" PRIu64 "\n", name, labels, us / 1000000, us % 1000000);
}

/* The figures are read one after the other while they grow: count is the sum of what was read, so
 * that the text agrees with itself.
 */
static void histogram(struct bytes *out, const char *name, const char *stage,
	const struct metrics_histogram *h)
{
	char sum[64], labels[64] = "";
	uint64_t total = 0;

	if (stage)
		(void)snprintf(labels, sizeof(labels), "{stage=\"%s\"}", stage);
	(void)snprintf(sum, sizeof(sum), "%s_sum", name);
	for (size_t i = 0; i <= METRICS_BUCKETS; i++) {
		total += read_one(&h->bucket[i]);
		add(out, "%s_bucket{%s%s%sle=\"%s\"} %" PRIu64 "\n", name, stage ? "stage=\"" : "",
			stage ? stage : "", stage ? "\"," : "",
			i < METRICS_BUCKETS ? BOUNDS[i].text : "+Inf", total);
	}
	seconds(out, sum, labels, read_one(&h->sum_us));
	add(out, "%s_count%s %" PRIu64 "\n", name, labels, total);
}

static void decisions(struct bytes *out, const struct metrics *m)
{
	static const char name[] = "countersign_decisions_total";

	head(out, name, "counter", "What was decided and committed, by kind of audit record.");
	for (int i = 0; i < TALLY_COUNT; i++)
		add(out, "%s{kind=\"%s\"} %" PRIu64 "\n", name, tally_words[i],
			read_one(&m->decided[i]));
}

static void requests(struct bytes *out, const struct metrics *m)
{
	static const char taken[] = "countersign_request_duration_seconds";
	static const char answers[] = "countersign_http_answers_total";

	head(out, taken, "histogram", "From a whole request to its answer.");
	for (int i = 0; i < METRICS_STAGE_COUNT; i++)
		histogram(out, taken, STAGE_WORDS[i], &m->stage[i]);
	head(out, answers, "counter", "Answers by class of status.");
	for (int i = 2; i < 6; i++)
		add(out, "%s{status=\"%dxx\"} %" PRIu64 "\n", answers, i, read_one(&m->answers[i]));
}

static void store(struct bytes *out, const struct metrics *m)
{
	head(out, "countersign_store_commit_duration_seconds", "histogram",
		"Time of a commit until it is durable.");
	histogram(out, "countersign_store_commit_duration_seconds", NULL, &m->commit);
	single(out, "countersign_store_commit_requests_total", "counter",
		"Requests that were in those commits.", read_one(&m->commit_jobs));
	single(out, "countersign_store_failures_total", "counter",
		"Transactions that could not be begun or were lost.",
		read_one(&m->commits_failed));
	single(out, "countersign_audit_records", "gauge", "Number of the newest audit record.",
		read_one(&m->audit_seq));
}

static void messages(struct bytes *out, const struct metrics *m)
{
	static const char name[] = "countersign_messages_total";

	head(out, name, "counter", "Messages to holders: written, sent, tried again, given up.");
	add(out, "%s{result=\"written\"} %" PRIu64 "\n", name, read_one(&m->messages_written));
	add(out, "%s{result=\"sent\"} %" PRIu64 "\n", name, read_one(&m->messages_sent));
	add(out, "%s{result=\"again\"} %" PRIu64 "\n", name, read_one(&m->messages_again));
	add(out, "%s{result=\"failed\"} %" PRIu64 "\n", name, read_one(&m->messages_failed));
}

static void connections(struct bytes *out, const struct metrics_gauges *g)
{
	single(out, "countersign_connections", "gauge", "Open connections.", g->connections);
	single(out, "countersign_handshakes", "gauge", "TLS handshakes under way.", g->handshakes);
	single(out, "countersign_handshakes_failed_total", "counter",
		"TLS handshakes that were refused or failed.", g->handshakes_failed);
	single(out, "countersign_connections_refused_total", "counter",
		"Connections turned away for want of room.", g->connections_refused);
	single(out, "countersign_event_streams", "gauge",
		"Event streams and long polls that wait.", g->streams);
	single(out, "countersign_queue_requests", "gauge",
		"Requests between their arrival and their answer.", g->jobs);
	single(out, "countersign_queue_hashes", "gauge",
		"PINs and passphrases that wait for a hashing thread.", g->hashes);
}

static void ends(struct bytes *out, const struct metrics_gauges *g)
{
	static const char name[] = "countersign_certificate_not_after_seconds";

	if (g->server_not_after > 0 || g->authority_not_after > 0)
		head(out, name, "gauge", "End of a certificate in use, Unix time.");
	if (g->server_not_after > 0)
		add(out, "%s{certificate=\"server\"} %" PRId64 "\n", name, g->server_not_after);
	if (g->authority_not_after > 0)
		add(out, "%s{certificate=\"authority\"} %" PRId64 "\n", name,
			g->authority_not_after);
	if (!g->ends || !g->ends->looked_at)
		return;
	single(out, "countersign_terminal_certificates_ending", "gauge",
		"Certificates of terminals that end soon or ended in the last 30 days.",
		(uint64_t)g->ends->terminals);
	if (g->ends->issuer > 0)
		single(out, "countersign_issuer_key_not_after_seconds", "gauge",
			"First end of a key of the issuer, Unix time.", (uint64_t)g->ends->issuer);
}

/* proc(5): the second figure of statm is the resident pages. */
static uint64_t resident(void)
{
	char text[128];
	unsigned long long pages = 0;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd); /* was only read */
	if (n <= 0)
		return 0;
	text[n] = '\0';
	if (sscanf(text, "%*s %llu", &pages) != 1)
		return 0;
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void metrics_text(struct bytes *out, const struct metrics *m, const struct metrics_gauges *g)
{
	decisions(out, m);
	requests(out, m);
	store(out, m);
	messages(out, m);
	connections(out, g);
	ends(out, g);
	single(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident());
	head(out, "process_start_time_seconds", "gauge", "Start of the process, Unix time.");
	seconds(out, "process_start_time_seconds", "", (uint64_t)m->started_unix_ms * 1000);
}
