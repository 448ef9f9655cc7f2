/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs of terminal.conf.
 */
#include "ui/settings_programs.h"

enum err_code settings_program_decode(struct runner_command *out, const char *path,
	const char *key, const char *line, const char *const *names, struct err *err)
{
	enum err_code rc = runner_command_parse(out, line, names, err);

	return rc == ERR_OK ? rc : err_prefix(err, "%s: %s", path, key);
}

enum err_code settings_programs_decode(struct sound_settings *sound,
	struct speech_settings *speech, const struct settings_programs *draft,
	const char *(*said_in)(const void *ctx, const void *field), const void *ctx,
	struct err *err)
{
	static const char *const names[] = {SPEECH_LANGUAGE_NAME, NULL};
	static const char *const keys[SOUND_COUNT] = {
		[SOUND_ACCEPTED] = "[sound] accepted",
		[SOUND_REFUSED] = "[sound] refused",
		[SOUND_UNCERTAIN] = "[sound] uncertain",
		[SOUND_UNCONFIRMED] = "[sound] unconfirmed",
	};
	enum err_code rc = ERR_OK;

	for (int i = SOUND_ACCEPTED; rc == ERR_OK && i < SOUND_COUNT; i++)
		rc = settings_program_decode(&sound->command[i], said_in(ctx, draft->sound[i]),
			keys[i], draft->sound[i], NULL, err);
	if (rc == ERR_OK)
		rc = settings_program_decode(&speech->command, said_in(ctx, draft->speech),
			"[speech] command", draft->speech, names, err);
	return rc;
}
