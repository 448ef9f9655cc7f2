/* SPDX-License-Identifier: Apache-2.0
 *
 * make bench-backend: the figures of the backend under load, beside the floors of its parts measured
 * in the same run on the same disk. Asserts nothing.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/load.h"

struct options {
	const char *dir, *server;
	unsigned credentials, connections, runs;
	double seconds, rate;
	bool plain;
};

static const char HELP[] =
	"usage: bench_backend [options]\n"
	"Verifications (both stages, durable) by a real countersignd on loopback, and the floors of its\n"
	"parts. Prints a table.\n"
	"  --server PATH      countersignd (default build/gcc/countersignd)\n"
	"  --dir DIR          where the databases are made and removed again (default /var/tmp)\n"
	"  --credentials N    in the database (default 100000)\n"
	"  --connections N    terminals at work at the same time (default 256)\n"
	"  --seconds S        of each measured run (default 5)\n"
	"  --runs N           of the closed loop; the median is told (default 3)\n"
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
		case 't': o->plain = true; break;
		case 'h': (void)fputs(HELP, stdout); exit(0);
		default: return false;
		}
	}
	if (optind == argc && o->connections && o->runs && o->seconds > 0 &&
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
	double median = load_median(rates, runs);

	chosen = all[0];
	for (unsigned i = 0; i < runs; i++)
		if ((double)all[i].verifications / all[i].seconds == median)
			chosen = all[i];
	return chosen;
}

int main(int argc, char **argv)
{
	struct options o = {.dir = "/var/tmp",
		.server = "build/gcc/countersignd",
		.credentials = 100000,
		.connections = 256,
		.runs = 3,
		.seconds = 5,
		.rate = 1000};
	struct load_world world = {.credentials = 0};
	struct load_server server = {.pid = 0};
	struct load_plan plan = {.world = &world, .warm_s = 1};
	struct load_result r;
	double sync_ms, store_us, echo_us, floor_us;

	if (!parse(&o, argc, argv))
		return 2;
	world.tls = !o.plain;
	load_world_make(&world, o.dir, o.credentials, o.connections);
	sync_ms = floor_sync_ms(world.dir);
	store_us = floor_store_us(world.dir, o.credentials);
	echo_us = floor_echo_us();
	floor_us = store_us + (o.plain ? 0 : 2 * echo_us);
	load_server_start(&server, &world, o.server);
	plan.port = server.port;
	plan.connections = o.connections;
	plan.seconds = o.seconds;
	row("floor: sync of the disk (8 KiB, median of 200)", "ms", sync_ms, "");
	row("floor: raw store, a verification at 64 a commit", "us CPU", store_us, "");
	row("floor: one TLS echo, server", "us CPU", echo_us, "");
	row("floor: full mutual TLS handshake in memory, server", "us CPU", floor_handshake_us(), "");
	r = closed_loop(&o, &plan, &server);
	row("verifications, durable, closed loop", "/s", (double)r.verifications / r.seconds,
		"goal 8,000 at 4 ms sync, 16,000 at 0.13 ms");
	row("  server", "us CPU", r.server_cpu_s / (double)r.verifications * 1e6, "");
	row("  server / (two echoes and the raw store)", "",
		r.server_cpu_s / (double)r.verifications * 1e6 / floor_us, "goal 3.0, lead 1.6");
	row("  client, on the same cores", "us CPU", r.client_cpu_s / (double)r.verifications * 1e6, "");
	row("  both stages, median", "ms", r.both_ms[0], "");
	row("  both stages, p99", "ms", r.both_ms[2], "");
	plan.rate = o.rate;
	load_run(&r, &plan, &server);
	tell_refused(&r);
	row("paced: verifications", "/s", (double)r.verifications / r.seconds, "");
	row("  one stage, median / sync", "", (r.stage_ms[0][0] + r.stage_ms[1][0]) / 2 / sync_ms,
		"goal 1.5 or less");
	row("  both stages, p99 / sync", "", r.both_ms[2] / sync_ms, "goal 10 or less");
	row("server resident, after all that", "MiB", load_server_rss_kib(&server) / 1024, "");
	load_server_stop(&server);
	load_world_done(&world);
	return 0;
}
