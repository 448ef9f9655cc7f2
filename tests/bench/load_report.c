/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/load_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "backend/hub.h"

#define WARM_S 1
#define RUNS_MAX 16
#define SLICES 5 /* of handshakes */
#define PGBENCH_CONNECTIONS 16
#define ROW_BYTES 1000 /* of a credential in the file, rounded up */
#define ROOM_BYTES 1e9 /* for what the runs add */

static void row(const char *what, const char *unit, double value, const char *goal)
{
	printf("%-58s %10.2f %-9s %s\n", what, value, unit, goal);
	(void)fflush(stdout);
}

/* ---- a server at work ---- */

struct stage {
	struct load_world world;
	struct load_server server;
	struct load_plan plan;
};

static void serve(struct stage *s, const struct load_options *o, double slow_sync_ms)
{
	load_server_start(&s->server, &s->world, o->server, slow_sync_ms);
	s->plan = (struct load_plan){.world = &s->world,
		.port = s->server.port,
		.connections = o->connections,
		.seconds = o->seconds,
		.warm_s = WARM_S};
}

static void enter(struct stage *s, const struct load_report *r, double slow_sync_ms)
{
	load_world_copy(&s->world, r->world, r->o->dir);
	serve(s, r->o, slow_sync_ms);
}

static void leave(struct stage *s)
{
	load_server_stop(&s->server);
	load_world_done(&s->world);
}

/* One run; later ones go on with other phones. */
static struct load_result work(struct stage *s)
{
	struct load_result result;

	load_run(&result, &s->plan, &s->server);
	if (result.refused)
		printf("%lu requests were refused; the first with %s\n", result.refused,
			result.word);
	s->plan.first += (unsigned)(result.verifications / s->plan.connections) + 1;
	return result;
}

static double rate_of(const struct load_result *r)
{
	return (double)r->verifications / r->seconds;
}

static double server_us(const struct load_result *r)
{
	return r->verifications ? r->server_cpu_s / (double)r->verifications * 1e6 : 0;
}

/* The run whose rate is the median one. */
static const struct load_result *median_run(const struct load_result *all, unsigned count)
{
	const struct load_result *chosen = all;
	double rates[RUNS_MAX], median;

	for (unsigned i = 0; i < count; i++)
		rates[i] = rate_of(&all[i]);
	median = measure_median(rates, count);
	for (unsigned i = 0; i < count; i++)
		if (rate_of(&all[i]) >= median && rate_of(&all[i]) <= median)
			chosen = &all[i];
	return chosen;
}

static unsigned run_count(const struct load_options *o)
{
	return o->runs < RUNS_MAX ? o->runs : RUNS_MAX;
}

/* ---- floors ---- */

void report_floors(struct load_report *r)
{
	r->sync_ms = floor_sync_ms(r->world->dir);
	r->store_us = floor_store_us(r->world->dir, r->o->credentials);
	r->echo_us = floor_echo_us();
	r->handshake_us = floor_handshake_us();
	row("floor: sync of the disk (8 KiB, median of 200)", "ms", r->sync_ms, "");
	row("floor: raw store, a verification at 64 a commit", "us CPU", r->store_us, "");
	row("floor: one TLS echo, server", "us CPU", r->echo_us, "");
	row("floor: full mutual TLS handshake in memory, server", "us CPU", r->handshake_us, "");
}

/* ---- as fast as the answers come; by a schedule ---- */

static void tell_rate(const struct load_report *r, struct stage *s, double sync_ms,
	const char *goal)
{
	struct load_result all[RUNS_MAX];
	const struct load_result *m;
	double floor_us = r->store_us + (r->o->plain ? 0 : 2 * r->echo_us);

	for (unsigned i = 0; i < run_count(r->o); i++)
		all[i] = work(s);
	m = median_run(all, run_count(r->o));
	row("verifications, durable, closed loop", "/s", rate_of(m), goal);
	row("  server", "us CPU", server_us(m), "");
	row("  server / (two echoes and the raw store)", "", server_us(m) / floor_us,
		"goal 3.0, lead 1.6");
	row("  of that, the thread that talks with the clients", "us CPU",
		m->io_cpu_s / (double)m->verifications * 1e6, "");
	row("  client, on the same cores", "us CPU",
		m->client_cpu_s / (double)m->verifications * 1e6, "");
	row("  commits / sync rate of the disk", "", m->commits * sync_ms / 1000,
		sync_ms < 1 ? "tells nothing where syncs are quick" : "goal 0.85 or more");
	row("  both stages, median", "ms", m->both_ms[0], "");
	row("  both stages, p99", "ms", m->both_ms[2], "");
}

static void tell_paced(const struct load_report *r, struct stage *s, double sync_ms)
{
	struct load_result result;

	s->plan.rate = r->o->rate;
	result = work(s);
	s->plan.rate = 0;
	row("paced: verifications", "/s", rate_of(&result), "");
	row("  one stage, median / sync", "",
		(result.stage_ms[0][0] + result.stage_ms[1][0]) / 2 / sync_ms, "goal 1.5 or less");
	row("  both stages, p99 / sync", "", result.both_ms[2] / sync_ms, "goal 10 or less");
}

void report_rate(const struct load_report *r)
{
	struct stage s;

	enter(&s, r, 0);
	tell_rate(r, &s, r->sync_ms, "goal 16,000 at 0.13 ms sync, lead 24,000");
	row("  server resident, after all that", "MiB", load_server_rss_kib(&s.server) / 1024, "");
	leave(&s);
}

