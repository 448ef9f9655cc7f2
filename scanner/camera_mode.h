/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of a camera's modes is the best for reading. Pure; camera_probe.c asks the driver.
 *
 * A mode is better than another, the first difference decides:
 *   1. it gives CAMERA_RATE_LEAST frames a second or more (a driver that does not say is believed);
 *      below that, the faster one
 *   2. its size, in steps of CAMERA_SIZE_STEP: what it has of 1280 x 720, less a little for what it
 *      has beyond, which costs time on the bus and in decoding
 *   3. its luma is there without decoding or conversion; then JPEG; then what libv4l2 converts
 *   4. its rate is nearer to CAMERA_RATE_BEST
 *   5. its size exactly; then fewer bits a pixel on the bus
 * So 1280 x 720 uncompressed at 15 frames a second goes before MJPEG at 30 (no decoding, no
 * artefacts, and 15 looks a second are enough), MJPEG at 30 before uncompressed at 10, and MJPEG at
 * 1280 x 720 before uncompressed at 640 x 480.
 */
#ifndef SCANNER_CAMERA_MODE_H
#define SCANNER_CAMERA_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "scanner/camera_format.h"
#include "scanner/camera_settings.h"

#define CAMERA_BEST_WIDTH 1280
#define CAMERA_BEST_HEIGHT 720
#define CAMERA_RATE_LEAST 15 /* frames a second that reading wants */
#define CAMERA_RATE_BEST 30
#define CAMERA_SIZE_STEP 50  /* of 1000 points that 1280 x 720 has */
#define CAMERA_MODES_MAX 2048

struct camera_mode {
	const struct camera_format *format;
	int width, height;
	uint32_t interval_num, interval_den; /* seconds a frame as a fraction; 0/0 = unknown */
	bool converted; /* by libv4l2 from a format that we cannot read */
};

struct camera_modes {
	unsigned count;
	bool cut; /* there were more */
	struct camera_mode at[CAMERA_MODES_MAX];
};

/* Larger is better. 0 when the size is outside what can be read. */
int64_t camera_mode_score(const struct camera_mode *m);
/* Frames a second in thousandths; 0 = unknown. */
int64_t camera_mode_rate(const struct camera_mode *m);

/* The best of those that the settings allow; of a rate that is set, the nearest.
 * Returns: ERR_OK; ERR_UNSUPPORTED names what the camera has instead. *out is set on ERR_OK only.
 */
ERR_MUST_CHECK enum err_code camera_mode_choose(const struct camera_mode **out,
	const struct camera_modes *all, const struct camera_settings *want, struct err *err);

/* Sizes to try of a camera that takes any size between a least and a largest in steps: those that
 * reading likes best, then the bounds. Returns how many.
 */
struct camera_steps {
	int64_t min_width, max_width, step_width, min_height, max_height, step_height;
};
#define CAMERA_STEP_SIZES_MAX 12
unsigned camera_step_sizes(int size[CAMERA_STEP_SIZES_MAX][2], const struct camera_steps *s,
	const struct camera_settings *want);

#endif
