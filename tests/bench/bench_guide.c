/* SPDX-License-Identifier: Apache-2.0
 *
 * How often the guide is right, by frames of the simulated phone and camera that the decoder does
 * not read. A hint is right when curing what it names, and nothing else, makes the frame readable;
 * so the reader is the judge, not the knob that was turned. Then scenes without any code, drawn by
 * the scanner's benchmark, which shares nothing with the simulator: there every hint is wrong.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/decode.h"
#include "scanner/guide.h"
#include "tests/bench/dice.h"
#include "tests/bench/frames.h"
#include "wallet/holder/camera.h"
#include "wallet/holder/phone.h"

#define EACH 72  /* frames of each cause that the decoder does not read */
#define TRIES 12 /* times as many are made at most to find them */
#define SCENES 20 /* of each ground */
#define NEARS 200 /* codes larger than the picture */
#define CODE_MODULES 41
#define CARD_SCALE (PHONE_MODULE * CODE_MODULES)

struct shot_plan {
	int width, height;
	uint64_t seed;
	struct phone_view view;
	struct camera_shot shot;
};

static struct scan_decoder decoder;
static struct scan_guide guide;
static struct picture phone;
static uint8_t pixels[1280 * 720];

static struct scan_grey grey_of(const struct shot_plan *p)
{
	return (struct scan_grey){
		.pixels = pixels, .cap = sizeof pixels, .width = p->width, .height = p->height};
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_guide: %s\n", what);
	exit(3);
}

/* ---- a phone before a camera ---- */

static void code_choose(struct phone_view *v, uint64_t *dice)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	*v = (struct phone_view){.screen = dice_chance(dice, 0.6) ? PHONE_CARD : PHONE_SECOND,
		.inverted = dice_chance(dice, 0.1),
		.level = QR_MEDIUM,
		.alphanumeric = true,
		.digits = 6};
	v->code_len = (size_t)(90 + dice_int(dice, 60));
	memcpy(v->code, "HTTPS://QR.EXAMPLE.COM/", 23);
	for (size_t i = 23; i < v->code_len; i++)
		v->code[i] = (uint8_t)letters[dice_int(dice, 32)];
	snprintf(v->issuer, sizeof v->issuer, "Corner Bank");
	snprintf(v->purpose, sizeof v->purpose, "Member card");
	snprintf(v->face_value, sizeof v->face_value, "Gold");
	snprintf(v->number, sizeof v->number, "0482");
	snprintf(v->clock, sizeof v->clock, "06:41");
}

static void shoot(const struct shot_plan *p)
{
	struct picture out = {.width = p->width, .height = p->height, .grey = pixels};
	struct camera *camera = NULL;

	memset(phone.grey, 0, (size_t)PHONE_WIDTH * PHONE_HEIGHT);
	must(phone_draw(&phone, &p->view, NULL) == ERR_OK, "no phone");
	must(camera_new(&camera, p->width, p->height, p->seed, NULL) == ERR_OK, "no camera");
	camera_phone_set(camera, 0, &phone);
	camera_take(camera, &out, &p->shot);
	camera_free(&camera);
}

static bool is_read(const struct shot_plan *p)
{
	struct scan_grey grey = grey_of(p);
	static struct scan_found found;

	scan_decoder_begin(&decoder, &found);
	while (scan_decoder_pass(&decoder, &found, &grey, true))
		;
	return found.count > 0;
}

/* A phone held well enough; pixels of a module of its code. */
static double plan_usual(struct shot_plan *p, uint64_t *dice)
{
	double *k = p->shot.knob;
	bool large = dice_chance(dice, 0.4);

	*p = (struct shot_plan){.width = large ? 1280 : 640,
		.height = large ? 720 : 480,
		.seed = dice_next(dice),
		.shot = {.in_view = {true}, .at_ms = dice_int(dice, 10000)}};
	code_choose(&p->view, dice);
	for (int i = 0; i < CAMERA_KNOB_COUNT; i++)
		k[i] = camera_knobs[i].start;
	k[CAMERA_SIZE] = dice_range(dice, 3, large ? 9 : 7);
	k[CAMERA_PITCH] = dice_range(dice, -22, 22);
	k[CAMERA_YAW] = dice_range(dice, -22, 22);
	k[CAMERA_ROLL] = dice_chance(dice, 0.2) ? dice_range(dice, -180, 180)
						: dice_range(dice, -20, 20);
	k[CAMERA_X] = dice_range(dice, -0.06, 0.06);
	k[CAMERA_Y] = dice_range(dice, -0.06, 0.06);
	k[CAMERA_SHAKE] = dice_range(dice, 0.3, 2);
	k[CAMERA_BLUR] = dice_range(dice, 0.4, 0.9);
	k[CAMERA_NOISE] = dice_range(dice, 1, 5);
	k[CAMERA_EXPOSURE] = dice_range(dice, 0.5, 1.4);
	k[CAMERA_MOIRE] = dice_chance(dice, 0.2) ? dice_range(dice, 0.1, 0.5) : 0;
	k[CAMERA_DARK] = dice_chance(dice, 0.35) ? dice_range(dice, 0.3, 1) : 0;
	return k[CAMERA_SIZE] * (p->view.screen == PHONE_SECOND ? 1.2 : 1);
}

