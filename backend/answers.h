/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes back to the client: outcomes of the rules as JSON (PROTOCOL.md section 9), refusals as
 * RFC 9457 problems. Knows no rules and no sockets.
 */
#ifndef BACKEND_ANSWERS_H
#define BACKEND_ANSWERS_H

#include "backend/http.h"
#include "backend/rules_enrol.h"

#define ANSWER_BODY_MAX 4096 /* bytes of an answer */
#define ANSWER_LONG_MAX 16384 /* of one that says it is long; what a terminal reads at most */
#define ANSWER_BUSY_RETRY_S 1

struct answer {
	struct http_answer http; /* http.body is filled by answer_http() */
	bool secret;             /* the body holds a key or a token: wiped by answer_wipe() */
	struct bytes body;
	uint8_t storage[ANSWER_BODY_MAX];
};

struct json_out; /* base/json.h */

void answer_init(struct answer *a);
/* The object of an answer is open. long: on the heap, up to ANSWER_LONG_MAX. */
void answer_begin(struct answer *a, struct json_out *w, int status);
void answer_begin_long(struct answer *a, struct json_out *w, int status);
/* The finished answer, its body borrowed from a. An answer that did not fit became `internal`. */
const struct http_answer *answer_http(struct answer *a);
void answer_wipe(struct answer *a);

struct answer_health { /* what is well */
	bool store;  /* a transaction was begun and a row read */
	bool clock;  /* not before the newest audit record */
	bool keys;   /* they could be read, rotated ones too */
	bool worker; /* the store thread goes round */
	bool deterministic; /* the test build says so, and a replay asks for that before it sends
	                     * anything */
	int64_t certificate_ends_at; /* the server's, when that is soon; 0 = not soon */
};
/* 200, or 503 when one of the four is false. */
void answer_health(struct answer *a, const struct answer_health *health);
void answer_start(struct answer *a, const struct rules_start_out *out);
void answer_verification(struct answer *a, const struct rules_verification *v);
void answer_wallet_verification(struct answer *a, const struct rules_wallet_verification *v);
void answer_activation(struct answer *a, const struct rules_activation_out *out);
void answer_activation_look(struct answer *a, const struct rules_activation_seen *seen);
void answer_authority(struct answer *a, struct span pem);
void answer_enrolment(struct answer *a, const struct rules_enrolment_out *out,
	const struct keyring *keys);

/* ---- refusals: problems.c ---- */

#define PROBLEM_TYPE "https://countersign.invalid/problems/"

/* Replaces whatever was in the answer. */
void answer_problem(struct answer *a, const struct rules_problem *problem);

void problem_set(struct rules_problem *p, int status, const char *word, const char *detail);
/* Every word there is, by number; NULL = no more. */
const char *problem_word(size_t i);
/* The title of a word; "Refused" for one that is not in the table. */
const char *problem_title(const char *word);

#endif
