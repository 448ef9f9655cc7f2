/* SPDX-License-Identifier: Apache-2.0
 *
 * What a terminal may do while its backend is out of reach: nothing, unless it is told otherwise,
 * and then only what bounds say. Pure: no clock, no files, no network. What it lets pass is not
 * accepted by anybody; see VERDICT_UNCONFIRMED in verifier/flow.h.
 *
 * What the terminal can look at: form, issuer key and signature of the first code, its end, the
 * list of frozen and void credentials that the issuer signed, and how much was written down
 * already. What it cannot: whether the live tag is right (that needs the credential's secret), and
 * anything that the customer's phone or a PIN would prove. So a copy of a card passes; the bounds
 * are what a copy can cost. docs/threats.md says the same in figures.
 */
#ifndef VERIFIER_OFFLINE_H
#define VERIFIER_OFFLINE_H

#include "verifier/client.h"

/* Limits and defaults, also in docs/limits.md. */
#define OFFLINE_LIST_MAX 640       /* credentials of a list, as many as the backend tells */
#define OFFLINE_CLOCK_S 120        /* our clock and the backend's may differ by this */
#define OFFLINE_COUNT_DEFAULT 20   /* sales until the line is back */
#define OFFLINE_COUNT_MAX 200
#define OFFLINE_CARD_DEFAULT 1     /* of them with one card */
#define OFFLINE_MINUTES_DEFAULT 240 /* since the backend was last heard */
#define OFFLINE_MINUTES_MAX 10080
#define OFFLINE_LIST_MINUTES_DEFAULT 720 /* age of the signed list */

struct offline_policy {
	bool accept;          /* false: refuse, the default */
	bool pictures;        /* codes without a live tag, too: saved and printed ones */
	char currency[4];     /* of the bounds; sales in another one are not let pass */
	uint64_t amount_max;  /* of one sale, minor units */
	uint64_t sum_max;     /* of those that no answer came for yet */
	int64_t count_max;
	int64_t card_max;     /* with one card */
	int64_t minutes_max;  /* since the backend was last heard */
	int64_t list_minutes_max;
};

/* Of GET /v1/issuer, with the signature looked at. */
struct offline_list {
	bool known;
	bool complete;          /* false: more are barred than are told */
	int64_t version, at;    /* the backend's clock */
	int64_t got_at;         /* ours: the backend was heard then */
	uint64_t amount_max;    /* what the issuer allows of one sale; 0 = no offline sales */
	size_t frozen_count, void_count;
	uint8_t frozen[OFFLINE_LIST_MAX * CODE_ID_SHORT_LEN];
	uint8_t withdrawn[OFFLINE_LIST_MAX * CODE_ID_SHORT_LEN];
};
/* The list out of the whole answer; got_at is now_unix_s.
 *
 * ERR_FORGED: none of the answer's own keys signed it. On an error out is zero: not known.
 */
ERR_MUST_CHECK enum err_code offline_list_parse(struct offline_list *out, struct span body,
	int64_t now_unix_s, struct err *err);
/* The bytes that are signed, as backend/rules_issuer.h says. For tests, too. */
#define OFFLINE_LIST_BYTES_MAX (64 + OFFLINE_LIST_MAX * CODE_ID_SHORT_LEN)
void offline_list_bytes(struct bytes *out, const struct offline_list *list);

/* What was written down and not answered for yet. */
struct offline_open {
	uint64_t sum;
	int64_t count;
	int64_t of_card;   /* with this card */
	bool same_code;    /* this very code, live tag and all, was written down before */
	bool conflict;     /* this card has had a conflict that nobody has looked at */
	int64_t newest_at; /* our clock at the newest entry of all; 0 = there is none */
};

struct offline_now {
	int64_t unix_s;
	int64_t heard_at; /* when the backend was last heard, by our clock; 0 = never */
};

/* May this sale be written down? REASON_NONE: it may. Else why not; REASON_FROZEN and REASON_VOID
 * are the issuer's word, the others are bounds.
 */
enum flow_reason offline_decide(const struct offline_policy *p, const struct offline_list *list,
	const struct offline_open *open, const struct flow_code *code,
	const struct client_sale *sale, const struct offline_now *now);

/* ---- what is sent when the line is back ---- */

#define OFFLINE_ID_LEN 16
struct offline_entry { /* one sale that was written down */
	uint8_t id[OFFLINE_ID_LEN]; /* random: the backend takes it once */
	int64_t at;                 /* our clock, Unix seconds */
	char code[CODE_TEXT_MAX];
	uint8_t credential_id[CODE_ID_LEN];
	struct client_sale sale;
};
/* POST /v1/offline. */
ERR_MUST_CHECK enum err_code message_offline_build(struct bytes *out,
	const struct offline_entry *entry);

struct offline_answer {
	bool accepted;
	char reason[FLOW_WORD_MAX]; /* of a conflict */
	char receipt[FLOW_RECEIPT_MAX];
};
/* ERR_OK: exactly an answer to this entry; else out is zero. */
ERR_MUST_CHECK enum err_code message_offline_parse(struct offline_answer *out, struct span body,
	const struct offline_entry *entry, struct err *err);

#endif
