/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/devices.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "scanner/scanner.h"

#define STATUS_USABLE 0
#define STATUS_NONE   1
#define STATUS_USAGE  3

#define TEXT_MAX     512 /* one member */
#define LINE_COLUMNS 80  /* of the list of sizes */

/* ---- words ---- */

static void add_line(struct bytes *out, const char *fmt, ...) ERR_PRINTF(2, 3);
static void add_line(struct bytes *out, const char *fmt, ...)
{
	char text[TEXT_MAX * 2];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	bytes_add_text(out, text);
	bytes_add_u8(out, '\n');
}

/* "" when the member is not there. What comes from a driver or a name has no control characters. */
static const char *get(char out[static TEXT_MAX], const struct json *j, const char *name)
{
	char raw[TEXT_MAX];

	out[0] = '\0';
	if (json_get_text(j, name, raw, sizeof raw, NULL) == ERR_OK)
		text_safe(out, TEXT_MAX, span_text(raw));
	return out;
}

static int64_t get_int(const struct json *j, const char *name)
{
	int64_t v = 0;

	return json_get_int(j, name, &v, INT32_MIN, INT32_MAX, NULL) == ERR_OK ? v : 0;
}

static size_t get_len(const struct json *j, const char *name)
{
	size_t len = 0;

	return json_get_array_len(j, name, &len, NULL) == ERR_OK ? len : 0;
}

static bool is_true(const struct json *j, const char *name)
{
	bool v = false;

	return json_get_bool(j, name, &v, NULL) == ERR_OK && v;
}

/* ---- formats ---- */

/* "640x480 (30, 25, 7.5)" */
static void size_words(char out[static TEXT_MAX], const struct json *size)
{
	char rate[TEXT_MAX];
	size_t count = get_len(size, "rates"), len;

	len = (size_t)snprintf(out, TEXT_MAX, "%lldx%lld", (long long)get_int(size, "width"),
		(long long)get_int(size, "height"));
	for (size_t i = 0; i < count && len + 24 < TEXT_MAX; i++) {
		if (json_get_array_text(size, "rates", i, rate, sizeof rate, NULL) != ERR_OK)
			continue;
		len += (size_t)snprintf(out + len, TEXT_MAX - len, "%s%.12s", i == 0 ? " (" : ", ",
			rate);
	}
	if (count > 0)
		snprintf(out + len, TEXT_MAX - len, ")");
}

/* Sizes behind the format's name, broken to lines. */
static void format_put(struct bytes *out, const struct json *format)
{
	char name[TEXT_MAX], words[TEXT_MAX];
	const struct json *size;
	size_t count = get_len(format, "sizes"), column = 0;

	get(name, format, "format");
	for (size_t i = 0; i < count; i++) {
		if (json_get_array_object(format, "sizes", i, &size, NULL) != ERR_OK)
			continue;
		size_words(words, size);
		if (column + strlen(words) + 2 > LINE_COLUMNS)
			column = 0;
		if (column == 0) {
			if (i > 0)
				bytes_add_text(out, ",\n");
			add_line(out, "  %-5s %s", i == 0 ? name : "", words);
			out->len--; /* more may follow on this line */
			column = 8 + strlen(words);
		} else {
			bytes_add_text(out, ", ");
			bytes_add_text(out, words);
			column += 2 + strlen(words);
		}
	}
	bytes_add_u8(out, '\n');
}

/* Names only: some drivers have dozens. */
static void others_put(struct bytes *out, const struct json *device)
{
	char name[TEXT_MAX], names[TEXT_MAX] = "";
	const struct json *format;
	size_t len = 0;

	for (size_t i = 0; i < get_len(device, "formats"); i++) {
		if (json_get_array_object(device, "formats", i, &format, NULL) != ERR_OK ||
			is_true(format, "read"))
			continue;
		get(name, format, "format");
		if (len + strlen(name) + 2 < sizeof names)
			len += (size_t)snprintf(names + len, sizeof names - len, " %s", name);
	}
	if (len > 0)
		add_line(out, _("  cannot be read:%s"), names);
}

