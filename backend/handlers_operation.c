/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers for whoever watches the server: is it well, and its figures.
 */
#include "backend/handlers.h"
#include "backend/keyring.h"
#include "backend/store_rows.h"
#include "backend/tally.h"
#include "base/json.h"

/* It runs on the store thread inside a transaction; the newest audit record is read besides, and
 * its time shows a wall clock that was set back: then numbers live too long and steps of live codes
 * are wrong. Every store has a record from its `init` on.
 */
enum err_code handle_health(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct answer_health health = {
		.worker = true, .deterministic = call->deterministic,
		.certificate_ends_at = call->certificate_ends_at,
		.store = !(r->tally && r->tally->store_failed)};
	struct store_audit last;
	enum err_code e = store_audit_last(r->store, &last, err);

	(void)next;
	if (e)
		return e;
	health.keys = keyring_issuer_count(r->keys) > 0 && !(r->tally && r->tally->keys_failed);
	health.clock = clock_unix_s(r->clock) >= last.at - HEALTH_CLOCK_BACK_S;
	answer_health(&call->answer, &health);
	return ERR_OK;
}

/* That the caller may see them is all there is to decide: they are put in on the I/O thread. */
enum err_code handle_metrics(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct json_out w;

	(void)r;
	(void)next;
	(void)err;
	answer_begin(&call->answer, &w, 200);
	json_out_end(&w);
	return ERR_OK;
}
