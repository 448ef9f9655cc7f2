/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators of this counter.
 */
#include "ui/operators.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define NOBODY	  (-1)

static int64_t now_ms(const struct operators *o)
{
	return clock_mono_ms(o->clock);
}

/* ---- life ---- */

void operators_init(struct operators *o, const struct operators_settings *settings,
	struct client *client, const struct clock *clock)
{
	memset(o, 0, sizeof *o);
	o->settings = settings;
	o->client = client;
	o->clock = clock;
	o->current = NOBODY;
}

static void one_forget(struct operator_one *one)
{
	secret_free(&one->token);
	secret_free(&one->quick);
	one->quick_wrong = 0;
	one->expires_at = 0;
}

void operators_done(struct operators *o)
{
	for (size_t i = 0; i < OPERATORS_MAX; i++)
		one_forget(&o->list[i]);
	secret_free(&o->quick);
	memset(o, 0, sizeof *o);
	o->current = NOBODY;
}

/* ---- who it is ---- */

static const struct operator_one *current(const struct operators *o)
{
	return o->current >= 0 && o->current < OPERATORS_MAX ? &o->list[o->current] : NULL;
}

const char *operators_name(const struct operators *o)
{
	const struct operator_one *one = current(o);

	return one != NULL ? one->name : "";
}

enum message_role operators_role(const struct operators *o)
{
	const struct operator_one *one = current(o);

	return one != NULL ? one->role : MESSAGE_ROLE_NONE;
}

bool operators_may_serve(const struct operators *o)
{
	enum message_role role = operators_role(o);

	return role == MESSAGE_ROLE_TELLER || role == MESSAGE_ROLE_SUPERVISOR;
}

struct span operators_token(const struct operators *o)
{
	const struct operator_one *one = current(o);

	return one != NULL && one->token != NULL ? span_text((const char *)one->token->data)
						 : SPAN(NULL, 0);
}

static void become(struct operators *o, int index)
{
	o->current = index;
	o->active_ms = now_ms(o);
	if (index != NOBODY)
		o->list[index].seen_ms = o->active_ms;
	if (o->changed != NULL)
		o->changed(o->ctx, operators_name(o), operators_role(o));
}

/* ---- the end of a session ---- */

/* The backend ends it; when it cannot be reached the session runs out by itself. */
static void token_end(struct operators *o, const char *token)
{
	const struct client_ask ask = {
		.method = "DELETE", .path = "/v1/sessions", .bearer = span_text(token)};

	ERR_IGNORE(client_ask(o->client, NULL, &ask, NULL));
}

static void session_end(struct operators *o, struct operator_one *one)
{
	if (one->token != NULL)
		token_end(o, (const char *)one->token->data);
	one_forget(one);
}

static void leaves(struct operators *o)
{
	if (o->leaving != NULL)
		o->leaving(o->ctx);
}

void operators_sign_off(struct operators *o)
{
	if (o->current == NOBODY)
		return;
	leaves(o);
	session_end(o, &o->list[o->current]);
	become(o, NOBODY);
}

void operators_set_aside(struct operators *o)
{
	struct operator_one *one = o->current != NOBODY ? &o->list[o->current] : NULL;

	if (one == NULL)
		return;
	leaves(o);
	if (one->quick == NULL)
		session_end(o, one);
	one->seen_ms = now_ms(o);
	become(o, NOBODY);
}

void operators_expired(struct operators *o)
{
	if (o->current == NOBODY)
		return;
	one_forget(&o->list[o->current]);
	become(o, NOBODY);
	o->outcome = OPERATORS_EXPIRED;
}

void operators_end(struct operators *o)
{
	bool any = false;
	int64_t until;

	if (o->client == NULL)
		return;
	operators_sign_in_stop(o);
	for (size_t i = 0; i < OPERATORS_MAX; i++) {
		any = any || o->list[i].token != NULL;
		session_end(o, &o->list[i]);
	}
	o->current = NOBODY;
	until = now_ms(o) + OPERATORS_END_MS;
	while (any && client_asks_running(o->client) > 0 && now_ms(o) < until)
		if (client_poll(o->client, NULL, 0, 50, NULL) != ERR_OK)
			break;
}

/* ---- signing in ---- */

static bool quick_is_right(struct span quick)
{
	bool same = true;

	if (quick.len < OPERATORS_QUICK_MIN || quick.len > OPERATORS_QUICK_MAX)
		return false;
	for (size_t i = 0; i < quick.len; i++) {
		if (quick.data[i] < '0' || quick.data[i] > '9')
			return false;
		same = same && quick.data[i] == quick.data[0];
	}
	return !same;
}

