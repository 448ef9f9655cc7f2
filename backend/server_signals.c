/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals, files read again, and what the service manager is told. On the I/O thread.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>

#include "backend/server_private.h"
#include "base/log.h"

static void on_stop(evutil_socket_t number, short what, void *arg)
{
	struct server *s = arg;

	(void)what;
	log_line(LOG_INFO, "server", "stopping on %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
	server_drain(s);
}

/* ---- SIGHUP ---- */

static bool reload_certificates(struct server *s)
{
	struct err err = {0};

	if (!s->opt.tls)
		return true;
	if (http_server_tls_reload(s->http, &err)) {
		log_line(LOG_ERROR, "server",
			"the new certificates are not good, the old ones stay in use: %s",
			err.text);
		return false;
	}
	s->ends_told_at = 0; /* whoever renews wants to know whether it is good */
	server_ends_look(s);
	return true;
}

static bool reload_policy(struct server *s)
{
	enum log_level level = LOG_INFO;
	struct policy policy;
	struct err err = {0};
	enum err_code e = service_policy_read(s->opt.service, &policy, &err);

	if (!e && !worker_set_policy(s->worker, &policy))
		e = err_set(&err, ERR_NO_MEMORY, "out of memory");
	if (e) {
		log_line(LOG_ERROR, "server",
			"the new configuration is not good, the old one stays in use: %s",
			err.text);
		return false;
	}
	server_policy(s, &policy);
	(void)log_level_read(&level, policy.log_level); /* "" is the usual one */
	if (!s->opt.log_level_given)
		log_set_level(level);
	return true;
}

static void on_reload(evutil_socket_t number, short what, void *arg)
{
	struct server *s = arg;
	bool certificates, policy;

	(void)number;
	(void)what;
	if (s->draining || !s->worker)
		return;
	if (s->opt.daemon)
		daemon_reloading(s->opt.daemon);
	certificates = reload_certificates(s);
	policy = reload_policy(s);
	if (certificates && policy)
		log_line(LOG_INFO, "server", "configuration%s read again",
			s->opt.tls ? " and certificates were" : " was");
	server_tell_ready(s);
}

/* ---- signs of life ---- */

/* Of both threads: this one runs it, and the other one went round. */
static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	if (!s->worker || worker_is_alive(s->worker))
		daemon_alive(s->opt.daemon);
}

static enum err_code make_watchdog(struct server *s, struct err *err)
{
	int64_t ms = s->opt.daemon ? s->opt.daemon->watchdog_ms / 2 : 0;
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	if (ms <= 0)
		return ERR_OK;
	s->watchdog = event_new(s->base, -1, EV_PERSIST, on_watchdog, s);
	if (!s->watchdog || event_add(s->watchdog, &tv))
		return err_set(err, ERR_NO_MEMORY, "cannot make the timer of the watchdog");
	return ERR_OK;
}

void server_tell_ready(struct server *s)
{
	char status[96];

	if (!s->opt.daemon)
		return;
	(void)snprintf(status, sizeof(status), "answering on port %d", server_port(s));
	daemon_ready(s->opt.daemon, status);
}

enum err_code server_signals_make(struct server *s, struct err *err)
{
	static const struct {
		int number;
		event_callback_fn call;
	} LIST[SERVER_SIGNALS] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload}};

	for (size_t i = 0; s->opt.signals && i < SERVER_SIGNALS; i++) {
		s->signals[i] = evsignal_new(s->base, LIST[i].number, LIST[i].call, s);
		if (!s->signals[i] || event_add(s->signals[i], NULL))
			return err_set(err, ERR_NO_MEMORY, "cannot watch for signals");
	}
	return make_watchdog(s, err);
}

void server_signals_free(struct server *s)
{
	for (size_t i = 0; i < SERVER_SIGNALS; i++)
		if (s->signals[i])
			event_free(s->signals[i]);
	if (s->watchdog)
		event_free(s->watchdog);
}
