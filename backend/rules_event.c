/* SPDX-License-Identifier: Apache-2.0
 *
 * Events: written where something is decided, read by whom they are for.
 */
#include "backend/rules_event.h"

#include <string.h>

#include "backend/rules_message.h"
#include "backend/rules_shared.h"
#include "backend/store_event.h"
#include "base/json.h"

#define LISTENER_RENEW_S (EVENTS_KEPT_S / 2)

/* ---- writing ---- */

struct told { /* an event whose data is being written */
	struct store_event ev;
	struct bytes data;
	struct json_out w;
};

static void told_begin(struct told *t, const char *kind)
{
	memset(t, 0, sizeof(*t));
	text_copy(t->ev.kind, sizeof(t->ev.kind), kind);
	bytes_init_fixed(&t->data, (uint8_t *)t->ev.data, sizeof(t->ev.data) - 1);
	json_out_init(&t->w, &t->data);
	json_out_begin(&t->w, NULL);
}

static enum err_code told_end(const struct rules *r, struct told *t, struct err *err)
{
	json_out_end(&t->w);
	ASSERT(!t->data.full); /* every member has its limit */
	t->ev.data[t->data.len] = '\0';
	return store_event_insert(r->store, &t->ev, clock_unix_s(r->clock), err);
}

static void to_terminal(struct told *t, const uint8_t *id)
{
	t->ev.for_terminal = true;
	memcpy(t->ev.terminal, id, CODE_ID_LEN);
}

static void to_wallet(struct told *t, const uint8_t *id)
{
	t->ev.for_wallet = true;
	memcpy(t->ev.credential, id, CODE_ID_LEN);
}

static void verification_begin(struct told *t, const struct store_verification *v)
{
	told_begin(t, "verification");
	json_out_hex(&t->w, "id", SPAN(v->id, CODE_ID_LEN));
	json_out_text(&t->w, "state", rules_state_word((enum rules_state)v->state));
	if (v->reason[0])
		json_out_text(&t->w, "reason", v->reason);
}

static enum err_code tell_wallet(const struct rules *r, const struct store_verification *v,
	const char *merchant, struct err *err)
{
	char shown[CODE_MERCHANT_MAX + 1], reference[CODE_REFERENCE_MAX + 1];
	struct store_terminal terminal;
	struct told t;

	if (!rules_challenge_texts(shown, reference, v)) /* made offline: in this transaction */
		text_copy(reference, sizeof(reference), v->reference);
	if (!merchant) {
		enum err_code e = store_terminal_get(r->store, &terminal, v->terminal, err);

		if (e && e != ERR_NOT_FOUND)
			return e;
		merchant = e ? "" : terminal.merchant;
	}
	verification_begin(&t, v);
	to_wallet(&t, v->credential);
	if (v->amount) {
		json_out_int(&t.w, "amount", (int64_t)v->amount);
		json_out_text(&t.w, "currency", v->currency);
	}
	json_out_text(&t.w, "merchant", merchant);
	if (reference[0])
		json_out_text(&t.w, "reference", reference);
	if (v->receipt[0])
		json_out_text(&t.w, "receipt", v->receipt);
	json_out_int(&t.w, "at", clock_unix_s(r->clock));
	return told_end(r, &t, err);
}

enum err_code rules_event_verification(const struct rules *r, const struct store_verification *v,
	unsigned whom, const char *merchant, struct err *err)
{
	enum err_code e = ERR_OK;
	struct told t;

	if (whom & TELL_TERMINAL) {
		verification_begin(&t, v);
		to_terminal(&t, v->terminal);
		e = told_end(r, &t, err);
	}
	if (!e && whom & TELL_WALLET)
		e = tell_wallet(r, v, merchant, err);
	return e;
}

enum err_code rules_event_credential(const struct rules *r,
	const uint8_t credential[static CODE_ID_LEN], const char *state, int64_t until,
	struct err *err)
{
	struct told t;

	told_begin(&t, "credential");
	to_wallet(&t, credential);
	json_out_text(&t.w, "state", state);
	if (until && until != STORE_FOR_EVER)
		json_out_int(&t.w, "until", until);
	return told_end(r, &t, err);
}

enum err_code rules_event_terminal(const struct rules *r,
	const uint8_t terminal[static CODE_ID_LEN], const char *state, struct err *err)
{
	struct told t;

	told_begin(&t, "terminal");
	to_terminal(&t, terminal);
	json_out_text(&t.w, "state", state);
	return told_end(r, &t, err);
}

enum err_code rules_event_issuer(const struct rules *r, int64_t version, struct err *err)
{
	static const uint8_t all[CODE_ID_LEN];
	struct told t;

