/* SPDX-License-Identifier: Apache-2.0
 *
 * A report descriptor of a stranger's device, then its reports. First byte: how many reports; then
 * two bytes of the descriptor's length.
 */
#include <stdint.h>
#include <string.h>

#include "scanner/typed_hid.h"
#include "tests/lib/exact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_report(const struct typed_hid *h, const uint8_t *data, size_t len)
{
	static struct typed_hid_piece piece;
	struct err err = {.code = ERR_OK};
	struct span report = exact(data, len);
	enum err_code code = typed_hid_read(h, &piece, report, &err);
	if (code == ERR_OK)
		ASSERT(piece.len <= sizeof piece.data && (!piece.aim[0] || piece.aim[0] == ']'));
	else
		ASSERT(code == ERR_NOT_FOUND || (code == ERR_FORMAT && err.text[0]));
	exact_free(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct typed_hid hid;
	struct err err = {.code = ERR_OK};
	if (size < 3)
		return 0;
	unsigned reports = data[0] % 8u + 1;
	size_t len = (size_t)data[1] << 8 | data[2];
	data += 3;
	size -= 3;
	if (len > size)
		len = size;
	struct span descriptor = exact(data, len);
	enum err_code code = typed_hid_parse(&hid, descriptor, &err);
	exact_free(descriptor);
	if (code) {
		ASSERT(err.text[0]);
		return 0;
	}
	ASSERT(hid.count <= TYPED_HID_REPORTS_MAX);
	for (unsigned i = 0; i < hid.count; i++)
		ASSERT(hid.report[i].data.count <= TYPED_HID_REPORT_MAX);
	size_t each = (size - len) / reports;
	for (unsigned i = 0; i < reports; i++)
		read_report(&hid, data + len + i * each, each);
	return 0;
}
