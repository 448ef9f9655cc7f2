/* SPDX-License-Identifier: Apache-2.0
 *
 * Flags: table, parser, help.
 */
#include "ui/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "base/near.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "scanner/camera_settings.h"
#include "scanner/scanner.h"

enum option_type {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_INT
};

struct option_row {
	const char *name;
	const char *value; /* how the value is called in the help; NULL = none */
	const char *words; /* NULL = another spelling, not in the help */
	enum option_type type;
	size_t offset;
	int64_t min, max;
};

/* clang-format off */
#define ROW(name, value, words, type, field, min, max)                                             \
	{name, value, words, type, offsetof(struct options, field), min, max}
#define FLAG(name, field, words) ROW(name, NULL, words, OPTION_FLAG, field, 0, 0)
#define TEXT(name, field, value, words) ROW(name, value, words, OPTION_TEXT, field, 0, 0)
#define INT(name, field, value, min, max, words)                                                   \
	ROW(name, value, words, OPTION_INT, field, min, max)

static const struct option_row rows[] = {
	TEXT("source", source, "SPEC",
		N_("where frames come from: /dev/videoN, reader:PATH (a hand-held reader: "
		   "/dev/input/eventN, /dev/hidrawN, /dev/ttyACM0,115200), replay:PATH (a folder "
		   "of pictures, a .mjpeg or .y4m file, a recording, - for standard input), "
		   "simulator:COMMAND")),
	TEXT("device", device, "PATH", N_("a camera; the same as --source PATH")),
	TEXT("camera", camera, "WORDS",
		N_("settings of the camera, for example \"size=1280x720 "
		   "power_line_frequency=50hz\"; `countersign devices` says what it has")),
	FLAG("all-symbologies", all_symbologies,
		N_("tell of bar codes and others than QR, too; they are never cards")),
	TEXT("config", config, "FILE",
		N_("configuration (default: $COUNTERSIGN_CONFIG, "
		   "~/.config/countersign/terminal.conf, /etc/countersign/terminal.conf)")),
	TEXT("amount", amount_text, "12.80", N_("what is paid, with --currency")),
	TEXT("currency", currency_text, "EUR", N_("three letters of ISO 4217")),
	TEXT("reference", reference_text, "TEXT", N_("number or words of the transaction")),
	TEXT("operator", operator_text, "NAME", N_("who is at the counter; goes to the backend")),
	FLAG("headless", headless, N_("no screen: print what happens")),
	FLAG("json", json,
		N_("with --headless: one JSON object a line; "
		   "commands as JSON lines on standard input")),
	TEXT("socket", socket, "PATH",
		N_("a Unix socket for tills: they start sales and get verdicts (docs/till.md)")),
	FLAG("till", till,
		N_("take no card but for a sale that a till started (with --headless --socket "
		   "the default)")),
	FLAG("once", once, N_("end after one verification (with --headless the default)")),
	FLAG("continuous", continuous,
		N_("go on after a verification (with a screen the default)")),
	TEXT("pin-file", pin_file, "FILE",
		N_("with --headless: PINs for the next tries, one a line; "
		   "the file's mode is 0600")),
	TEXT("language", language, "en|zh_CN",
		N_("language of screen and messages (default: $LANG)")),
	TEXT("theme", theme_text, "THEME",
		N_("standard, high-contrast or no-colour")),
	FLAG("no-colour", no_colour, N_("no colours (also: NO_COLOR in the environment)")),
	FLAG("no-color", no_colour, NULL),
	FLAG("no-bell", no_bell, N_("no beeps")),
	TEXT("display", display, "PATH",
		N_("a second terminal for the customer, for example /dev/tty2")),
	TEXT("record", record, "DIR", N_("write frames, events and decisions to a new folder")),
	TEXT("replay", replay, "DIR",
		N_("run a recording again and compare every event; "
		   "status 0 when all are the same")),
	INT("fps", fps, "N", 1, OPTIONS_FPS_MAX,
		N_("frames a second of a source without time stamps")),
	FLAG("step", step,
		N_("virtual time: frames as fast as they can be examined, none is skipped")),
	INT("start-time", start_unix_ms, "MS", 1, INT64_C(253402300799000),
		N_("with --step: Unix milliseconds at which virtual time begins")),
	FLAG("loop", loop, N_("begin a replay: source again when it ends")),
	FLAG("stats", stats, N_("print a JSON line with memory, frames and times at the end")),
	FLAG("verbose", verbose, N_("log more to standard error")),
	FLAG("help", help, N_("these words")),
	FLAG("version", version, N_("the version")),
};
/* clang-format on */

