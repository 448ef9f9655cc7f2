/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames one after the other, as a camera gives them: a hand that moves, a code that stays, an
 * empty counter. Our decoder goes from frame to frame; the peers know nothing of the frame before.
 */
#include <math.h>
#include <stdio.h>

#include "tests/bench/bench_parts.h"
#include "tests/bench/dice.h"

#define FRAME_MS 66.7

/* ---- frames until the first read ---- */

#define VIDEO_FRAMES 15 /* a second */

/* First frame that was read, from 1; 0 = none. */
struct sequence {
	uint8_t condition, grade;
	uint8_t first[ENGINE_COUNT];
	uint8_t wrong;
};

static void sequence_frame(struct sequence *q, const struct frame *f, unsigned number)
{
	static struct reading reading;
	static const enum engine peers[] = {ENGINE_ZBAR_QR, ENGINE_ZXING};
	unsigned right, wrong;

	video_read(&reading, f);
	reading_judge(&reading, f, &right, &wrong);
	q->wrong = (uint8_t)(q->wrong + wrong);
	if (right && !q->first[ENGINE_VIDEO])
		q->first[ENGINE_VIDEO] = (uint8_t)number;
	for (int i = 0; i < 2; i++) {
		if (q->first[peers[i]])
			continue;
		engine_read(peers[i], &reading, f);
		reading_judge(&reading, f, &right, &wrong);
		if (right)
			q->first[peers[i]] = (uint8_t)number;
	}
}

static void video_work(const void *context, unsigned index, void *out)
{
	const struct bench_options *o = context;
	static struct shot shot, now;
	static struct frame f;
	struct sequence *q = out;

	q->grade = index % 2 ? GRADE_EXTREME : GRADE_HARD;
	q->condition = (uint8_t)(index / 2 % COND_COUNT);
	if (o->only && !(o->only >> q->condition & 1))
		return;
	frames_shot(&shot, q->condition, q->grade, 1000 + index / 2 / COND_COUNT * 3);
	video_start();
	for (unsigned n = 1; n <= VIDEO_FRAMES; n++) {
		shot_hand(&now, &shot, n * FRAME_MS, shot.height / 100.0);
		frame_take(&f, &now);
		sequence_frame(q, &f, n);
		if (q->first[ENGINE_VIDEO] && q->first[ENGINE_ZBAR_QR] && q->first[ENGINE_ZXING])
			break;
	}
	video_stop();
}

void bench_video(const struct bench_options *o)
{
	static const enum engine shown[] = {ENGINE_VIDEO, ENGINE_ZBAR_QR, ENGINE_ZXING};
	static const unsigned within[] = {1, 2, 4, 8, VIDEO_FRAMES};
	unsigned count = COND_COUNT * 2 * (o->quick ? 1 : 2), wrong = 0;
	struct sequence *q = spread(o, "video", count, sizeof *q, video_work, o);

	printf("\nhard and extreme codes in a moving hand, %u sequences: read within so many "
	       "frames\n",
		count);
	printf("%-10s", "frames");
	for (unsigned k = 0; k < 5; k++)
		printf(" %8u", within[k]);
	puts("");
	for (int e = 0; e < 3; e++) {
		printf("%-10s", e ? engine_words[shown[e]] : "ours");
		for (unsigned k = 0; k < 5; k++) {
			unsigned read = 0;

			for (unsigned i = 0; i < count; i++)
				read += q[i].first[shown[e]] && q[i].first[shown[e]] <= within[k];
			printf(" %6.1f %%", 100.0 * read / count);
		}
		puts("");
	}
	for (unsigned i = 0; i < count; i++)
		wrong += q[i].wrong;
	printf("wrong texts of ours: %u\n", wrong);
	spread_done(q, count, sizeof *q);
}

/* ---- tracked ---- */

#define TRACKED_FRAMES 24

struct run {
	float ms[ENGINE_COUNT][TRACKED_FRAMES];
	uint8_t read[ENGINE_COUNT];
};

static void tracked_work(const void *context, unsigned index, void *out)
{
	static struct reading reading;
	static struct shot shot, now;
	static struct frame f;
	struct run *run = out;
	unsigned right, wrong;

	(void)context;
	frames_shot(&shot, index % 3 ? COND_TYPICAL : COND_INVERT, GRADE_EASY, 2001 + 2 * index);
	if (shot.width != 1280) { /* every sixteenth number is larger */
		shot.width = 1280;
		shot.height = 720;
	}
	video_start();
	for (unsigned n = 0; n < TRACKED_FRAMES; n++) {
		shot_hand(&now, &shot, n * FRAME_MS, 6);
		frame_take(&f, &now);
		for (int e = ENGINE_VIDEO; e < ENGINE_COUNT; e++) {
			run->ms[e][n] = (float)((e == ENGINE_VIDEO ? video_read(&reading, &f)
								   : engine_read((enum engine)e,
									     &reading, &f)) /
						1000);
			reading_judge(&reading, &f, &right, &wrong);
			run->read[e] = (uint8_t)(run->read[e] + (right > 0));
		}
	}
	video_stop();
}

