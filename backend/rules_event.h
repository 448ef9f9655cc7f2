/* SPDX-License-Identifier: Apache-2.0
 *
 * What terminals and wallets are told without asking. An event is written in the transaction of
 * what it tells, so that neither is ever there without the other; who listens is somebody else's
 * business (backend/hub.h). None of these decides anything, and no event is a decision: whoever
 * gets one asks for what is recorded.
 *
 *   kind          to                        data
 *   verification  terminal, when it was     id state reason?
 *                 ended by something else
 *                 wallet                    id state reason? amount? currency? merchant
 *                                           reference? receipt? at
 *   issuer        every terminal            version
 *   terminal      terminal                  state: stopped started enrolled revoked
 *   credential    wallet                    state: frozen (until) active void superseded
 *                                           activated
 *
 * After enrolled, revoked, void, superseded and activated the caller's token is worth nothing any
 * more, and its stream ends.
 */
#ifndef BACKEND_RULES_EVENT_H
#define BACKEND_RULES_EVENT_H

#include "backend/rules.h"

#define EVENTS_KEPT_S 86400   /* events, and the wish of a wallet to be told of them */
#define EVENTS_PRUNE_ROWS 4096 /* looked at in one sweep */
#define EVENTS_LOST_MAX 1000000000 /* numbers that a restore leaves out */

struct store_verification; /* backend/store_rows.h */

enum rules_whom {
	TELL_WALLET = 1 << 0,
	TELL_TERMINAL = 1 << 1
};
/* What is recorded of v now. merchant: NULL = look it up. */
ERR_MUST_CHECK enum err_code rules_event_verification(const struct rules *r,
	const struct store_verification *v, unsigned whom, const char *merchant, struct err *err);
ERR_MUST_CHECK enum err_code rules_event_credential(const struct rules *r,
	const uint8_t credential[static CODE_ID_LEN], const char *state, int64_t until,
	struct err *err);
/* To the wallet before, that it is none any more; the new one's are written from here on. */
ERR_MUST_CHECK enum err_code rules_event_activated(const struct rules *r,
	const uint8_t credential[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code rules_event_terminal(const struct rules *r,
	const uint8_t terminal[static CODE_ID_LEN], const char *state, struct err *err);
/* Public keys, policy or the list of credentials changed. */
ERR_MUST_CHECK enum err_code rules_event_issuer(const struct rules *r, int64_t version,
	struct err *err);

/* It was frozen, made void or superseded (the reason): the wallet is told, and every verification
 * that still waits for something is rejected with this reason, and terminal and wallet are told.
 */
ERR_MUST_CHECK enum err_code rules_credential_stop(const struct rules *r,
	const uint8_t credential[static CODE_ID_LEN], const char *reason, int64_t until,
	struct err *err);
/* Too many wrong answers of an account: every verification of its credentials that still waits for
 * something is rejected with this reason, and terminals and wallets are told.
 */
ERR_MUST_CHECK enum err_code rules_account_stop(const struct rules *r,
	const uint8_t account[static CODE_ID_LEN], const char *reason, struct err *err);

/* Old events go, a few in each sweep. */
ERR_MUST_CHECK enum err_code rules_event_sweep(const struct rules *r, struct err *err);

/* ---- for whoever listens ---- */

#define RULES_EVENTS_PAGE 8 /* events read at a time */

struct store_event; /* backend/store_event.h */
struct rules_events_out {
	bool reset;       /* `after` is not kept any more: ask for the state */
	int64_t last;     /* number of the newest event of all */
	size_t count;     /* of list */
};
/* The caller's events after a number (negative: none, only *last is told; 0 of a wallet: all since
 * it was activated), at most RULES_EVENTS_PAGE of them. A wallet's are written from now on.
 */
ERR_MUST_CHECK enum err_code rules_events_read(const struct rules *r, struct rules_events_out *out,
	struct store_event *list, const struct rules_caller *caller, int64_t after,
	struct err *err);
/* After this one nothing follows: the caller's token is worth nothing any more. */
bool rules_event_is_last(const struct store_event *ev);

#endif
