/* SPDX-License-Identifier: Apache-2.0
 *
 * [offline] of terminal.conf: refuse unless every bound was said.
 */
#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "ui/offline.h"
#include "ui/state.h"

void offline_settings_default(struct offline_settings *s)
{
	s->count_max = OFFLINE_COUNT_DEFAULT;
	s->card_max = OFFLINE_CARD_DEFAULT;
	s->minutes_max = OFFLINE_MINUTES_DEFAULT;
	s->list_minutes_max = OFFLINE_LIST_MINUTES_DEFAULT;
}

static enum err_code accept_check(const struct offline_settings *s, const char *path,
	struct err *err)
{
	if (!amount_currency_is_valid(s->currency))
		return err_set(err, ERR_FORMAT,
			"%s: [offline] currency: three letters of ISO 4217 are needed with "
			"policy = accept",
			path);
	if (s->amount_max <= 0)
		return err_set(err, ERR_FORMAT,
			"%s: [offline] amount_max: the largest sale, in minor units, is needed "
			"with policy = accept",
			path);
	if (s->sum_max < s->amount_max)
		return err_set(err, ERR_FORMAT,
			"%s: [offline] sum_max: the sum until the server is back, in minor units, "
			"at least amount_max, is needed with policy = accept",
			path);
	return ERR_OK;
}

enum err_code offline_settings_decode(struct offline_policy *out, const struct offline_settings *s,
	const char *path, struct err *err)
{
	bool accept = strcmp(s->policy, "accept") == 0;
	enum err_code rc = ERR_OK;

	memset(out, 0, sizeof *out);
	if (!accept && s->policy[0] != '\0' && strcmp(s->policy, "refuse") != 0)
		return err_set(err, ERR_FORMAT, "%s: [offline] policy: refuse or accept", path);
	if (accept)
		rc = accept_check(s, path, err);
	if (rc != ERR_OK || !accept)
		return rc;
	*out = (struct offline_policy){.accept = true,
		.pictures = s->pictures,
		.amount_max = (uint64_t)s->amount_max,
		.sum_max = (uint64_t)s->sum_max,
		.count_max = s->count_max,
		.card_max = s->card_max,
		.minutes_max = s->minutes_max,
		.list_minutes_max = s->list_minutes_max};
	memcpy(out->currency, s->currency, sizeof out->currency);
	return ERR_OK;
}

enum err_code offline_folder(char *out, size_t cap, const struct offline_settings *s,
	struct err *err)
{
	char state[STATE_PATH_MAX];
	enum err_code rc = state_folder(state, s->folder, err);
	int n;

	if (rc != ERR_OK)
		return rc;
	n = snprintf(out, cap, "%s/offline", state);
	return n > 0 && (size_t)n < cap ? ERR_OK
					: err_set(err, ERR_INVALID, "[offline] folder: too long");
}
