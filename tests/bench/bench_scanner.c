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

struct part {
	void (*run)(const struct bench_options *o);
	const char *word, *what;
};
static const struct part parts[] = {
#define PART_ROW(function, word, what) {function, word, what},
	PART_LIST(PART_ROW)
#undef PART_ROW
};
#define PARTS (sizeof parts / sizeof parts[0])

static void usage(void)
{
	puts("bench_scanner [OPTION VALUE ...]\n"
	     "  --help           this\n"
	     "  --quick          few frames: parts set, sweep, fixtures; else the --part named\n"
	     "  --each N         frames of each condition and grade (12)\n"
	     "  --only WORD      one condition; may be given again\n"
	     "  --part WORD      only this part of the report; may be given again\n"
	     "  --misses DIR     keep frames (PGM) that we miss and that a peer reads or that\n"
	     "                   are not extreme, and those with a wrong text\n"
	     "  --photos DIR     only photographs, with their texts in .txt files beside them\n"
	     "  --blank N        frames without a code (10000)\n"
	     "  --frames N       of the long run (12000; 108000 is an hour of 30 a second)\n"
	     "  --jobs N         processes that measure at a time (2)\n"
	     "  --scanner FILE   the program countersign-scanner\n"
	     "parts:");
	for (unsigned i = 0; i < PARTS; i++)
		printf("  %-10s %s\n", parts[i].word, parts[i].what);
	puts("conditions:");
	for (int c = 0; c < COND_COUNT; c++)
		printf("%s%s", condition_words[c], c % 10 == 9 || c + 1 == COND_COUNT ? "\n" : " ");
}

static bool choose_condition(struct bench_options *o, const char *word)
{
	for (int c = 0; c < COND_COUNT; c++)
		if (!strcmp(word, condition_words[c])) {
			o->only |= 1ull << c;
			return true;
		}
	return false;
}

static bool choose_part(struct bench_options *o, const char *word)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (!strcmp(word, parts[i].word)) {
			o->parts |= 1ull << i;
			return true;
		}
	return false;
}

static bool set_number(struct bench_options *o, const char *word, const char *value)
{
	const struct {
		const char *word;
		unsigned *number;
	} known[] = {{"--each", &o->each}, {"--blank", &o->blank}, {"--frames", &o->frames},
		{"--jobs", &o->jobs}};

	for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
		if (!strcmp(word, known[i].word)) {
			*known[i].number = (unsigned)strtoul(value, NULL, 10);
			return *known[i].number > 0 && *known[i].number < 1000000;
		}
	return false;
}

static bool set_word(struct bench_options *o, const char *word, const char *value)
{
	if (!strcmp(word, "--only"))
		return choose_condition(o, value);
	if (!strcmp(word, "--part"))
		return choose_part(o, value);
	if (!strcmp(word, "--misses"))
		o->misses = value;
	else if (!strcmp(word, "--photos"))
		o->photos = value;
	else if (!strcmp(word, "--scanner"))
		o->scanner = value;
	else
		return set_number(o, word, value);
	return true;
}

static bool parse(struct bench_options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--quick")) {
			o->quick = true;
			o->each = 2;
			continue;
		}
		if (i + 1 == argc || !set_word(o, argv[i], argv[i + 1])) {
			fprintf(stderr, "bench_scanner: not understood: %s %s\n", argv[i],
				i + 1 < argc ? argv[i + 1] : "");
			return false;
		}
		i++;
	}
	if (o->only && !o->parts)
		return choose_part(o, "set");
	if (o->quick && !o->parts)
		return choose_part(o, "set") && choose_part(o, "sweep") &&
		       choose_part(o, "fixtures");
	return true;
}

int main(int argc, char **argv)
{
	struct bench_options o = {.each = 12, .jobs = 2, .blank = 10000, .frames = 12000};

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Memory stays with us: no engine pays for page faults of an earlier one. */
	mallopt(M_MMAP_THRESHOLD, 256 << 20);
	mallopt(M_TRIM_THRESHOLD, 512 << 20);
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help")) {
			usage();
			return 0;
		}
	if (!parse(&o, argc, argv)) {
		usage();
		return 2;
	}
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf("%-10s %s\n", engine_words[e], engine_means[e]);
	if (o.photos) {
		bench_photos(&o);
		return 0;
	}
	for (unsigned i = 0; i < PARTS; i++)
		if (!o.parts || o.parts >> i & 1)
			parts[i].run(&o);
	return 0;
}
