/* SPDX-License-Identifier: Apache-2.0
 *
 * The command, and how it tells.
 */
#include "ui/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "crypto/crypto.h"
#include "ui/check_parts.h"
#include "ui/options.h"

#define LINE_MAX_BYTES 8192
#define NAME_COLS 17 /* of a part's name, in columns */

/* ---- telling ---- */

static const struct {
	const char *word, *sign;
	const char *words;
} STATES[CHECK_STATE_COUNT] = {
	[CHECK_GOOD] = {"good", "\xe2\x9c\x93", N_("good")},
	[CHECK_UNUSED] = {"unused", "-", N_("not used")},
	[CHECK_WARNING] = {"warning", "!", N_("WARNING")},
	[CHECK_FAULT] = {"fault", "\xe2\x9c\x97", N_("FAULT")},
};

static const struct {
	const char *name, *words;
} NAMES[] = {
	{"settings", N_("Settings")},
	{"language", N_("Language")},
	{"camera", N_("Camera")},
	{"light", N_("Light")},
	{"certificate", N_("Certificate")},
	{"backend", N_("Server")},
	{"server-certificate", N_("Its certificate")},
	{"clock", N_("Clock")},
	{"printer", N_("Receipt printer")},
	{"sound", N_("Sound")},
	{"speech", N_("Speech")},
	{"display", N_("Customer display")},
	{"sales", N_("Folder of sales")},
	{"offline", N_("Without the server")},
	{"till", N_("Till")},
	{"webhook", N_("Shop's server")},
};

static const char *name_words(const char *name)
{
	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
		if (strcmp(NAMES[i].name, name) == 0)
			return _(NAMES[i].words);
	return name;
}

static void write_out(struct check *c, const struct bytes *line)
{
	if (line->full || file_write_all(STDOUT_FILENO, bytes_span(line), NULL) != ERR_OK)
		c->output_failed = true;
}

static void padded(struct bytes *out, const char *text, size_t cols)
{
	bytes_add_text(out, text);
	for (size_t n = text_columns(span_text(text)); n < cols; n++)
		bytes_add_u8(out, ' ');
}

static void tell_words(struct bytes *out, const char *name, enum check_state state,
	const char *text, const char *todo)
{
	padded(out, STATES[state].sign, 2);
	padded(out, name_words(name), NAME_COLS);
	bytes_add_text(out, " ");
	padded(out, _(STATES[state].words), 9);
	bytes_add_text(out, text);
	bytes_add_text(out, "\n");
	if (todo[0] == '\0')
		return;
	padded(out, "", NAME_COLS + 12);
	bytes_add_text(out, "\xe2\x86\x92 ");
	bytes_add_text(out, todo);
	bytes_add_text(out, "\n");
}

static void tell_json(struct bytes *out, const char *name, enum check_state state,
	const char *text, const char *todo)
{
	struct json_out j;

	json_out_init(&j, out);
	json_out_begin(&j, NULL);
	json_out_text(&j, "check", name);
	json_out_text(&j, "state", STATES[state].word);
	json_out_text(&j, "text", text);
	if (todo[0] != '\0')
		json_out_text(&j, "todo", todo);
	json_out_end(&j);
	bytes_add_u8(out, '\n');
}

void check_tell(struct check *c, const char *name, enum check_state state, const char *todo,
	const char *fmt, ...)
{
	char raw[CHECK_TEXT_MAX], text[CHECK_TEXT_MAX], safe_todo[CHECK_TEXT_MAX] = "";
	char storage[LINE_MAX_BYTES];
	struct bytes line;
	va_list args;

	va_start(args, fmt);
	vsnprintf(raw, sizeof raw, fmt, args);
	va_end(args);
	text_safe(text, sizeof text, span_text(raw));
	if (todo != NULL)
		text_safe(safe_todo, sizeof safe_todo, span_text(todo));
	bytes_init_fixed(&line, storage, sizeof storage);
	if (c->json)
		tell_json(&line, name, state, text, safe_todo);
	else
		tell_words(&line, name, state, text, safe_todo);
	c->count[state]++;
	write_out(c, &line);
}

static void sum_words(struct bytes *out, const struct check *c)
{
	int faults = c->count[CHECK_FAULT], warnings = c->count[CHECK_WARNING];
	char text[CHECK_TEXT_MAX];

	bytes_add_text(out, "\n");
	if (faults == 0 && warnings == 0) {
		bytes_add_text(out, _("Everything is in order.\n"));
		return;
	}
	snprintf(text, sizeof text, ngettext("%d fault", "%d faults", (unsigned long)faults),
		faults);
	bytes_add_text(out, text);
	bytes_add_text(out, _(", "));
	snprintf(text, sizeof text, ngettext("%d warning", "%d warnings", (unsigned long)warnings),
		warnings);
	bytes_add_text(out, text);
	bytes_add_text(out, "\n");
}

static void sum_tell(struct check *c)
{
	char storage[LINE_MAX_BYTES];
	struct bytes line;
	struct json_out j;

	bytes_init_fixed(&line, storage, sizeof storage);
	if (c->json) {
		json_out_init(&j, &line);
		json_out_begin(&j, NULL);
		json_out_text(&j, "check", "all");
		json_out_text(&j, "state", STATES[c->count[CHECK_FAULT] > 0 ? CHECK_FAULT
			: c->count[CHECK_WARNING] > 0 ? CHECK_WARNING : CHECK_GOOD].word);
		json_out_int(&j, "faults", c->count[CHECK_FAULT]);
		json_out_int(&j, "warnings", c->count[CHECK_WARNING]);
		json_out_end(&j);
		bytes_add_u8(&line, '\n');
	} else {
		sum_words(&line, c);
	}
	write_out(c, &line);
}

