/* SPDX-License-Identifier: Apache-2.0
 *
 * Stage one: a first code becomes a verification with a number, or is refused. The checks run in
 * the order of the table at the end; each sees what the ones before it found.
 */
#include "backend/audit.h"
#include "backend/rules_shared.h"

#include <string.h>

#define NUMBER_TRIES_MAX 4096 /* used numbers met in a row before we give up */

struct start {
	const struct rules *r;
	const struct rules_caller *caller;
	const struct rules_start_in *in;
	struct rules_problem *problem;
	int64_t now;
	struct code code;
	bool known; /* the signature is ours: the credential may be named in the audit */
	bool has_key;    /* `key` is the stored one of this credential and generation */
	struct store_terminal terminal;
	struct store_credential credential;
	struct store_key key;
	struct store_account account;
	struct code_keys keys;
	struct store_tag tag; /* of a live code */
	bool tag_is_new;      /* and nobody has sent that one before */
	struct policy_need need;
	struct store_verification v;
	bool repeated; /* v is one that is open already */
};

static void refuse(struct start *st, int status, const char *word, const char *detail)
{
	rules_refuse(st->problem, status, word, detail);
}

/* ---- who and what ---- */

static enum err_code check_caller(struct start *st, struct err *err)
{
	if (st->caller->role != ROLE_TERMINAL) {
		refuse(st, 403, "forbidden", "only a terminal may start a verification");
		return ERR_OK;
	}
	memcpy(st->v.terminal, st->caller->id, CODE_ID_LEN);
	return rules_terminal_load(st->r, &st->terminal, st->problem, st->caller, err);
}

static enum err_code check_input(struct start *st, struct err *err)
{
	const char *c = st->in->currency;

	(void)err; /* same form as the other checks */
	if (st->in->amount > INT64_MAX)
		refuse(st, 400, "bad-request", "amount is too large");
	for (int i = 0; c[0] && i < 3; i++)
		if (c[i] < 'A' || c[i] > 'Z') {
			refuse(st, 400, "bad-request", "currency must be three letters A-Z");
			break;
		}
	return ERR_OK;
}

static enum err_code check_code(struct start *st, struct err *err)
{
	(void)err;
	code_parse(&st->code, span_text(st->in->code));
	if (st->code.kind != CODE_CREDENTIAL)
		refuse(st, 400, "foreign-code", "this is not the code of a credential");
	return ERR_OK;
}

/* Is it, byte for byte, what was issued? Then its signature was made here, and looking at that once
 * more (100 us, half of all the work of a start) would tell nothing.
 */
static enum err_code find_issued(struct start *st, bool *issued, struct err *err)
{
	const struct code_credential *c = &st->code.credential;
	enum err_code e = store_key_get(st->r->store, &st->key, c->credential_id, c->generation,
		err);

	st->has_key = !e;
	*issued = !e && span_equal(SPAN(c->static_body, CODE_STATIC_BODY_LEN),
				SPAN(st->key.static_body, CODE_STATIC_BODY_LEN));
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err_code check_signature(struct start *st, struct err *err)
{
	const struct code_credential *c = &st->code.credential;
	const struct keyring_issuer *issuer = keyring_issuer_find(st->r->keys, c->issuer_key_id);
	bool issued = false;
	enum err_code e = find_issued(st, &issued, err);

	if (e)
		return e;
	if (!issuer || !keyring_issuer_is_good(issuer, st->now))
		e = ERR_FORGED;
	else if (!issued)
		e = code_credential_verify(c,
			SPAN(issuer->public_key, SEC_ED25519_PUBLIC_LEN));
	if (e && e != ERR_FORGED)
		return err_set(err, e, "the signature could not be checked");
	if (e)
		refuse(st, 403, "bad-signature", "this credential was not issued here");
	st->known = !e;
	return ERR_OK;
}

/* ---- the credential ---- */

static enum err_code check_credential(struct start *st, struct err *err)
{
	const struct code_credential *c = &st->code.credential;
	enum err_code e = store_credential_get(st->r->store, &st->credential, c->credential_id,
		err);

