/* SPDX-License-Identifier: Apache-2.0
 *
 * Modules to text. First byte: version and what the rest is: modules, or data codewords at once.
 */
#include <stdint.h>
#include <string.h>

#include "scanner/qr/layout.h"
#include "scanner/qr/segments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct qr_matrix matrix;
static struct qr_text out;

static void check(enum err_code code)
{
	ASSERT(code == ERR_OK || code == ERR_FORMAT);
	ASSERT(code == ERR_OK ? out.len > 0 && out.len <= QR_TEXT_MAX : out.len == 0);
}

static void read_modules(int version, const uint8_t *data, size_t size)
{
	matrix.side = 17 + 4 * version;
	size_t modules = (size_t)matrix.side * (size_t)matrix.side;
	memset(matrix.dark, 128, modules);
	memcpy(matrix.dark, data, size < modules ? size : modules);
	check(qr_symbol_read(&out, &matrix));
}

static void read_segments(int version, const uint8_t *data, size_t size)
{
	struct qr_segments said;
	unsigned len = size < QR_CODEWORDS_MAX ? (unsigned)size : QR_CODEWORDS_MAX;
	check(qr_segments_read(&out, &said, data, len, version));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	int version = 1 + (data[0] & 0x7F) % QR_VERSION_MAX;
	if (data[0] & 0x80)
		read_segments(version, data + 1, size - 1);
	else
		read_modules(version, data + 1, size - 1);
	return 0;
}
