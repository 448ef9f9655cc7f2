/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration files: any bytes in a file; what comes out must be in its bounds and safe.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/text_safe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[32];
	char name[16] = "default";
	int64_t port = 7;
	bool loud = false;
	const struct config_key keys[] = {
		{"terminal", "name", CONFIG_TEXT, name, sizeof name, 0, 0},
		{"backend", "port", CONFIG_INT, &port, 0, 1, 65535},
		{"terminal", "loud", CONFIG_BOOL, &loud, 0, 0, 0},
	};
	struct err e = {0};

	if (fd < 0) {
		fd = memfd_create("config", MFD_CLOEXEC);
		if (fd >= 0 && fchmod(fd, 0600) != 0) /* others may not write a configuration */
			abort();
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	enum err_code code = config_read(path, false, keys, sizeof keys / sizeof keys[0], &e);
	ASSERT(memchr(name, '\0', sizeof name) != NULL && text_is_safe(span_text(name)));
	ASSERT(port == 7 || (port >= 1 && port <= 65535));
	ASSERT(code == ERR_OK || (e.code == code && text_is_safe(span_text(e.text))));
	return 0;
}
