/* SPDX-License-Identifier: Apache-2.0
 *
 * The shop's own server is told of each verdict: signed, in order, again and again until it has
 * taken it. What waits is in files, one for each, so that it outlives the program. Never waited
 * for; decides nothing. docs/till.md says what is sent.
 */
#ifndef UI_WEBHOOK_H
#define UI_WEBHOOK_H

#include "ui/settings.h"
#include "ui/state.h"
#include "verifier/client_post.h"

/* Limits, also in docs/limits.md. */
#define WEBHOOK_QUEUE_MAX 1000      /* verdicts that wait; of more the oldest are given up */
#define WEBHOOK_REFUSED_MAX 1000    /* that the server refused for good; of more the oldest go */
#define WEBHOOK_BODY_MAX 2048       /* bytes of one */
#define WEBHOOK_KEY_MIN 16          /* bytes of the key that signs */
#define WEBHOOK_KEY_MAX 256
#define WEBHOOK_AGAIN_MS 1000       /* first pause before it is sent again; doubles up to */
#define WEBHOOK_AGAIN_MAX_MS 300000

struct webhook_verdict {
	const char *terminal;
	const char *id; /* the till's; "" = no till started it */
	const struct client_sale *sale;
	const char *verdict; /* words of docs/events.md */
	const char *reason;
	const char *verification;
	const char *receipt;
	int64_t unix_ms;
};

struct webhook {
	struct client_post *post; /* NULL = none is configured */
	struct secret *key;
	size_t key_len;
	char folder[STATE_PATH_MAX + 16];
	char name[32];     /* of the file that is sent now; "" = none */
	bool sending;
	uint32_t waiting;  /* files */
	uint64_t last;     /* number of the newest */
	uint32_t given_up; /* in this run */
	int64_t next_ms;   /* when; INT64_MAX = nothing waits */
	int64_t pause_ms;
	char fault[CLIENT_FAULT_MAX]; /* why the last try failed; "" = it did not */
	const struct clock *clock;
	char signature[128];
	size_t body_len;
	char body[WEBHOOK_BODY_MAX];
};

/* Nothing configured: ERR_OK, and nothing is ever sent. ERR_INVALID, ERR_PERMISSION ...: address or
 * key; words name the setting.
 */
ERR_MUST_CHECK enum err_code webhook_open(struct webhook *w, const struct settings_till *s,
	const char *folder, struct client *c, const struct clock *clock, struct err *err);
/* Without sending: address, key and authority are what webhook_open() takes. */
ERR_MUST_CHECK enum err_code webhook_check(const struct settings_till *s, struct err *err);
void webhook_close(struct webhook *w); /* before the client; also on a zeroed struct */

void webhook_add(struct webhook *w, const struct webhook_verdict *v);
void webhook_turn(struct webhook *w);
int64_t webhook_next_ms(const struct webhook *w); /* INT64_MAX = nothing is due */
/* One is on its way, or about to be: the program may wait a moment with its end. */
bool webhook_is_busy(const struct webhook *w);

#endif