	if (e == ERR_NOT_FOUND || (!e && !st->has_key)) {
		refuse(st, 404, "unknown-credential", "no such credential");
		return ERR_OK;
	}
	if (e)
		return e;
	memcpy(st->v.credential, c->credential_id, CODE_ID_LEN);
	st->v.generation = c->generation;
	if (c->generation != st->credential.generation)
		refuse(st, 403, "superseded", "this credential was renewed; the old one is no use");
	else if (!span_equal(SPAN(c->static_body, CODE_STATIC_BODY_LEN),
			 SPAN(st->key.static_body, CODE_STATIC_BODY_LEN)))
		/* Signed by us and yet not what we issued: nothing that exists now. */
		refuse(st, 403, "bad-signature", "this is not the code that was issued");
	else if (strcmp(rules_credential_bar(&st->credential, &st->key, st->now), "expired") == 0)
		refuse(st, 403, "expired", "this credential is not valid any more");
	return ERR_OK;
}

static enum err_code open_keys(struct start *st, struct err *err)
{
	uint8_t secret[SEC_KEY_LEN];
	enum err_code e = keyring_credential_unseal(st->r->keys, secret, st->v.credential,
		st->v.generation, SPAN(st->key.sealed, st->key.sealed_len), err);

	if (!e) {
		e = code_keys_start_derive(&st->keys, SPAN(secret, sizeof(secret)));
		if (e)
			ERR_IGNORE(err_set(err, e, "keys could not be derived")); /* words only */
	}
	sec_wipe(secret, sizeof(secret));
	return e;
}

/* Every step of the window is computed, whichever is the right one. */
static bool find_step(const struct start *st, uint64_t *step)
{
	return code_live_find(step, &st->code.credential, SPAN(st->keys.live, SEC_KEY_LEN),
		       code_step(st->now) - CODE_STEP_WINDOW, CODE_LIVE_STEPS_MAX) == ERR_OK;
}

static enum err_code check_live(struct start *st, struct err *err)
{
	uint64_t step = 0;
	enum err_code e;

	if (!st->code.credential.live && st->credential.live) {
		refuse(st, 403, "live-code-required",
			"a saved picture will not do; the phone must show the code itself");
		return ERR_OK;
	}
	e = open_keys(st, err);
	if (e)
		return e;
	if (!st->code.credential.live) {
		rules_slot_static(&st->v, st->now);
	} else if (find_step(st, &step)) {
		rules_slot_live(&st->v, step);
	} else {
		refuse(st, 403, "stale-code",
			"the code is too old or too new; is the phone's clock right?");
	}
	return ERR_OK;
}

/* A live step is for the first terminal that sent it: PROTOCOL.md section 4. */
static enum err_code check_once(struct start *st, struct err *err)
{
	enum err_code e;

	memcpy(st->tag.credential, st->v.credential, CODE_ID_LEN);
	memcpy(st->tag.slot, st->v.slot, st->v.slot_len);
	st->tag.slot_len = st->v.slot_len;
	st->tag.at = st->now;
	if (!rules_slot_is_live(&st->v))
		return ERR_OK;
	e = store_tag_get(st->r->store, &st->tag, err);
	if (e == ERR_NOT_FOUND) {
		memcpy(st->tag.terminal, st->v.terminal, CODE_ID_LEN);
		st->tag_is_new = true;
		return ERR_OK;
	}
	if (!e && !span_equal(SPAN(st->tag.terminal, CODE_ID_LEN),
			  SPAN(st->v.terminal, CODE_ID_LEN)))
		refuse(st, 403, "stale-code",
			"this code was shown to another terminal; wait for the phone's next one");
	return e;
}

static enum err_code check_status(struct start *st, struct err *err)
{
	const char *bar = rules_credential_bar(&st->credential, &st->key, st->now);
	bool pin;
	enum err_code e;

