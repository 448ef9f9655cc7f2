/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of terminal.conf and where they go. Private to settings*.c and their tests: whoever has
 * new settings adds rows in settings_table.c, and checks what they say in settings.c.
 */
#ifndef UI_SETTINGS_TABLE_H
#define UI_SETTINGS_TABLE_H

#include "base/config.h"
#include "ui/settings.h"
#include "ui/settings_programs.h"
#include "ui/settings_sale.h"

/* What stands in the file in another form than it is kept. */
struct settings_draft {
	char size[16]; /* these five: [camera] */
	char format[16];
	char scale[16];
	int64_t rate;
	char controls[SCAN_CAMERA_WORDS_MAX];
	char sale_amount[16]; /* these two: [sale] */
	char sale_currency[SETTINGS_CURRENCY_TEXT_MAX];
	struct settings_programs programs; /* [sound], [speech] */
	char theme[24];
	char issuer_key[2 * SEC_ED25519_PUBLIC_LEN + 1]; /* hex */
};

/* What counts where no file says anything, unless that is zero. */
void settings_defaults(struct settings *s);
/* Returns how many keys there are. */
size_t settings_table(struct config_key keys[static SETTINGS_KEYS_MAX], struct settings *s,
	struct settings_draft *d);

/* One reading: the table, and what goes where. */
struct settings_reading {
	struct settings *s;
	struct settings_draft draft;
	struct config_key keys[SETTINGS_KEYS_MAX];
	size_t count;
};
/* Both files, or the one that s->system_path and s->user_path name. */
ERR_MUST_CHECK enum err_code settings_files_read(struct settings_reading *r, struct err *err);
/* The file whose word counts. field: of the settings or of the draft. */
const char *settings_said_in(const struct settings_reading *r, const void *field);

bool settings_file_is_there(const char *path);
ERR_MUST_CHECK enum err_code settings_path_take(char out[static SETTINGS_PATH_MAX],
	const char *head, const char *tail, struct err *err);

#endif
