/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking at a sale afterwards. The first check that fails names the conflict; none of them is a
 * refusal of the request: the sale was made, and is recorded either way.
 */
#include "backend/rules_offline.h"

#include <stdio.h>
#include <string.h>

#include "backend/rules_shared.h"

#define LIFE_S 60 /* between insert and decision, which are one transaction */

struct offline {
	const struct rules *r;
	const struct rules_offline_in *in;
	struct rules_problem *problem;
	int64_t now;
	struct code code;
	bool known; /* the signature is ours: the credential may be named */
	struct store_terminal terminal;
	struct store_credential credential;
	struct store_key key;
	struct store_account account;
	struct store_verification v;
	char why[RULES_WORD_MAX]; /* the conflict; "" = none */
};

static void conflict(struct offline *o, const char *word)
{
	text_copy(o->why, sizeof(o->why), word);
}

/* ---- checks ---- */

static enum err_code check_sale(struct offline *o, struct err *err)
{
	const struct policy *p = o->r->policy;

	(void)err; /* same form as the other checks */
	if (o->in->at > o->now + OFFLINE_AHEAD_S)
		conflict(o, "clock");
	else if (o->now - o->in->at > p->offline_age_s)
		conflict(o, "too-late");
	else if (!o->in->amount || o->in->amount > (uint64_t)p->offline_max)
		conflict(o, "not-allowed");
	return ERR_OK;
}

static enum err_code check_signature(struct offline *o, struct err *err)
{
	const struct code_credential *c = &o->code.credential;
	const struct keyring_issuer *issuer;
	enum err_code e;

	code_parse(&o->code, span_text(o->in->code));
	if (o->code.kind != CODE_CREDENTIAL) {
		conflict(o, "foreign-code");
		return ERR_OK;
	}
	issuer = keyring_issuer_find(o->r->keys, c->issuer_key_id);
	e = ERR_FORGED;
	if (issuer && keyring_issuer_is_good(issuer, o->in->at))
		e = code_credential_verify(c, SPAN(issuer->public_key, SEC_ED25519_PUBLIC_LEN));
	if (e && e != ERR_FORGED)
		return err_set(err, e, "the signature could not be checked");
	if (e)
		conflict(o, "bad-signature");
	o->known = !e;
	return ERR_OK;
}

static enum err_code check_credential(struct offline *o, struct err *err)
{
	const struct code_credential *c = &o->code.credential;
	enum err_code e = store_credential_get(o->r->store, &o->credential, c->credential_id, err);

	if (!e)
		e = store_key_get(o->r->store, &o->key, c->credential_id, c->generation, err);
	if (e == ERR_NOT_FOUND) {
		o->known = false;
		conflict(o, "unknown-credential");
		return ERR_OK;
	}
	if (e)
		return e;
	memcpy(o->v.credential, c->credential_id, CODE_ID_LEN);
	memcpy(o->v.account, o->credential.account, CODE_ID_LEN);
	o->v.generation = c->generation;
	if (!span_equal(SPAN(c->static_body, CODE_STATIC_BODY_LEN),
		    SPAN(o->key.static_body, CODE_STATIC_BODY_LEN)))
		conflict(o, "bad-signature");
	return ERR_OK;
}

/* As it was then, as far as it is known: void and superseded are for good, a freeze that ended
 * later than the sale counts.
 */
static enum err_code check_status(struct offline *o, struct err *err)
{
	enum err_code e;

	conflict(o, rules_credential_bar(&o->credential, &o->key, o->in->at));
	if (!o->why[0] && o->credential.live && !o->code.credential.live)
		conflict(o, "live-code-required");
	if (o->why[0])
		return ERR_OK;
	e = store_account_get(o->r->store, &o->account, o->credential.account, err);
	if (e)
		return e;
	rules_account_check(o->r, o->problem, &o->account);
	if (rules_refused(o->problem))
		conflict(o, o->problem->word);
	else if (o->account.pin_locked)
		conflict(o, "not-allowed");
	rules_problem_clear(o->problem);
	return ERR_OK;
}

/* Of the terminal's time then. Also an honest terminal sent it before, when its start was lost. */
static enum err_code check_tag_use(struct offline *o, struct err *err)
{
	struct store_tag tag = {.slot_len = o->v.slot_len, .at = o->now};
	enum err_code e;

