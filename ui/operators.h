/* SPDX-License-Identifier: Apache-2.0
 *
 * Who stands at this counter: signing in and out, switching between those who signed in lately, and
 * the end of a session when nobody has touched a key for a while. Sessions are the backend's; their
 * tokens live in secret memory and nowhere else. Knows nothing of screens.
 *
 * Somebody who gives a quick code when signing in is set aside when another one signs in or time
 * runs out, and comes back with that code alone: it is known to this program only, as long as it
 * runs, three wrong ones end the session. Without one the session ends instead.
 */
#ifndef UI_OPERATORS_H
#define UI_OPERATORS_H

#include "verifier/client_ask.h"
#include "verifier/message_service.h"

#define OPERATORS_MAX 6         /* who is remembered; the one longest away gives way */
#define OPERATORS_QUICK_MIN 4   /* digits of a quick code */
#define OPERATORS_QUICK_MAX 8
#define OPERATORS_QUICK_TRIES 3 /* wrong ones in a row that end the session */
#define OPERATORS_END_MS 1500   /* at the end of the program the sessions are ended in this time */

/* [operators] */
struct operators_settings {
	bool required;        /* no card is taken until somebody has signed in */
	int64_t idle_minutes; /* without a key, then signed off; 0 = never */
	int64_t aside_minutes; /* set aside, then the session ends; 0 = with the program */
};
#define OPERATORS_IDLE_MINUTES 10
#define OPERATORS_ASIDE_MINUTES 240
#define OPERATORS_MINUTES_MAX 1440

struct operator_one {
	char name[FLOW_LABEL_MAX]; /* "" = no entry */
	enum message_role role;
	struct secret *token; /* NULL = nobody has signed in by this name, only remembered */
	struct secret *quick; /* digits, ended by NUL; NULL = none: cannot be set aside */
	int quick_wrong;
	int64_t expires_at; /* Unix seconds */
	int64_t seen_ms;    /* when it was the current one last */
};

/* What the last thing came to; words for it are the page's. */
enum operators_outcome {
	OPERATORS_FINE = 0,
	OPERATORS_ASKING,      /* the backend was asked */
	OPERATORS_WRONG,       /* name or passphrase, or the quick code */
	OPERATORS_WAIT,        /* too many wrong ones: until_unix_s */
	OPERATORS_NO_ANSWER,   /* words say why */
	OPERATORS_NO_LINE,     /* nobody answered; words say why, for whoever mends it */
	OPERATORS_NO_ROLE,     /* an administrator, or a role that is not known: not at a counter */
	OPERATORS_NOT_NOW,     /* a verification runs */
	OPERATORS_NO_QUICK,    /* the passphrase is needed */
	OPERATORS_QUICK_FORM,  /* not 4 to 8 digits, or all the same one */
	OPERATORS_IDLE,        /* signed off because nobody touched a key */
	OPERATORS_EXPIRED      /* the session was over */
};

struct operators {
	const struct operators_settings *settings;
	struct client *client;
	const struct clock *clock;
	/* Somebody else stands there now, or nobody ("" and NONE). */
	void (*changed)(void *ctx, const char *name, enum message_role role);
	void (*leaving)(void *ctx); /* before that: the session is still good; NULL = nobody asks */
	void *ctx;

	struct operator_one list[OPERATORS_MAX];
	int current; /* index; -1 = nobody */
	int64_t active_ms; /* when a key was touched last */
	bool busy;         /* a verification runs: nobody is signed off */
	enum operators_outcome outcome;
	int64_t until_unix_s;
	char words[CLIENT_FAULT_MAX];

	uint32_t ticket; /* of the sign-in that runs; 0 = none */
	char name[FLOW_LABEL_MAX];
	struct secret *quick; /* what was chosen with it; NULL = none */
};

/* Borrows all. */
void operators_init(struct operators *o, const struct operators_settings *settings,
	struct client *client, const struct clock *clock);
/* Wipes; sessions are left to run out. Also on a zeroed struct. */
void operators_done(struct operators *o);
/* Ends every session, at most OPERATORS_END_MS: before the client is freed. */
void operators_end(struct operators *o);

/* The name of who stands there; "" = nobody. */
const char *operators_name(const struct operators *o);
enum message_role operators_role(const struct operators *o);
/* Serves holders: a teller or a supervisor. */
bool operators_may_serve(const struct operators *o);
/* The session, for requests; empty = nobody. Borrowed until something changes. */
struct span operators_token(const struct operators *o);

/* Asks the backend. quick: of 4 to 8 digits, or empty. What comes of it is in outcome, at once or
 * after client_poll().
 */
void operators_sign_in(struct operators *o, const char *name, struct span passphrase,
	struct span quick);
void operators_sign_in_stop(struct operators *o); /* the answer is not waited for */
/* Back to one who was set aside. */
void operators_switch(struct operators *o, int index, struct span quick);
/* Ends the session; the name stays in the list. */
void operators_sign_off(struct operators *o);
/* Set aside, or signed off without a quick code. */
void operators_set_aside(struct operators *o);
/* The backend says that this session is over: told by whoever used the token. */
void operators_expired(struct operators *o);

void operators_touched(struct operators *o); /* a key */
/* busy: a verification runs. */
void operators_tick(struct operators *o, bool busy);
int64_t operators_next_ms(const struct operators *o); /* INT64_MAX = nothing waits */

#endif
