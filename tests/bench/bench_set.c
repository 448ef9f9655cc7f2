/* SPDX-License-Identifier: Apache-2.0
 *
 * The graded set: reads for each condition and grade, times, ratios. Then sharp codes by size.
 */
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/bench/bench_parts.h"
#include "tests/bench/dice.h"

/* ---- the graded set ---- */

struct set {
	const struct bench_options *o;
	unsigned conditions;
	uint8_t condition[COND_COUNT];
};

/* Why a frame is kept: read by zbar (b), by libzxing (x), by nobody and not extreme, or a wrong
 * text.
 */
static void keep_miss(const struct bench_options *o, const struct frame *f, const struct record *r,
	unsigned number)
{
	char name[128];
	bool zbar = r->read[ENGINE_ZBAR] || r->read[ENGINE_ZBAR_QR], zxing = r->read[ENGINE_ZXING];
	bool wrong = r->wrong[ENGINE_OURS] || r->wrong[ENGINE_VIDEO];

	if (!wrong && (r->read[ENGINE_OURS] || (!zbar && !zxing && r->at[1] == GRADE_EXTREME)))
		return;
	snprintf(name, sizeof name, "%s-%s-%02u-%.1fpx-%s%s%s", condition_words[r->at[0]],
		grade_words[r->at[1]], number, f->module, zbar ? "b" : "", zxing ? "x" : "",
		wrong ? "WRONG" : "");
	frame_write(f, o->misses, name);
}

static void set_work(const void *context, unsigned index, void *out)
{
	const struct set *set = context;
	static struct frame f;
	static struct shot shot;
	struct record *r = out;
	unsigned number = index / (GRADE_COUNT * set->conditions);

	r->at[0] = set->condition[index / GRADE_COUNT % set->conditions];
	r->at[1] = index % GRADE_COUNT;
	frames_shot(&shot, r->at[0], r->at[1], number);
	frame_take(&f, &shot);
	record_fill(r, &f, ENGINES_ALL);
	if (set->o->misses)
		keep_miss(set->o, &f, r, number);
}

static void report_reads(const struct set *set, struct score score[COND_COUNT][GRADE_COUNT],
	const struct record *r, unsigned count)
{
	struct score all = {.frames = 0}, by_condition[COND_COUNT] = {{.frames = 0}};
	struct score by_grade[GRADE_COUNT] = {{.frames = 0}};

	for (unsigned i = 0; i < count; i++) {
		score_add(&score[r[i].at[0]][r[i].at[1]], &r[i]);
		score_add(&by_condition[r[i].at[0]], &r[i]);
		score_add(&by_grade[r[i].at[1]], &r[i]);
		score_add(&all, &r[i]);
	}
	puts("\nreads on the graded set, easy to extreme together");
	score_heads("condition");
	for (unsigned c = 0; c < set->conditions; c++)
		score_row(condition_words[set->condition[c]], &by_condition[set->condition[c]]);
	puts("");
	score_heads("grade");
	for (int g = 0; g < GRADE_COUNT; g++)
		score_row(grade_words[g], &by_grade[g]);
	score_row("all", &all);
	printf("%-32s", "wrong texts");
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf(" %9u", all.wrong[e]);
	puts("");
}

/* Where to look: read of how many, for each condition and grade. */
static void report_grades(const struct set *set, struct score score[COND_COUNT][GRADE_COUNT])
{
	puts("\nours, best peer, frames; < where we are behind");
	printf("%-12s", "");
	for (int g = 0; g < GRADE_COUNT; g++)
		printf("  %-15s", grade_words[g]);
	puts("");
	for (unsigned c = 0; c < set->conditions; c++) {
		printf("%-12s", condition_words[set->condition[c]]);
		for (int g = 0; g < GRADE_COUNT; g++) {
			const struct score *s = &score[set->condition[c]][g];

			printf("  %3u %3u of %3u%s", s->read[ENGINE_OURS], score_best_peer(s),
				s->frames, score_best_peer(s) > s->read[ENGINE_OURS] ? " <" : "  ");
		}
		puts("");
	}
}

void bench_set(const struct bench_options *o)
{
	static struct score score[COND_COUNT][GRADE_COUNT];
	struct set set = {.o = o};

	for (int c = 0; c < COND_COUNT; c++)
		if (!o->only || o->only >> c & 1)
			set.condition[set.conditions++] = (uint8_t)c;
	if (o->misses)
		mkdir(o->misses, 0777);
	unsigned count = set.conditions * GRADE_COUNT * o->each;
	struct record *r = spread(o, "graded set", count, sizeof *r, set_work, &set);

	report_reads(&set, score, r, count);
	report_grades(&set, score);
	puts("");
	print_times(r, count);
	puts("");
	print_steps(r, count);
	spread_done(r, count, sizeof *r);
}

