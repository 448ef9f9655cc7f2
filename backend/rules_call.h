/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the rules of calls: what the two files of them share.
 */
#ifndef BACKEND_RULES_CALL_H
#define BACKEND_RULES_CALL_H

#include "backend/rules_people.h"
#include "backend/rules_shared.h"

/* This operator's call; refuses not-found, also for another one's. */
ERR_MUST_CHECK enum err_code rules_call_load(const struct rules *r, struct store_call *c,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
bool rules_call_is_over(const struct rules *r, const struct store_call *c);
int rules_call_right(const struct store_call *c); /* questions that were answered rightly */
/* credential: that something was done to, NULL = none. */
ERR_MUST_CHECK enum err_code rules_call_record(const struct rules *r, const char *kind,
	const struct store_call *c, const uint8_t *credential, const char *reason,
	struct err *err);

#endif