	memcpy(tag.credential, o->v.credential, CODE_ID_LEN);
	memcpy(tag.slot, o->v.slot, o->v.slot_len);
	e = store_tag_get(o->r->store, &tag, err);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e == ERR_NOT_FOUND) {
		memcpy(tag.terminal, o->v.terminal, CODE_ID_LEN);
		tag.at = o->now;
	} else if (!span_equal(SPAN(tag.terminal, CODE_ID_LEN),
			   SPAN(o->v.terminal, CODE_ID_LEN)) ||
		   tag.starts >= OFFLINE_TAG_USES) {
		conflict(o, "stale-code");
		return ERR_OK;
	}
	tag.starts++;
	return store_tag_put(o->r->store, &tag, err);
}

static enum err_code check_live(struct offline *o, struct err *err)
{
	uint8_t secret[SEC_KEY_LEN];
	struct code_keys keys;
	uint64_t step = 0;
	enum err_code e;

	if (!o->code.credential.live) {
		rules_slot_static(&o->v, o->in->at);
		return ERR_OK;
	}
	e = keyring_credential_unseal(o->r->keys, secret, o->v.credential, o->v.generation,
		SPAN(o->key.sealed, o->key.sealed_len), err);
	if (!e)
		e = code_keys_start_derive(&keys, SPAN(secret, sizeof(secret)));
	sec_wipe(secret, sizeof(secret));
	if (e)
		return err_set(err, e, "keys could not be derived");
	e = code_live_find(&step, &o->code.credential, SPAN(keys.live, SEC_KEY_LEN),
		code_step(o->in->at) - CODE_STEP_WINDOW, CODE_LIVE_STEPS_MAX);
	sec_wipe(&keys, sizeof(keys));
	if (e) {
		conflict(o, "stale-code");
		return ERR_OK;
	}
	rules_slot_live(&o->v, step);
	return check_tag_use(o, err);
}

/* It counts at the weakest level, on its own day. */
static enum err_code check_amount(struct offline *o, struct err *err)
{
	const char *bar = "";
	enum err_code e;

	o->v.level = POLICY_LEVEL_D;
	e = rules_amount_fits(o->r, &bar, &o->v, err);
	if (!e && bar[0])
		conflict(o, "not-allowed");
	return e;
}

typedef enum err_code offline_check(struct offline *o, struct err *err);

static offline_check *const checks[] = {
	check_signature,
	check_credential,
	check_sale,
	check_status,
	check_live,
	check_amount,
};

/* ---- recording ---- */

static enum err_code request_digest(struct offline *o, struct err *err)
{
	uint8_t at[16];
	const struct rules_offline_in *in = o->in;
	/* each with its NUL: no two requests run together to the same bytes */
	const struct span parts[] = {SPAN(in->id, sizeof(in->id)),
		SPAN(in->code, strlen(in->code) + 1), SPAN(at, sizeof(at)),
		SPAN(in->currency, strlen(in->currency) + 1),
		SPAN(in->reference, strlen(in->reference) + 1),
		SPAN(in->operator_name, strlen(in->operator_name) + 1)};

	be64_put(at, (uint64_t)in->at);
	be64_put(at + 8, in->amount);
	if (sec_sha256(o->v.request, parts, sizeof(parts) / sizeof(parts[0])))
		return err_set(err, ERR_CRYPTO, "the request could not be hashed");
	return ERR_OK;
}

static void fill(struct rules_offline_out *out, const struct store_verification *v)
{
	size_t skip = strlen(OFFLINE_WORD);

	memcpy(out->id, v->id, CODE_ID_LEN);
	out->accepted = v->state == STATE_ACCEPTED;
	if (!out->accepted && v->reason[skip] == '-')
		text_copy(out->reason, sizeof(out->reason), v->reason + skip + 1);
	text_copy(out->receipt, sizeof(out->receipt), v->receipt);
}

/* ERR_NOT_FOUND: it is new. */
static enum err_code recorded(struct offline *o, struct rules_offline_out *out, struct err *err)
{
	struct store_verification was;
	enum err_code e = store_verification_get(o->r->store, &was, o->v.id, err);

	if (e)
		return e;
	if (!span_equal(SPAN(was.terminal, CODE_ID_LEN), SPAN(o->v.terminal, CODE_ID_LEN)) ||
		!span_equal(SPAN(was.request, STORE_DIGEST_LEN),
			SPAN(o->v.request, STORE_DIGEST_LEN)))
		rules_refuse(o->problem, 409, "answered-already",
			"another sale was handed in under this id");
	else
		fill(out, &was);
	return ERR_OK;
}

