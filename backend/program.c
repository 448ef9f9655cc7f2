/* SPDX-License-Identifier: Apache-2.0
 *
 * countersignd: global options, the table of commands, exit status.
 */
#include "backend/program.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/admin.h"
#include "backend/service_people.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text_safe.h"

#ifndef COUNTERSIGN_VERSION
#define COUNTERSIGN_VERSION "unknown"
#endif

#define WORDS_MAX 32 /* bytes of a command's words */

#define SERVER_USAGE                                                                               \
	"[--server-name NAME[,NAME...] |\n"                                                        \
	"      --server-cert FILE --server-key FILE [--server-ca FILE]]"

static const struct admin_command COMMANDS[] = {
	{"init", "DIR --name NAME --host HOST [--store URL] " SERVER_USAGE,
		"make a backend directory with new keys, an authority and a server certificate",
		false, admin_init},
	{"ca create", SERVER_USAGE, "an authority for a directory that has none", true,
		admin_ca_create},
	{"ca show", "", "until when the certificates are good, and for which names", true,
		admin_ca_show},
	{"ca renew-server", SERVER_USAGE,
		"a new server certificate; served after a restart or SIGHUP", true,
		admin_ca_renew_server},
	{"serve",
		"[--port N] [--port-file FILE] [--bind ADDRESS] [--plain] [--log LEVEL]\n"
		"      [--log-format plain|journal|json]",
		"answer terminals and wallets until SIGTERM", true, admin_serve},
	{"holder add", "--name NAME [--phone PHONE] [--email ADDRESS] [--language L]",
		"register a customer", true, admin_holder_add},
	{"holder find", "--phone PHONE | --account NUMBER | --credential ID",
		"holders and their credentials", true, admin_holder_find},
	{"holder contact", "ID [--email ADDRESS] [--language en|zh_CN]",
		"where messages go, and in which language", true, admin_holder_contact},
	{"holder questions",
		"ID [--set KIND [--words TEXT] [--answer-file FILE | --answer-stdin] | --remove N]",
		"identity questions of a holder; KIND: document phone birth other", true,
		admin_holder_questions},
	{"account add", "--holder ID --number NUMBER [--pin-file FILE | --pin-stdin]",
		"add an account, with a PIN or without", true, admin_account_add},
	{"account unlock", "ID", "let a locked PIN be tried again", true, admin_account_unlock},
	{"credential issue",
		"--holder ID --account ID [--purpose TEXT] [--face-value TEXT]\n"
		"      [--policy live|static] [--digits N] [--not-after UNIX | --valid-days N] "
		"[--no-pin]",
		"issue a credential; prints its activation token", true, admin_credential_issue},
	{"credential show", "ID", "what is recorded of a credential", true, admin_credential_show},
	{"credential freeze", "ID [--until UNIX]", "refuse it until then, or until unfrozen", true,
		admin_credential_freeze},
	{"credential unfreeze", "ID", "let it be used again; clears its failures", true,
		admin_credential_unfreeze},
	{"credential void", "ID", "end it for good", true, admin_credential_void},
	{"credential renew", "ID [--not-after UNIX | --valid-days N]",
		"new key and generation; prints a new activation token", true,
		admin_credential_renew},
	{"terminal enrol",
		"NAME [--merchant TEXT] [--config FILE --url URL [--language L] [--force]]",
		"print a one-time code for `countersign enrol`, or write FILE with a token", true,
		admin_terminal_enrol},
	{"terminal list", "[--ends-soon] [--after NAME]",
		"terminals by name, at most 1000, and until when their certificates are good", true,
		admin_terminal_list},
	{"terminal revoke", "NAME", "a stolen terminal: refused at once, until enrolled anew", true,
		admin_terminal_revoke},
	{"terminal stop", "NAME", "refuse everything from this terminal", true,
		admin_terminal_stop},
	{"terminal allow", "NAME", "lift a stop", true, admin_terminal_allow},
	{"operator add",
		"NAME --role cashier|teller|supervisor|admin\n"
		"      [--passphrase-file FILE | --passphrase-stdin]",
		"let somebody sign in to sell, to serve holders, or to administer", true,
		admin_operator_add},
	{"operator passphrase", "NAME [--passphrase-file FILE | --passphrase-stdin]",
		"give an operator a new passphrase; ends its sessions", true,
		admin_operator_passphrase},
	{"operator role", "NAME --role cashier|teller|supervisor|admin",
		"give an operator another role; ends its sessions", true, admin_operator_role},
	{"operator stop", "NAME", "end an operator's sessions and let nobody sign in by it", true,
		admin_operator_stop},
	{"operator allow", "NAME", "lift a stop", true, admin_operator_allow},
	{"operator list", "", "operators and administrators", true, admin_operator_list},
	{"service call open",
		"--operator NAME (--credential ID | --account NUMBER | --phone PHONE)",
		"a holder calls: which questions to ask", true, admin_call_open},
	{"service call answer",
		"ID --operator NAME --question N [--answer-file FILE | --answer-stdin]",
		"compare an answer; three wrong ones end the call", true, admin_call_answer},
	{"service call show", "ID --operator NAME", "what is known of a call", true,
		admin_call_show},
	{"service call end", "ID --operator NAME", "end a call", true, admin_call_end},
	{"verification show", "ID", "what became of a verification", true,
		admin_verification_show},
	{"verification list", "[--open] [--today] [--last N]",
		"verifications, the newest first, at most 1000", true,
		admin_verification_list},
	{"offline list", "[--conflicts] [--last N]",
		"sales that terminals made while the server was out of reach", true,
		admin_offline_list},
	{"audit verify", "", "read the whole database, walk the audit chain", true,
		admin_audit_verify},
	{"audit export", "[--since NUMBER|@UNIX|TIME] [--until NUMBER|@UNIX|TIME]",
		"print the audit chain, one JSON object a line", true, admin_audit_export},
	{"key rotate", "master [--new FILE] | number | issuer",
		"put a new key in the place of an old one, while servers go on", true,
		admin_key_rotate},
	{"policy show", "", "what each level of certainty is good for, in words", true,
		admin_policy_show},
	{"key list", "", "which keys there are, and until when", true, admin_key_list},
	{"store copy", "FROM TO",
		"everything of the file FROM into the empty database postgresql://...", false,
		admin_store_copy},
	{"backup", "FILE", "a checked copy of the database, while servers work on it", true,
		admin_backup},
	{"restore", "DIR [--without-guard] [--yes]",
		"accept a database that was put back from a backup: what is open ends, unused\n"
		"      codes are withdrawn, operators are stopped, what was taken away since is\n"
		"      taken away again; prints what must be enrolled, renewed and allowed anew",
		false, admin_restore},
};
#define COMMAND_COUNT (sizeof(COMMANDS) / sizeof(COMMANDS[0]))