void bench_tracked(const struct bench_options *o)
{
	unsigned count = o->quick ? 4 : 12;
	struct run *run = spread(o, "tracked", count, sizeof *run, tracked_work, NULL);
	double ours = 0;

	printf("\na code in a hand at 1280x720, %u sequences of %u frames, from the second frame "
	       "on\n",
		count, TRACKED_FRAMES);
	for (int e = ENGINE_VIDEO; e < ENGINE_COUNT; e++) {
		struct tally t = {.at = NULL};
		unsigned read = 0;

		for (unsigned i = 0; i < count; i++) {
			read += run[i].read[e];
			for (unsigned n = 1; n < TRACKED_FRAMES; n++)
				tally_add(&t, run[i].ms[e][n]);
		}
		ours = e == ENGINE_VIDEO ? tally_at(&t, 0.5) : ours;
		printf("%-10s read %5.1f %%   CPU ms %6.2f median %6.2f p95 %6.2f worst   ours / "
		       "theirs %.2f\n",
			e == ENGINE_VIDEO ? "ours" : engine_words[e],
			100.0 * read / (count * TRACKED_FRAMES), tally_at(&t, 0.5),
			tally_at(&t, 0.95), tally_at(&t, 1), ours / tally_at(&t, 0.5));
		tally_done(&t);
	}
	spread_done(run, count, sizeof *run);
}

/* ---- nothing in view ---- */

#define IDLE_FRAMES 12
#define IDLE_KINDS  (GROUND_COUNT + 3) /* a phone without a code, a sheet, a receipt */

static void idle_shot(struct shot *s, unsigned kind, bool large, unsigned number)
{
	uint64_t dice = dice_mix(number * 131 + kind * 7 + large);
	enum shot_carrier carrier[] = {CARRIER_PHONE, CARRIER_PAPER, CARRIER_RECEIPT};

	shot_plain(s, large ? 1280 : 640, large ? 720 : 480, dice_next(&dice));
	s->background = (enum shot_background)(kind < GROUND_COUNT ? kind : number % GROUND_COUNT);
	s->background_light = dice_range(&dice, 0.5, 1);
	s->sigma = dice_range(&dice, 0.5, 1.0);
	s->noise = dice_range(&dice, 1, 4);
	if (kind < GROUND_COUNT)
		return;
	struct shot_code *c = shot_add(s, large ? 6 : 4, 110, dice_next(&dice));

	c->carrier = carrier[kind - GROUND_COUNT];
	c->blank = true;
	c->roll = dice_range(&dice, -30, 30);
}

struct idle {
	float ms[ENGINE_COUNT][IDLE_FRAMES];
	bool large;
	uint8_t kind;
};

static void idle_work(const void *context, unsigned index, void *out)
{
	static struct reading reading;
	static struct shot shot, now;
	static struct frame f;
	struct idle *idle = out;

	(void)context;
	idle->kind = (uint8_t)(index / 2 % IDLE_KINDS);
	idle->large = index % 2;
	idle_shot(&shot, idle->kind, idle->large, index / 2 / IDLE_KINDS);
	video_start();
	for (unsigned n = 0; n < IDLE_FRAMES; n++) {
		shot_hand(&now, &shot, n * FRAME_MS, 2);
		frame_take(&f, &now);
		idle->ms[ENGINE_VIDEO][n] = (float)(video_read(&reading, &f) / 1000);
		for (int e = ENGINE_ZBAR; e < ENGINE_COUNT && n < 2; e++)
			idle->ms[e][n] = (float)(engine_read((enum engine)e, &reading, &f) / 1000);
	}
	video_stop();
}

static void idle_kinds(const struct idle *idle, unsigned count)
{
	static const char *const words[IDLE_KINDS] = {"plain", "desk", "wood", "carpet", "text",
		"keyboard", "stripes", "people", "shelf with bars", "window", "tiles", "leaves",
		"phone", "sheet", "receipt"};

	printf("%-18s %s\n", "", "ours by scene, CPU ms, median: 640x480, 1280x720");
	for (unsigned kind = 0; kind < IDLE_KINDS; kind++) {
		struct tally t[2] = {{.at = NULL}};

		for (unsigned i = 0; i < count; i++)
			for (unsigned n = 0; idle[i].kind == kind && n < IDLE_FRAMES; n++)
				tally_add(&t[idle[i].large], idle[i].ms[ENGINE_VIDEO][n]);
		printf("%-18s %6.2f %6.2f\n", words[kind], tally_at(&t[0], 0.5),
			tally_at(&t[1], 0.5));
		tally_done(&t[0]);
		tally_done(&t[1]);
	}
}

void bench_idle(const struct bench_options *o)
{
	unsigned count = IDLE_KINDS * 2 * (o->quick ? 1 : 3);
	struct idle *idle = spread(o, "idle", count, sizeof *idle, idle_work, NULL);

	puts("\nnothing in view: CPU ms a frame, median / p95 / worst");
	for (int large = 0; large < 2; large++)
		for (int e = ENGINE_VIDEO; e < ENGINE_COUNT; e++) {
			struct tally t = {.at = NULL};

			for (unsigned i = 0; i < count; i++)
				for (unsigned n = 0; n < IDLE_FRAMES && idle[i].large == large; n++)
					if (idle[i].ms[e][n] > 0)
						tally_add(&t, idle[i].ms[e][n]);
			printf("%-9s %-10s %6.2f / %6.2f / %6.2f\n", large ? "1280x720" : "640x480",
				e == ENGINE_VIDEO ? "ours" : engine_words[e], tally_at(&t, 0.5),
				tally_at(&t, 0.95), tally_at(&t, 1));
			tally_done(&t);
		}
	idle_kinds(idle, count);
	spread_done(idle, count, sizeof *idle);
}
