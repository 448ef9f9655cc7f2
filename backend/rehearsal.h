/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading ahead for a batch: where asking the database costs a journey, the requests that share a
 * transaction are rehearsed on copies, what they read is asked for all of them at once, and so on
 * until nothing is missing. What a rehearsal decided is thrown away. Where a rule is run so often
 * that this is too dear, its rehearsal only asks for what it usually reads (rules_asked()).
 */
#ifndef BACKEND_REHEARSAL_H
#define BACKEND_REHEARSAL_H

#include "backend/queue.h"
#include "backend/rules.h"

#define REHEARSAL_WAVES_MAX 32 /* no request reads more things one after the other */

/* After store_begin_shared(). A fault is left for the requests themselves to find. */
void rehearsal_run(const struct rules *r, struct clock *clock, struct job *list);

#endif
