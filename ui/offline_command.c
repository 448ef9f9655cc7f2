/* SPDX-License-Identifier: Apache-2.0
 *
 * countersign offline: what was written down while the server was out of reach; and, for a
 * supervisor who signs in, that it was looked at.
 */
#include "ui/offline_command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "ui/options.h"
#include "ui/settings.h"
#include "verifier/message_service.h"

#define LINE_MAX_LEN 4096
#define PASSPHRASE_MAX 256
#define USAGE                                                                                      \
	"usage: countersign offline [--config FILE] [--json]\n"                                    \
	"       countersign offline looked --name SUPERVISOR [--config FILE]\n"                    \
	"Lists what was sold without the server and not answered yet, and conflicts.\n"            \
	"`looked` says that a supervisor has looked at them, or at a journal that was\n"           \
	"changed; the passphrase is asked for, or read from standard input. The terminal\n"        \
	"program must not run meanwhile.\n"

struct command {
	bool looked, json, help;
	const char *config, *name;
};

static int fault(const struct err *err)
{
	char text[2 * ERR_TEXT_MAX];

	text_safe(text, sizeof text, span_text(err->text));
	fprintf(stderr, "countersign offline: %s\n", text);
	return EXIT_USAGE;
}

static enum err_code parse(struct command *out, int argc, char **argv, struct err *err)
{
	int i = 1;

	*out = (struct command){.json = false};
	if (argc > 1 && strcmp(argv[1], "looked") == 0) {
		out->looked = true;
		i = 2;
	}
	for (; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0 && !out->looked)
			out->json = true;
		else if (strcmp(argv[i], "--help") == 0)
			out->help = true;
		else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			out->config = argv[++i];
		else if (strcmp(argv[i], "--name") == 0 && i + 1 < argc && out->looked)
			out->name = argv[++i];
		else
			return err_set(err, ERR_USAGE, "%s: see countersign offline --help",
				argv[i]);
	}
	if (out->looked && out->name == NULL && !out->help)
		return err_set(err, ERR_USAGE, "looked needs --name SUPERVISOR");
	return ERR_OK;
}

/* ---- list ---- */

static void item_json(const struct offline_item *item)
{
	const struct offline_entry *e = &item->entry;
	uint8_t room[LINE_MAX_LEN];
	struct json_out w;
	struct bytes line;

	bytes_init_fixed(&line, room, sizeof room - 1);
	json_out_init(&w, &line);
	json_out_begin(&w, NULL);
	json_out_hex(&w, "sale", SPAN(e->id, sizeof e->id));
	json_out_text(&w, "state", item->state == OFFLINE_CONFLICT ? "conflict" : "open");
	if (item->reason[0] != '\0')
		json_out_text(&w, "reason", item->reason);
	json_out_int(&w, "at", e->at);
	json_out_hex(&w, "credential", SPAN(e->credential_id, sizeof e->credential_id));
	json_out_int(&w, "amount", (int64_t)e->sale.amount);
	json_out_text(&w, "currency", e->sale.currency);
	json_out_text(&w, "reference", e->sale.reference);
	json_out_text(&w, "operator", e->sale.operator_name);
	json_out_end(&w);
	printf("%s\n", bytes_text(&line));
}

static void item_words(const struct offline_item *item)
{
	const struct offline_entry *e = &item->entry;
	char id[2 * OFFLINE_ID_LEN + 1], at[CLOCK_TEXT_LEN + 1];

	hex_encode(id, SPAN(e->id, sizeof e->id));
	clock_text(at, e->at);
	printf("%s  %" PRIu64 " %s  %s%s%s  %s\n", at, e->sale.amount, e->sale.currency,
		item->state == OFFLINE_CONFLICT ? "conflict" : "open",
		item->reason[0] != '\0' ? ": " : "", item->reason, id);
}

static int list(const char *folder, bool json, struct err *err)
{
	struct offline_journal *j = NULL;
	enum err_code rc = offline_journal_open(&j, folder, true, err);
	bool good;

	if (rc == ERR_NOT_FOUND)
		return EXIT_ACCEPTED; /* nothing was ever written down */
	if (rc != ERR_OK)
		return fault(err);
	for (size_t i = 0; i < offline_journal_count(j); i++)
		(json ? item_json : item_words)(offline_journal_item(j, i));
	good = offline_journal_damage(j)[0] == '\0';
	if (!good)
		fprintf(stderr, "countersign offline: %s/%s\n", folder, offline_journal_damage(j));
	offline_journal_close(&j);
	return good ? EXIT_ACCEPTED : EXIT_REFUSED;
}

