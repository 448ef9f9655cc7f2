/* SPDX-License-Identifier: Apache-2.0
 *
 * The camera with a driver of the caller's choice; scan_v4l2_open() takes the real one.
 */
#ifndef SCANNER_SOURCE_V4L2_H
#define SCANNER_SOURCE_V4L2_H

#include "scanner/camera.h"
#include "scanner/source.h"

/* As scan_v4l2_open(). ERR_NOT_FOUND, ERR_PERMISSION, ERR_UNSUPPORTED, ERR_INVALID (settings),
 * ERR_BUSY, ERR_CLOSED (unplugged), ERR_IO, ERR_PROTOCOL (the driver says what cannot be),
 * ERR_NO_MEMORY.
 */
ERR_MUST_CHECK enum err_code scan_v4l2_open_with(struct scan_source **out,
	const struct camera_calls *calls, const struct scan_source_options *opt, struct err *err);

#endif
