/* SPDX-License-Identifier: Apache-2.0
 *
 * One frame from begin to end, and the hand that holds the phone.
 */
#include "tests/bench/shot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/shot_private.h"

static struct light light;
static struct carrier carrier;

void shot_fatal(const char *what)
{
	fprintf(stderr, "frames: %s\n", what);
	exit(1);
}

/* Room for count things; what was there is lost. */
void *shot_room(void *p, size_t *cap, size_t count, size_t size)
{
	if (p && *cap >= count)
		return p;
	free(p);
	p = calloc(count, size);
	if (!p)
		shot_fatal("no memory");
	*cap = count;
	return p;
}

void shot_plain(struct shot *s, int width, int height, uint64_t seed)
{
	*s = (struct shot){.width = width,
		.height = height,
		.seed = dice_mix(seed + 1),
		.background = GROUND_DESK,
		.background_light = 1,
		.exposure = 1,
		.sigma = 0.5,
		.noise = 1,
		.bits = 8};
}

/* Sums of three slow waves: calm, never periodic within a session. */
static double sway(uint64_t seed, int axis, double ms)
{
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double hertz = 0.4 + 1.1 * i + 0.5 * dice_at(seed, axis, i);
		double phase = 6.28 * dice_at(seed, axis, i + 10);

		sum += sin(6.2832 * hertz * ms / 1000 + phase) / (1 + i);
	}
	return sum / 1.83;
}

void shot_hand(struct shot *out, const struct shot *s, double ms, double shake)
{
	*out = *s;
	out->grain = s->grain + (uint64_t)(ms * 1000) + 1;
	for (unsigned i = 0; i < s->codes; i++) {
		struct shot_code *c = &out->code[i];

		c->x += shake * sway(s->seed, 0, ms) / s->width;
		c->y += shake * sway(s->seed, 1, ms) / s->height;
		c->roll += 0.15 * shake * sway(s->seed, 2, ms);
		c->pitch += 0.2 * shake * sway(s->seed, 3, ms);
		c->yaw += 0.2 * shake * sway(s->seed, 4, ms);
		c->module *= 1 + 0.002 * shake * sway(s->seed, 5, ms);
	}
}

static void take_code(struct frame *f, const struct shot *s, unsigned i)
{
	const struct shot_code *c = &s->code[i];
	static struct symbol symbol;

	symbol_make(&symbol, c, s->seed + i);
	carrier_draw(&carrier, &symbol, c, s->seed * 31 + i);
	scene_lay(&light, s, &carrier, c);
	if (i == 0) {
		f->module = c->module;
		f->side = symbol.side;
	}
	if (c->ruin > 0 || c->blank)
		return;
	struct frame_text *t = &f->text[f->texts++];

	t->len = c->len;
	memcpy(t->bytes, c->text, c->len);
}

void frame_blank(struct frame *f, int width, int height)
{
	size_t pixels = (size_t)SHOT_WIDTH_MAX * SHOT_HEIGHT_MAX, cap = f->grey ? pixels : 0;

	f->grey = shot_room(f->grey, &cap, pixels, 1);
	f->width = width;
	f->height = height;
	f->texts = 0;
	f->module = 0;
	f->side = 0;
}

void frame_take(struct frame *f, const struct shot *s)
{
	static size_t cap_at, cap_other;
	size_t pixels = (size_t)SHOT_WIDTH_MAX * SHOT_HEIGHT_MAX;

	frame_blank(f, s->width, s->height);
	light.at = shot_room(light.at, &cap_at, pixels, sizeof *light.at);
	light.other = shot_room(light.other, &cap_other, pixels, sizeof *light.other);
	light.width = s->width;
	light.height = s->height;
	ground_draw(&light, s);
	for (unsigned i = 0; i < s->codes; i++)
		take_code(f, s, i);
	light_fall(&light, s);
	lens_blur(&light, s);
	sensor_read(f->grey, &light, s);
}

void frame_done(struct frame *f)
{
	free(f->grey);
	f->grey = NULL;
	free(light.at);
	free(light.other);
	free(carrier.at);
	light = (struct light){.at = NULL};
	carrier = (struct carrier){.at = NULL};
}
