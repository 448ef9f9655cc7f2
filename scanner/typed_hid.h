/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports of a reader that follows the HID Point of Sale usages (USB-IF, "HID Point of Sale Usage
 * Tables" 1.02): what its report descriptor says about them, and the decoded data in them. Plain
 * functions over bytes; both descriptor and reports are a stranger's.
 */
#ifndef SCANNER_TYPED_HID_H
#define SCANNER_TYPED_HID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define TYPED_HID_DESCRIPTOR_MAX 4096 /* bytes, as the kernel's */
#define TYPED_HID_REPORT_MAX 4096     /* bytes of a report, with its number */
#define TYPED_HID_REPORTS_MAX 16      /* with different numbers */
#define TYPED_HID_USAGES_MAX 64       /* named for one item; more are of no interest */
#define TYPED_HID_DEPTH_MAX 8         /* of pushed globals */
#define TYPED_HID_AIM_LEN 3

struct typed_hid_field {
	uint32_t bit;   /* from the start of the report, after its number */
	uint32_t count; /* of elements; 0 = there is no such field */
	uint8_t size;   /* bits of an element */
};

struct typed_hid_report {
	uint8_t id;
	uint32_t bits;
	struct typed_hid_field length, aim[TYPED_HID_AIM_LEN], data, more;
};

struct typed_hid {
	bool keyboard; /* it types, too */
	bool numbered; /* a report begins with its number */
	unsigned count;
	struct typed_hid_report report[TYPED_HID_REPORTS_MAX];
};

/* Returns: ERR_OK; ERR_FORMAT: no report descriptor; ERR_UNSUPPORTED: no decoded data in it, or
 * more than the limits above.
 */
ERR_MUST_CHECK enum err_code typed_hid_parse(struct typed_hid *out, struct span descriptor,
	struct err *err);

struct typed_hid_piece {
	uint8_t aim[TYPED_HID_AIM_LEN]; /* "]Q1"; [0] is 0 when there is none */
	uint8_t data[TYPED_HID_REPORT_MAX];
	size_t len;
	bool more; /* the code goes on in the next report */
};
/* Returns: ERR_OK; ERR_NOT_FOUND: a report about something else; ERR_FORMAT: less than it says */
ERR_MUST_CHECK enum err_code typed_hid_read(const struct typed_hid *h, struct typed_hid_piece *out,
	struct span report, struct err *err);

#endif
