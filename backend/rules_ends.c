/* SPDX-License-Identifier: Apache-2.0
 *
 * What ends soon and only the store knows: certificates of terminals that did not come to renew
 * them, and keys of the issuer, with which their last credentials end.
 */
#include "backend/ends.h"
#include "backend/keyring.h"
#include "backend/rules_shared.h"
#include "backend/store_enrol.h"
#include "base/log.h"

static int64_t first_issuer_end(const struct keyring *k)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < keyring_issuer_count(k); i++)
		if (keyring_issuer_at(k, i)->not_after < first)
			first = keyring_issuer_at(k, i)->not_after;
	return first == INT64_MAX ? 0 : first;
}

static void tell(struct ends *x, int64_t terminals, int64_t issuer, int64_t now)
{
	if (!ends_is_due(x->told_at, now, ENDS_TELL_S))
		return;
	x->told_at = now;
	if (terminals > 0)
		log_line(LOG_WARNING, "certificates",
			"certificates of %lld terminals end soon or have ended: they were not "
			"connected for long; `terminal list` names them", (long long)terminals);
	ends_warn("a key of the issuer", issuer, now,
		"with it the last credentials that it signed; renew those that are used");
}

enum err_code rules_ends_look(const struct rules *r, struct err *err)
{
	struct ends *x = r->ends;
	int64_t now = clock_unix_s(r->clock), terminals = 0, issuer;
	enum err_code e;

	if (!x || !ends_is_due(x->looked_at, now, ENDS_LOOK_S))
		return ERR_OK;
	e = store_terminal_key_ending(r->store, &terminals, now - ENDS_SOON_S,
		now + ends_terminal_soon_s(r->policy->certificate_days), err);
	if (e)
		return e;
	issuer = first_issuer_end(r->keys);
	x->looked_at = now;
	x->terminals = terminals;
	x->issuer = issuer;
	tell(x, terminals, issuer, now);
	return ERR_OK;
}