/* Moves the code over one border of the frame, so that a part of it is outside. */
static void cut_off(struct shot_plan *p, double module, uint64_t *dice)
{
	double *k = p->shot.knob;
	double gone = dice_range(dice, 0.1, 0.75) * CODE_MODULES * module;
	double half = CODE_MODULES * module / 2;
	/* from the middle of the frame to the middle of the code */
	double x = -78 * k[CAMERA_SIZE] / PHONE_MODULE, y = -58 * k[CAMERA_SIZE] / PHONE_MODULE;
	int side = dice_int(dice, 4);
	double away = (side < 2 ? p->width : p->height) / 2.0 - half + gone;

	if (side < 2)
		k[CAMERA_X] = ((side ? away : -away) - x) / p->width;
	else
		k[CAMERA_Y] = ((side == 3 ? away : -away) - y) / p->height;
}

static void nothing_like_it(struct shot_plan *p, uint64_t *dice)
{
	int what = dice_int(dice, 20);

	p->shot.in_view[0] = what >= 7;
	p->view.screen = what < 10 ? PHONE_DARK : what < 16 ? PHONE_TYPING : PHONE_BARS;
	if (p->view.screen != PHONE_BARS)
		return;
	p->view.code_len = 13;
	memcpy(p->view.code, "4006381333931", 13);
}

static void spoil(struct shot_plan *p, enum scan_hint cause, double module, uint64_t *dice)
{
	double *k = p->shot.knob;

	switch (cause) {
	case SCAN_HINT_NOTHING:
		nothing_like_it(p, dice);
		break;
	case SCAN_HINT_FAR:
		k[CAMERA_SIZE] = dice_range(dice, 0.9, 1.9);
		k[CAMERA_X] = dice_range(dice, -0.25, 0.25);
		k[CAMERA_Y] = dice_range(dice, -0.2, 0.2);
		break;
	case SCAN_HINT_CUT:
		cut_off(p, module, dice);
		break;
	case SCAN_HINT_BLURRED:
		k[CAMERA_BLUR] = fmin(8, module * dice_range(dice, 0.5, 1));
		break;
	case SCAN_HINT_MOVING:
		k[CAMERA_MOTION] = fmin(40, module * dice_range(dice, 1.5, 4));
		break;
	case SCAN_HINT_DARK:
		k[CAMERA_EXPOSURE] = exp(dice_range(dice, log(0.015), log(0.08)));
		k[CAMERA_NOISE] = dice_range(dice, 8, 26);
		k[CAMERA_DARK] = dice_range(dice, 0.2, 1);
		break;
	case SCAN_HINT_BRIGHT:
		k[CAMERA_EXPOSURE] = dice_range(dice, 4, 8);
		k[CAMERA_BLUR] = module * dice_range(dice, 0.25, 0.42);
		break;
	case SCAN_HINT_GLARE:
		k[CAMERA_GLARE] = dice_range(dice, 0.9, 3);
		break;
	case SCAN_HINT_NONE:
	case SCAN_HINT_COUNT:
		break;
	}
}

/* What may be wrong, made good. False when it was good already. */
static bool cure(struct shot_plan *p, enum scan_hint what)
{
	struct camera_shot before = p->shot;
	double *k = p->shot.knob;

	switch (what) {
	case SCAN_HINT_FAR:
		k[CAMERA_SIZE] = fmax(k[CAMERA_SIZE] * 1.6, 4.5);
		break;
	case SCAN_HINT_CUT:
		k[CAMERA_X] = 0;
		k[CAMERA_Y] = 0.05;
		break;
	case SCAN_HINT_BLURRED:
		k[CAMERA_BLUR] = 0.6;
		break;
	case SCAN_HINT_MOVING:
		k[CAMERA_MOTION] = 0;
		break;
	case SCAN_HINT_DARK:
		k[CAMERA_EXPOSURE] = fmax(k[CAMERA_EXPOSURE], 1);
		break;
	case SCAN_HINT_BRIGHT:
		k[CAMERA_EXPOSURE] = fmin(k[CAMERA_EXPOSURE], 1);
		break;
	case SCAN_HINT_GLARE:
		k[CAMERA_GLARE] = 0;
		break;
	case SCAN_HINT_NONE:
	case SCAN_HINT_NOTHING:
	case SCAN_HINT_COUNT:
		break;
	}
	return memcmp(&before, &p->shot, sizeof before) != 0;
}

static bool is_right(const struct shot_plan *p, enum scan_hint cause, enum scan_hint told)
{
	struct shot_plan cured = *p;

	if (cause == SCAN_HINT_NOTHING)
		return told == SCAN_HINT_NOTHING;
	if (!cure(&cured, told))
		return false;
	shoot(&cured);
	return is_read(&cured) || told == cause; /* more than one thing may be wrong */
}

/* ---- counting ---- */

struct counts {
	unsigned told[SCAN_HINT_COUNT][SCAN_HINT_COUNT]; /* by cause, then by what was told */
	unsigned right, all;
};

