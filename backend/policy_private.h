/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the policy's files.
 */
#ifndef BACKEND_POLICY_PRIVATE_H
#define BACKEND_POLICY_PRIVATE_H

#include "backend/policy.h"

/* The part of policy_check() about levels. */
ERR_MUST_CHECK enum err_code policy_levels_check(const struct policy *p, struct err *err);

#endif