	if (bar[0]) {
		refuse(st, 403, bar, strcmp(bar, "void") == 0
				? "this credential was made void"
				: "this credential is frozen");
		if (strcmp(bar, "frozen") == 0 && st->credential.frozen_until != STORE_FOR_EVER)
			st->problem->until_unix_s = st->credential.frozen_until;
		return ERR_OK;
	}
	e = store_account_get(st->r->store, &st->account, st->credential.account, err);
	if (e)
		return e;
	st->need = policy_need_of(st->r->policy, st->in->amount, st->credential.live,
		st->credential.digits);
	pin = st->credential.pin && st->account.pin_hash[0];
	st->need.pin = st->need.pin && pin;
	memcpy(st->v.account, st->account.id, CODE_ID_LEN);
	st->v.amount = st->in->amount;
	text_copy(st->v.currency, sizeof(st->v.currency),
		st->in->currency[0] ? st->in->currency : "XXX");
	e = rules_amount_need(st->r, &st->need, &st->v.level, st->problem, &st->v,
		st->credential.live, pin, err);
	if (e || rules_refused(st->problem))
		return e;
	rules_account_check(st->r, st->problem, &st->account);
	if (!rules_refused(st->problem) && st->need.pin && st->account.pin_locked)
		refuse(st, 403, "not-allowed",
			"the PIN of this account is locked; the issuer can unlock it");
	return ERR_OK;
}

/* ---- once more, or a new one ---- */

static void hash_field(struct bytes *b, const char *text)
{
	bytes_add_be16(b, (uint16_t)strlen(text));
	bytes_add_text(b, text);
}

static enum err_code request_digest(struct start *st, struct err *err)
{
	uint8_t storage[1024];
	struct bytes b;
	struct span part;

	bytes_init_fixed(&b, storage, sizeof(storage));
	hash_field(&b, st->in->code);
	bytes_add_be64(&b, st->in->amount);
	hash_field(&b, st->in->currency);
	hash_field(&b, st->in->reference);
	hash_field(&b, st->in->operator_name);
	ASSERT(!b.full);
	part = bytes_span(&b);
	if (sec_sha256(st->v.request, &part, 1))
		return err_set(err, ERR_CRYPTO, "the request could not be hashed");
	return ERR_OK;
}

/* The same request again while its number has half its life left: a lost answer, not a new
 * verification. It costs no budget and shows no second number to collect.
 */
static enum err_code check_repeat(struct start *st, struct err *err)
{
	struct store_verification open;
	int64_t since = st->now - st->r->policy->number_lifetime_s / 2;
	enum err_code e = request_digest(st, err);

	if (e)
		return e;
	e = store_verification_same(st->r->store, &open, st->v.terminal, st->v.request, since,
		st->now, err);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	if (!e) {
		st->v = open;
		st->repeated = true;
	}
	return e;
}

static enum err_code check_budget(struct start *st, struct err *err)
{
	return rules_budget_check(st->r, st->problem, &st->v, &st->account,
		rules_slot_is_live(&st->v) ? &st->tag : NULL, err);
}

/* ---- making ---- */

static enum err_code make_number(struct start *st, struct err *err)
{
	struct code_number_input in = {
		.k_number = keyring_number_key(st->r->keys),
		.registration_record = SPAN(st->credential.registration,
			st->credential.registration_len),
		.digits = st->v.digits,
	};
	uint32_t i = 0;
	bool fresh = false;
	enum err_code e = ERR_OK;

	memcpy(in.verification_id, st->v.id, CODE_ID_LEN);
	for (int tries = 0; !e && !fresh; tries++) {
		if (tries == NUMBER_TRIES_MAX)
			return err_set(err, ERR_RANGE, "the numbers of this credential are used up;"
						       " renew it");
		e = code_number(&st->v.number, &i, &in, tries ? i + 1 : 0);
		if (e)
			return err_set(err, e, "the number could not be computed");
		e = store_number_take(st->r->store, &fresh, st->v.credential, st->v.generation,
			st->v.number, err);
	}
	return e;
}

static enum err_code make_challenge(struct start *st, struct err *err)
{
	struct code_challenge c = {
		.number = st->v.number,
		.digits = st->v.digits,
		.expires = (uint32_t)st->v.expires_at,
		.amount = st->v.amount,
	};
	struct bytes body;
	enum err_code e;

