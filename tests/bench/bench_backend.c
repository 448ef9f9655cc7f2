/* SPDX-License-Identifier: Apache-2.0
 *
 * make bench-backend: the figures of the backend under load, beside the floors of its parts,
 * measured in the same run on the same disk. Asserts nothing.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/load.h"

struct options {
	const char *dir, *server;
	unsigned credentials, connections, runs, listeners;
	double seconds, rate;
	bool plain;
};

static const char HELP[] =
	"usage: bench_backend [options]\n"
	"Verifications (both stages, durable) by a real countersignd on loopback, and the\n"
	"floors of its parts. Prints a table.\n"
	"  --server PATH      countersignd (default build/gcc/countersignd)\n"
	"  --dir DIR          where the databases are made and removed again (default /var/tmp)\n"
	"  --credentials N    in the database (default 100000)\n"
	"  --connections N    terminals at work at the same time (default 256)\n"
	"  --seconds S        of each measured run (default 5)\n"
	"  --runs N           of the closed loop; the median is told (default 3)\n"
	"  --listeners N      terminals that only listen (default 1000; four for each connection)\n"
	"  --plain            plain HTTP with tokens instead of mutual TLS\n"
	"  --rate N           verifications a second of the paced run (default 1000)\n";

static bool parse(struct options *o, int argc, char **argv)
{
	static const struct option LONG[] = {
		{"server", required_argument, NULL, 'p'},
		{"dir", required_argument, NULL, 'd'},
		{"credentials", required_argument, NULL, 'n'},
		{"connections", required_argument, NULL, 'c'},
		{"seconds", required_argument, NULL, 's'},
		{"runs", required_argument, NULL, 'u'},
		{"rate", required_argument, NULL, 'r'},
		{"listeners", required_argument, NULL, 'l'},
		{"plain", no_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
		switch (opt) {
		case 'p': o->server = optarg; break;
		case 'd': o->dir = optarg; break;
		case 'n': o->credentials = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'c': o->connections = (unsigned)strtoul(optarg, NULL, 10); break;
		case 's': o->seconds = strtod(optarg, NULL); break;
		case 'u': o->runs = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'r': o->rate = strtod(optarg, NULL); break;
		case 'l': o->listeners = (unsigned)strtoul(optarg, NULL, 10); break;
		case 't': o->plain = true; break;
		case 'h': (void)fputs(HELP, stdout); exit(0);
		default: return false;
		}
	}
	if (o->listeners > 4 * o->connections)
		o->listeners = 4 * o->connections;
	if (optind == argc && o->connections && o->listeners && o->runs && o->seconds > 0 &&
		o->credentials >= o->connections)
		return true;
	fprintf(stderr, "bench_backend: see --help\n");
	return false;
}

static void row(const char *what, const char *unit, double value, const char *goal)
{
	printf("%-58s %10.2f %-9s %s\n", what, value, unit, goal);
	(void)fflush(stdout);
}

static void tell_refused(const struct load_result *r)
{
	if (r->refused)
		printf("%lu requests were refused; the first with %s\n", r->refused, r->word);
}

/* As fast as the answers come: the run whose rate is the median one. */
static struct load_result closed_loop(const struct options *o, struct load_plan *plan,
	const struct load_server *server)
{
	struct load_result all[16], chosen;
	double rates[16];
	unsigned runs = o->runs < 16 ? o->runs : 16;

	for (unsigned i = 0; i < runs; i++) {
		load_run(&all[i], plan, server);
		tell_refused(&all[i]);
		rates[i] = (double)all[i].verifications / all[i].seconds;
		plan->first += 100000;
	}
	double median = measure_median(rates, runs);

	chosen = all[0];
	for (unsigned i = 0; i < runs; i++)
		if ((double)all[i].verifications / all[i].seconds == median)
			chosen = all[i];
	return chosen;
}

struct floors {
	double sync_ms, store_us, echo_us, handshake_us;
};

static struct floors measure_floors(const struct options *o, const struct load_world *w)
{
	struct floors f = {.sync_ms = floor_sync_ms(w->dir),
		.store_us = floor_store_us(w->dir, o->credentials),
		.echo_us = floor_echo_us(),
		.handshake_us = floor_handshake_us()};

