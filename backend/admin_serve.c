/* SPDX-License-Identifier: Apache-2.0
 *
 * serve.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/admin.h"
#include "backend/daemon.h"
#include "base/file.h"
#include "base/log.h"

/* word: of the command line, before what the configuration says. */
static enum err_code set_log(const char *word, const char *format, const struct policy *policy,
	struct err *err)
{
	enum log_level level = LOG_INFO;
	bool known = word ? log_level_read(&level, word)
			  : !policy->log_level[0] || log_level_read(&level, policy->log_level);

	if (!known)
		return err_set(err, ERR_USAGE, "--log must be error, warning, info or debug");
	log_set_level(level);
	if (!format)
		log_set_format(log_is_journal() ? LOG_JOURNAL : LOG_PLAIN);
	else if (strcmp(format, "plain") == 0)
		log_set_format(LOG_PLAIN);
	else if (strcmp(format, "journal") == 0)
		log_set_format(LOG_JOURNAL);
	else if (strcmp(format, "json") == 0)
		log_set_format(LOG_JSON);
	else
		return err_set(err, ERR_USAGE, "--log-format must be plain, journal or json");
	return ERR_OK;
}

/* Whoever waits for the line or for the file may connect at once. */
static enum err_code announce(
	const struct server_options *opt, int port, const char *port_file, struct err *err)
{
	bool v6 = strchr(opt->address, ':') != NULL;
	char line[160];
	int n;

	if (port_file) {
		n = snprintf(line, sizeof(line), "%d\n", port);
		if (file_replace(port_file, SPAN(line, (size_t)n), 0644, err))
			return admin_setup_fault(err);
	}
	n = snprintf(line, sizeof(line), "listening on %s://%s%s%s:%d\n",
		opt->tls ? "https" : "http", v6 ? "[" : "", opt->address, v6 ? "]" : "", port);
	if (file_write_all(STDOUT_FILENO, SPAN(line, (size_t)n), err))
		return admin_setup_fault(err);
	return ERR_OK;
}

/* TLS unless plain HTTP was asked for: nobody gets it by forgetting something. */
static enum err_code choose_tls(struct server_options *opt, struct http_tls_files *files,
	struct authority_files *paths, const struct admin *a, bool plain, struct err *err)
{
	bool has_ca;

	if (plain || a->service->policy.plain) {
		log_line(LOG_WARNING, "server",
			"PLAIN HTTP: tokens and PINs are not encrypted. For tests on this machine, "
			"or behind a proxy that speaks TLS");
		return ERR_OK;
	}
	authority_files(paths, a->dir);
	has_ca = access(paths->ca, F_OK) == 0;
	if (!a->service->authority && (has_ca || access(paths->ca_key, F_OK) == 0))
		return err_set(err, ERR_USAGE,
			"%s is missing: put your copy of it back; terminals trust only that one",
			has_ca ? paths->ca_key : paths->ca);
	if (a->service->authority && access(paths->server, F_OK) != 0)
		return err_set(err, ERR_USAGE,
			"%s is missing; `countersignd --dir %s ca renew-server --server-name NAME` "
			"makes another",
			paths->server, a->dir);
	if (!a->service->authority)
		return err_set(err, ERR_USAGE,
			"no certificate for TLS; `countersignd --dir %s ca create` makes one, or "
			"serve --plain on this machine only",
			a->dir);
	*files = (struct http_tls_files){paths->server, paths->server_key, paths->ca};
	opt->tls = files;
	return ERR_OK;
}

static enum err_code serve(struct admin *a, const struct server_options *opt,
	const char *port_file, struct err *err)
{
	struct server *server = NULL;
	enum err_code e = service_check_start(a->service, err);

	if (e)
		return e;
	if (server_new(&server, opt, err))
		return admin_setup_fault(err);
	e = announce(opt, server_port(server), port_file, err);
	if (!e)
		e = server_run(server, err);
	server_free(&server);
	return e;
}

/* With what a service manager handed over, if there is one. */
static enum err_code serve_managed(struct admin *a, const struct server_options *opt,
	const char *port_file, struct err *err)
{
	struct server_options managed = *opt;
	struct daemon daemon = {.fd = -1};
	int fd = -1;
	enum err_code e = daemon_listen_fd(&fd, err);

	if (!e)
		e = daemon_open(&daemon, err);
	if (e)
		return admin_setup_fault(err);
	managed.listen_fd = fd > 0 ? fd : 0;
	managed.daemon = &daemon;
	e = serve(a, &managed, port_file, err);
	daemon_close(&daemon);
	return e;
}

enum err_code admin_serve(struct admin *a, struct err *err)
{
	bool plain = false;
	const char *address = "127.0.0.1", *port_file = NULL, *log = NULL, *format = NULL;
	int64_t port = a->service->policy.port;
	const struct arg list[] = {
		{.name = "port", .number = &port, .min = 0, .max = 65535},
		{.name = "port-file", .text = &port_file},
		{.name = "bind", .text = &address},
		{.name = "log", .text = &log},
		{.name = "log-format", .text = &format},
		{.name = "plain", .flag = &plain},
	};
	struct authority_files paths;
	struct http_tls_files files;
	struct server_options opt = {.service = a->service, .clock = a->clock, .signals = true};
	enum err_code e = args_parse(a->argc, a->argv, list, 6, NULL, err);

	if (!e)
		e = set_log(log, format, &a->service->policy, err);
	if (!e)
		e = choose_tls(&opt, &files, &paths, a, plain, err);
	if (e)
		return e;
	opt.address = address;
	opt.port = (int)port;
	opt.time_header = a->hooks->time_header;
	opt.site = a->hooks->site;
	opt.log_level_given = log != NULL;
	return serve_managed(a, &opt, port_file, err);
}