static void print_help(const struct program_hooks *hooks)
{
	printf("usage: %s [--dir DIR] COMMAND [ARGUMENT...]\n\n"
	       "The authentication backend of countersign and its administration.\n\n",
		hooks->name);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %s%s%s\n      %s\n", COMMANDS[i].words,
			COMMANDS[i].usage[0] ? " " : "", COMMANDS[i].usage,
			COMMANDS[i].help);
	printf("\n  --dir DIR   the backend directory, before the command\n"
	       "  --operator NAME   after a command: who does it, as the audit tells it\n"
	       "  --help      this text\n"
	       "  --version   name and version\n%s"
	       "\nEach command prints one JSON object, but serve, policy show and audit export.\n"
	       "Exit status: 0 done, 1 refused or failed, 3 wrong usage or set-up.\n"
	       "See countersignd(8).\n",
		hooks->help ? hooks->help : "");
}

static int fail(const struct program_hooks *hooks, const char *words, const struct err *err)
{
	char safe[ERR_TEXT_MAX];

	(void)text_safe(
		safe, sizeof(safe), span_text(err->text[0] ? err->text : err_words(err->code)));
	fprintf(stderr, "%s: %s%s%s\n", hooks->name, words, words[0] ? ": " : "", safe);
	return err->code == ERR_USAGE ? EXIT_SETUP : EXIT_REFUSED;
}

