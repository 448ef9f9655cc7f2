/* SPDX-License-Identifier: Apache-2.0
 *
 * Old rows go in small bites, so that no request waits for it: live steps that cannot matter any
 * more, and verifications that were finished long ago. The audit stays for ever.
 */
#include "backend/rules_shared.h"
#include "backend/tally.h"

#define DAY_S 86400
#define TAG_KEPT_S (2 * DAY_S) /* a static slot counts for a day */
#define TAG_BITE 512
#define VERIFICATION_BITE 128

enum err_code rules_retire(const struct rules *r, struct err *err)
{
	int64_t now = clock_unix_s(r->clock);
	int tags = 0, removed = 0;
	enum err_code e = store_tag_prune(r->store, &tags, now - TAG_KEPT_S, TAG_BITE, err);

	if (!e && r->policy->keep_days)
		e = store_verification_prune(r->store, &removed,
			now - r->policy->keep_days * DAY_S, now, VERIFICATION_BITE, err);
	if (!e && r->tally)
		r->tally->unswept |= tags == TAG_BITE || removed == VERIFICATION_BITE;
	return e ? e : rules_ends_look(r, err);
}