static void one(struct counts *n, enum scan_hint cause, uint64_t *dice)
{
	struct shot_plan p;
	double module = plan_usual(&p, dice);

	spoil(&p, cause, module, dice);
	if (dice_chance(dice, 0.2) && cause != SCAN_HINT_NOTHING) /* and not quite sharp */
		p.shot.knob[CAMERA_BLUR] = fmax(p.shot.knob[CAMERA_BLUR], module / 4);
	shoot(&p);
	if (is_read(&p))
		return;
	struct scan_grey grey = grey_of(&p);
	enum scan_hint told = scan_guide_picture(&guide, &grey, &decoder.seen);
	n->told[cause][told]++;
	n->all++;
	n->right += is_right(&p, cause, told);
}

static void phones(struct counts *n)
{
	for (int cause = SCAN_HINT_NOTHING; cause < SCAN_HINT_COUNT; cause++) {
		uint64_t dice = dice_mix((uint64_t)cause);
		unsigned before = n->all;

		for (int i = 0; i < EACH * TRIES && n->all < before + EACH; i++)
			one(n, (enum scan_hint)cause, &dice);
	}
}

/* Returns how many of SCENES * GROUND_COUNT had a hint. */
static unsigned scenes(void)
{
	struct frame f = {.width = 0};
	unsigned hints = 0;

	for (int i = 0; i < SCENES * GROUND_COUNT; i++) {
		uint64_t dice = dice_mix((uint64_t)i + 1000);
		bool large = dice_chance(&dice, 0.5);
		struct shot s;

		shot_plain(&s, large ? 1280 : 640, large ? 720 : 480, dice_next(&dice));
		s.background = (enum shot_background)(i % GROUND_COUNT);
		s.background_light = dice_range(&dice, 0.3, 1);
		s.noise = dice_range(&dice, 1, 5);
		s.sigma = dice_range(&dice, 0.4, 1.6);
		frame_take(&f, &s);
		struct shot_plan p = {.width = f.width, .height = f.height};
		memcpy(pixels, f.grey, (size_t)f.width * (size_t)f.height);
		if (is_read(&p))
			continue;
		struct scan_grey grey = grey_of(&p);
		hints += scan_guide_picture(&guide, &grey, &decoder.seen) > SCAN_HINT_NOTHING;
	}
	frame_done(&f);
	return hints;
}

/* A code 1.05 to 2.5 times as high as the frame, its middle not far from the frame's. */
static void hold_near(struct shot_plan *p, double module, uint64_t *dice)
{
	double *k = p->shot.knob;

	k[CAMERA_SIZE] *= p->height / (module * CODE_MODULES) * dice_range(dice, 1.05, 2.5);
	k[CAMERA_X] = dice_range(dice, -0.1, 0.1) + 78 * k[CAMERA_SIZE] / PHONE_MODULE / p->width;
	k[CAMERA_Y] = dice_range(dice, -0.1, 0.1) + 58 * k[CAMERA_SIZE] / PHONE_MODULE / p->height;
	k[CAMERA_BLUR] = dice_range(dice, 0.5, 4);
}

/* What is told of codes that are too near, small frames and large ones. */
static void nears(unsigned cut[2], unsigned all[2])
{
	for (int i = 0; i < NEARS; i++) {
		uint64_t dice = dice_mix((uint64_t)i + 2000);
		struct shot_plan p;

		hold_near(&p, plan_usual(&p, &dice), &dice);
		shoot(&p);
		if (is_read(&p))
			continue;
		struct scan_grey grey = grey_of(&p);
		bool large = p.width > 640;
		all[large]++;
		cut[large] += scan_guide_picture(&guide, &grey, &decoder.seen) == SCAN_HINT_CUT;
	}
}

static void print(const struct counts *n)
{
	printf("%-9s", "");
	for (unsigned h = 0; h < SCAN_HINT_COUNT; h++)
		printf("%9s", scan_hint_word(h));
	printf("\n");
	for (unsigned c = SCAN_HINT_NOTHING; c < SCAN_HINT_COUNT; c++) {
		printf("%-9s", scan_hint_word(c));
		for (unsigned h = 0; h < SCAN_HINT_COUNT; h++)
			printf("%9u", n->told[c][h]);
		printf("\n");
	}
}

int main(void)
{
	static struct counts n;
	unsigned cut[2] = {0}, all[2] = {0};

	must(picture_new(&phone, PHONE_WIDTH, PHONE_HEIGHT) == ERR_OK, "no memory");
	scan_decoder_init(&decoder);
	scan_guide_init(&guide);
	phones(&n);
	printf("what is wrong (rows), what a single frame says (columns), unread frames only\n");
	print(&n);
	printf("right: %u of %u, %.1f %%\n", n.right, n.all, 100.0 * n.right / n.all);
	nears(cut, all);
	printf("too near, told cut: %u of %u at 640x480, %u of %u at 1280x720\n", cut[0], all[0],
		cut[1], all[1]);
	printf("scenes without a code that had a hint: %u of %d\n", scenes(),
		SCENES * GROUND_COUNT);
	scan_decoder_done(&decoder);
	picture_free(&phone);
	return 0;
}
