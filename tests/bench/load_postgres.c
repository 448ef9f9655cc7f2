/* SPDX-License-Identifier: Apache-2.0
 *
 * A PostgreSQL cluster of its own with two databases: the backend's, and that of PostgreSQL's own
 * benchmark.
 */
#include <errno.h>
#include <postgresql/libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define SCALE "16" /* branches of pgbench: as many as connections */
#define FIND_PGBENCH "find /usr/lib/postgresql -path '*/bin/pgbench' | sort -V | tail -n 1"

static bool read_line(FILE *f, char *out, size_t cap)
{
	bool got = f && fgets(out, (int)cap, f);

	if (got)
		out[strcspn(out, "\n")] = '\0';
	return got && out[0];
}

static bool pgbench_path(char *out, size_t cap)
{
	FILE *f = popen(FIND_PGBENCH, "r");
	bool found = read_line(f, out, cap);

	if (f)
		(void)pclose(f);
	return found;
}

static void run(const char *url, const char *sql)
{
	PGconn *c = PQconnectdb(url);
	PGresult *r = PQexec(c, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		load_fail("PostgreSQL", PQerrorMessage(c));
	PQclear(r);
	PQfinish(c);
}

static _Noreturn void be_cluster(const char *where, const int in[2], const int out[2])
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || setenv("TMPDIR", where, 1))
		_exit(1);
	(void)close(in[1]);
	(void)close(out[0]);
	(void)execl("tests/lib/postgres.sh", "postgres.sh", "shared_buffers=256MB", (char *)NULL);
	_exit(127);
}

bool load_postgres_start(struct load_postgres *p, const char *where)
{
	char program[256], *name;
	int in[2], out[2];
	FILE *said;

	if (!pgbench_path(program, sizeof(program)))
		return false;
	if (pipe(in) || pipe(out) || (p->pid = fork()) < 0)
		load_fail("PostgreSQL", strerror(errno));
	if (p->pid == 0)
		be_cluster(where, in, out);
	(void)close(in[0]);
	(void)close(out[1]);
	p->in = in[1];
	said = fdopen(out[0], "r");
	if (!read_line(said, p->url, sizeof(p->url)))
		load_fail("PostgreSQL", "does not start");
	(void)fclose(said);
	run(p->url, "CREATE DATABASE pgbench");
	(void)snprintf(p->bench, sizeof(p->bench), "%s", p->url);
	name = strstr(p->bench, "///postgres?");
	if (!name)
		load_fail("PostgreSQL", p->url);
	(void)snprintf(p->bench, sizeof(p->bench), "%.*s///pgbench?%s", (int)(name - p->bench),
		p->url, p->url + (name - p->bench) + strlen("///postgres?"));
	load_command((const char *const[]){program, "-q", "-i", "-s", SCALE, p->bench, NULL});
	return true;
}

void load_postgres_stop(struct load_postgres *p)
{
	(void)close(p->in); /* it stops and removes everything */
	(void)waitpid(p->pid, NULL, 0);
}

void load_postgres_take(const struct load_postgres *p, const struct load_world *w,
	const char *program)
{
	char file[LOAD_PATH_MAX + 32], conf[LOAD_URL_MAX + 32];

	(void)snprintf(file, sizeof(file), "%s/countersign.db", w->dir);
	load_command((const char *const[]){
		program, "--dir", w->dir, "store", "copy", file, p->url, NULL});
	(void)snprintf(conf, sizeof(conf), "\n[store]\nurl = %s\n", p->url);
	load_world_configure(w, conf);
	run(p->url, "VACUUM ANALYZE");
}

double load_postgres_bench(const struct load_postgres *p, unsigned connections, double seconds)
{
	char program[256], command[768], line[256];
	double tps = 0;
	FILE *f;

	if (!pgbench_path(program, sizeof(program)))
		return 0;
	(void)snprintf(command, sizeof(command),
		"'%s' -n -N -M prepared -c %u -j 2 -T %.0f '%s' 2>/dev/null", program, connections,
		seconds, p->bench);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "tps = ", 6) == 0)
			tps = strtod(line + 6, NULL);
	if (!f || pclose(f) || tps <= 0)
		load_fail(command, "failed");
	return tps;
}