#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* ---- parsing ---- */

static const struct option_row *row_find(const char *arg, size_t len)
{
	size_t i;

	for (i = 0; i < ROW_COUNT; i++)
		if (strlen(rows[i].name) == len && memcmp(rows[i].name, arg, len) == 0)
			return &rows[i];
	return NULL;
}

static enum err_code unknown(const char *arg, size_t len, struct err *err)
{
	char safe[NEAR_WORD_MAX];
	const char *best = NULL;
	size_t best_distance = NEAR_WORD_MAX;

	text_safe(safe, sizeof safe, SPAN(arg, len));
	for (size_t i = 0; i < ROW_COUNT && strncmp(safe, "--", 2) == 0; i++) {
		size_t distance = near_distance(safe + 2, rows[i].name);

		if (near_is(distance, safe + 2) && distance < best_distance) {
			best = rows[i].name;
			best_distance = distance;
		}
	}
	if (best != NULL)
		return err_set(err, ERR_USAGE, "%s: no such flag; is it --%s?", safe, best);
	return err_set(err, ERR_USAGE, "%s: no such flag; countersign --help lists them", safe);
}

static enum err_code int_parse(
	int64_t *out, const struct option_row *row, const char *text, struct err *err)
{
	size_t len = strlen(text);
	int64_t v = 0;
	size_t i;

	for (i = 0; i < len && len <= 15; i++) {
		if (text[i] < '0' || text[i] > '9')
			break;
		v = v * 10 + (text[i] - '0');
	}
	if (len == 0 || i < len || v < row->min || v > row->max)
		return err_set(err, ERR_USAGE, "--%s: a whole number from %lld to %lld", row->name,
			(long long)row->min, (long long)row->max);
	*out = v;
	return ERR_OK;
}

static enum err_code value_store(
	struct options *out, const struct option_row *row, const char *value, struct err *err)
{
	void *field = (char *)out + row->offset;

	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return ERR_OK;
	case OPTION_TEXT:
		if (value[0] == '\0')
			return err_set(err, ERR_USAGE, "--%s: is empty; it needs %s", row->name,
				row->value);
		*(const char **)field = value;
		return ERR_OK;
	case OPTION_INT:
		return int_parse(field, row, value, err);
	}
	return ERR_INTERNAL;
}

/* One flag at argv[*at], with its value there or in the next word. */
static enum err_code flag_parse(
	struct options *out, int *at, int argc, char *const *argv, struct err *err)
{
	const char *arg = argv[*at];
	const char *equals = strchr(arg, '=');
	size_t len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
	const struct option_row *row = NULL;
	const char *value = equals != NULL ? equals + 1 : NULL;

	if (len > 2 && arg[0] == '-' && arg[1] == '-')
		row = row_find(arg + 2, len - 2);
	if (row == NULL)
		return unknown(arg, len, err);
	if (row->type == OPTION_FLAG && value != NULL)
		return err_set(err, ERR_USAGE, "--%s: takes no value", row->name);
	if (row->type != OPTION_FLAG && value == NULL) {
		if (*at + 1 >= argc)
			return err_set(
				err, ERR_USAGE, "--%s: needs a value: %s", row->name, row->value);
		value = argv[++*at];
	}
	return value_store(out, row, value, err);
}

/* ---- checks between flags ---- */

static enum err_code text_take(
	char *out, size_t cap, const char *flag, const char *text, struct err *err)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len >= cap)
		return err_set(err, ERR_USAGE, "--%s: at most %zu bytes", flag, cap - 1);
	if (len > 0 && !text_is_safe(SPAN(text, len)))
		return err_set(err, ERR_USAGE, "--%s: characters that cannot be shown", flag);
	if (len > 0)
		memcpy(out, text, len);
	out[len] = '\0';
	return ERR_OK;
}

