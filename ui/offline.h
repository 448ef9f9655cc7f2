/* SPDX-License-Identifier: Apache-2.0
 *
 * The offline policy at the counter: joins the decision (verifier/offline.h), the sealed journal
 * (ui/offline_journal.h) and the backend. Keeps the issuer's list fresh while the backend is there,
 * writes down what the policy lets pass while it is not, and hands it in when it is there again.
 */
#ifndef UI_OFFLINE_H
#define UI_OFFLINE_H

#include "ui/offline_journal.h"

/* Times, also in docs/limits.md. */
#define OFFLINE_LIST_AGAIN_MS 300000 /* the list is fetched so often */
#define OFFLINE_SEND_AGAIN_MS 5000   /* first pause after a sale could not be handed in; doubles */
#define OFFLINE_SEND_AGAIN_MAX_MS 60000
#define OFFLINE_FOLDER_MAX 1024

/* [offline] of terminal.conf. */
struct offline_settings {
	char policy[16]; /* "" "refuse" "accept" */
	char currency[8];
	int64_t amount_max, sum_max, count_max, card_max, minutes_max, list_minutes_max;
	bool pictures;
	char folder[OFFLINE_FOLDER_MAX];
};
void offline_settings_default(struct offline_settings *s);
/* ERR_FORMAT names the key: with `accept`, currency, amount_max and sum_max must be said. */
ERR_MUST_CHECK enum err_code offline_settings_decode(struct offline_policy *out,
	const struct offline_settings *s, const char *path, struct err *err);
/* The journal's folder. */
ERR_MUST_CHECK enum err_code offline_folder(char *out, size_t cap,
	const struct offline_settings *s, struct err *err);

struct counter;
struct offline; /* heap */

/* Of a counter whose client and clock are there; borrowed. *out is NULL when the policy is to
 * refuse and there is no journal of before either.
 */
ERR_MUST_CHECK enum err_code offline_new(struct offline **out, const struct offline_settings *s,
	const char *path, struct counter *counter, struct err *err);
void offline_free(struct offline **o); /* NULL-safe; before its client */

/* Each may be called with NULL. */
bool offline_is_on(const struct offline *o);
/* The sale of counter->flow: true when it is in the journal, on the disk. Else *why. */
bool offline_write(struct offline *o, enum flow_reason *why);
/* The backend was heard, or was lost. */
void offline_heard(struct offline *o, bool heard);
/* It takes nothing from this terminal: nothing is let pass either, before it gives a new list. */
void offline_barred(struct offline *o);
void offline_tick(struct offline *o); /* begins what is due */
int64_t offline_next_ms(const struct offline *o); /* of the counter's clock; INT64_MAX = nothing */

struct offline_view { /* for the screen */
	bool on;              /* small amounts are written down while the server is out of reach */
	bool ready;           /* and would be now */
	uint64_t amount_max;  /* what is good for one sale */
	char currency[4];
	int open, conflicts;
	const char *damage;   /* "" = none */
};
void offline_look(const struct offline *o, struct offline_view *out);

#endif
