/* SPDX-License-Identifier: Apache-2.0
 *
 * Guards of the running program.
 */
#include "base/process.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/err.h"

#ifdef __has_feature
#define SANITIZED_BY_CLANG __has_feature(address_sanitizer)
#else
#define SANITIZED_BY_CLANG 0
#endif
#if defined(__SANITIZE_ADDRESS__) || SANITIZED_BY_CLANG
#define SANITIZED true
#else
#define SANITIZED false
#endif

void process_guard(void)
{
	const struct rlimit none = {0, 0};

	/* Lowering a limit and giving up a right are never refused. */
	ASSERT(setrlimit(RLIMIT_CORE, &none) == 0);
	if (!SANITIZED)
		ASSERT(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}
