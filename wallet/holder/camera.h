/* SPDX-License-Identifier: Apache-2.0
 *
 * A hand-held phone as a camera sees it. Pictures of phones go in, grey frames come out; the same
 * seed, knobs and times give the same frames. Knows nothing of codes or keys.
 *
 * Light is linear until the last step: the phone's picture is laid into the room through a true
 * perspective, then come glare, motion, focus, exposure, the sensor's curve and its noise.
 */
#ifndef WALLET_HOLDER_CAMERA_H
#define WALLET_HOLDER_CAMERA_H

#include "wallet/holder/picture.h"

#define CAMERA_PHONES     2
#define CAMERA_WIDTH_MIN  160
#define CAMERA_HEIGHT_MIN 120
#define CAMERA_WIDTH_MAX  1920
#define CAMERA_HEIGHT_MAX 1440

/* What can be turned. X(enum, word, default, lowest, highest, words for help) */
#define CAMERA_KNOB_LIST(X)                                                                        \
	X(CAMERA_SIZE, "size", 0, 0, 40, "pixels per module of a first code; 0 = by frame height") \
	X(CAMERA_PITCH, "pitch", 5, -60, 60, "degrees, top of the phone away from the camera")     \
	X(CAMERA_YAW, "yaw", -7, -60, 60, "degrees, right side away from the camera")              \
	X(CAMERA_ROLL, "roll", 3, -180, 180, "degrees, in the plane of the picture")               \
	X(CAMERA_X, "x", 0, -2, 2, "right of the middle, in widths of the frame")                  \
	X(CAMERA_Y, "y", 0, -2, 2, "below the middle, in heights of the frame")                    \
	X(CAMERA_SHAKE, "shake", 1, 0, 10, "the hand: 0 = on a stand, 1 = a calm hand")            \
	X(CAMERA_BLUR, "blur", 0.6, 0, 8, "focus: sigma in pixels")                                \
	X(CAMERA_MOTION, "motion", 0, 0, 40, "pixels the phone moves while the shutter is open")   \
	X(CAMERA_NOISE, "noise", 2, 0, 40, "sigma of the sensor's noise in grey levels")           \
	X(CAMERA_EXPOSURE, "exposure", 1, 0.02, 8, "gain; above 1.2 white is clipped")             \
	X(CAMERA_GLARE, "glare", 0, 0, 4, "a lamp mirrored in the screen; 1 hides much of a code") \
	X(CAMERA_MOIRE, "moire", 0, 0, 1, "how much the phone's pixel grid is seen")               \
	X(CAMERA_DARK, "dark", 0, 0, 1, "how dark the room is")                                    \
	X(CAMERA_QUALITY, "quality", 80, 1, 100, "of the JPEG frames")

enum camera_knob {
#define CAMERA_ENUM(name, word, def, low, high, help) name,
	CAMERA_KNOB_LIST(CAMERA_ENUM)
#undef CAMERA_ENUM
	CAMERA_KNOB_COUNT
};

struct camera_knob_info {
	const char *word;
	double start, low, high;
	const char *help;
};
extern const struct camera_knob_info camera_knobs[CAMERA_KNOB_COUNT];

struct camera_shot {
	double knob[CAMERA_KNOB_COUNT];
	bool in_view[CAMERA_PHONES];
	int64_t at_ms;  /* where the hand is */
	uint64_t frame; /* which noise */
};

struct camera; /* heap, about 12 bytes for each pixel of the frame and 3 for each of a phone */

/* Limits of size as above, else ERR_RANGE. */
ERR_MUST_CHECK enum err_code camera_new(
	struct camera **out, int width, int height, uint64_t seed, struct err *err);
void camera_free(struct camera **c);

/* The phone's picture changed; it is copied. phone is PHONE_WIDTH x PHONE_HEIGHT. */
void camera_phone_set(struct camera *c, int index, const struct picture *phone);

/* frame has the camera's size. Does not allocate. */
void camera_take(struct camera *c, struct picture *frame, const struct camera_shot *shot);

#endif