	row("floor: sync of the disk (8 KiB, median of 200)", "ms", f.sync_ms, "");
	row("floor: raw store, a verification at 64 a commit", "us CPU", f.store_us, "");
	row("floor: one TLS echo, server", "us CPU", f.echo_us, "");
	row("floor: full mutual TLS handshake in memory, server", "us CPU", f.handshake_us, "");
	return f;
}

#define COMMITS "countersign_store_commit_duration_seconds_count"

static void tell_rate(const struct options *o, struct load_plan *plan, const struct floors *f,
	const struct load_server *server)
{
	double commits = load_metric(plan->world, plan->port, COMMITS), began = measure_now();
	struct load_result r = closed_loop(o, plan, server);
	double us = r.server_cpu_s / (double)r.verifications * 1e6;
	double floor_us = f->store_us + (o->plain ? 0 : 2 * f->echo_us);

	commits = (load_metric(plan->world, plan->port, COMMITS) - commits) / (measure_now() - began);
	row("verifications, durable, closed loop", "/s", (double)r.verifications / r.seconds,
		"goal 8,000 at 4 ms sync, 16,000 at 0.13 ms");
	row("  server", "us CPU", us, "");
	row("  server / (two echoes and the raw store)", "", us / floor_us, "goal 3.0, lead 1.6");
	row("  client, on the same cores", "us CPU", r.client_cpu_s / (double)r.verifications * 1e6,
		"");
	row("  commits a second * sync of the disk", "", commits * f->sync_ms / 1000,
		"goal 0.85, where the disk is what is waited for");
	row("  both stages, median", "ms", r.both_ms[0], "");
	row("  both stages, p99", "ms", r.both_ms[2], "");
}

static void tell_paced(const struct options *o, struct load_plan *plan, const struct floors *f,
	const struct load_server *server)
{
	struct load_result r;

	plan->rate = o->rate;
	load_run(&r, plan, server);
	tell_refused(&r);
	row("paced: verifications", "/s", (double)r.verifications / r.seconds, "");
	row("  one stage, median / sync", "",
		(r.stage_ms[0][0] + r.stage_ms[1][0]) / 2 / f->sync_ms, "goal 1.5 or less");
	row("  both stages, p99 / sync", "", r.both_ms[2] / f->sync_ms, "goal 10 or less");
}

static void tell_idle(const struct options *o, const struct load_world *w, const struct floors *f,
	const struct load_server *server)
{
	struct load_idle idle;
	double handshake_us;

	load_listeners(&idle, w, server, o->listeners);
	row("resident at the start", "MiB", idle.base_kib / 1024, "goal under 12");
	row("resident for each terminal that listens for events", "kB", idle.each_kib * 1.024,
		"goal 25 or less");
	row("one event to each of them", "us CPU", idle.push_us, "goal 20 or less");
	if (o->plain)
		return;
	handshake_us = load_handshake_us(w, server, o->seconds);
	row("accepted with a full handshake", "us CPU", handshake_us, "");
	row("  in memory / that", "", f->handshake_us / handshake_us, "goal 0.85 or more");
}

int main(int argc, char **argv)
{
	struct options o = {.dir = "/var/tmp",
		.server = "build/gcc/countersignd",
		.credentials = 100000,
		.connections = 256,
		.listeners = 1000,
		.runs = 3,
		.seconds = 5,
		.rate = 1000};
	struct load_world world = {.credentials = 0};
	struct load_server server = {.pid = 0};
	struct load_plan plan = {.world = &world, .warm_s = 1};
	struct floors floors;

	if (!parse(&o, argc, argv))
		return 2;
	(void)signal(SIGPIPE, SIG_IGN); /* a connection that was closed is told by its error */
	world.tls = !o.plain;
	load_world_make(&world, o.dir, o.credentials, o.connections);
	floors = measure_floors(&o, &world);
	load_server_start(&server, &world, o.server);
	row("start with so many credentials", "s", server.start_s, "goal 1 with 1,000,000");
	tell_idle(&o, &world, &floors, &server);
	plan.port = server.port;
	plan.connections = o.connections;
	plan.seconds = o.seconds;
	tell_rate(&o, &plan, &floors, &server);
	tell_paced(&o, &plan, &floors, &server);
	row("server resident, after all that", "MiB", load_server_rss_kib(&server) / 1024, "");
	load_server_stop(&server);
	load_world_done(&world);
	return 0;
}
