/* SPDX-License-Identifier: Apache-2.0
 *
 * The backend as a server: HTTP and JSON on the I/O thread (the caller's), rules on the store
 * thread. Knows routes, queues and the order of stopping; no rule.
 */
#ifndef BACKEND_SERVER_H
#define BACKEND_SERVER_H

#include "backend/http.h"
#include "backend/service.h"
#include "backend/site.h"

#define SERVER_DRAIN_MS 10000 /* for what was begun, after a signal to stop */

struct server;

/* Only the deterministic test build has one: a header field that carries the time. */
struct server_time_header {
	const char *name;
	bool (*read)(int64_t *unix_ms, struct span value);
};

struct server_options {
	struct service *service; /* borrowed; the store thread's while server_run() runs */
	struct clock *clock;     /* the one the service was opened with */
	const char *address;     /* see http.h */
	const struct http_tls_files *tls; /* NULL: plain HTTP, on loopback only */
	int port;                /* 0 = any free one */
	int listen_fd;           /* see http.h; 0 = none */
	bool signals;            /* SIGTERM and SIGINT stop it, SIGHUP reads files again */
	const struct daemon *daemon; /* who is told, see daemon.h; NULL = nobody */
	bool log_level_given;    /* on the command line: the configuration does not change it */
	const struct server_time_header *time_header; /* NULL = none */
	const struct site *site; /* the wallet page; NULL = none */
	int connections_max;     /* these three: 0 = the usual, tests shorten them */
	int64_t request_ms;
	int64_t address_tries;    /* a minute, of this machine, too; 0 = as the policy says */
	int64_t first_ms;
};

/* Listens when it returns; serves when server_run() is called. */
ERR_MUST_CHECK enum err_code server_new(struct server **out, const struct server_options *opt,
	struct err *err);
void server_free(struct server **s);
int server_port(const struct server *s);

/* Serves until a signal or server_stop(); what was begun is then answered.
 * Returns: ERR_OK         stopped as asked
 *          ERR_UNCERTAIN  stopped because the outcome of a commit is unknown
 */
ERR_MUST_CHECK enum err_code server_run(struct server *s, struct err *err);
void server_stop(struct server *s); /* from any thread */

#endif