/* ---- looked ---- */

static enum err_code passphrase_read(struct secret *out, size_t *len, struct err *err)
{
	bool tty = isatty(STDIN_FILENO);
	struct termios before, quiet;
	ssize_t got;

	if (tty && tcgetattr(STDIN_FILENO, &before) == 0) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fprintf(stderr, "%s", _("Passphrase: "));
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	got = read(STDIN_FILENO, out->data, out->len);
	if (tty) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fprintf(stderr, "\n");
	}
	if (got <= 0)
		return err_set(err, ERR_IO, "no passphrase on standard input");
	*len = (size_t)got;
	if (out->data[*len - 1] == '\n')
		(*len)--;
	return ERR_OK;
}

/* Only the backend knows who is a supervisor: so the line must be back for this. */
static enum err_code sign_in(const struct settings *s, const char *name, struct err *err)
{
	struct secret *typed = NULL, *request = NULL, *room = NULL;
	struct message_session session;
	struct bytes body, answer;
	char url[CLIENT_URL_MAX + 16];
	size_t len = 0;
	enum err_code rc = secret_new(&typed, PASSPHRASE_MAX + 2);

	if (rc == ERR_OK)
		rc = secret_new(&request, 2048);
	if (rc == ERR_OK)
		rc = secret_new(&room, CLIENT_ANSWER_MAX);
	if (rc != ERR_OK)
		rc = err_set(err, rc, "no locked memory for a passphrase");
	if (rc == ERR_OK)
		rc = passphrase_read(typed, &len, err);
	if (rc == ERR_OK) {
		bytes_init_fixed(&body, request->data, request->len);
		bytes_init_fixed(&answer, room->data, room->len);
		rc = message_session_build(&body, name, SPAN(typed->data, len));
	}
	if (rc == ERR_OK) {
		snprintf(url, sizeof url, "%s/v1/sessions", s->url);
		struct http_exchange x = {.method = "POST",
			.url = url,
			.tls = settings_tls(s),
			.body = bytes_span(&body),
			.answer = &answer};

		rc = http_exchange(&x, err);
		if (rc == ERR_OK && x.status != 201)
			rc = err_set(err, ERR_PERMISSION,
				"the server does not take this name and passphrase (%d)", x.status);
	}
	if (rc == ERR_OK)
		rc = message_session_parse(&session, bytes_span(&answer), err);
	if (rc == ERR_OK && session.role != MESSAGE_ROLE_SUPERVISOR &&
		session.role != MESSAGE_ROLE_ADMINISTRATOR)
		rc = err_set(err, ERR_PERMISSION, "%s is no supervisor", name);
	sec_wipe(&session, sizeof session);
	secret_free(&typed);
	secret_free(&request);
	secret_free(&room);
	return rc;
}

static int looked(
	const struct settings *s, const char *folder, const char *name, struct err *err)
{
	struct offline_journal *j = NULL;
	struct clock clock;
	enum err_code rc;

	if (!offline_journal_is_there(folder)) {
		ERR_IGNORE(err_set(err, ERR_NOT_FOUND, "%s: there is no journal", folder));
		return fault(err);
	}
	clock_init_real(&clock);
	rc = offline_journal_open(&j, folder, false, err);
	if (rc == ERR_OK)
		rc = sign_in(s, name, err);
	if (rc == ERR_OK)
		rc = offline_journal_looked(j, name, clock_unix_s(&clock), err);
	offline_journal_close(&j);
	return rc == ERR_OK ? EXIT_ACCEPTED : fault(err);
}

int offline_main(int argc, char **argv)
{
	static struct settings settings;
	char folder[OFFLINE_FOLDER_MAX];
	struct command c;
	struct err err = {0};
	int status;

	if (parse(&c, argc, argv, &err) != ERR_OK)
		return fault(&err);
	if (c.help) {
		fputs(USAGE, stdout);
		return EXIT_ACCEPTED;
	}
	if (settings_read(&settings, c.config, &err) != ERR_OK || sec_start(&err) != ERR_OK ||
		offline_folder(folder, sizeof folder, &settings.offline, &err) != ERR_OK)
		return fault(&err);
	if (c.looked)
		status = looked(&settings, folder, c.name, &err);
	else
		status = list(folder, c.json, &err);
	settings_wipe(&settings);
	sec_stop();
	return status;
}
