/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey frames to a descriptor, as MJPEG (JPEG files one behind another) or Y4M. frame_out.c is the
 * only file of the wallet that includes libjpeg.
 */
#ifndef WALLET_HOLDER_FRAME_OUT_H
#define WALLET_HOLDER_FRAME_OUT_H

#include "wallet/holder/picture.h"

enum frame_format {
	FRAME_MJPEG,
	FRAME_Y4M
};

struct frame_out; /* heap */

/* The descriptor is borrowed. Y4M: the header is written at the first frame. */
ERR_MUST_CHECK enum err_code frame_out_new(
	struct frame_out **out, int fd, enum frame_format format, int fps, struct err *err);
void frame_out_free(struct frame_out **f);

/* cut: only the first half of the frame's bytes are written (MJPEG). ERR_CLOSED when nobody reads
 * any more.
 */
ERR_MUST_CHECK enum err_code frame_out_write(
	struct frame_out *f, const struct picture *frame, int quality, bool cut, struct err *err);

#endif