static enum err_code secret_copy(struct secret **out, struct span text)
{
	enum err_code rc = secret_new(out, text.len + 1);

	if (rc == ERR_OK)
		memcpy((*out)->data, text.data, text.len);
	return rc;
}

static int place_named(const struct operators *o, const char *name)
{
	for (int i = 0; i < OPERATORS_MAX; i++)
		if (strcmp(o->list[i].name, name) == 0)
			return i;
	return NOBODY;
}

/* The place of that name, a free one, or that of who was away longest: never the current one's,
 * unless the name is.
 */
static int place_of(const struct operators *o, const char *name)
{
	int place = place_named(o, name);

	if (place == NOBODY)
		place = place_named(o, "");
	for (int i = 0, found = place != NOBODY; i < OPERATORS_MAX && !found; i++)
		if (i != o->current &&
			(place == NOBODY || o->list[i].seen_ms < o->list[place].seen_ms))
			place = i;
	return place;
}

static void take_session(struct operators *o, const struct message_session *session)
{
	int index = place_of(o, session->name);
	struct operator_one *one = &o->list[index];
	struct secret *token = NULL;

	if (secret_copy(&token, span_text(session->token)) != ERR_OK) {
		o->outcome = OPERATORS_NO_ANSWER;
		text_copy(o->words, sizeof o->words, "no locked memory for a session");
		return;
	}
	if (o->current == index)
		operators_sign_off(o);
	else
		operators_set_aside(o);
	session_end(o, one); /* an older one of the same name, or of who gives way */
	text_copy(one->name, sizeof one->name, session->name);
	one->role = session->role;
	one->token = token;
	one->quick = o->quick;
	o->quick = NULL;
	one->expires_at = session->expires_at;
	o->outcome = OPERATORS_FINE;
	become(o, index);
}

/* Roles that stand at a counter. An administrator's session may do everything to everybody: it is
 * ended at once instead of lying about in a till.
 */
static bool role_is_of_a_counter(enum message_role role)
{
	return role == MESSAGE_ROLE_CASHIER || role == MESSAGE_ROLE_TELLER ||
	       role == MESSAGE_ROLE_SUPERVISOR;
}

static void take_answer(struct operators *o, const struct client_reply *reply)
{
	struct message_session session;
	struct err err = {0};

	if (message_session_parse(&session, reply->body, &err) != ERR_OK) {
		o->outcome = OPERATORS_NO_ANSWER;
		text_copy(o->words, sizeof o->words, err.text);
	} else if (!role_is_of_a_counter(session.role)) {
		token_end(o, session.token);
		o->outcome = OPERATORS_NO_ROLE;
	} else if (o->busy) { /* begun meanwhile: it keeps its operator */
		token_end(o, session.token);
		o->outcome = OPERATORS_NOT_NOW;
	} else {
		take_session(o, &session);
	}
	sec_wipe(&session, sizeof session);
}

static void answered(void *ctx, const struct client_reply *reply)
{
	struct operators *o = ctx;

	o->ticket = 0;
	o->words[0] = '\0';
	o->until_unix_s = reply->until_unix_s;
	if (reply->code != ERR_OK) {
		o->outcome = reply->status == 0 ? OPERATORS_NO_LINE : OPERATORS_NO_ANSWER;
		text_copy(o->words, sizeof o->words, reply->words);
	} else if (strcmp(reply->word, "wrong-passphrase") == 0) {
		o->outcome = OPERATORS_WRONG;
	} else if (strcmp(reply->word, "too-many-attempts") == 0) {
		o->outcome = OPERATORS_WAIT;
	} else if (reply->word[0] != '\0') {
		o->outcome = OPERATORS_NO_ANSWER;
		text_copy(o->words, sizeof o->words, reply->words);
	} else {
		take_answer(o, reply);
	}
	secret_free(&o->quick);
}

/* The body holds the passphrase: it is made in secret memory, and client_ask() has its own. */
static enum err_code ask_session(struct operators *o, const char *name, struct span passphrase)
{
	struct client_ask ask = {.method = "POST",
		.path = "/v1/sessions",
		.answered = answered,
		.ctx = o};
	struct secret *room = NULL;
	struct bytes body;
	enum err_code rc = secret_new(&room, CLIENT_ASK_SECRET_MAX);

	if (rc != ERR_OK)
		return rc;
	bytes_init_fixed(&body, room->data, room->len);
	rc = message_session_build(&body, name, passphrase);
	ask.body = bytes_span(&body);
	if (rc == ERR_OK)
		rc = client_ask(o->client, &o->ticket, &ask, NULL);
	secret_free(&room);
	return rc;
}

