/* SPDX-License-Identifier: Apache-2.0
 *
 * The backend's configuration: what is accepted is in range and fits together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[32];
	struct policy p;
	struct policy_need need;

	if (fd < 0) {
		fd = memfd_create("policy", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (fchmod(fd, 0600) != 0) /* what others may write is refused unread */
			abort();
	}
	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (policy_read(&p, path, NULL))
		return 0;
#define IN_RANGE(field, section, value, min, max, words)                                           \
	ASSERT(p.field >= (min) && p.field <= (max));
	POLICY_LIST(IN_RANGE)
	ASSERT(policy_check(&p, NULL) == ERR_OK);
	need = policy_need_of(&p, size * size, size & 1, (int)(size % 5) + 6);
	ASSERT(need.timed || size % 5 >= 2 || need.binding == CODE_BINDING_CHALLENGE);
	return 0;
}
