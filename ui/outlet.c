/* SPDX-License-Identifier: Apache-2.0
 *
 * Event lines to their readers.
 */
#include "ui/outlet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text_safe.h"

void outlet_init(struct outlet *o)
{
	*o = (struct outlet){.json_fd = -1, .writer = {.fd = -1}};
}

void outlet_done(struct outlet *o)
{
	session_write_close(&o->writer);
	free(o->difference);
	o->difference = NULL;
}

static void difference_release(struct outlet *o)
{
	if (o->difference != NULL)
		fputs(o->difference, stderr);
	free(o->difference);
	o->difference = NULL;
}

static void difference_print(struct outlet *o, const char *words, struct span got)
{
	struct span expected = session_expected(o->reader);

	o->differs = true;
	while (got.len > 0 && got.data[got.len - 1] == '\n')
		got.len--;
	/* The recording may be a stranger's: its lines are JSON from our own writer here, which has
	 * escaped control characters, but not the ones that only change how text is shown.
	 */
	static char safe[2][EVENTS_LINE_MAX];

	text_safe(safe[0], sizeof safe[0], expected);
	text_safe(safe[1], sizeof safe[1], got);
	if (asprintf(&o->difference, "replay: %s\n  expected: %s\n  got:      %s\n", words,
		    expected.len > 0 ? safe[0] : "nothing", got.len > 0 ? safe[1] : "nothing") < 0)
		o->difference = NULL;
	if (!o->hold_difference)
		difference_release(o);
}

static void compare(struct outlet *o, struct span line)
{
	struct err err = {0};

	if (session_compare(o->reader, line, &err) != ERR_OK)
		difference_print(o, err.text, line);
}

static void record(struct outlet *o, struct span line)
{
	struct err err = {0};

	if (session_write_line(&o->writer, line, &err) == ERR_OK)
		return;
	memcpy(o->record_fault, err.text, sizeof o->record_fault);
	memcpy(o->record_ended, err.text, sizeof o->record_ended);
	log_line(LOG_ERROR, "record", "%s", err.text);
}

void outlet_break(struct outlet *o, const char *why)
{
	if (o->broken)
		return;
	o->broken = true;
	log_line(LOG_ERROR, "output", "standard output takes no more, so the terminal ends: %s",
		why);
}

void outlet_print(struct outlet *o, struct span line)
{
	struct err err = {0};

	if (o->json_fd >= 0 && !o->broken && file_write_all(o->json_fd, line, &err) != ERR_OK)
		outlet_break(o, err.text);
}

void outlet_line(void *ctx, enum events_to to, struct span line)
{
	struct outlet *o = ctx;

	if (to != EVENTS_TO_SIMULATOR)
		outlet_print(o, line);
	if (to != EVENTS_TO_SIMULATOR && o->tap != NULL)
		o->tap(o->tap_ctx, line);
	if (to == EVENTS_TO_ALL) {
		record(o, line);
		if (o->reader != NULL)
			compare(o, line);
	}
	if (to != EVENTS_TO_OUTPUT && o->scanner != NULL && scan_process_is_simulator(o->scanner))
		scan_process_tell(o->scanner, (const char *)line.data, line.len);
}

void outlet_compare_end(struct outlet *o)
{
	struct err err = {0};

	if (o->reader != NULL && session_compare_end(o->reader, &err) != ERR_OK)
		difference_print(o, err.text, SPAN(NULL, 0));
	difference_release(o);
	if (o->reader != NULL && o->hold_difference && !o->differs)
		fputs("replay: every event is as recorded\n", stderr);
}
