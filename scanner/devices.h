/* SPDX-License-Identifier: Apache-2.0
 *
 * What codes could be read with on this machine: `countersign-scanner --devices`. One JSON object a
 * line for each device, of every kind; the terminal makes words of them (`countersign devices`).
 *
 *	kind      "camera" or "reader"
 *	path      /dev/video0
 *	by_id     a name under /dev/v4l/by-id that stays when it is plugged elsewhere; or absent
 *	state     "usable", "forbidden", "busy", "unreadable" (no format that we can read),
 *		  "failed"
 *	why       what to do about it, in English, unless it is usable
 *
 * and what its kind adds; a camera: see camera_list.c.
 */
#ifndef SCANNER_DEVICES_H
#define SCANNER_DEVICES_H

#include <stdbool.h>

#include "base/json.h"

#define DEVICES_LINE_MAX JSON_TEXT_MAX /* bytes of one device */

/* Prints one device; false when that failed. */
bool devices_print(const struct bytes *line);

/* Each kind: prints its devices; how many are usable. */
unsigned camera_list_print(void);
unsigned typed_list_print(void); /* hand-held readers */

/* Returns the exit status: 0 some device can be used, 1 none can, 3 standard output failed. */
int child_devices(void);

#endif
