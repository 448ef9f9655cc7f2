/* SPDX-License-Identifier: Apache-2.0
 *
 * The room, the sensor, and one frame from begin to end.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wallet/holder/camera_private.h"

const struct camera_knob_info camera_knobs[CAMERA_KNOB_COUNT] = {
#define CAMERA_INFO(name, word, def, low, high, help) {word, def, low, high, help},
	CAMERA_KNOB_LIST(CAMERA_INFO)
#undef CAMERA_INFO
};

/* SplitMix64: one step; good enough for pictures, the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static double next_unit(uint64_t *state)
{
	return (double)(next_random(state) >> 11) / 9007199254740992.0;
}

/* ---- set-up ---- */

static uint16_t *room_row(struct camera *c, int y)
{
	return c->room + (size_t)y * (size_t)c->light.width;
}

/* Smooth noise between lattice points of the given pitch. */
static void room_add(struct camera *c, int pitch, double weight, uint64_t *rng)
{
	int columns = c->light.width / pitch + 2, rows = c->light.height / pitch + 2;
	double *lattice = calloc((size_t)columns * (size_t)rows, sizeof(*lattice));

	if (!lattice)
		return; /* a plainer room */
	for (int i = 0; i < columns * rows; i++)
		lattice[i] = next_unit(rng) * weight;
	for (int y = 0; y < c->light.height; y++) {
		const double *at = lattice + (size_t)(y / pitch) * (size_t)columns;
		double v = (double)(y % pitch) / pitch;

		for (int x = 0; x < c->light.width; x++) {
			const double *p = at + x / pitch;
			double u = (double)(x % pitch) / pitch;
			double top = p[0] + (p[1] - p[0]) * u;
			double low = p[columns] + (p[columns + 1] - p[columns]) * u;
			uint16_t *out = room_row(c, y);

			out[x] = (uint16_t)(out[x] + top + (low - top) * v);
		}
	}
	free(lattice);
}

/* A wall with dark posts, and below it the edge of a counter. */
static void room_make(struct camera *c, uint64_t *rng)
{
	int edge = c->light.height * 7 / 10;

	for (int i = 0; i < 6; i++) {
		int x0 = (int)(next_unit(rng) * c->light.width);
		int x1 = x0 + c->light.width / 30 + (int)(next_unit(rng) * c->light.width / 10);
		uint16_t grey = (uint16_t)(40 + next_unit(rng) * 260);

		for (int y = 0; y < edge; y++)
			for (int x = x0; x < x1 && x < c->light.width; x++)
				room_row(c, y)[x] = grey;
	}
	for (int y = edge; y < c->light.height; y++)
		for (int x = 0; x < c->light.width; x++)
			room_row(c, y)[x] = (uint16_t)(150 + (y - edge) * 200 / c->light.height);
	room_add(c, c->light.height / 4, 120, rng);
	room_add(c, c->light.height / 24, 50, rng);
	room_add(c, 3, 24, rng);
	memcpy(c->light.other, c->room, (size_t)c->light.width * (size_t)c->light.height * 2);
	memcpy(c->light.now, c->room, (size_t)c->light.width * (size_t)c->light.height * 2);
	camera_lens_focus(
		&c->light, (struct camera_area){0, 0, c->light.width, c->light.height}, 2.0);
	memcpy(c->room, c->light.now, (size_t)c->light.width * (size_t)c->light.height * 2);
}

/* The sum of twelve evenly spread numbers is near enough to a normal one. */
static void noise_make(struct camera *c, uint64_t *rng)
{
	for (size_t i = 0; i < sizeof(c->noise); i++) {
		double sum = -6;

		for (int k = 0; k < 12; k++)
			sum += next_unit(rng);
		sum *= NOISE_UNIT;
		c->noise[i] = (int8_t)(sum > 127 ? 127 : sum < -127 ? -127 : sum);
	}
}

