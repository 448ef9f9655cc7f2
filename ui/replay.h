/* SPDX-License-Identifier: Apache-2.0
 *
 * What a replay needs to know before it sends anything.
 */
#ifndef UI_REPLAY_H
#define UI_REPLAY_H

#include "base/err.h"

/* ERR_OK when the backend at this address says that it is the deterministic test build; anything
 * else that it says, or says not, is ERR_PERMISSION with what to start instead.
 */
ERR_MUST_CHECK enum err_code replay_backend_check(const char *url, struct err *err);

#endif
