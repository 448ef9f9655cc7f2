/* SPDX-License-Identifier: Apache-2.0
 *
 * The worst frame, and what must never be read.
 */
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "scanner/scanner.h"
#include "tests/bench/bench_parts.h"
#include "tests/bench/dice.h"
#include "tests/bench/hostile.h"

#define HOSTILE_FRAMES 6

/* ---- the worst frame ---- */

struct attack {
	uint8_t kind, wrong[ENGINE_COUNT];
	bool large;
	float ms[HOSTILE_FRAMES]; /* ours, from frame to frame */
	float effort;             /* ours, every effort */
	float peer[ENGINE_COUNT];
};

static void hostile_work(const void *context, unsigned index, void *out)
{
	const struct bench_options *o = context;
	static struct reading reading;
	static struct frame f;
	struct attack *a = out;
	unsigned right, wrong;

	a->kind = (uint8_t)(index / 2 % HOSTILE_COUNT);
	a->large = index % 2;
	hostile_take(&f, a->kind, a->large ? 1280 : 640, a->large ? 720 : 480, index);
	video_start();
	for (unsigned n = 0; n < HOSTILE_FRAMES; n++) {
		a->ms[n] = (float)(video_read(&reading, &f) / 1000);
		reading_judge(&reading, &f, &right, &wrong);
		a->wrong[ENGINE_VIDEO] |= wrong > 0;
	}
	video_stop();
	for (int e = 0; e < ENGINE_COUNT; e++) {
		if (e == ENGINE_VIDEO)
			continue;
		double us = e == ENGINE_ZXING ? engine_read_limited((enum engine)e, &reading, &f)
					      : engine_read((enum engine)e, &reading, &f);

		a->peer[e] = (float)(us / 1000);
		reading_judge(&reading, &f, &right, &wrong);
		a->wrong[e] |= wrong > 0;
		if (wrong && e == ENGINE_OURS && o->misses) {
			char name[64];

			snprintf(name, sizeof name, "hostile-WRONG-%u", index);
			frame_write(&f, o->misses, name);
		}
	}
}

static void attack_rows(const struct attack *a, unsigned count)
{
	printf("%-46s %9s %9s %9s %9s %9s\n", "worst CPU ms of a frame", "ours", "effort", "zbar",
		"zbar-qr", "zxing");
	for (unsigned kind = 0; kind < HOSTILE_COUNT; kind++) {
		double worst[ENGINE_COUNT] = {0};

		for (unsigned i = 0; i < count; i++) {
			if (a[i].kind != kind)
				continue;
			for (unsigned n = 0; n < HOSTILE_FRAMES; n++)
				worst[ENGINE_VIDEO] = fmax(worst[ENGINE_VIDEO], a[i].ms[n]);
			for (int e = 0; e < ENGINE_COUNT; e++)
				worst[e] = fmax(worst[e], a[i].peer[e]);
		}
		printf("%-46s %9.2f %9.2f %9.2f %9.2f %9.2f%s\n", hostile_words[kind],
			worst[ENGINE_VIDEO], worst[ENGINE_OURS], worst[ENGINE_ZBAR],
			worst[ENGINE_ZBAR_QR], worst[ENGINE_ZXING],
			worst[ENGINE_VIDEO] > SCAN_BUDGET_MS ? "  over" : "");
	}
}

void bench_hostile(const struct bench_options *o)
{
	unsigned count = HOSTILE_COUNT * 2 * (o->quick ? 2 : 8), over = 0,
		 wrong[ENGINE_COUNT] = {0};
	struct attack *a = spread(o, "hostile", count, sizeof *a, hostile_work, o);
	struct tally t = {.at = NULL};

	printf("\npictures made to be bad, %u, ours on %u frames of each\n", count, HOSTILE_FRAMES);
	attack_rows(a, count);
	for (unsigned i = 0; i < count; i++) {
		for (unsigned n = 0; n < HOSTILE_FRAMES; n++) {
			tally_add(&t, a[i].ms[n]);
			over += a[i].ms[n] > SCAN_BUDGET_MS;
		}
		for (int e = 0; e < ENGINE_COUNT; e++)
			wrong[e] += a[i].wrong[e];
	}
	printf("ours in a video: median %.2f, p95 %.2f, p99.9 %.2f, worst %.2f; %u of %zu over %d "
	       "ms\n",
		tally_at(&t, 0.5), tally_at(&t, 0.95), tally_at(&t, 0.999), tally_at(&t, 1), over,
		t.count, SCAN_BUDGET_MS);
	printf("pictures with a wrong text:");
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf(" %s %u", engine_words[e], wrong[e]);
	puts("");
	tally_done(&t);
	spread_done(a, count, sizeof *a);
}

/* ---- wrong texts ---- */

/* A frame without a code: rooms and counters, things that nearly are codes. */
static void blank_take(struct frame *f, unsigned number)
{
	static struct shot s;
	uint64_t dice = dice_mix(number * 7919 + 5);
	enum hostile kind = (enum hostile)(number % HOSTILE_COUNT);

	if (number % 3 && kind != HOSTILE_HUGE && kind != HOSTILE_NESTED) {
		hostile_take(f, kind, 320 + 16 * dice_int(&dice, 20),
			240 + 16 * dice_int(&dice, 15), 1000 + number);
		return;
	}
	shot_plain(&s, number % 12 ? 480 : 960, number % 12 ? 360 : 720, dice_next(&dice));
	s.background = (enum shot_background)dice_int(&dice, GROUND_COUNT);
	s.sigma = dice_range(&dice, 0.3, 1.5);
	s.noise = dice_range(&dice, 0, 9);
	s.sharpen = dice_chance(&dice, 0.3) ? 1.5 : 0;
	struct shot_code *c = shot_add(&s, dice_range(&dice, 1.5, 6), 40 + number % 200, number);

	c->carrier = (enum shot_carrier)dice_int(&dice, CARRIER_BARE);
	c->roll = dice_range(&dice, -180, 180);
	c->pitch = dice_range(&dice, -40, 40);
	c->level = (enum shot_level)dice_int(&dice, 4);
	c->mirrored = dice_chance(&dice, 0.1);
	c->inverted = dice_chance(&dice, 0.3);
	if (dice_chance(&dice, 0.3))
		c->blank = true;
	else
		c->ruin = dice_range(&dice, 0.75, 1);
	frame_take(f, &s);
}

static void blank_work(const void *context, unsigned index, void *out)
{
	static struct frame f;
	struct record *r = out;

	blank_take(&f, index);
	record_fill(r, &f, index % 8 ? 1u << ENGINE_OURS : ENGINES_ALL);
	const struct bench_options *o = context;

	if (r->wrong[ENGINE_OURS] && o->misses) {
		char name[64];

		snprintf(name, sizeof name, "blank-WRONG-%u", index);
		frame_write(&f, o->misses, name);
	}
}

void bench_blank(const struct bench_options *o)
{
	struct record *r = spread(o, "no code", o->blank, sizeof *r, blank_work, o);
	struct score s = {.frames = 0};

	if (o->misses)
		mkdir(o->misses, 0777);
	for (unsigned i = 0; i < o->blank; i++)
		score_add(&s, &r[i]);
	printf("\nframes without a code: scenes, near-codes, ruined codes\n");
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf("%-10s %6u wrong texts on %u frames\n", engine_words[e], s.wrong[e],
			s.done[e]);
	spread_done(r, o->blank, sizeof *r);
}