static void tables_make(struct camera *c, uint64_t *rng)
{
	double angle = next_unit(rng) * 360 * DEGREE;

	for (int i = 0; i < 256; i++)
		c->linear_of[i] = (uint16_t)(pow(i / 255.0, 2.2) * CAMERA_WHITE + 0.5);
	for (int i = 0; i < PHONE_CORNER; i++) {
		double up = PHONE_CORNER - i - 0.5;

		c->inset[i] = PHONE_CORNER - (int)sqrt(PHONE_CORNER * PHONE_CORNER - up * up);
	}
	for (int axis = 0; axis < HAND_AXES; axis++)
		for (int i = 0; i < HAND_WAVES; i++)
			c->wave[axis][i] = next_unit(rng) * 360 * DEGREE;
	c->motion_dx = cos(angle);
	c->motion_dy = sin(angle);
	c->glare_u = 252 + (next_unit(rng) - 0.5) * 80;
	c->glare_v = 362 + (next_unit(rng) - 0.5) * 80;
}

static void *zeroes(size_t count, size_t size, bool *failed)
{
	void *p = calloc(count, size);

	if (!p)
		*failed = true;
	return p;
}

static bool buffers_make(struct camera *c)
{
	size_t pixels = (size_t)c->light.width * (size_t)c->light.height;
	bool failed = false;

	c->light.now = zeroes(pixels, sizeof(uint16_t), &failed);
	c->light.other = zeroes(pixels, sizeof(uint16_t), &failed);
	c->room = zeroes(pixels, sizeof(uint16_t), &failed);
	c->room_now = zeroes(pixels, sizeof(uint16_t), &failed);
	c->light.sum = zeroes((size_t)c->light.width, sizeof(uint32_t), &failed);
	c->light.row = zeroes((size_t)c->light.width + 2 * CAMERA_TAPS, sizeof(uint16_t), &failed);
	for (int i = 0; i < CAMERA_PHONES; i++)
		for (int m = 0; m < MIPS; m++) {
			struct texture *t = &c->phone[i];

			t->width[m] = PHONE_WIDTH >> m;
			t->height[m] = PHONE_HEIGHT >> m;
			t->light[m] = zeroes((size_t)t->width[m] * (size_t)t->height[m],
				sizeof(uint16_t), &failed);
		}
	return !failed;
}

enum err_code camera_new(struct camera **out, int width, int height, uint64_t seed, struct err *err)
{
	struct camera *c;
	uint64_t rng = seed;

	*out = NULL;
	if (width < CAMERA_WIDTH_MIN || width > CAMERA_WIDTH_MAX || height < CAMERA_HEIGHT_MIN ||
		height > CAMERA_HEIGHT_MAX || width % 2 || height % 2)
		return err_set(err, ERR_RANGE,
			"frames are from %dx%d to %dx%d pixels, even on both sides",
			CAMERA_WIDTH_MIN, CAMERA_HEIGHT_MIN, CAMERA_WIDTH_MAX, CAMERA_HEIGHT_MAX);
	c = calloc(1, sizeof(*c));
	if (c) {
		c->light.width = width;
		c->light.height = height;
	}
	if (!c || !buffers_make(c)) {
		camera_free(&c);
		return err_set(err, ERR_NO_MEMORY, "no memory for the camera");
	}
	c->seed = next_random(&rng);
	c->grey_exposure = -1;
	c->room_dark = -1;
	tables_make(c, &rng);
	noise_make(c, &rng);
	room_make(c, &rng);
	*out = c;
	return ERR_OK;
}

void camera_free(struct camera **c)
{
	if (!*c)
		return;
	free((*c)->light.now);
	free((*c)->light.other);
	free((*c)->light.sum);
	free((*c)->light.row);
	free((*c)->room);
	free((*c)->room_now);
	for (int i = 0; i < CAMERA_PHONES; i++)
		for (int m = 0; m < MIPS; m++)
			free((*c)->phone[i].light[m]);
	free(*c);
	*c = NULL;
}

/* Level m from the one before: the mean of four pixels. */
static void texture_halve(struct texture *t, int m)
{
	int above = t->width[m - 1];

	for (int y = 0; y < t->height[m]; y++) {
		const uint16_t *in = t->light[m - 1] + (size_t)(2 * y) * (size_t)above;
		uint16_t *out = t->light[m] + (size_t)y * (size_t)t->width[m];

		for (int x = 0; x < t->width[m]; x++, in += 2)
			out[x] = (uint16_t)((in[0] + in[1] + in[above] + in[above + 1] + 2) / 4);
	}
}