/* Names the commands that begin with this word; where none does, says where they are listed. */
static enum err_code unknown_command(const char *word, struct err *err)
{
	char safe[64], list[ERR_TEXT_MAX] = "";
	size_t len = strlen(word);

	(void)text_safe(safe, sizeof(safe), span_text(word));
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		size_t used = strlen(list);

		if (strncmp(COMMANDS[i].words, word, len) == 0 && COMMANDS[i].words[len] == ' ')
			(void)snprintf(list + used, sizeof(list) - used, "%s%s",
				used ? ", " : "", COMMANDS[i].words + len + 1);
	}
	if (!list[0])
		return err_set(err, ERR_USAGE, "%s: unknown command; see --help", safe);
	return err_set(
		err, ERR_USAGE, "%s: unknown command; one of these must follow: %s", safe, list);
}

/* The command that argv begins with; *used is how many words it has. */
static const struct admin_command *find_command(int argc, char **argv, int *used)
{
	char words[WORDS_MAX];

	for (*used = 1; *used <= 3 && *used <= argc; (*used)++) {
		int n = snprintf(words, sizeof(words), "%s%s%s%s%s", argv[0],
			*used > 1 ? " " : "", *used > 1 ? argv[1] : "",
			*used > 2 ? " " : "", *used > 2 ? argv[2] : "");

		for (size_t i = 0; n < WORDS_MAX && i < COMMAND_COUNT; i++)
			if (strcmp(COMMANDS[i].words, words) == 0)
				return &COMMANDS[i];
	}
	return NULL;
}

/* Damage is a failure; whatever else keeps a backend from opening is a matter of set-up. */
static enum err_code open_fault(struct err *err)
{
	return err->code == ERR_CORRUPT ? ERR_CORRUPT : admin_setup_fault(err);
}

static enum err_code open_service(
	struct admin *a, const struct admin_command *command, struct err *err)
{
	int64_t next = 0;

	if (a->hooks->seed)
		a->hooks->seed(command->words, 0);
	if (a->operator_name && !command->opens && command->run != admin_restore)
		return err_set(err, ERR_USAGE, "--operator is not for this command");
	if (!command->opens)
		return ERR_OK;
	if (!a->dir)
		return err_set(err, ERR_USAGE, "say which backend: %s --dir DIR %s ...",
			a->hooks->name, command->words);
	if (service_open(&a->service, a->dir, a->clock, err))
		return open_fault(err);
	if (a->operator_name && service_actor_set(a->service, a->operator_name, err))
		return err->code;
	if (!a->hooks->seed)
		return ERR_OK;
	/* so that the same command twice does not use the same random bytes twice */
	if (audit_next_seq(a->service->store, &next, err))
		return open_fault(err);
	a->hooks->seed(command->words, next);
	return ERR_OK;
}

static int run_command(struct admin *a, const struct admin_command *command)
{
	static uint8_t room[ADMIN_OUT_MAX]; /* too large for the stack */
	struct err err = {0};
	enum err_code e = open_service(a, command, &err);

	bytes_init_fixed(&a->out, room, sizeof(room));
	json_out_init(&a->json, &a->out);
	json_out_begin(&a->json, NULL);
	if (!e)
		e = command->run(a, &err);
	service_close(&a->service);
	json_out_end(&a->json);
	bytes_add_text(&a->out, "\n");
	if (!e && a->out.full)
		e = err_set(&err, ERR_INTERNAL, "the answer did not fit");
	if (!e && command->run != admin_serve && !a->printed)
		e = file_write_all(STDOUT_FILENO, bytes_span(&a->out), &err);
	sec_wipe(room, sizeof(room)); /* it may hold an activation token */
	if (e)
		return fail(a->hooks, command->words, &err);
	return a->broken ? EXIT_REFUSED : EXIT_DONE;
}

