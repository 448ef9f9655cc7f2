/* SPDX-License-Identifier: Apache-2.0
 *
 * Verbs of the store for events: what terminals and wallets are told without asking. Numbers rise
 * in the order of the commits, across processes too.
 */
#ifndef BACKEND_STORE_EVENT_H
#define BACKEND_STORE_EVENT_H

#include "backend/store.h"
#include "base/bytes.h"
#include "verifier/code.h"

#define STORE_EVENT_KIND_MAX 16  /* bytes with NUL */
#define STORE_EVENT_DATA_MAX 640 /* bytes with NUL; a JSON object */

struct store_event {
	int64_t seq;
	bool for_terminal, for_wallet; /* one of them, or neither: for nobody */
	uint8_t terminal[CODE_ID_LEN];   /* all zero: every terminal */
	uint8_t credential[CODE_ID_LEN]; /* whose wallet */
	char kind[STORE_EVENT_KIND_MAX];
	char data[STORE_EVENT_DATA_MAX];
};

/* In: everything but seq, which is the next one. Of a wallet's, only what a listening one will see
 * is written.
 */
ERR_MUST_CHECK enum err_code store_event_insert(struct store *s, const struct store_event *in,
	int64_t now, struct err *err);
/* A gap in the numbers, told to nobody: none that was given out before is ever given again, nor
 * found, by a store that lost its end.
 */
ERR_MUST_CHECK enum err_code store_event_skip(struct store *s, int64_t numbers, int64_t now,
	struct err *err);
ERR_MUST_CHECK enum err_code store_event_last(struct store *s, int64_t *seq, struct err *err);
/* Was it given out, and is it still kept? */
ERR_MUST_CHECK enum err_code store_event_known(struct store *s, bool *known, int64_t seq,
	struct err *err);

/* The next ones after a number, at most `max`; *count says how many. Outside a transaction too. */
ERR_MUST_CHECK enum err_code store_event_after(struct store *s, struct store_event *out,
	size_t max, size_t *count, int64_t after, struct err *err);
/* Those of one terminal, the ones for all terminals included; those of one wallet. */
ERR_MUST_CHECK enum err_code store_event_of_terminal(struct store *s, struct store_event *out,
	size_t max, size_t *count, const uint8_t terminal[static CODE_ID_LEN], int64_t after,
	struct err *err);
ERR_MUST_CHECK enum err_code store_event_of_wallet(struct store *s, struct store_event *out,
	size_t max, size_t *count, const uint8_t credential[static CODE_ID_LEN], int64_t after,
	struct err *err);

/* The event that the credential's wallet was activated; *seq is 0 where it is not kept. */
ERR_MUST_CHECK enum err_code store_event_activated(struct store *s, int64_t *seq,
	const uint8_t credential[static CODE_ID_LEN], struct err *err);

/* Looks at the oldest `rows` and deletes those from before this time; the newest one stays. */
ERR_MUST_CHECK enum err_code store_event_prune(struct store *s, int64_t before, int rows,
	struct err *err);

/* Until when a wallet's events are written; 0 when they never were. */
ERR_MUST_CHECK enum err_code store_listener_get(struct store *s, int64_t *until,
	const uint8_t credential[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code store_listener_put(struct store *s,
	const uint8_t credential[static CODE_ID_LEN], int64_t until, struct err *err);

/* One verification of this credential that waits for an answer or a PIN; ERR_NOT_FOUND. */
ERR_MUST_CHECK enum err_code store_verification_waiting(struct store *s,
	uint8_t id[static CODE_ID_LEN], const uint8_t credential[static CODE_ID_LEN],
	struct err *err);
/* The same of all credentials of an account. */
ERR_MUST_CHECK enum err_code store_verification_waiting_account(struct store *s,
	uint8_t id[static CODE_ID_LEN], const uint8_t account[static CODE_ID_LEN],
	struct err *err);

#endif
