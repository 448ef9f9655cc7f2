/* SPDX-License-Identifier: Apache-2.0
 *
 * Between camera.c (room, sensor), camera_pose.c (hand, perspective) and camera_lens.c (glare,
 * motion, focus).
 * Light is linear, CAMERA_WHITE for a white screen, up to CAMERA_LIGHT_MAX.
 */
#ifndef WALLET_HOLDER_CAMERA_PRIVATE_H
#define WALLET_HOLDER_CAMERA_PRIVATE_H

#include "wallet/holder/camera.h"
#include "wallet/holder/phone.h"

#define CAMERA_WHITE     2048
#define CAMERA_LIGHT_MAX 8191

struct camera_area { /* x0 <= x < x1, y0 <= y < y1; inside the frame */
	int x0, y0, x1, y1;
};

struct camera_light {
	int width, height;
	uint16_t *now;   /* the picture */
	uint16_t *other; /* scratch of the same size */
	uint32_t *sum;   /* one row */
	uint16_t *row;   /* one row with margins of CAMERA_TAPS */
};

#define CAMERA_TAPS 24 /* most that a tap is away from its pixel */

#define MIPS       3    /* the phone's picture, half, quarter */
#define NOISE_LEN  8192 /* entries before a row's noise begins to repeat */
#define NOISE_UNIT 32   /* one sigma in the table */
#define HAND_WAVES 4
#define DEGREE     0.017453292519943295

enum hand_axis {
	HAND_X,
	HAND_Y,
	HAND_ROLL,
	HAND_TILT,
	HAND_AXES
};

struct texture { /* linear light; corners of the body are cut by `inset` */
	uint16_t *light[MIPS];
	int width[MIPS], height[MIPS];
};

struct camera {
	struct camera_light light;
	uint16_t *room;     /* the background, not darkened */
	uint16_t *room_now; /* as dark as room_dark says */
	double room_dark;
	struct texture phone[CAMERA_PHONES];
	int inset[PHONE_CORNER];
	uint64_t seed;
	double wave[HAND_AXES][HAND_WAVES]; /* phases */
	double motion_dx, motion_dy;
	double glare_u, glare_v;
	uint16_t linear_of[256];
	uint8_t grey_of[CAMERA_LIGHT_MAX + 1];
	double grey_exposure;
	int8_t noise[NOISE_LEN + CAMERA_WIDTH_MAX];
};

struct pose {
	double to_frame[9]; /* row-major: phone pixels -> frame pixels, homogeneous */
	double to_phone[9];
	double scale; /* frame pixels of one phone pixel, about */
};

/* Where phone `index` is in this shot. */
void camera_pose_make(
	struct pose *p, const struct camera *c, const struct camera_shot *s, int index);
/* Its rectangle in the frame, with a margin; may be empty. */
struct camera_area camera_pose_area(const struct camera *c, const struct pose *p, int margin);
void camera_pose_point(const struct pose *p, double *x, double *y, double u, double v);
/* Lays the phone's picture into the light. */
void camera_pose_lay(
	struct camera *c, const struct pose *p, const struct camera_shot *s, int index);

void camera_lens_glare(struct camera_light *l, double x, double y, double radius);
void camera_lens_motion(
	struct camera_light *l, struct camera_area a, double length, double dx, double dy);
void camera_lens_focus(struct camera_light *l, struct camera_area a, double sigma);

#endif
