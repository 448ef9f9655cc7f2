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
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/bench/load_report.h"
#include "tests/lib/folder.h"

static const int ENDS[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};

static const char HELP[] =
	"usage: bench_backend [options]\n"
	"Verifications (both stages, durable) by a real countersignd on loopback, and the\n"
	"floors of its parts. Prints a table.\n"
	"  --server PATH      countersignd (default build/gcc/countersignd)\n"
	"  --dir DIR          where the databases are made and removed again (default /var/tmp)\n"
	"  --credentials N    in the database (default 100000)\n"
	"  --connections N    terminals at work at the same time (default 256)\n"
	"  --seconds S        of each measured run (default 4)\n"
	"  --runs N           of a closed loop; the median is told (default 3)\n"
	"  --listeners N      terminals that only listen (default 5000)\n"
	"  --plain            plain HTTP with tokens instead of mutual TLS\n"
	"  --rate N           verifications a second of the paced run (default 1000)\n"
	"  --slow-sync MS     of the simulated disk (default 4)\n"
	"  --large N          credentials of the large database (default 1000000; 0: without)\n"
	"  --part WORD        only this part; can be given several times:\n";

static const struct {
	const char *word, *what;
	void (*report)(const struct load_report *r);
} PARTS[] = {
#define PART(function, part, tells) {part, tells, function},
	LOAD_PART_LIST(PART)
#undef PART
};
#define PART_COUNT (sizeof(PARTS) / sizeof(PARTS[0]))

static _Noreturn void help(void)
{
	(void)fputs(HELP, stdout);
	for (size_t i = 0; i < PART_COUNT; i++)
		printf("      %-12s %s\n", PARTS[i].word, PARTS[i].what);
	exit(0);
}

static bool add_part(struct load_options *o, const char *word)
{
	for (size_t i = 0; i < PART_COUNT; i++) {
		if (strcmp(PARTS[i].word, word) != 0)
			continue;
		o->parts |= 1u << i;
		return true;
	}
	return false;
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

static bool set(struct load_options *o, int opt)
{
	switch (opt) {
	case 'p': o->server = optarg; return true;
	case 'd': o->dir = optarg; return true;
	case 'n': o->credentials = number(optarg); return true;
	case 'c': o->connections = number(optarg); return true;
	case 's': o->seconds = strtod(optarg, NULL); return true;
	case 'u': o->runs = number(optarg); return true;
	case 'r': o->rate = strtod(optarg, NULL); return true;
	case 'l': o->listeners = number(optarg); return true;
	case 'g': o->large = number(optarg); return true;
	case 'y': o->slow_sync_ms = strtod(optarg, NULL); return true;
	case 't': o->plain = true; return true;
	case 'a': return add_part(o, optarg);
	case 'h': help();
	default: return false;
	}
}

static bool parse(struct load_options *o, int argc, char **argv)
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
		{"large", required_argument, NULL, 'g'},
		{"slow-sync", required_argument, NULL, 'y'},
		{"plain", no_argument, NULL, 't'},
		{"part", required_argument, NULL, 'a'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	bool good = true;
	int opt;

	while ((opt = getopt_long(argc, argv, "", LONG, NULL)) != -1)
		good = set(o, opt) && good;
	if (good && optind == argc && o->connections && o->listeners && o->runs &&
		o->seconds > 0 && o->rate > 0 && o->credentials >= o->connections &&
		(!o->large || o->large >= o->connections))
		return true;
	fprintf(stderr, "bench_backend: see --help\n");
	return false;
}

static void measure_all(const struct load_options *o)
{
	struct load_world world = {.tls = !o->plain};
	struct load_report report = {.o = o, .world = &world};

	load_world_make(&world, o->dir, o->credentials, o->connections);
	report_floors(&report);
	for (size_t i = 0; i < PART_COUNT; i++)
		if (!o->parts || (o->parts >> i & 1))
			PARTS[i].report(&report);
	load_world_done(&world);
}

/* What measures is a child, so that its folder is removed however it ends. */
static int measure_in(const char *folder, struct load_options *o)
{
	int status = 1, got;
	sigset_t ends;
	pid_t pid;

	(void)sigemptyset(&ends);
	for (size_t i = 0; i < sizeof(ENDS) / sizeof(ENDS[0]); i++)
		(void)sigaddset(&ends, ENDS[i]);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	pid = fork();
	if (pid == 0) {
		(void)sigprocmask(SIG_UNBLOCK, &ends, NULL);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		o->dir = folder;
		measure_all(o);
		exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0) {
		got = sigwaitinfo(&ends, NULL);
		if (got > 0 && got != SIGCHLD)
			(void)kill(pid, SIGKILL);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	struct load_options o = {.dir = "/var/tmp",
		.server = "build/gcc/countersignd",
		.credentials = 100000,
		.connections = 256,
		.listeners = 5000,
		.large = 1000000,
		.runs = 3,
		.seconds = 4,
		.rate = 1000,
		.slow_sync_ms = 4};
	char folder[LOAD_PATH_MAX];
	int status, n;

	if (!parse(&o, argc, argv))
		return 2;
	setlinebuf(stdout); /* children must not write again what is not written yet */
	(void)signal(SIGPIPE, SIG_IGN); /* a connection that was closed is told by its error */
	n = snprintf(folder, sizeof(folder), "%s/countersign-bench-XXXXXX", o.dir);
	/* PostgreSQL runs as another user, and has its own folder in there */
	if (n >= (int)sizeof(folder) || !mkdtemp(folder) || chmod(folder, 0711))
		load_fail(o.dir, "no folder can be made there");
	status = measure_in(folder, &o);
	for (int i = 0; i < 100 && access(folder, F_OK) == 0; i++) { /* a cluster may still end */
		(void)nftw(folder, folder_remove, 8, FTW_DEPTH | FTW_PHYS);
		(void)usleep(50000);
	}
	return status;
}
