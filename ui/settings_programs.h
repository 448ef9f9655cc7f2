/* SPDX-License-Identifier: Apache-2.0
 *
 * [sound] and [speech] of terminal.conf, and how any program of it is read.
 */
#ifndef UI_SETTINGS_PROGRAMS_H
#define UI_SETTINGS_PROGRAMS_H

#include "ui/runner.h"

#define SPEECH_REPEAT_S      20  /* the number again, after it was said; unless configured */
#define SPEECH_REPEAT_S_MAX  300
#define SPEECH_LANGUAGE_NAME "language" /* {language}: "en" or "zh" */

enum sound_kind {
	SOUND_NONE = 0,
	SOUND_ACCEPTED,
	SOUND_REFUSED,
	SOUND_UNCERTAIN,
	SOUND_UNCONFIRMED,
	SOUND_COUNT
};

struct sound_settings {
	struct runner_command command[SOUND_COUNT]; /* without words: the bell */
};

struct speech_settings {
	struct runner_command command; /* without words: nothing is said */
	int64_t repeat_s;              /* 0 = the number is said once */
	bool verdicts;                 /* false: only the number and the PIN */
};

/* As they stand in the file. */
struct settings_programs {
	char sound[SOUND_COUNT][RUNNER_LINE_MAX];
	char speech[RUNNER_LINE_MAX];
};

/* key: "[sound] accepted"; names: as runner_command_parse(). ERR_FORMAT names file and key. */
ERR_MUST_CHECK enum err_code settings_program_decode(struct runner_command *out, const char *path,
	const char *key, const char *line, const char *const *names, struct err *err);
/* said_in: the file that says a field of the draft. */
ERR_MUST_CHECK enum err_code settings_programs_decode(struct sound_settings *sound,
	struct speech_settings *speech, const struct settings_programs *draft,
	const char *(*said_in)(const void *ctx, const void *field), const void *ctx,
	struct err *err);

#endif
