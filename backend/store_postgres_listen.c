/* SPDX-License-Identifier: Apache-2.0
 *
 * LISTEN: news of events that any process committed.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store_postgres.h"
#include "backend/store_postgres_lib.h"

struct store_listener {
	PGconn *conn; /* NULL: not connected */
	struct clock clock;
	int64_t retry_at_ms;
	char name[STORE_PATH_MAX];
	char *url;
};

enum err_code store_listen_open(struct store_listener **out, const char *path, struct err *err)
{
	struct store_listener *l;
	enum err_code e;

	*out = NULL;
	if (!store_is_url(path))
		return err_set(err, ERR_UNSUPPORTED, "%s: a file tells no news", path);
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	clock_init_real(&l->clock);
	e = pg_url_check(path, l->name, sizeof(l->name), err);
	l->url = e ? NULL : strdup(path);
	if (!e && !l->url)
		e = err_set(err, ERR_NO_MEMORY, "out of memory");
	if (e)
		store_listen_close(&l);
	*out = l;
	return e;
}

void store_listen_close(struct store_listener **l)
{
	if (!*l)
		return;
	PQfinish((*l)->conn);
	free((*l)->url);
	free(*l);
	*l = NULL;
}

static enum err_code down(struct store_listener *l, struct err *err)
{
	const char *said = PQerrorMessage(l->conn);

	ERR_IGNORE(err_set(err, ERR_STORE, "%s: no news of other processes: %.*s", l->name,
		(int)strcspn(said, "\n"), said)); /* the code is known */
	PQfinish(l->conn);
	l->conn = NULL;
	l->retry_at_ms = clock_mono_ms(&l->clock) + STORE_LISTEN_RETRY_MS;
	return ERR_STORE;
}

static enum err_code connect_again(struct store_listener *l, struct err *err)
{
	PGresult *r;
	ExecStatusType status;

	l->conn = pg_connect_url(l->url);
	if (PQstatus(l->conn) != CONNECTION_OK)
		return down(l, err);
	r = PQexec(l->conn, "LISTEN " STORE_POSTGRES_CHANNEL);
	status = PQresultStatus(r);
	PQclear(r);
	return status == PGRES_COMMAND_OK ? ERR_OK : down(l, err);
}

static bool take(struct store_listener *l)
{
	PGnotify *note;
	bool any = false;

	while ((note = PQnotifies(l->conn)) != NULL) {
		PQfreemem(note);
		any = true;
	}
	return any;
}

enum err_code store_listen_wait(struct store_listener *l, bool *news, int timeout_ms,
	struct err *err)
{
	struct pollfd fd = {.fd = -1, .events = POLLIN};
	int64_t left = l->retry_at_ms - clock_mono_ms(&l->clock);
	enum err_code e;

	*news = false;
	if (!l->conn && left > 0) {
		(void)poll(NULL, 0, left < timeout_ms ? (int)left : timeout_ms);
		return err_set(err, ERR_STORE, "%s: no news of other processes", l->name);
	}
	if (!l->conn) {
		e = connect_again(l, err);
		*news = !e;
		return e;
	}
	*news = take(l);
	if (*news)
		return ERR_OK;
	fd.fd = PQsocket(l->conn);
	if (poll(&fd, 1, timeout_ms) > 0 && !PQconsumeInput(l->conn))
		return down(l, err);
	*news = take(l);
	return ERR_OK;
}
