/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#include "backend/store.h"

/* On a copy: nothing of it is left. */
static bool rehearse_one(const struct rules *r, struct clock *clock, const struct job *job,
	struct route_call *copy)
{
	enum route_next next;
	struct err err;
	enum err_code e;

	if (job->timed)
		clock_set_unix(clock, job->unix_ms);
	*copy = job->call;
	answer_init(&copy->answer);
	e = job->stage == JOB_FINISH ? route_finish(r, copy, &err)
				     : route_run(r, copy, &next, &err);
	route_wipe(copy);
	return e != ERR_TIMEOUT; /* then something is still missing */
}

void rehearsal_run(const struct rules *rules, struct clock *clock, struct job *list)
{
	struct rules r = *rules;
	struct route_call *copy = malloc(sizeof(*copy));
	struct err err;
	bool more = copy != NULL;

	r.tally = NULL; /* what did not happen is not counted */
	for (struct job *j = list; j; j = j->next)
		j->rehearsed = false;
	for (int wave = 0; more && wave < REHEARSAL_WAVES_MAX; wave++) {
		if (!store_rehearse(r.store, true))
			break;
		for (struct job *j = list; j; j = j->next)
			if (!j->rehearsed)
				j->rehearsed = rehearse_one(&r, clock, j, copy);
		(void)store_rehearse(r.store, false); /* it was possible a moment ago */
		if (store_read_ahead(r.store, &more, &err))
			more = false; /* whoever reads next is told why */
	}
	free(copy);
}
