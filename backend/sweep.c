/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/sweep.h"

#include "backend/worker.h"

bool sweep_is_due(const struct sweep *s, int64_t now_s, int64_t now_ms)
{
	if (!s->ever || now_s < s->at_s || now_s - s->at_s >= WORKER_SWEEP_S)
		return true;
	return s->more && now_ms - s->at_ms >= WORKER_SWEEP_MORE_MS;
}

int64_t sweep_wait_ms(const struct sweep *s)
{
	return s->more ? WORKER_SWEEP_MORE_MS : (int64_t)WORKER_SWEEP_S * 1000;
}

void sweep_begun(struct sweep *s, int64_t now_s, int64_t now_ms)
{
	*s = (struct sweep){.ever = true, .at_s = now_s, .at_ms = now_ms};
}
