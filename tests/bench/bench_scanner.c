/* SPDX-License-Identifier: Apache-2.0
 *
 * make bench-scanner: what we read and what it costs, beside the peers on the same frames in the
 * same run. One thread, CPU time. Asserts nothing.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench_parts.h"

static void usage(void)
{
	puts("bench_scanner [--quick] [--each N] [--only CONDITION] [--part PART] [--misses DIR]\n"
	     "              [--photos DIR] [--scanner PROGRAM]\n"
	     "  --quick        a few hundred frames, under a minute\n"
	     "  --each N       frames of each condition and grade\n"
	     "  --only WORD    one condition (or several, as --only a --only b)\n"
	     "  --part WORD    only this part of the report: set ...\n"
	     "  --misses DIR   writes frames that we miss and a peer reads (PGM)\n");
}

static unsigned condition_bit(const char *word, struct bench_options *o)
{
	for (int c = 0; c < COND_COUNT; c++)
		if (!strcmp(word, condition_words[c])) {
			o->only |= 1ull << c;
			return 1;
		}
	fprintf(stderr, "bench_scanner: no condition is called %s; there are:", word);
	for (int c = 0; c < COND_COUNT; c++)
		fprintf(stderr, " %s", condition_words[c]);
	fputs("\n", stderr);
	return 0;
}

static bool parse(struct bench_options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(word, "--quick")) {
			o->quick = true;
			continue;
		}
		if (!value)
			return false;
		i++;
		if (!strcmp(word, "--each"))
			o->each = (unsigned)strtoul(value, NULL, 10);
		else if (!strcmp(word, "--only") && condition_bit(value, o))
			;
		else if (!strcmp(word, "--part"))
			o->part = value;
		else if (!strcmp(word, "--misses"))
			o->misses = value;
		else if (!strcmp(word, "--photos"))
			o->photos = value;
		else if (!strcmp(word, "--scanner"))
			o->scanner = value;
		else
			return false;
	}
	if (!o->each)
		o->each = o->quick ? 2 : 16;
	return true;
}

int main(int argc, char **argv)
{
	struct bench_options o = {.only = 0};

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Memory stays with us: no engine pays for page faults of an earlier one. */
	mallopt(M_MMAP_THRESHOLD, 256 << 20);
	mallopt(M_TRIM_THRESHOLD, 512 << 20);
	if (!parse(&o, argc, argv)) {
		usage();
		return 2;
	}
	bench_set(&o);
	return 0;
}
