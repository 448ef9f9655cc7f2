/* SPDX-License-Identifier: Apache-2.0
 *
 * What could be a hand-held reader on this machine, for `countersign devices`: keyboards that are
 * plugged in (readers that type cannot be told from others), devices that report bar codes, serial
 * lines over USB. Nothing is opened: the kernel's files under /sys say enough.
 *
 *	name, bus  as the kernel says
 *	driver     "keyboard", "hid-pos" or "serial"
 *	by_id      a name that stays
 *	source     what --source takes, "reader:/dev/..."
 */
#ifndef SCANNER_TYPED_LIST_H
#define SCANNER_TYPED_LIST_H

#include "base/json.h"

#define TYPED_LIST_MAX 64 /* devices of one kind that are looked at */

/* root: before /sys and /dev, for tests; else "". print: gets each device; false ends the list.
 * Returns how many are usable.
 */
unsigned typed_list(const char *root, bool (*print)(const struct bytes *line));

#endif
