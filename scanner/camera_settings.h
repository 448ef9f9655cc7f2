/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera's settings as text, for example
 *
 *	size=1280x720 format=MJPG rate=30 power_line_frequency=50hz exposure_auto=manual gain=20
 *
 * Words name=value between blanks or commas. `size`, `format`, `rate` and `scale` choose the mode;
 * every other name is a control of the driver, and what it may be only the driver knows. A name
 * that comes again counts as it was said last, so that a command line can follow a configuration.
 * Pure: shared with the terminal, which refuses bad words before it starts anything.
 */
#ifndef SCANNER_CAMERA_SETTINGS_H
#define SCANNER_CAMERA_SETTINGS_H

#include <stdint.h>

#include "base/err.h"

#define CAMERA_CONTROLS_MAX 32 /* controls in one text */
#define CAMERA_NAME_MAX 40     /* of a control, with NUL: the kernel's have at most 32 */
#define CAMERA_VALUE_MAX 40    /* with NUL */
#define CAMERA_RATE_MAX 1000   /* frames a second */

enum camera_scale {
	CAMERA_SCALE_AUTO, /* large JPEG frames are halved while they are decoded */
	CAMERA_SCALE_FULL,
	CAMERA_SCALE_HALF
};

struct camera_control_setting {
	char name[CAMERA_NAME_MAX];   /* a-z 0-9 _ */
	char value[CAMERA_VALUE_MAX]; /* a-z 0-9 _ . + -, in small letters */
};

struct camera_settings {
	int width, height; /* 0 = choose */
	char format[8];    /* as written, in capitals; "" = choose */
	int rate;          /* frames a second; 0 = choose */
	enum camera_scale scale;
	unsigned count;
	struct camera_control_setting control[CAMERA_CONTROLS_MAX]; /* in the order of the text */
};

/* words: NULL or "" = nothing is set.
 * Returns: ERR_OK; ERR_INVALID names the word and what would be right. Out is always initialised.
 */
ERR_MUST_CHECK enum err_code camera_settings_parse(struct camera_settings *out, const char *words,
	struct err *err);

#endif