void camera_phone_set(struct camera *c, int index, const struct picture *phone)
{
	struct texture *t;

	ASSERT(index >= 0 && index < CAMERA_PHONES);
	t = &c->phone[index];
	ASSERT(phone->width == PHONE_WIDTH && phone->height == PHONE_HEIGHT);
	for (size_t i = 0; i < (size_t)PHONE_WIDTH * PHONE_HEIGHT; i++)
		t->light[0][i] = c->linear_of[phone->grey[i]];
	for (int m = 1; m < MIPS; m++)
		texture_halve(t, m);
}

/* ---- one frame ---- */

static void room_lay(struct camera *c, double dark)
{
	size_t pixels = (size_t)c->light.width * (size_t)c->light.height;
	unsigned keep = (unsigned)(256 * (1 - 0.94 * dark));

	if (dark != c->room_dark)
		for (size_t i = 0; i < pixels; i++)
			c->room_now[i] = (uint16_t)(c->room[i] * keep >> 8);
	c->room_dark = dark;
	memcpy(c->light.now, c->room_now, pixels * sizeof(*c->light.now));
}

/* At exposure 1 a white screen is 238 of 255. */
static void curve_make(struct camera *c, double exposure)
{
	if (exposure == c->grey_exposure)
		return;
	c->grey_exposure = exposure;
	for (int i = 0; i <= CAMERA_LIGHT_MAX; i++) {
		double light = 0.86 * exposure * i / CAMERA_WHITE;

		c->grey_of[i] = (uint8_t)(255 * pow(light > 1 ? 1 : light, 1 / 2.2) + 0.5);
	}
}

static void sensor_read(
	const struct camera *c, struct picture *frame, double noise, uint64_t number)
{
	uint64_t rng = c->seed ^ number * 0xd1342543de82ef95u;
	int sigma = (int)(noise * 256 / NOISE_UNIT + 0.5);

	for (int y = 0; y < frame->height; y++) {
		const uint16_t *in = c->light.now + (size_t)y * (size_t)frame->width;
		uint8_t *out = frame->grey + (size_t)y * (size_t)frame->width;
		const int8_t *grain = c->noise + next_random(&rng) % NOISE_LEN;

		for (int x = 0; x < frame->width; x++) {
			int grey = c->grey_of[in[x]] + ((grain[x] * sigma + 128) >> 8);

			out[x] = (uint8_t)(grey < 0 ? 0 : grey > 255 ? 255 : grey);
		}
	}
}

static void phone_take(struct camera *c, const struct camera_shot *s, int index)
{
	double motion = s->knob[CAMERA_MOTION], blur = s->knob[CAMERA_BLUR];
	struct camera_area a;
	struct pose p;

	camera_pose_make(&p, c, s, index);
	a = camera_pose_area(c, &p, (int)(motion + 3 * blur) + 2);
	if (a.x0 >= a.x1 || a.y0 >= a.y1)
		return;
	camera_pose_lay(c, &p, s, index);
	if (s->knob[CAMERA_GLARE] > 0) {
		double x, y;

		camera_pose_point(&p, &x, &y, c->glare_u, c->glare_v);
		camera_lens_glare(&c->light, x, y, p.scale * (60 + 90 * s->knob[CAMERA_GLARE]));
	}
	if (motion >= 1)
		camera_lens_motion(&c->light, a, motion, c->motion_dx, c->motion_dy);
	camera_lens_focus(&c->light, a, blur);
}

void camera_take(struct camera *c, struct picture *frame, const struct camera_shot *shot)
{
	ASSERT(frame->width == c->light.width && frame->height == c->light.height);
	room_lay(c, shot->knob[CAMERA_DARK]);
	for (int i = 0; i < CAMERA_PHONES; i++)
		if (shot->in_view[i])
			phone_take(c, shot, i);
	curve_make(c, shot->knob[CAMERA_EXPOSURE]);
	sensor_read(c, frame, shot->knob[CAMERA_NOISE], shot->frame);
}