	told_begin(&t, "issuer");
	to_terminal(&t, all);
	json_out_int(&t.w, "version", version);
	return told_end(r, &t, err);
}

/* Before it asks for anything: its phone may have no network until long after the first payment. */
enum err_code rules_event_activated(const struct rules *r,
	const uint8_t credential[static CODE_ID_LEN], struct err *err)
{
	enum err_code e = store_listener_put(
		r->store, credential, clock_unix_s(r->clock) + EVENTS_KEPT_S, err);

	return e ? e : rules_event_credential(r, credential, "activated", 0, err);
}

typedef enum err_code waiting_find(struct store *s, uint8_t *id, const uint8_t *of,
	struct err *err);

static enum err_code end_waiting(const struct rules *r, waiting_find *find, const uint8_t *of,
	const char *reason, struct err *err)
{
	struct store_verification v = {.deadline = 0};
	uint8_t id[CODE_ID_LEN];
	enum err_code e;

	while (!(e = find(r->store, id, of, err))) {
		/* In a rehearsal nothing is written and what waits goes on waiting. */
		if (memcmp(v.id, id, sizeof(id)) == 0)
			return err_set(err, ERR_INTERNAL, "a verification could not be ended");
		e = store_verification_get(r->store, &v, id, err);
		if (!e)
			e = rules_verification_end(
				r, &v, STATE_REJECTED, reason, "rejected", err);
		if (e)
			return e;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code rules_account_stop(const struct rules *r, const uint8_t account[static CODE_ID_LEN],
	const char *reason, struct err *err)
{
	return end_waiting(r, store_verification_waiting_account, account, reason, err);
}

enum err_code rules_credential_stop(const struct rules *r,
	const uint8_t credential[static CODE_ID_LEN], const char *reason, int64_t until,
	struct err *err)
{
	enum err_code e = end_waiting(r, store_verification_waiting, credential, reason, err);

	if (e)
		return e;
	if (strcmp(reason, "superseded") != 0) { /* then the message is the new link */
		e = rules_message(r, reason, credential, NULL, until, err);
		if (e)
			return e;
	}
	/* last: after `void` and `superseded` the wallet hears nothing more */
	return rules_event_credential(
		r, credential, reason, strcmp(reason, "frozen") == 0 ? until : 0, err);
}

enum err_code rules_event_sweep(const struct rules *r, struct err *err)
{
	return store_event_prune(r->store, clock_unix_s(r->clock) - EVENTS_KEPT_S,
		EVENTS_PRUNE_ROWS, err);
}

/* ---- reading ---- */

/* Written again only now and then: a wallet that polls must not cost a write each time. */
static enum err_code listen(const struct rules *r, const struct rules_caller *caller,
	struct err *err)
{
	int64_t now = clock_unix_s(r->clock), until = 0;
	enum err_code e;

	if (caller->role != ROLE_WALLET)
		return ERR_OK;
	e = store_listener_get(r->store, &until, caller->id, err);
	if (e || until > now + LISTENER_RENEW_S)
		return e;
	return store_listener_put(r->store, caller->id, now + EVENTS_KEPT_S, err);
}

enum err_code rules_events_read(const struct rules *r, struct rules_events_out *out,
	struct store_event *list, const struct rules_caller *caller, int64_t after,
	struct err *err)
{
	bool known = false;
	enum err_code e = listen(r, caller, err);

	memset(out, 0, sizeof(*out));
	if (!e)
		e = store_event_last(r->store, &out->last, err);
	if (e || after < 0)
		return e;
	if (after == 0 && caller->role == ROLE_WALLET)
		e = store_event_activated(r->store, &after, caller->id, err);
	if (!e)
		e = store_event_known(r->store, &known, after, err);
	out->reset = !known;
	if (e || !known)
		return e;
	if (caller->role == ROLE_WALLET)
		return store_event_of_wallet(r->store, list, RULES_EVENTS_PAGE, &out->count,
			caller->id, after, err);
	return store_event_of_terminal(
		r->store, list, RULES_EVENTS_PAGE, &out->count, caller->id, after, err);
}

bool rules_event_is_last(const struct store_event *ev)
{
	static const char *const ENDS[] = {"\"enrolled\"", "\"revoked\"", "\"void\"",
		"\"superseded\"", "\"activated\""};

	if (strcmp(ev->kind, "terminal") != 0 && strcmp(ev->kind, "credential") != 0)
		return false;
	for (size_t i = 0; i < sizeof(ENDS) / sizeof(ENDS[0]); i++)
		if (strstr(ev->data, ENDS[i]))
			return true;
	return false;
}