void operators_sign_in(struct operators *o, const char *name, struct span passphrase,
	struct span quick)
{
	enum err_code rc = ERR_OK;

	operators_sign_in_stop(o);
	operators_touched(o);
	o->words[0] = '\0';
	if (o->busy) {
		o->outcome = OPERATORS_NOT_NOW;
		return;
	}
	if (quick.len > 0 && !quick_is_right(quick)) {
		o->outcome = OPERATORS_QUICK_FORM;
		return;
	}
	if (quick.len > 0)
		rc = secret_copy(&o->quick, quick);
	if (rc == ERR_OK)
		rc = ask_session(o, name, passphrase);
	o->outcome = OPERATORS_ASKING;
	if (rc == ERR_OK)
		return;
	secret_free(&o->quick);
	o->outcome = rc == ERR_INVALID ? OPERATORS_WRONG : OPERATORS_NO_ANSWER;
	text_copy(o->words, sizeof o->words, err_words(rc));
}

void operators_sign_in_stop(struct operators *o)
{
	if (o->ticket == 0)
		return;
	client_ask_cancel(o->client, o->ticket);
	o->ticket = 0;
	secret_free(&o->quick);
	o->outcome = OPERATORS_FINE;
}

/* ---- switching ---- */

static bool same_quick(const struct secret *stored, struct span typed)
{
	uint8_t padded[OPERATORS_QUICK_MAX + 1] = {0};
	uint8_t kept[OPERATORS_QUICK_MAX + 1] = {0};
	bool same;

	if (typed.len == 0 || typed.len > OPERATORS_QUICK_MAX)
		return false;
	memcpy(padded, typed.data, typed.len);
	memcpy(kept, stored->data, stored->len <= sizeof kept ? stored->len : sizeof kept);
	same = sec_equal(padded, kept, sizeof kept);
	sec_wipe(padded, sizeof padded);
	sec_wipe(kept, sizeof kept);
	return same;
}

void operators_switch(struct operators *o, int index, struct span quick)
{
	struct operator_one *one = index >= 0 && index < OPERATORS_MAX ? &o->list[index] : NULL;

	operators_touched(o);
	o->outcome = OPERATORS_NO_QUICK;
	if (o->busy)
		o->outcome = OPERATORS_NOT_NOW;
	if (o->busy || one == NULL || one->token == NULL || one->quick == NULL)
		return;
	if (!same_quick(one->quick, quick)) {
		o->outcome = OPERATORS_WRONG;
		if (++one->quick_wrong < OPERATORS_QUICK_TRIES)
			return;
		if (o->current == index)
			operators_sign_off(o);
		else
			session_end(o, one);
		o->outcome = OPERATORS_NO_QUICK;
		return;
	}
	one->quick_wrong = 0;
	if (o->current != index)
		operators_set_aside(o);
	o->outcome = OPERATORS_FINE;
	become(o, index);
}

/* ---- time ---- */

void operators_touched(struct operators *o)
{
	o->active_ms = now_ms(o);
}

static int64_t idle_ms(const struct operators *o)
{
	return o->settings->idle_minutes * MINUTE_MS;
}

static void look_at_sessions(struct operators *o)
{
	int64_t now = now_ms(o);
	int64_t unix_s = clock_unix_s(o->clock);
	int64_t aside = o->settings->aside_minutes * MINUTE_MS;

	for (int i = 0; i < OPERATORS_MAX; i++) {
		struct operator_one *one = &o->list[i];

		if (one->token == NULL)
			continue;
		if (unix_s >= one->expires_at) {
			if (i == o->current)
				operators_expired(o);
			else
				one_forget(one);
		} else if (i != o->current && aside > 0 && now - one->seen_ms >= aside) {
			session_end(o, one);
		}
	}
}

void operators_tick(struct operators *o, bool busy)
{
	o->busy = busy;
	if (busy) {
		o->active_ms = now_ms(o); /* who waits for a customer's phone is not away */
		return;
	}
	look_at_sessions(o);
	if (o->current == NOBODY || idle_ms(o) == 0 || now_ms(o) - o->active_ms < idle_ms(o))
		return;
	operators_set_aside(o);
	o->outcome = OPERATORS_IDLE;
}

int64_t operators_next_ms(const struct operators *o)
{
	return o->current != NOBODY && idle_ms(o) > 0 && !o->busy ? o->active_ms + idle_ms(o)
								 : INT64_MAX;
}