static enum err_code operator_mark(
	const struct offline *o, char out[static 2 * RULES_MARK_LEN + 1], struct err *err)
{
	uint8_t digest[SEC_SHA256_LEN];
	const struct span parts[] = {
		SPAN(o->v.id, CODE_ID_LEN), span_text(o->in->operator_name)};

	out[0] = '\0';
	if (!o->in->operator_name[0])
		return ERR_OK;
	if (sec_sha256(digest, parts, 2))
		return err_set(err, ERR_CRYPTO, "the operator's mark could not be computed");
	hex_encode(out, SPAN(digest, RULES_MARK_LEN));
	return ERR_OK;
}

static enum err_code record(struct offline *o, struct err *err)
{
	char mark[2 * RULES_MARK_LEN + 1];
	const struct rules_act act = {
		.kind = o->why[0] ? "offline-conflict" : "offline-accepted",
		.terminal = o->v.terminal,
		.credential = o->known ? o->v.credential : NULL,
		.verification = o->v.id,
		.reason = o->why,
		.receipt = o->v.receipt,
		.operator_mark = mark,
		.has_amount = true,
		.amount = o->v.amount,
		.currency = o->v.currency,
	};
	enum err_code e = operator_mark(o, mark, err);

	return e ? e : rules_record(o->r, &act, err);
}

/* Made and decided in one transaction: nobody ever sees it open. */
static enum err_code write_down(struct offline *o, struct err *err)
{
	struct store_verification *v = &o->v;
	bool won = false;
	enum err_code e = store_verification_insert(o->r->store, v, err);

	v->state = o->why[0] ? STATE_REJECTED : STATE_ACCEPTED;
	(void)snprintf(v->reason, sizeof(v->reason), OFFLINE_WORD "%s%.22s", o->why[0] ? "-" : "",
		o->why); /* every word of ours is shorter */
	v->answered = true;
	memcpy(v->answer, v->request, STORE_DIGEST_LEN);
	v->deadline = 0;
	if (!e && !o->why[0])
		e = rules_receipt(o->r, v->receipt, err);
	if (!e)
		e = store_verification_decide(o->r->store, &won, v, o->now, err);
	if (!e && !won && !store_is_rehearsing(o->r->store))
		e = err_set(err, ERR_INTERNAL, "a sale could not be decided");
	if (!e)
		e = record(o, err);
	if (!e && o->known)
		e = rules_event_verification(o->r, v, TELL_WALLET, o->terminal.merchant, err);
	return e;
}

static void begin(struct offline *o, const struct rules_caller *caller)
{
	const struct rules_offline_in *in = o->in;
	bool time_is_good = in->at <= o->now && o->now - in->at <= o->r->policy->offline_age_s;

	memcpy(o->v.terminal, caller->id, CODE_ID_LEN);
	o->v.generation = 1;
	o->v.digits = CODE_DIGITS_MIN;
	o->v.created_at = time_is_good ? in->at : o->now;
	o->v.expires_at = o->v.deadline = o->now + LIFE_S;
	o->v.amount = in->amount;
	text_copy(o->v.currency, sizeof(o->v.currency), in->currency);
	text_copy(o->v.reference, sizeof(o->v.reference), in->reference);
	text_copy(o->v.operator_name, sizeof(o->v.operator_name), in->operator_name);
}

enum err_code rules_offline(const struct rules *r, struct rules_offline_out *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const struct rules_offline_in *in, struct err *err)
{
	struct offline o = {
		.r = r, .in = in, .problem = problem, .now = clock_unix_s(r->clock)};
	enum err_code e;

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	if (caller->role != ROLE_TERMINAL || hex_decode(o.v.id, CODE_ID_LEN, span_text(in->id))) {
		rules_refuse(problem, 403, "forbidden", "only a terminal hands in sales");
		return ERR_OK;
	}
	begin(&o, caller);
	e = rules_terminal_load(r, &o.terminal, problem, caller, err);
	if (e || rules_refused(problem))
		return e;
	e = request_digest(&o, err);
	if (!e)
		e = recorded(&o, out, err);
	if (e != ERR_NOT_FOUND)
		return e;
	e = ERR_OK;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !e && !o.why[0]; i++)
		e = checks[i](&o, err);
	if (!e)
		e = write_down(&o, err);
	if (!e)
		fill(out, &o.v);
	return e;
}