/* --operator NAME, once, anywhere after a command: taken out of its arguments. */
static enum err_code take_operator(struct admin *a, struct err *err)
{
	for (int i = 0; i < a->argc;) {
		const char *value = NULL;
		int took = 0;

		if (strcmp(a->argv[i], "--operator") == 0) {
			value = i + 1 < a->argc ? a->argv[i + 1] : NULL;
			took = 2;
		} else if (strncmp(a->argv[i], "--operator=", 11) == 0) {
			value = a->argv[i] + 11;
			took = 1;
		}
		if (!took) {
			i++;
			continue;
		}
		if (a->operator_name)
			return err_set(err, ERR_USAGE, "--operator: given twice");
		if (admin_text(value, "--operator NAME", RULES_NAME_MAX - 1, err))
			return ERR_USAGE;
		a->operator_name = value;
		a->argc -= took;
		memmove(a->argv + i, a->argv + i + took, (size_t)(a->argc - i) * sizeof(*a->argv));
	}
	return ERR_OK;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

static int start_command(
	struct admin *a, const struct program_hooks *hooks, int argc, char **argv, struct clock *c)
{
	struct err err = {0};
	int used;
	const struct admin_command *command = find_command(argc, argv, &used);

	if (!command) {
		err.code = unknown_command(argv[0], &err);
		return fail(hooks, "", &err);
	}
	if (wants_help(argc - used, argv + used)) {
		printf("usage: %s %s%s%s%s\n\n%s\n\nSee countersignd(8).\n", hooks->name,
			command->opens ? "--dir DIR " : "", command->words,
			command->usage[0] ? " " : "", command->usage, command->help);
		return EXIT_DONE;
	}
	clock_init_real(c);
	if ((hooks->clock && hooks->clock(c, &err)) || sec_start(&err)) {
		err.code = ERR_USAGE;
		return fail(hooks, "", &err);
	}
	a->clock = c;
	a->hooks = hooks;
	a->argc = argc - used;
	a->argv = argv + used;
	if (take_operator(a, &err))
		return fail(hooks, command->words, &err);
	return run_command(a, command);
}

/* Options before the command. Returns the index of the command, or -1 when *status is the end. */
static int global_options(
	struct admin *a, const struct program_hooks *hooks, int argc, char **argv, int *status)
{
	struct err err = {0};
	int i = 1;

	while (i < argc && argv[i][0] == '-') {
		int took = hooks->option ? hooks->option(argc - i, argv + i, &err) : 0;

		if (took < 0) {
			*status = fail(hooks, "", &err);
			return -1;
		}
		i += took;
		if (took > 0)
			continue;
		*status = EXIT_DONE;
		if (strcmp(argv[i], "--help") == 0) {
			print_help(hooks);
			return -1;
		}
		if (strcmp(argv[i], "--version") == 0) {
			printf("%s %s\n", hooks->name, COUNTERSIGN_VERSION);
			return -1;
		}
		if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc) {
			a->dir = argv[i + 1];
			i += 2;
		} else if (strncmp(argv[i], "--dir=", 6) == 0) {
			a->dir = argv[i++] + 6;
		} else {
			char safe[64];

			(void)text_safe(safe, sizeof(safe), span_text(argv[i]));
			ERR_IGNORE(err_set(&err, ERR_USAGE, /* told by fail() */
				"%s: unknown option or missing value; see --help", safe));
			*status = fail(hooks, "", &err);
			return -1;
		}
	}
	return i;
}

int program_main(int argc, char **argv, const struct program_hooks *hooks)
{
	struct admin a = {0};
	struct clock clock;
	struct err err = {0};
	int status = EXIT_DONE;
	int at;

	process_guard();
	(void)umask(077);
	at = global_options(&a, hooks, argc, argv, &status);
	if (at < 0)
		return fflush(stdout) ? EXIT_REFUSED : status;
	if (at >= argc) {
		ERR_IGNORE(err_set(&err, ERR_USAGE, "no command; see --help")); /* told by fail() */
		return fail(hooks, "", &err);
	}
	status = start_command(&a, hooks, argc - at, argv + at, &clock);
	sec_stop();
	return fflush(stdout) ? EXIT_REFUSED : status;
}
