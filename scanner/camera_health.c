/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/camera_health.h"

void camera_health_start(struct camera_health *h, int64_t interval_ms, int64_t now_ms)
{
	bool told = h->told;
	*h = (struct camera_health){.good_ms = now_ms,
		.restart_ms = INT64_MIN,
		.patience_ms = CAMERA_SILENT_MS,
		.seen = CAMERA_SILENT,
		.told = told};
	if (interval_ms > CAMERA_SILENT_MS / CAMERA_SLOW_FRAMES)
		h->patience_ms = interval_ms * CAMERA_SLOW_FRAMES;
}

bool camera_health_good(struct camera_health *h, int64_t now_ms)
{
	bool tell = h->told;
	h->good_ms = now_ms;
	h->restart_ms = INT64_MIN;
	h->started = true;
	h->seen = CAMERA_SILENT;
	h->told = false;
	return tell;
}

void camera_health_bad(struct camera_health *h, enum camera_trouble what)
{
	h->seen = what;
}

enum camera_advice camera_health_look(struct camera_health *h, bool *tell, int64_t now_ms)
{
	int64_t patience = h->patience_ms;
	*tell = false;
	if (!h->started && patience < CAMERA_FIRST_MS)
		patience = CAMERA_FIRST_MS;
	if (now_ms - h->good_ms < patience)
		return CAMERA_WAIT;
	if (h->restart_ms == INT64_MIN) {
		*tell = !h->told;
		h->told = true;
		h->restart_ms = now_ms;
		h->seen = CAMERA_SILENT; /* since the restart */
		return CAMERA_RESTART_STREAM;
	}
	int64_t since = now_ms - h->restart_ms;
	bool waits = since < CAMERA_REOPEN_MS || since < h->patience_ms;
	if (h->seen == CAMERA_SILENT)
		return waits ? CAMERA_WAIT : CAMERA_REOPEN;
	if (since < CAMERA_AGAIN_MS)
		return CAMERA_WAIT;
	h->restart_ms = now_ms;
	h->seen = CAMERA_SILENT;
	return CAMERA_RESTART_STREAM;
}
