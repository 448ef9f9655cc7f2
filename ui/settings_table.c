/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of terminal.conf.
 */
#include "ui/settings_table.h"

#include <string.h>

#include "scanner/camera_settings.h"
#include "ui/grid.h"

#define TEXT(section, name, field) {section, name, CONFIG_TEXT, field, sizeof field, 0, 0}
#define INT(section, name, field, min, max) {section, name, CONFIG_INT, &(field), 0, min, max}
#define BOOL(section, name, field) {section, name, CONFIG_BOOL, &(field), 0, 0, 0}

void settings_defaults(struct settings *s)
{
	s->result_s = FLOW_RESULT_MS / 1000;
	s->operators.idle_minutes = OPERATORS_IDLE_MINUTES;
	s->operators.aside_minutes = OPERATORS_ASIDE_MINUTES;
	s->speech.repeat_s = SPEECH_REPEAT_S;
	s->speech.verdicts = true;
	s->display.colours = 8;
	s->display.columns = SETTINGS_DISPLAY_COLUMNS;
	s->display.rows = SETTINGS_DISPLAY_ROWS;
	s->receipt.cut = true;
	offline_settings_default(&s->offline);
}

static size_t offline_table(struct config_key *keys, struct offline_settings *o)
{
	const struct config_key rows[] = {
		TEXT("offline", "policy", o->policy),
		TEXT("offline", "currency", o->currency),
		INT("offline", "amount_max", o->amount_max, 1, INT64_MAX),
		INT("offline", "sum_max", o->sum_max, 1, INT64_MAX),
		INT("offline", "count_max", o->count_max, 1, OFFLINE_COUNT_MAX),
		INT("offline", "card_max", o->card_max, 1, OFFLINE_COUNT_MAX),
		INT("offline", "minutes_max", o->minutes_max, 1, OFFLINE_MINUTES_MAX),
		INT("offline", "list_minutes_max", o->list_minutes_max, 1,
			OFFLINE_MINUTES_MAX),
		BOOL("offline", "pictures", o->pictures),
		TEXT("offline", "folder", o->folder),
	};

	memcpy(keys, rows, sizeof rows);
	return sizeof rows / sizeof rows[0];
}

size_t settings_table(struct config_key keys[static SETTINGS_KEYS_MAX], struct settings *s,
	struct settings_draft *d)
{
	const struct config_key rows[] = {
		TEXT("terminal", "name", s->terminal_name),
		TEXT("terminal", "language", s->language),
		TEXT("terminal", "source", s->source),
		BOOL("terminal", "all_symbologies", s->all_symbologies),
		TEXT("camera", "size", d->size),
		TEXT("camera", "format", d->format),
		INT("camera", "rate", d->rate, 1, CAMERA_RATE_MAX),
		TEXT("camera", "scale", d->scale),
		TEXT("camera", "controls", d->controls),
		TEXT("sale", "amount", d->sale_amount),
		TEXT("sale", "currency", d->sale_currency),
		BOOL("operators", "required", s->operators.required),
		INT("operators", "idle_minutes", s->operators.idle_minutes, 0,
			OPERATORS_MINUTES_MAX),
		INT("operators", "aside_minutes", s->operators.aside_minutes, 0,
			OPERATORS_MINUTES_MAX),
		TEXT("screen", "theme", d->theme),
		INT("screen", "result_seconds", s->result_s, 1, SETTINGS_RESULT_S_MAX),
		TEXT("sound", "accepted", d->programs.sound[SOUND_ACCEPTED]),
		TEXT("sound", "refused", d->programs.sound[SOUND_REFUSED]),
		TEXT("sound", "uncertain", d->programs.sound[SOUND_UNCERTAIN]),
		TEXT("sound", "unconfirmed", d->programs.sound[SOUND_UNCONFIRMED]),
		TEXT("speech", "command", d->programs.speech),
		INT("speech", "repeat_seconds", s->speech.repeat_s, 0, SPEECH_REPEAT_S_MAX),
		BOOL("speech", "verdicts", s->speech.verdicts),
		TEXT("sales", "folder", s->sales_folder),
		TEXT("receipt", "command", s->receipt.command),
		TEXT("receipt", "device", s->receipt.device),
		INT("receipt", "speed", s->receipt.speed, 1200, 230400),
		TEXT("receipt", "format", s->receipt.format),
		TEXT("receipt", "encoding", s->receipt.encoding),
		INT("receipt", "columns", s->receipt.columns, RECEIPT_COLS_MIN, RECEIPT_COLS_MAX),
		INT("receipt", "copies", s->receipt.copies, 1, PRINTER_COPIES_MAX),
		BOOL("receipt", "cut", s->receipt.cut),
		TEXT("receipt", "print", s->receipt.print),
		TEXT("receipt", "language", s->receipt.language),
		TEXT("receipt", "header", s->receipt.header),
		TEXT("receipt", "footer", s->receipt.footer),
		TEXT("till", "socket", s->till.socket),
		TEXT("till", "group", s->till.group),
		BOOL("till", "only", s->till.only),
		TEXT("till", "webhook", s->till.webhook),
		TEXT("till", "webhook_key", s->till.webhook_key),
		TEXT("till", "webhook_ca", s->till.webhook_ca),
		TEXT("display", "device", s->display.device),
		TEXT("display", "language", s->display.language),
		TEXT("display", "title", s->display.title),
		INT("display", "colours", s->display.colours, 0, 256),
		INT("display", "columns", s->display.columns, 20, GRID_COLS_MAX),
		INT("display", "rows", s->display.rows, 4, GRID_ROWS_MAX),
		INT("display", "speed", s->display.speed, 1200, 921600),
		TEXT("backend", "url", s->url),
		TEXT("backend", "token", s->token),
		TEXT("backend", "ca", s->ca),
		TEXT("backend", "certificate", s->certificate),
		TEXT("backend", "key", s->key),
		TEXT("issuer", "name", s->issuer_name),
		TEXT("issuer", "host", s->issuer_host),
		TEXT("issuer", "key", d->issuer_key),
	};

	_Static_assert(sizeof rows / sizeof rows[0] + 16 <= SETTINGS_KEYS_MAX, "too many keys");
	memcpy(keys, rows, sizeof rows);
	return sizeof rows / sizeof rows[0] +
	       offline_table(keys + sizeof rows / sizeof rows[0], &s->offline);
}
