/* SPDX-License-Identifier: Apache-2.0
 *
 * The cameras of this machine, for `countersign devices`. Files that belong to a camera but give no
 * pictures (metadata) are left out.
 *
 *	name, driver, bus  as the driver says
 *	by_id, by_path     names under /dev/v4l
 *	chosen     {"format":"MJPG","width":1280,"height":720,"rate":"30"}: without settings
 *	formats    [{"format":"YUYV","read":true,"sizes":[{"width":640,"height":480,
 *		   "rates":["30","7.5"]}]}]; of one that takes any size, those that were tried;
 *		   "read":false formats have no sizes
 *	controls   [{"name":"gain","kind":"number","min":0,"max":255,"step":1,"default":64,
 *		   "value":64}]; kind "menu" has "entries", "inactive" while an automatic is on
 */
#ifndef SCANNER_CAMERA_LIST_H
#define SCANNER_CAMERA_LIST_H

#include "base/json.h"
#include "scanner/camera_calls.h"

enum camera_state {
	CAMERA_USABLE,
	CAMERA_NO_CAMERA, /* nothing was written */
	CAMERA_FORBIDDEN,
	CAMERA_BUSY,
	CAMERA_UNREADABLE,
	CAMERA_FAILED
};

/* One device as an object into `out`. fd: of the device, taken over; or -1 and os_errno says why it
 * could not be opened. names: folder of the names ("/dev/v4l").
 */
enum camera_state camera_list_one(struct bytes *out, const struct camera_calls *calls,
	const char *path, const char *names, int fd, int os_errno);

#endif