	memcpy(c.credential_short, st->v.credential, CODE_ID_SHORT_LEN);
	memcpy(c.verification_id, st->v.id, CODE_ID_LEN);
	text_copy(c.currency, sizeof(c.currency), st->v.currency);
	text_copy(c.merchant, sizeof(c.merchant), st->terminal.merchant);
	text_copy(c.reference, sizeof(c.reference), st->in->reference);
	bytes_init_fixed(&body, st->v.challenge, sizeof(st->v.challenge));
	e = code_challenge_build(&body, &c, SPAN(st->keys.challenge, SEC_KEY_LEN));
	st->v.challenge_len = body.len;
	return e ? err_set(err, e, "the challenge code could not be built") : ERR_OK;
}

static enum err_code make(struct start *st, struct err *err)
{
	struct store_verification *v = &st->v;
	enum err_code e = sec_random(v->id, CODE_ID_LEN, err);

	v->created_at = st->now;
	v->expires_at = st->now + st->r->policy->number_lifetime_s;
	v->deadline = v->expires_at;
	v->digits = st->credential.digits;
	v->min_binding = (int)st->need.binding;
	v->timed = st->need.timed;
	v->pin = st->need.pin;
	text_copy(v->reference, sizeof(v->reference), st->in->reference);
	text_copy(v->operator_name, sizeof(v->operator_name), st->in->operator_name);
	if (!e)
		e = make_number(st, err);
	if (!e)
		e = make_challenge(st, err);
	if (!e)
		e = store_verification_insert(st->r->store, v, err);
	if (!e && rules_slot_is_live(v)) {
		st->tag.starts++;
		e = store_tag_put(st->r->store, &st->tag, err);
	}
	return e;
}

/* ---- answer ---- */

#define MARK_LEN 8

/* Ties the operator to the record without telling the name: see audit.h. */
static enum err_code operator_mark(const struct start *st, char out[static 2 * MARK_LEN + 1],
	struct err *err)
{
	uint8_t digest[SEC_SHA256_LEN];
	const struct span parts[] = {
		SPAN(st->v.id, CODE_ID_LEN), span_text(st->in->operator_name)};

	out[0] = '\0';
	if (!st->in->operator_name[0])
		return ERR_OK;
	if (sec_sha256(digest, parts, 2))
		return err_set(err, ERR_CRYPTO, "the operator's mark could not be computed");
	hex_encode(out, SPAN(digest, MARK_LEN));
	return ERR_OK;
}

static enum err_code record(struct start *st, struct err *err)
{
	bool refused = rules_refused(st->problem);
	char mark[2 * MARK_LEN + 1];
	struct rules_act act = {
		.kind = refused ? "start-refused" : "started",
		.terminal = st->caller->id,
		.credential = st->known ? st->code.credential.credential_id : NULL,
		.verification = refused ? NULL : st->v.id,
		.reason = st->problem->word,
		.until = st->problem->until_unix_s,
		.operator_mark = mark,
		.has_amount = !refused && st->v.amount,
		.amount = st->v.amount,
		.currency = st->v.currency,
	};

	enum err_code e = operator_mark(st, mark, err);

	return e || st->repeated ? e : rules_record(st->r, &act, err);
}

static enum err_code fill(struct start *st, struct rules_start_out *out, struct err *err)
{
	const struct store_verification *v = &st->v;
	struct store_holder holder;
	struct bytes text;
	enum err_code e = store_holder_get(st->r->store, &holder, st->credential.holder, err);

