/* SPDX-License-Identifier: Apache-2.0
 *
 * What happened, as JSON lines: for a till (--headless --json), for recordings, and for the
 * simulator, whose phone "sees" the screen this way. docs/events.md is the reference. Events of the
 * flow are made by comparing it before and after a step, so that every way into a phase says the
 * same.
 *
 * No allocation. PIN digits never come here.
 */
#ifndef UI_EVENTS_H
#define UI_EVENTS_H

#include "base/json.h"
#include "verifier/flow.h"

#define EVENTS_VERSION  1
#define EVENTS_LINE_MAX 8192 /* bytes with the line break */

enum events_to {
	EVENTS_TO_ALL,    /* standard output, recording, simulator */
	EVENTS_TO_OUTPUT, /* standard output only: what another run would not repeat */
	EVENTS_TO_SIMULATOR
};

/* Whoever holds codes before the camera can make a notice with every frame. Of the same one, one in
 * this time is told; of different ones, that many. What an answer brings is always told.
 */
#define EVENTS_NOTICE_MS 1000
#define EVENTS_NOTICES   4

struct events {
	void (*sink)(void *ctx, enum events_to to, struct span line); /* line with its break */
	void *ctx;
	int64_t start_ms; /* at_ms counts from here */
	int64_t now_ms;   /* set by the caller before an event */

	struct { /* the flow before the step */
		enum flow_phase phase;
		enum flow_reason notice;
		char notice_symbology[FLOW_SYMBOLOGY_MAX];
		char notice_text[FLOW_LABEL_MAX];
		uint32_t serial;
		bool in_flight;
	} last;

	struct { /* the notices that were told last, the oldest is overwritten */
		enum flow_reason reason;
		char symbology[FLOW_SYMBOLOGY_MAX];
		char text[FLOW_LABEL_MAX];
		int64_t at_ms;
	} noticed[EVENTS_NOTICES];
	unsigned noticed_next;
	bool notice_told; /* in this step */

	struct bytes line;
	struct json_out out;
	char storage[EVENTS_LINE_MAX];
};

void events_init(struct events *e, int64_t start_ms);

struct events_ready {
	const char *source;
	const char *backend;
	bool simulator;
	bool stepped;
	int64_t unix_ms; /* wall clock at at_ms */
};
void events_ready(struct events *e, const struct events_ready *r);
/* Stepped sources: frame number `frame` and every request that it caused are done. */
void events_frame(struct events *e, uint32_t frame);
/* state: "restarted" "ended" "fault" "running"; text may be empty. */
void events_scanner(struct events *e, const char *state, const char *text);
/* Why the camera does not read changed: a word of SCAN_HINT_LIST. */
void events_hint(struct events *e, const char *why);
void events_backend(struct events *e, bool reachable, const char *fault);
/* What became of a sale that the offline policy wrote down: "written" "accepted" "conflict". */
void events_offline(struct events *e, const char *state, const char *id, const char *reason,
	const char *receipt);
/* The same as events_backend(), known without a card. */
void events_backend_heard(struct events *e, bool reachable, const char *fault);
/* What the backend told unasked. */
/* barred: why nothing is taken from this terminal; REASON_NONE = it may go on. */
void events_terminal(struct events *e, enum flow_reason barred);
void events_issuer(struct events *e, size_t keys);
/* The operator or the till cancelled. */
void events_cancel(struct events *e);
struct client_sale;
/* What the next verification is for; and whether cards are taken. */
void events_sale(struct events *e, const struct client_sale *sale);
void events_cards(struct events *e, bool taken);
/* A command line that was not taken. */
void events_command_fault(struct events *e, const char *text);
void events_recording_stopped(struct events *e, const char *text);

/* A line that others make: begins it, and ends it with its break. The line goes nowhere by itself
 * and is borrowed until the next event.
 */
struct json_out *events_line_begin(struct events *e, const char *name);
struct span events_line_end(struct events *e);

void events_before(struct events *e, const struct flow *f);
void events_after(struct events *e, const struct flow *f, const struct flow_event *ev,
	const struct flow_actions *actions);

/* The verdict of a run in which no verification was begun. */
void events_nothing_decided(struct events *e, const char *reason);

struct events_stats {
	int64_t rss_kib, scanner_rss_kib;
	int64_t first_frame_ms; /* from start; -1 = none came */
	int64_t wall_ms, cpu_ms;
	uint64_t frames, decode_us;
	unsigned restarts;
};
void events_stats(struct events *e, const struct events_stats *s);

/* The last line. */
void events_end(struct events *e, const char *verdict, const char *reason, uint32_t verifications);

const char *events_state_word(enum flow_recorded state);

#endif
