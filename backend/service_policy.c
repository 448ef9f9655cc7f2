/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration read again while a server runs.
 */
#include <stdio.h>
#include <string.h>

#include "backend/service_shared.h"
#include "base/log.h"

enum err_code service_policy_read(const struct service *s, struct policy *out, struct err *err)
{
	char path[SERVICE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/countersignd.conf", s->dir);
	return policy_read(out, path, err);
}

/* The same file again changes nothing. */
static int64_t since(const struct service *s, struct policy *now)
{
	now->since = s->policy.since;
	return memcmp(now, &s->policy, sizeof(*now)) == 0 ? s->policy.since
							  : clock_unix_s(s->clock);
}

bool service_policy_take(struct service *s, const struct policy *policy)
{
	struct policy now = *policy;
	bool all = now.port == s->policy.port && now.plain == s->policy.plain &&
		strcmp(now.store_url, s->policy.store_url) == 0 &&
		strcmp(now.keys_master, s->policy.keys_master) == 0;

	now.port = s->policy.port;
	now.plain = s->policy.plain;
	memcpy(now.store_url, s->policy.store_url, sizeof(now.store_url));
	memcpy(now.keys_master, s->policy.keys_master, sizeof(now.keys_master));
	now.since = since(s, &now);
	s->policy = now;
	if (!all)
		log_line(LOG_WARNING, "server",
			"port, plain, [store] url and [keys] master are used after a restart only");
	return all;
}