	if (e)
		return e;
	memcpy(out->id, v->id, CODE_ID_LEN);
	code_number_text(out->number, v->number, v->digits);
	out->digits = v->digits;
	out->expires_at = v->expires_at;
	bytes_init_fixed(&text, out->challenge_code, sizeof(out->challenge_code) - 1);
	e = code_text_build(&text, keyring_issuer_host(st->r->keys), CODE_CHALLENGE,
		SPAN(v->challenge, v->challenge_len));
	if (e || text.full)
		return err_set(err, ERR_INTERNAL, "the challenge code could not be written");
	out->challenge_code[text.len] = '\0';
	text_copy(out->purpose, sizeof(out->purpose), st->credential.purpose);
	text_copy(out->face_value, sizeof(out->face_value), st->credential.face_value);
	text_copy(out->holder, sizeof(out->holder), holder.name);
	out->pin_required = v->pin;
	return ERR_OK;
}

/* ---- looking ahead ---- */

/* The phone's step is the one that is now, or the one before. */
static void look_ahead_at_tag(struct start *st, bool *all, struct err *err)
{
	for (uint64_t back = 0; back < 2; back++) {
		rules_slot_live(&st->v, code_step(st->now) - back);
		(void)rules_asked(all, check_once(st, err));
	}
}

static void look_ahead_at_amount(struct start *st, bool pin, bool *all, struct err *err)
{
	st->need = policy_need_of(st->r->policy, st->in->amount, st->credential.live,
		st->credential.digits);
	st->need.pin = st->need.pin && pin;
	(void)rules_asked(all, rules_amount_need(st->r, &st->need, &st->v.level, st->problem,
				       &st->v, st->credential.live, pin, err));
}

/* Whether there is a PIN the account says. */
static void look_ahead_at_account(struct start *st, bool *all, struct err *err)
{
	struct store_holder holder;
	bool known = rules_asked(all,
		store_account_get(st->r->store, &st->account, st->credential.account, err));

	(void)rules_asked(all,
		store_holder_get(st->r->store, &holder, st->credential.holder, err));
	memcpy(st->account.id, st->credential.account, CODE_ID_LEN);
	memcpy(st->account.holder, st->credential.holder, CODE_ID_LEN);
	memcpy(st->v.account, st->credential.account, CODE_ID_LEN);
	st->v.amount = st->in->amount;
	if (st->credential.pin && (!known || st->account.pin_hash[0]))
		look_ahead_at_amount(st, true, all, err);
	if (!st->credential.pin || !known || !st->account.pin_hash[0])
		look_ahead_at_amount(st, false, all, err);
}

/* In a rehearsal: all that a usual start reads, asked for as early as it can be told, without the
 * work between. What is missing here costs a journey and changes no decision.
 */
static enum err_code look_ahead(struct start *st, struct err *err)
{
	const struct code_credential *c = &st->code.credential;
	bool all = true, known, issued;
	int64_t seq;

	if (check_code(st, err) || rules_refused(st->problem))
		return rules_ahead_end(true, err);
	memcpy(st->v.terminal, st->caller->id, CODE_ID_LEN);
	memcpy(st->v.credential, c->credential_id, CODE_ID_LEN);
	(void)rules_asked(&all, audit_last_seq(st->r->store, &seq, err));
	(void)rules_asked(&all,
		store_terminal_get(st->r->store, &st->terminal, st->caller->id, err));
	(void)rules_asked(&all, find_issued(st, &issued, err));
	if (c->live)
		look_ahead_at_tag(st, &all, err);
	known = rules_asked(&all,
		store_credential_get(st->r->store, &st->credential, c->credential_id, err));
	if (known)
		look_ahead_at_account(st, &all, err);
	rules_problem_clear(st->problem);
	(void)rules_asked(&all,
		rules_budget_check(st->r, st->problem, &st->v, &st->account, NULL, err));
	(void)rules_asked(&all, check_repeat(st, err));
	return rules_ahead_end(all || known, err); /* nothing comes after that */
}

typedef enum err_code start_check(struct start *st, struct err *err);

static start_check *const checks[] = {
	check_caller,
	check_input,
	check_code,
	check_signature,
	check_credential, /* unknown, superseded, expired */
	check_live,       /* live code wanted, stale */
	check_once,       /* one terminal for each live step */
	check_status,     /* void, frozen, PIN locked */
	check_repeat,
	check_budget,
};

enum err_code rules_verification_start(const struct rules *r, struct rules_start_out *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const struct rules_start_in *in, struct err *err)
{
	struct start st = {.r = r, .caller = caller, .in = in, .problem = problem};
	enum err_code e = ERR_OK;

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	st.now = clock_unix_s(r->clock);
	if (store_is_rehearsing(r->store))
		return look_ahead(&st, err);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		e = checks[i](&st, err);
		if (e || rules_refused(problem) || st.repeated)
			break;
	}
	if (!e && !rules_refused(problem) && !st.repeated)
		e = make(&st, err);
	/* the terminal that sent it first keeps it, also when this start is refused */
	else if (!e && st.tag_is_new)
		e = store_tag_put(r->store, &st.tag, err);
	if (!e)
		e = record(&st, err);
	if (!e && !rules_refused(problem))
		e = fill(&st, out, err);
	sec_wipe(&st.keys, sizeof(st.keys));
	return e;
}
