/* SPDX-License-Identifier: Apache-2.0
 *
 * Where event lines go: standard output, the recording, the simulator; in a replay they are
 * compared with the recording.
 */
#ifndef UI_OUTLET_H
#define UI_OUTLET_H

#include "scanner/scanner.h"
#include "ui/session.h"

struct outlet {
	int json_fd;                   /* -1 = no JSON lines */
	struct session_writer writer;  /* fd -1 = no recording */
	struct session_reader *reader; /* NULL = no replay */
	struct scan_process
		*scanner; /* NULL until there is one; gets lines when it is a simulator */
	/* Others who listen: tills at the socket. NULL = none. The line is borrowed. */
	void (*tap)(void *ctx, struct span line);
	void *tap_ctx;
	bool broken;      /* nobody reads standard output any more */
	char record_fault[ERR_TEXT_MAX]; /* why the recording ended; "" = it goes on, or was told */
	char record_ended[ERR_TEXT_MAX]; /* the same for the screen: stays; also of frames */
	bool differs;                    /* replay: something was not as recorded */
	bool hold_difference;            /* a screen is open: it is printed at the end */
	char *difference;                /* held; heap */
};

void outlet_init(struct outlet *o);
void outlet_done(struct outlet *o);
/* Standard output takes no more lines: says so, once. */
void outlet_break(struct outlet *o, const char *why);
/* As events.sink; ctx is the outlet. */
void outlet_line(void *ctx, enum events_to to, struct span line);
/* To standard output alone. */
void outlet_print(struct outlet *o, struct span line);
/* Replay, after the last event and with no screen open: is anything missing? */
void outlet_compare_end(struct outlet *o);

#endif
