/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a camera deliver pictures that can be used, and what is to be done when it does not? Pure:
 * the source tells it what happens, and asks.
 *
 * A single damaged frame is no news; cameras have some. When nothing usable came for a while, that
 * is told once and the stream is switched off and on, which wakes many drivers. When still nothing
 * comes at all, the device has to be opened anew; damaged frames are waited out, with another
 * off and on now and then. The first usable frame after a fault that was told is told, too.
 */
#ifndef SCANNER_CAMERA_HEALTH_H
#define SCANNER_CAMERA_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#define CAMERA_FIRST_MS 5000  /* after a start: cameras set their exposure and focus first */
#define CAMERA_SILENT_MS 2000 /* without a usable frame: told, and the stream restarted */
#define CAMERA_REOPEN_MS 4000 /* after that without any frame: the device is opened anew */
#define CAMERA_AGAIN_MS 10000 /* between two restarts of a stream of damaged frames */
#define CAMERA_SLOW_FRAMES 5  /* a camera may be so slow that these last longer */

enum camera_trouble {
	CAMERA_FINE,
	CAMERA_SILENT,     /* no frame comes */
	CAMERA_DAMAGED,    /* frames that the driver calls damaged, or too short ones */
	CAMERA_UNDECODABLE /* frames that are no JPEG */
};

enum camera_advice {
	CAMERA_WAIT,
	CAMERA_RESTART_STREAM,
	CAMERA_REOPEN
};

struct camera_health {
	int64_t good_ms;    /* last usable frame, or the start */
	int64_t restart_ms; /* last restart of the stream since then; INT64_MIN = none */
	int64_t patience_ms; /* as the camera's rate allows */
	bool started;       /* a usable frame came since the start */
	enum camera_trouble seen; /* since the last usable frame or restart: CAMERA_SILENT = none */
	bool told;          /* that something is wrong */
};

/* The stream begins; interval_ms between two frames, 0 = unknown. What was told stays told. */
void camera_health_start(struct camera_health *h, int64_t interval_ms, int64_t now_ms);
/* A usable frame; true when it has to be told that all is well again. */
bool camera_health_good(struct camera_health *h, int64_t now_ms);
void camera_health_bad(struct camera_health *h, enum camera_trouble what);
/* *tell: say once what the trouble is, which is what `seen` was before the call. */
enum camera_advice camera_health_look(struct camera_health *h, bool *tell, int64_t now_ms);

#endif