static void formats_put(struct bytes *out, const struct json *device)
{
	const struct json *format;

	for (size_t i = 0; i < get_len(device, "formats"); i++)
		if (json_get_array_object(device, "formats", i, &format, NULL) == ERR_OK &&
			is_true(format, "read"))
			format_put(out, format);
	others_put(out, device);
}

/* ---- controls ---- */

static void menu_words(char out[static TEXT_MAX], const struct json *control)
{
	char name[TEXT_MAX], now[TEXT_MAX] = "?";
	const struct json *entry;
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < get_len(control, "entries"); i++) {
		if (json_get_array_object(control, "entries", i, &entry, NULL) != ERR_OK)
			continue;
		get(name, entry, "name");
		if (get_int(entry, "value") == get_int(control, "value"))
			memcpy(now, name, sizeof now);
		if (len + strlen(name) + 64 < TEXT_MAX)
			len += (size_t)snprintf(out + len, TEXT_MAX - len, "%s%s",
				len > 0 ? ", " : "", name);
	}
	snprintf(out + len, TEXT_MAX - len, _("; now %.40s"), now);
}

static void control_put(struct bytes *out, const struct json *control)
{
	char name[TEXT_MAX], kind[TEXT_MAX], words[TEXT_MAX] = "";

	get(name, control, "name");
	get(kind, control, "kind");
	if (strcmp(kind, "number") == 0)
		snprintf(words, sizeof words, _("%lld to %lld in steps of %lld; now %lld"),
			(long long)get_int(control, "min"), (long long)get_int(control, "max"),
			(long long)get_int(control, "step"), (long long)get_int(control, "value"));
	else if (strcmp(kind, "switch") == 0)
		snprintf(words, sizeof words, _("on, off; now %s"),
			get_int(control, "value") ? _("on") : _("off"));
	else if (strcmp(kind, "menu") == 0)
		menu_words(words, control);
	else if (strcmp(kind, "button") == 0)
		snprintf(words, sizeof words, "%s", _("does something once"));
	else
		snprintf(words, sizeof words, "%s", _("cannot be set here"));
	add_line(out, "    %-34s %s%s", name, words,
		is_true(control, "inactive") ? _(" (has no effect now: an automatic is on)")
		: is_true(control, "fixed")  ? _(" (only to be read)")
					     : "");
}

static void controls_put(struct bytes *out, const struct json *device)
{
	const struct json *control;
	size_t count = get_len(device, "controls");

	add_line(out, count > 0 ? _("  controls:") : _("  no controls"));
	for (size_t i = 0; i < count; i++)
		if (json_get_array_object(device, "controls", i, &control, NULL) == ERR_OK)
			control_put(out, control);
}

/* ---- one device ---- */

static const char *state_words(const char *state)
{
	static const struct {
		const char *state, *words;
	} states[] = {
		{"forbidden", N_("may not be used by this user")},
		{"busy", N_("another program uses it")},
		{"unreadable", N_("gives no pictures that can be read")},
		{"failed", N_("does not work")},
	};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(states[i].state, state) == 0)
			return _(states[i].words);
	return state;
}

static void chosen_put(struct bytes *out, const struct json *device)
{
	const struct json *m;
	char format[TEXT_MAX], rate[TEXT_MAX];

	if (json_get_object(device, "chosen", &m, NULL) != ERR_OK)
		return;
	get(format, m, "format");
	if (get(rate, m, "rate")[0] != '\0')
		add_line(out, _("  would be used with %s %lldx%lld, %s frames a second"), format,
			(long long)get_int(m, "width"), (long long)get_int(m, "height"), rate);
	else
		add_line(out, _("  would be used with %s %lldx%lld"), format,
			(long long)get_int(m, "width"), (long long)get_int(m, "height"));
}

static void heading_put(struct bytes *out, const struct json *device, const char *path)
{
	char name[TEXT_MAX], driver[TEXT_MAX], bus[TEXT_MAX], by_id[TEXT_MAX];

	if (get(name, device, "name")[0] != '\0')
		add_line(out, "%s  %s (%s, %s)", path, name, get(driver, device, "driver"),
			get(bus, device, "bus"));
	else
		add_line(out, "%s", path);
	if (get(by_id, device, "by_id")[0] != '\0')
		add_line(out, "  %s", by_id);
}