void report_paced(const struct load_report *r)
{
	struct stage s;

	enter(&s, r, 0);
	tell_paced(r, &s, r->sync_ms);
	leave(&s);
}

void report_slow(const struct load_report *r)
{
	double ms = r->o->slow_sync_ms;
	struct stage s;

	if (ms < r->sync_ms) {
		printf("not simulated: a sync of this disk takes %.2f ms\n", r->sync_ms);
		return;
	}
	printf("simulated: a disk whose sync takes %.2f ms (slow_sync.so in the server)\n", ms);
	enter(&s, r, ms);
	tell_rate(r, &s, ms, "goal 8,000 at 4 ms sync, lead 12,000");
	tell_paced(r, &s, ms);
	leave(&s);
}

/* ---- terminals that wait ---- */

/* Each against a floor of the same moment: what else the machine does changes both. */
static void tell_handshakes(const struct stage *s, const struct load_options *o)
{
	double accepted[SLICES], ratio[SLICES];

	for (int i = 0; i < SLICES; i++) {
		accepted[i] = load_handshake_us(&s->world, &s->server, o->seconds / SLICES);
		ratio[i] = floor_handshake_us() / accepted[i];
	}
	row("accepted with a full handshake", "us CPU", measure_median(accepted, SLICES), "");
	row("  in memory / that, at the same time", "", measure_median(ratio, SLICES),
		"goal 0.85 or more");
}

void report_idle(const struct load_report *r)
{
	unsigned terminals = (r->o->listeners + HUB_LISTENERS_OF_ONE_MAX - 1) /
			HUB_LISTENERS_OF_ONE_MAX;
	struct load_idle idle;
	struct stage s;

	enter(&s, r, 0);
	row("start with so many credentials", "s", s.server.start_s, "");
	if (terminals > s.world.terminal_count)
		load_world_enrol(&s.world, terminals);
	load_listeners(&idle, &s.world, &s.server, r->o->listeners);
	row("resident at the start", "MiB", idle.base_kib / 1024, "goal under 12");
	row("terminals that listen for events", "at once", r->o->listeners, "goal 5,000");
	row("resident for each terminal that listens for events", "kB", idle.each_kib * 1.024,
		"goal 25 or less");
	row("one event to each of them", "us CPU", idle.push_us, "goal 20 or less");
	if (!r->o->plain)
		tell_handshakes(&s, r->o);
	leave(&s);
}

/* ---- many more credentials ---- */

static bool is_room(const struct load_report *r)
{
	double need = (double)r->o->large * ROW_BYTES + ROOM_BYTES;
	struct statvfs disk;

	if (statvfs(r->o->dir, &disk))
		load_fail(r->o->dir, "cannot be looked at");
	if ((double)disk.f_bavail * (double)disk.f_frsize >= need)
		return true;
	printf("not measured: %u credentials need %.1f GB in %s\n", r->o->large, need / 1e9,
		r->o->dir);
	return false;
}

/* In turn: a machine changes its mood within minutes. */
void report_large(const struct load_report *r)
{
	struct load_result few[RUNS_MAX], many[RUNS_MAX];
	const struct load_result *f, *m;
	struct stage small, large = {.world = {.tls = r->world->tls}};
	double began = measure_now();
	char what[64];

	if (r->o->large == 0 || !is_room(r))
		return;
	load_world_make(&large.world, r->o->dir, r->o->large, r->o->connections);
	(void)snprintf(what, sizeof(what), "%u credentials: made in", r->o->large);
	row(what, "s", measure_now() - began, "");
	serve(&large, r->o, 0);
	row("  start", "s", large.server.start_s, "goal 1 with 1,000,000");
	enter(&small, r, 0);
	for (unsigned i = 0; i < run_count(r->o); i++) {
		few[i] = work(&small);
		many[i] = work(&large);
	}
	f = median_run(few, run_count(r->o));
	m = median_run(many, run_count(r->o));
	row("  verifications", "/s", rate_of(m), "");
	row("  server", "us CPU", server_us(m), "");
	(void)snprintf(what, sizeof(what), "  rate / that with %u", r->world->credentials);
	row(what, "", rate_of(m) / rate_of(f), "goal 0.7 with 10,000,000 and 100,000");
	leave(&small);
	leave(&large);
}

/* ---- PostgreSQL ---- */

void report_postgres(const struct load_report *r)
{
	struct load_result all[RUNS_MAX];
	const struct load_result *m;
	double tps[RUNS_MAX], bench;
	struct load_postgres pg;
	struct stage s;

	if (!load_postgres_start(&pg, r->o->dir)) {
		printf("not measured: no PostgreSQL server here\n");
		return;
	}
	load_world_copy(&s.world, r->world, r->o->dir);
	load_postgres_take(&pg, &s.world, r->o->server);
	serve(&s, r->o, 0);
	for (unsigned i = 0; i < run_count(r->o); i++) {
		tps[i] = load_postgres_bench(&pg, PGBENCH_CONNECTIONS, r->o->seconds);
		all[i] = work(&s);
	}
	bench = measure_median(tps, run_count(r->o));
	m = median_run(all, run_count(r->o));
	row("PostgreSQL: pgbench -N, prepared, 16 connections", "tps", bench, "");
	row("  verifications, durable, closed loop", "/s", rate_of(m), "");
	row("  server, without PostgreSQL's processes", "us CPU", server_us(m), "");
	row("  verifications / transactions of pgbench", "", rate_of(m) / bench,
		"goal 1.5, lead 2.5");
	leave(&s);
	load_postgres_stop(&pg);
}