static enum err_code clash(const char *one, const char *other, struct err *err)
{
	return err_set(err, ERR_USAGE, "--%s and --%s: only one of them", one, other);
}

/* A till says it with each sale. */
static enum err_code till_check(const struct options *o, struct err *err)
{
	if (!o->till && (o->socket == NULL || !o->headless))
		return ERR_OK;
	if (o->amount_text != NULL || o->reference_text != NULL)
		return clash(o->amount_text != NULL ? "amount" : "reference",
			o->till ? "till" : "socket", err);
	return ERR_OK;
}

static enum err_code sale_parse(struct options *o, struct err *err)
{
	struct client_sale *s = &o->sale;
	struct err why;
	enum err_code rc = ERR_OK;

	if (o->currency_text != NULL) {
		if (!amount_currency_is_valid(o->currency_text))
			return err_set(err, ERR_USAGE,
				"--currency: one of ISO 4217 in capital letters, for example EUR");
		if (o->amount_text == NULL)
			return err_set(err, ERR_USAGE, "--currency: needs --amount");
		memcpy(s->currency, o->currency_text, sizeof s->currency);
	}
	if (o->amount_text != NULL) {
		if (o->currency_text == NULL)
			return err_set(
				err, ERR_USAGE, "--amount: needs --currency, for example EUR");
		if (amount_parse(&s->amount, o->amount_text, s->currency, &why))
			return err_set(err, ERR_USAGE, "--amount: %s", why.text);
	}
	if (rc == ERR_OK)
		rc = text_take(
			s->reference, sizeof s->reference, "reference", o->reference_text, err);
	if (rc == ERR_OK)
		rc = text_take(s->operator_name, sizeof s->operator_name, "operator",
			o->operator_text, err);
	return rc;
}

/* Where the configuration says the source, the scanner finds out. */
static bool is_no_camera(const struct options *o)
{
	const char *source = o->device != NULL ? o->device : o->source;

	if (o->replay != NULL)
		return true;
	return source != NULL && strncmp(source, "/dev/", 5) != 0 &&
	       strncmp(source, "replay:/dev/", 12) != 0;
}

static enum err_code theme_parse(struct options *o, struct err *err)
{
	if (o->theme_text == NULL)
		return ERR_OK;
	if (!screen_theme_of(&o->theme, o->theme_text))
		return err_set(err, ERR_USAGE,
			"--theme: there are standard, high-contrast and no-colour");
	if (o->no_colour && o->theme != SCREEN_THEME_NO_COLOUR)
		return clash("theme", "no-colour", err);
	return ERR_OK;
}

static enum err_code clashes_check(const struct options *o, struct err *err)
{
	struct camera_settings camera;
	struct err why;

	if (o->source != NULL && o->device != NULL)
		return clash("source", "device", err);
	if (o->replay != NULL && (o->source != NULL || o->device != NULL))
		return clash("replay", o->source != NULL ? "source" : "device", err);
	if (o->replay != NULL && o->record != NULL)
		return clash("replay", "record", err);
	if (o->replay != NULL && o->loop)
		return clash("replay", "loop", err);
	if (o->once && o->continuous)
		return clash("once", "continuous", err);
	if (o->json && !o->headless)
		return err_set(err, ERR_USAGE, "--json: needs --headless");
	if (o->pin_file != NULL && !o->headless)
		return err_set(err, ERR_USAGE,
			"--pin-file: needs --headless; on the screen the PIN is typed");
	if (o->replay != NULL && (o->socket != NULL || o->till))
		return clash("replay", o->socket != NULL ? "socket" : "till", err);
	if (o->step && (o->socket != NULL || o->till))
		return clash("step", o->socket != NULL ? "socket" : "till", err);
	if (o->start_unix_ms != 0 && !o->step)
		return err_set(err, ERR_USAGE, "--start-time: needs --step");
	if (o->language != NULL && !text_language_exists(o->language))
		return err_set(err, ERR_USAGE, "--language: there are en and zh_CN");
	if (o->source != NULL && strlen(o->source) >= SCAN_SOURCE_MAX)
		return err_set(err, ERR_USAGE, "--source: at most %d bytes", SCAN_SOURCE_MAX - 1);
	if (o->camera != NULL && camera_settings_parse(&camera, o->camera, &why))
		return err_set(err, ERR_USAGE, "--camera: %s", why.text);
	if (o->camera != NULL && is_no_camera(o))
		return err_set(err, ERR_USAGE,
			"--camera: needs a camera as the source, for example /dev/video0");
	return ERR_OK;
}

