/* SPDX-License-Identifier: Apache-2.0
 *
 * The decision: every bound has to hold, in an order that tells the weightiest reason first.
 */
#include "verifier/offline.h"

#include <string.h>

static bool has(const uint8_t *ids, size_t count, const uint8_t id[static CODE_ID_LEN])
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(ids + i * CODE_ID_SHORT_LEN, id, CODE_ID_SHORT_LEN) == 0)
			return true;
	return false;
}

/* An old list still names cards that must not pass. */
static enum flow_reason card_look(const struct offline_list *list, const struct flow_code *code)
{
	if (code->judgement == FLOW_CODE_EXPIRED)
		return REASON_CREDENTIAL_EXPIRED;
	if (code->judgement != FLOW_CODE_FIRST)
		return REASON_BAD_SIGNATURE;
	if (list->known && has(list->withdrawn, list->void_count, code->credential_id))
		return REASON_VOID;
	if (list->known && has(list->frozen, list->frozen_count, code->credential_id))
		return REASON_FROZEN;
	return REASON_NONE;
}

/* A clock that was set back makes old lists young and ended cards good. And one that was not the
 * backend's when it signed the list dates sales so that none of them is taken afterwards.
 */
static bool clock_is_wrong(const struct offline_list *list, const struct offline_open *open,
	const struct offline_now *now)
{
	int64_t ahead = list->got_at - list->at;

	if (list->got_at != 0 && (ahead > OFFLINE_CLOCK_S || ahead < -OFFLINE_CLOCK_S))
		return true;
	return now->unix_s < list->at - OFFLINE_CLOCK_S ||
	       now->unix_s < list->got_at - OFFLINE_CLOCK_S ||
	       now->unix_s < open->newest_at - OFFLINE_CLOCK_S ||
	       now->unix_s < now->heard_at - OFFLINE_CLOCK_S;
}

static bool older_than(int64_t at, int64_t minutes, int64_t now)
{
	return at <= 0 || (now > at && now - at > minutes * 60);
}

static enum flow_reason time_look(const struct offline_policy *p, const struct offline_list *list,
	const struct offline_open *open, const struct offline_now *now)
{
	int64_t heard = now->heard_at > list->got_at ? now->heard_at : list->got_at;

	if (!list->known || !list->complete)
		return REASON_OFFLINE_LIST;
	if (clock_is_wrong(list, open, now))
		return REASON_OFFLINE_CLOCK;
	if (older_than(list->at, p->list_minutes_max, now->unix_s))
		return REASON_OFFLINE_LIST;
	return older_than(heard, p->minutes_max, now->unix_s) ? REASON_OFFLINE_TIME : REASON_NONE;
}

static enum flow_reason amount_look(const struct offline_policy *p, const struct offline_list *list,
	const struct client_sale *sale)
{
	if (p->currency[0] == '\0' || strcmp(sale->currency, p->currency) != 0)
		return REASON_OFFLINE_AMOUNT;
	if (sale->amount == 0 || sale->amount > p->amount_max || sale->amount > list->amount_max)
		return REASON_OFFLINE_AMOUNT;
	return REASON_NONE;
}

static enum flow_reason bounds_look(const struct offline_policy *p, const struct offline_open *open,
	const struct flow_code *code, const struct client_sale *sale)
{
	if (!code->live && !p->pictures)
		return REASON_OFFLINE_PICTURE;
	if (open->conflict || open->same_code || open->of_card >= p->card_max)
		return REASON_OFFLINE_CARD;
	if (open->count >= p->count_max || open->sum > p->sum_max ||
		sale->amount > p->sum_max - open->sum)
		return REASON_OFFLINE_LIMIT;
	return REASON_NONE;
}

enum flow_reason offline_decide(const struct offline_policy *p, const struct offline_list *list,
	const struct offline_open *open, const struct flow_code *code,
	const struct client_sale *sale, const struct offline_now *now)
{
	enum flow_reason why = card_look(list, code);

	if (why == REASON_NONE && !p->accept)
		why = REASON_NO_BACKEND;
	if (why == REASON_NONE)
		why = time_look(p, list, open, now);
	if (why == REASON_NONE)
		why = amount_look(p, list, sale);
	return why == REASON_NONE ? bounds_look(p, open, code, sale) : why;
}
