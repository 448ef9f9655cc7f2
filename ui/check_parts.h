/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to check*.c: what each part looks at and how it tells.
 */
#ifndef UI_CHECK_PARTS_H
#define UI_CHECK_PARTS_H

#include "ui/runner.h"
#include "ui/settings.h"

enum check_state {
	CHECK_GOOD,
	CHECK_UNUSED, /* not configured, or cannot be looked at */
	CHECK_WARNING,
	CHECK_FAULT,
	CHECK_STATE_COUNT
};

#define CHECK_TEXT_MAX 1024 /* bytes of what is told, or of what to do */

struct check {
	bool json;
	bool settings_there; /* the configuration could be read */
	struct settings settings;
	const char *source;  /* where pictures come from */
	int count[CHECK_STATE_COUNT];
	bool output_failed;
};

/* name: "camera", the word of the JSON; its words for people are in check.c. todo: what to do; ""
 * or NULL = nothing. Texts need not be safe.
 */
void check_tell(struct check *c, const char *name, enum check_state state, const char *todo,
	const char *fmt, ...) ERR_PRINTF(5, 6);

void check_camera(struct check *c);  /* camera or reader, and light */
void check_backend(struct check *c); /* certificate, backend, clock */
void check_machine(struct check *c); /* language, folder of sales */
void check_offline(struct check *c); /* policy and journal of sales without the server */
void check_till(struct check *c);    /* socket of tills, webhook */
void check_outputs(struct check *c); /* sound, speech, printer, customer display */

/* A program of the configuration. */
void check_command(struct check *c, const char *name, const char *key,
	const struct runner_command *command);
/* A device that is written to. */
void check_device(struct check *c, const char *name, const char *key, const char *path);

/* Grey pixels of a small picture: too dark or too light to read codes in? Pure. */
enum check_light {
	CHECK_LIGHT_GOOD,
	CHECK_LIGHT_DARK,
	CHECK_LIGHT_BRIGHT,
	CHECK_LIGHT_COVERED /* one and the same grey: a lid, a hand, no picture at all */
};
enum check_light check_light_of(const uint8_t *grey, size_t count);

#endif