/* ---- the configuration ---- */

static void settings_tell(struct check *c)
{
	const struct settings *s = &c->settings;
	char storage[CHECK_TEXT_MAX];
	struct bytes both;

	bytes_init_fixed(&both, storage, sizeof storage - 1);
	if (s->system_unreadable)
		check_tell(c, "settings", CHECK_WARNING,
			_("Run as root: chmod a+r on it, unless a token is in it."),
			_("%s counts alone: this user may not read %s"), s->path, s->system_path);
	else if (s->system_path[0] == '\0' || s->user_path[0] == '\0')
		check_tell(c, "settings", CHECK_GOOD, NULL, "%s", s->path);
	else if (settings_overridden(s, &both) == 0)
		check_tell(c, "settings", CHECK_GOOD, NULL, _("%s over %s"), s->user_path,
			s->system_path);
	else
		check_tell(c, "settings", CHECK_GOOD, NULL,
			_("%s over %s; said in both, and that of the user counts: %s"),
			s->user_path, s->system_path, bytes_text(&both));
}

static void settings_look(struct check *c, const char *config, const char *language)
{
	struct err err = {0};
	enum err_code rc = settings_read(&c->settings, config, &err);

	c->settings_there = rc == ERR_OK;
	if (rc == ERR_OK && language == NULL && c->settings.language[0] != '\0')
		text_init(c->settings.language);
	if (rc == ERR_OK)
		settings_tell(c);
	else
		check_tell(c, "settings", CHECK_FAULT,
			rc == ERR_NOT_FOUND
				? _("Get an enrolment code from whoever runs the server, and start "
				    "countersign: it asks for it.")
				: _("Mend the line that is named; countersign(1) lists the keys."),
			"%s", err.text);
	if (c->source == NULL)
		c->source = c->settings_there && c->settings.source[0] != '\0'
				    ? c->settings.source
				    : OPTIONS_SOURCE_DEFAULT;
}

/* ---- the command ---- */

static void usage(FILE *to)
{
	fputs(_("usage: countersign check [--config FILE] [--source SPEC] [--language L] [--json]\n"
		"Looks whether everything is there that this terminal needs, and says what to do\n"
		"where it is not: settings, language, camera and light, certificate, server,\n"
		"clock, receipt printer, sound, speech, customer display, folder of sales, till.\n"
		"Nothing is printed or played.\n"
		"  --config FILE   as for countersign\n"
		"  --source SPEC   camera or reader, as for countersign\n"
		"  --language L    en or zh_CN\n"
		"  --json          one JSON object a line\n"
		"Exit status: 0 nothing is wrong (warnings count as nothing); 1 a fault; 3 wrong\n"
		"usage.\n"),
		to);
}

struct arguments {
	bool help, json;
	const char *config, *source, *language;
};

static enum err_code arguments_take(struct arguments *a, int argc, char **argv, struct err *err)
{
	const struct {
		const char *name;
		const char **value;
	} values[] = {{"--config", &a->config}, {"--source", &a->source},
		{"--language", &a->language}};
	char safe[64];

	for (int i = 1; i < argc; i++) {
		size_t k = 0;

		while (k < 3 && strcmp(argv[i], values[k].name) != 0)
			k++;
		if (k < 3 && i + 1 >= argc)
			return err_set(err, ERR_USAGE, "%s needs a value", values[k].name);
		if (k < 3) {
			*values[k].value = argv[++i];
		} else if (strcmp(argv[i], "--json") == 0) {
			a->json = true;
		} else if (strcmp(argv[i], "--help") == 0) {
			a->help = true;
		} else {
			text_safe(safe, sizeof safe, span_text(argv[i]));
			return err_set(err, ERR_USAGE, "%s: no such flag; see countersign check "
				"--help", safe);
		}
	}
	if (a->language != NULL && !text_language_exists(a->language))
		return err_set(err, ERR_USAGE, "--language: there are en and zh_CN");
	if (a->source != NULL && strlen(a->source) >= SCAN_SOURCE_MAX)
		return err_set(err, ERR_USAGE, "--source: at most %d bytes", SCAN_SOURCE_MAX - 1);
	return ERR_OK;
}

static enum err_code look(struct check *c, const struct arguments *a, struct err *err)
{
	enum err_code rc = sec_start(err);

	if (rc != ERR_OK)
		return rc;
	c->json = a->json;
	c->source = a->source;
	settings_look(c, a->config, a->language);
	check_machine(c);
	check_camera(c);
	check_backend(c);
	check_outputs(c);
	check_offline(c);
	check_till(c);
	sum_tell(c);
	settings_wipe(&c->settings);
	sec_stop();
	return ERR_OK;
}

int check_main(int argc, char **argv)
{
	static struct check c; /* large */
	struct arguments a = {.config = NULL};
	struct err err = {0};
	enum err_code rc = arguments_take(&a, argc, argv, &err);

	if (rc == ERR_OK && a.language != NULL)
		text_init(a.language);
	if (rc == ERR_OK && a.help) {
		usage(stdout);
		return EXIT_ACCEPTED;
	}
	if (rc == ERR_OK)
		rc = look(&c, &a, &err);
	if (rc == ERR_OK && c.output_failed)
		rc = err_set(&err, ERR_IO, "standard output takes no more");
	if (rc != ERR_OK) {
		fprintf(stderr, "countersign check: %s\n", err.text);
		return EXIT_USAGE;
	}
	return c.count[CHECK_FAULT] > 0 ? EXIT_REFUSED : EXIT_ACCEPTED;
}
