/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign devices`: what codes can be read with on this machine, in words or as JSON. The
 * asking is done by countersign-scanner; scanner/devices.h has the format of its answers.
 */
#ifndef UI_DEVICES_H
#define UI_DEVICES_H

#include <stdbool.h>

#include "base/bytes.h"

#define DEVICES_JSON_MAX (4u << 20) /* bytes of all answers */
#define DEVICES_TEXT_MAX (1u << 20) /* bytes of the words for one device */

/* argv[0] is the word "devices". Returns the exit status: 0 something can be used, 1 nothing can,
 * 3 wrong usage or fault.
 */
int devices_main(int argc, char **argv);

/* Words for one device, several lines. line: a JSON object.
 * Returns: ERR_OK, *usable is set; ERR_FORMAT when it is not what the scanner says
 */
ERR_MUST_CHECK enum err_code devices_text(struct bytes *out, struct span line, bool controls,
	bool *usable, struct err *err);

#endif