enum err_code devices_text(struct bytes *out, struct span line, bool controls, bool *usable,
	struct err *err)
{
	struct json *device;
	char path[TEXT_MAX], state[TEXT_MAX], why[TEXT_MAX], source[TEXT_MAX];
	enum err_code code = json_parse(&device, line, JSON_TEXT_MAX, err);

	*usable = false;
	if (code != ERR_OK)
		return code;
	get(path, device, "path");
	get(state, device, "state");
	if (path[0] == '\0' || state[0] == '\0') {
		json_free(&device);
		return err_set(err, ERR_FORMAT, "a device without path or state");
	}
	*usable = strcmp(state, "usable") == 0;
	heading_put(out, device, path);
	if (!*usable)
		add_line(out, "  %s: %s", state_words(state), get(why, device, "why"));
	else if (get(source, device, "source")[0] != '\0')
		add_line(out, "  --source %s", source);
	else
		chosen_put(out, device);
	formats_put(out, device);
	if (controls && json_has(device, "controls"))
		controls_put(out, device);
	json_free(&device);
	return ERR_OK;
}

/* ---- the command ---- */

static void usage(FILE *to)
{
	fputs(_("usage: countersign devices [--controls] [--json]\n"
		"Lists the cameras and hand-held readers of this machine: names, formats with "
		"sizes\n"
		"and frames a second, the mode that would be used, and why one cannot be used.\n"
		"  --controls  also exposure, focus and the like, for --camera\n"
		"  --json      one JSON object a line, with everything\n"
		"Exit status: 0 one can be used, 1 none; 3 wrong usage.\n"),
		to);
}

/* Each line in words. Returns whether one is usable; < 0 on a fault. */
static int words_write(struct span all, bool controls, struct err *err)
{
	struct bytes out;
	int usable = 0;

	bytes_init(&out, DEVICES_TEXT_MAX);
	while (all.len > 0 && usable >= 0) {
		const uint8_t *end = memchr(all.data, '\n', all.len);
		size_t len = end != NULL ? (size_t)(end - all.data) : all.len;
		bool one = false;

		bytes_clear(&out);
		if (devices_text(&out, SPAN(all.data, len), controls, &one, err) != ERR_OK ||
			file_write_all(STDOUT_FILENO, bytes_span(&out), err) != ERR_OK)
			usable = -1;
		else
			usable |= one;
		all.data += len + (end != NULL);
		all.len -= len + (end != NULL);
	}
	bytes_done(&out);
	return usable;
}

static bool has_usable(struct span all)
{
	static const char word[] = "\"state\":\"usable\"";

	return memmem(all.data, all.len, word, sizeof word - 1) != NULL;
}

static int list(bool json, bool controls)
{
	struct bytes all;
	struct err err = {0};
	int usable = -1;

	bytes_init(&all, DEVICES_JSON_MAX);
	if (scan_devices(&all, NULL, &err) == ERR_OK) {
		if (!json)
			usable = words_write(bytes_span(&all), controls, &err);
		else if (file_write_all(STDOUT_FILENO, bytes_span(&all), &err) == ERR_OK)
			usable = has_usable(bytes_span(&all));
	}
	if (usable < 0)
		fprintf(stderr, "countersign devices: %s\n", err.text);
	else if (all.len == 0 && !json)
		fputs(_("There is no camera and no reader on this machine.\n"), stderr);
	bytes_done(&all);
	return usable < 0 ? STATUS_USAGE : usable ? STATUS_USABLE : STATUS_NONE;
}

int devices_main(int argc, char **argv)
{
	bool json = false, controls = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			usage(stdout);
			return STATUS_USABLE;
		}
		if (strcmp(argv[i], "--json") == 0) {
			json = true;
		} else if (strcmp(argv[i], "--controls") == 0) {
			controls = true;
		} else {
			char safe[64];

			text_safe(safe, sizeof safe, span_text(argv[i]));
			fprintf(stderr, "countersign devices: %s: no such flag\n", safe);
			usage(stderr);
			return STATUS_USAGE;
		}
	}
	return list(json, controls);
}
