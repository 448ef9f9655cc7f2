/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulator's process: frames to a descriptor, the terminal's events from another.
 */
#ifndef WALLET_HOLDER_SIMULATE_H
#define WALLET_HOLDER_SIMULATE_H

#include "wallet/holder/frame_out.h"
#include "wallet/holder/play.h"

#define SIMULATE_FPS_MAX 60

struct simulate_options {
	struct play_options play;
	int width, height;
	int fps;
	uint64_t seed;
	enum frame_format format;
	bool step;             /* virtual time: the next frame follows the terminal's word */
	int64_t start_unix_ms; /* of frame 0; -1 = now */
	int64_t frames;        /* at most; 0 = until the scenario ends */
	int events_fd;         /* JSON lines */
	int frames_fd;
	int times_fd; /* one decimal at_ms a line for each frame; -1 = none */
};

/* Until the scenario is over, `frames` were written, or nobody reads any more: ERR_OK. */
ERR_MUST_CHECK enum err_code simulate(const struct simulate_options *opt, struct err *err);

#endif