enum err_code options_parse(struct options *out, int argc, char *const *argv, struct err *err)
{
	int at;
	enum err_code rc = ERR_OK;

	memset(out, 0, sizeof *out);
	for (at = 1; at < argc && rc == ERR_OK; at++) {
		rc = flag_parse(out, &at, argc, argv, err);
		if (out->help || out->version)
			return ERR_OK;
	}
	if (rc == ERR_OK)
		rc = clashes_check(out, err);
	if (rc == ERR_OK)
		rc = theme_parse(out, err);
	if (rc == ERR_OK)
		rc = till_check(out, err);
	if (rc == ERR_OK)
		rc = sale_parse(out, err);
	if (rc == ERR_OK && out->device != NULL)
		out->source = out->device;
	if (rc == ERR_OK && out->source == NULL && out->replay == NULL) {
		out->source = OPTIONS_SOURCE_DEFAULT;
		out->source_default = true;
	}
	return rc;
}

/* ---- help ---- */

#define HELP_INDENT  24
#define HELP_COLUMNS 80

static void spaces(struct bytes *out, size_t count)
{
	while (count-- > 0)
		bytes_add_text(out, " ");
}

/* Words broken to lines below one another, from column HELP_INDENT on. */
static void help_words(struct bytes *out, const char *words)
{
	struct span text = span_text(words);
	size_t at = 0;
	size_t column = HELP_INDENT;

	while (at < text.len) {
		const uint8_t *end = memchr(text.data + at, ' ', text.len - at);
		size_t len = end != NULL ? (size_t)(end - (text.data + at)) : text.len - at;
		size_t columns = text_columns(SPAN(text.data + at, len));

		if (column > HELP_INDENT && column + columns + 1 > HELP_COLUMNS) {
			bytes_add_text(out, "\n");
			spaces(out, HELP_INDENT);
			column = HELP_INDENT;
		} else if (column > HELP_INDENT) {
			bytes_add_text(out, " ");
			column++;
		}
		bytes_add(out, text.data + at, len);
		column += columns;
		at += len + 1;
	}
	bytes_add_text(out, "\n");
}

static void help_row(struct bytes *out, const struct option_row *row)
{
	char head[64];
	int len = snprintf(head, sizeof head, "  --%s%s%s", row->name,
		row->value != NULL ? " " : "", row->value != NULL ? row->value : "");

	bytes_add_text(out, head);
	if (len + 2 > HELP_INDENT) {
		bytes_add_text(out, "\n");
		len = 0;
	}
	spaces(out, (size_t)(HELP_INDENT - len));
	help_words(out, _(row->words));
}

void options_help(struct bytes *out)
{
	size_t i;

	/* clang-format off */
	bytes_add_text(out, _(
		"countersign: verify the credential on a customer's phone by two scans\n"
		"\n"
		"usage: countersign [run] [flags]    the terminal\n"
		"       countersign sales            what was checked today; --json and --csv\n"
		"       countersign enrol URL CODE   get this terminal its key and certificate\n"
		"       countersign check            is everything there that is needed here?\n"
		"       countersign explain CODE     what a code text is, as JSON, offline\n"
		"       countersign devices          cameras and readers of this machine\n"
		"       countersign --help | --version\n"
		"\n"
		"flags:\n"));
	for (i = 0; i < ROW_COUNT; i++)
		if (rows[i].words != NULL)
			help_row(out, &rows[i]);
	bytes_add_text(out, _(
		"\n"
		"exit status: 0 accepted or authorised (--replay: all as recorded), 1 refused or\n"
		"nothing decided (--replay: a difference), 2 uncertain, 3 usage or set-up fault\n"
		));
	/* clang-format on */
}