/* ---- sharp codes by size ---- */

#define SWEEP_SIZES 10
#define SWEEP_KINDS 5 /* dark on light, light on dark; then tilt, dark and noisy, inverted */

static const double sweep_size[SWEEP_SIZES] = {1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 5, 7};
static const char *const sweep_word[SWEEP_KINDS] = {"sharp, dark on light", "sharp, light on dark",
	"tilt 20 to 35", "dark and noisy", "inverted"};

static void sweep_shot(struct shot *s, unsigned kind, double module, unsigned number)
{
	static const size_t lengths[] = {64, 110, 180, 260};
	uint64_t dice = dice_mix(number * 977 + kind * 31 + (uint64_t)(module * 100));
	double way = dice_range(&dice, 0, 6.2832);
	double angle = dice_range(&dice, kind == 2 ? 20 : 0, kind < 3 ? 35 : 10);
	bool large = number % 4 == 3 || module > 4;

	shot_plain(s, large ? 1280 : 640, large ? 720 : 480, dice_next(&dice));
	s->background = (enum shot_background)dice_int(&dice, GROUND_COUNT);
	struct shot_code *c = shot_add(s, module, lengths[number % 4], dice_next(&dice));

	c->roll = dice_range(&dice, -180, 180);
	c->pitch = angle * cos(way);
	c->yaw = angle * sin(way);
	c->inverted = kind == 1 || kind == 4;
	c->carrier = dice_chance(&dice, 0.6) ? CARRIER_PHONE : CARRIER_STICKER;
	s->sigma = kind < 2 ? 0.5 : dice_range(&dice, 0.5, 0.8);
	if (kind == 3) {
		s->exposure = dice_range(&dice, 0.4, 0.5);
		s->noise = dice_range(&dice, 6, 10);
	}
}

struct sweep {
	const struct bench_options *o;
	unsigned each;
};

static void sweep_work(const void *context, unsigned index, void *out)
{
	const struct sweep *sweep = context;
	static struct frame f;
	static struct shot shot;
	struct record *r = out;

	r->at[0] = (uint8_t)(index / sweep->each / SWEEP_SIZES);
	r->at[1] = (uint8_t)(index / sweep->each % SWEEP_SIZES);
	sweep_shot(&shot, r->at[0], sweep_size[r->at[1]], index % sweep->each);
	frame_take(&f, &shot);
	record_fill(r, &f, ENGINES_ALL & ~(1u << ENGINE_ZBAR));
	if (sweep->o->misses && sweep_size[r->at[1]] >= 3 && !r->read[ENGINE_OURS]) {
		char name[64];

		snprintf(name, sizeof name, "sweep-%u-%.2fpx-%u%s", r->at[0], sweep_size[r->at[1]],
			index, r->read[ENGINE_ZXING] ? "-x" : "");
		frame_write(&f, sweep->o->misses, name);
	}
}

void bench_sweep(const struct bench_options *o)
{
	struct sweep sweep = {.o = o, .each = o->quick ? 4 : 16};
	unsigned count = SWEEP_KINDS * SWEEP_SIZES * sweep.each;
	struct record *r = spread(o, "sweep", count, sizeof *r, sweep_work, &sweep);

	puts("\nreads by pixels a module: any rotation, tilt to 35 degrees (dark, inverted: to "
	     "10)");
	for (unsigned kind = 0; kind < SWEEP_KINDS; kind++) {
		struct score legible = {.frames = 0};
		char what[40];

		score_heads(sweep_word[kind]);
		for (unsigned size = 0; size < SWEEP_SIZES; size++) {
			struct score s = {.frames = 0};
			const struct record *at = r + (kind * SWEEP_SIZES + size) * sweep.each;

			for (unsigned i = 0; i < sweep.each; i++) {
				score_add(&s, &at[i]);
				if (sweep_size[size] >= 3)
					score_add(&legible, &at[i]);
			}
			snprintf(what, sizeof what, "  %.2f", sweep_size[size]);
			score_row(what, &s);
		}
		score_row("  3 and more", &legible);
	}
	spread_done(r, count, sizeof *r);
}
