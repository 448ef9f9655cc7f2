/* SPDX-License-Identifier: Apache-2.0
 *
 * Who a token belongs to; what waits for an activation token, and its one use.
 */
#include "backend/rules_event.h"
#include "backend/rules_people.h"
#include "backend/rules_shared.h"
#include "backend/store_message.h"

#include <stdio.h>
#include <string.h>

enum err_code rules_authenticate(const struct rules *r, struct rules_caller *out,
	struct span token, struct err *err)
{
	uint8_t digest[SEC_SHA256_LEN];
	struct store_terminal terminal;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	if (keyring_token_digest(digest, token))
		return ERR_OK;
	e = store_terminal_by_token(r->store, &terminal, digest, err);
	if (!e) {
		out->role = ROLE_TERMINAL;
		memcpy(out->id, terminal.id, CODE_ID_LEN);
		(void)snprintf(out->name, sizeof(out->name), "%s", terminal.name);
		return ERR_OK;
	}
	if (e == ERR_NOT_FOUND)
		e = store_wallet_get(r->store, out->id, digest, err);
	if (!e) {
		out->role = ROLE_WALLET;
		(void)snprintf(out->name, sizeof(out->name), "wallet");
	}
	return e == ERR_NOT_FOUND ? rules_session_caller(r, out, digest, err) : e;
}

/* ---- activation: which ---- */

struct activation {
	const struct rules *r;
	struct rules_problem *problem;
	struct code code; /* when it is one, else foreign */
	uint8_t secret[CODE_ACTIVATION_LEN];
	uint8_t digest[SEC_SHA256_LEN];
	bool again; /* the wallet that took it claims it once more */
	struct store_activation row;
	struct store_credential credential;
	struct store_key key;
	struct store_holder holder;
};

static void refuse_unknown(struct activation *a)
{
	rules_refuse(a->problem, 404, "not-found",
		"this activation was used, is over, or never existed; ask the issuer for a new"
		" one");
}

/* A text that cannot be one is as unknown as one that is not there. */
static void read_typed(struct activation *a, struct span token)
{
	if (code_activation_typed(a->secret, token) == ERR_OK) {
		if (keyring_activation_digest(a->r->keys, a->digest, a->secret) == ERR_OK)
			return;
	} else if (keyring_token_digest(a->digest, token) == ERR_OK) {
		return; /* a link of a version that made long ones */
	}
	refuse_unknown(a);
}

/* Is it our own code of an activation? What it is worth says its row. */
static void read_token(struct activation *a, struct span token)
{
	code_parse(&a->code, token);
	if (a->code.kind == CODE_FOREIGN && a->code.foreign != CODE_FOREIGN_DAMAGED) {
		read_typed(a, token);
		return;
	}
	if (a->code.kind != CODE_ACTIVATION ||
		strcmp(a->code.host, keyring_issuer_host(a->r->keys)) != 0)
		rules_refuse(a->problem, 400, "foreign-code",
			"this is not the code of an activation of this issuer");
	else if (code_activation_secret(a->secret, &a->code) ||
		 keyring_activation_digest(a->r->keys, a->digest, a->secret))
		rules_refuse(a->problem, 403, "bad-signature",
			"this activation was not made here");
}

/* Made here for exactly what it activates, as every other code that is taken. */
static enum err_code check_code(struct activation *a, struct err *err)
{
	struct code_activation fields = {.generation = (uint16_t)a->row.generation,
		.not_after = (uint32_t)a->row.expires_at};
	const struct keyring_issuer *issuer =
		keyring_issuer_find(a->r->keys, a->code.presented.issuer_key_id);
	enum err_code e = issuer ? ERR_OK : ERR_FORGED;

	memcpy(fields.secret, a->secret, sizeof(fields.secret));
	memcpy(fields.credential_id, a->row.credential, CODE_ID_LEN);
	if (!e)
		e = code_activation_verify(&a->code, &fields,
			SPAN(issuer->public_key, SEC_ED25519_PUBLIC_LEN));
	sec_wipe(&fields, sizeof(fields));
	if (e == ERR_FORGED)
		rules_refuse(a->problem, 403, "bad-signature",
			"this activation was not made here");
	else if (e)
		return err_set(err, e, "the signature could not be checked");
	return ERR_OK;
}

static enum err_code claim_digest(const struct activation *a, uint8_t out[static SEC_SHA256_LEN],
	const char *claim, struct err *err)
{
	if (keyring_pepper(a->r->keys, out, "activation claim", SPAN(a->digest, SEC_SHA256_LEN),
		    span_text(claim)))
		return err_set(err, ERR_CRYPTO, "a claim could not be hashed");
	return ERR_OK;
}

static enum err_code find_row(struct activation *a, const char *claim, struct err *err)
{
	int64_t now = clock_unix_s(a->r->clock);
	uint8_t digest[SEC_SHA256_LEN];
	enum err_code e = store_activation_get(a->r->store, &a->row, a->digest, now, err);

	if (e != ERR_NOT_FOUND || !claim[0])
		return e;
	e = claim_digest(a, digest, claim, err);
	if (!e)
		e = store_activation_claimed(a->r->store, &a->row, a->digest, digest,
			now - RULES_CLAIM_S, now, err);
	a->again = !e;
	return e;
}

static enum err_code find(struct activation *a, const char *token, const char *claim,
	struct err *err)
{
	enum err_code e;

	rules_problem_clear(a->problem);
	read_token(a, span_text(token));
	if (rules_refused(a->problem))
		return ERR_OK;
	e = find_row(a, claim, err);
	if (e == ERR_NOT_FOUND) {
		refuse_unknown(a);
		return ERR_OK;
	}
	if (!e && a->code.kind == CODE_ACTIVATION)
		e = check_code(a, err);
	if (e || rules_refused(a->problem))
		return e;
	e = store_credential_get(a->r->store, &a->credential, a->row.credential, err);
	if (!e)
		e = store_key_get(a->r->store, &a->key, a->row.credential, a->row.generation, err);
	return e ? e : store_holder_get(a->r->store, &a->holder, a->credential.holder, err);
}

/* "" = it may be activated; thawing later is fine. */
static const char *bar_of(const struct activation *a)
{
	const char *bar =
		rules_credential_bar(&a->credential, &a->key, clock_unix_s(a->r->clock));

	if (bar[0] == '\0' || strcmp(bar, "frozen") == 0)
		return "";
	rules_refuse(a->problem, 403, bar, "this credential cannot be activated any more");
	return bar;
}

/* ---- what is told ---- */

static enum err_code fill(const struct activation *a, struct rules_activation_out *out,
	struct err *err)
{
	const struct keyring *keys = a->r->keys;
	const struct keyring_issuer *issuer =
		keyring_issuer_find(keys, a->key.static_body + 2); /* offset of the key id */
	struct bytes text;
	enum err_code e;

	if (!issuer)
		return err_set(err, ERR_CORRUPT, "a credential's issuer key is missing");
	memcpy(out->credential_id, a->credential.id, CODE_ID_LEN);
	out->generation = (uint16_t)a->key.generation;
	out->not_after = a->key.not_after;
	out->live = a->credential.live;
	out->digits = a->credential.digits;
	(void)snprintf(out->purpose, sizeof(out->purpose), "%s", a->credential.purpose);
	(void)snprintf(out->face_value, sizeof(out->face_value), "%s", a->credential.face_value);
	(void)snprintf(out->holder, sizeof(out->holder), "%s", a->holder.name);
	(void)snprintf(out->issuer_name, sizeof(out->issuer_name), "%s",
		keyring_issuer_name(keys));
	(void)snprintf(out->issuer_host, sizeof(out->issuer_host), "%s",
		keyring_issuer_host(keys));
	memcpy(out->issuer_public, issuer->public_key, SEC_ED25519_PUBLIC_LEN);
	bytes_init_fixed(&text, out->first_code, sizeof(out->first_code) - 1);
	e = code_text_build(&text, out->issuer_host, CODE_CREDENTIAL,
		SPAN(a->key.static_body, CODE_STATIC_BODY_LEN));
	if (e || text.full)
		return err_set(err, ERR_INTERNAL, "the first code could not be written");
	out->first_code[text.len] = '\0';
	return keyring_credential_unseal(keys, out->secret, a->credential.id, a->key.generation,
		SPAN(a->key.sealed, a->key.sealed_len), err);
}

/* Burns the token, unless it was this wallet that did, and gives the wallet its own, in one
 * transaction.
 */
static enum err_code use(const struct activation *a, struct rules_activation_out *out,
	struct span claim, struct err *err)
{
	uint8_t digest[SEC_SHA256_LEN];
	int64_t now = clock_unix_s(a->r->clock);
	struct rules_act act = {.kind = "activated",
		.credential = a->credential.id,
		.reason = a->again ? "again" : NULL};
	bool won = a->again;
	enum err_code e = ERR_OK;

	if (!a->again)
		e = store_activation_use(a->r->store, &won, a->row.token, claim, now, err);
	if (!e && !won) /* the row was read in this transaction */
		e = err_set(err, ERR_INTERNAL, "an activation token vanished");
	if (!e)
		e = keyring_token_new(out->token, digest, err);
	if (!e)
		e = store_wallet_revoke(a->r->store, a->credential.id, err);
	if (!e)
		e = store_wallet_insert(a->r->store, digest, a->credential.id, now, err);
	if (!e) /* a link that was not sent yet is used up */
		e = store_message_withdraw(a->r->store, a->credential.id, err);
	if (!e) /* whoever listens with the token before must not go on */
		e = rules_event_activated(a->r, a->credential.id, err);
	return e ? e : rules_record(a->r, &act, err);
}

static enum err_code give(const struct activation *a, struct rules_activation_out *out,
	const char *claim, struct err *err)
{
	uint8_t digest[SEC_SHA256_LEN];
	enum err_code e = fill(a, out, err);

	if (!e && claim[0])
		e = claim_digest(a, digest, claim, err);
	out->again = a->again;
	return e ? e : use(a, out, SPAN(digest, claim[0] ? sizeof(digest) : 0), err);
}

enum err_code rules_activation(const struct rules *r, struct rules_activation_out *out,
	struct rules_problem *problem, const struct rules_activation_in *in, struct err *err)
{
	struct activation a = {.r = r, .problem = problem};
	struct rules_act refused = {.kind = "activation-refused"};
	enum err_code e;

	memset(out, 0, sizeof(*out));
	e = find(&a, in->token, in->claim, err);
	/* A stranger's guess is no decision and not in the audit: it could fill it. */
	if (e || rules_refused(problem))
		goto out;
	refused.reason = bar_of(&a);
	refused.credential = a.credential.id;
	if (refused.reason[0])
		e = rules_record(r, &refused, err);
	else
		e = give(&a, out, in->claim, err);
	if (e)
		sec_wipe(out, sizeof(*out));
out:
	sec_wipe(&a, sizeof(a));
	return e;
}

enum err_code rules_activation_look(const struct rules *r, struct rules_activation_seen *out,
	struct rules_problem *problem, const char *token, struct err *err)
{
	struct activation a = {.r = r, .problem = problem};
	enum err_code e;

	memset(out, 0, sizeof(*out));
	e = find(&a, token, "", err);
	if (!e && !rules_refused(problem) && bar_of(&a)[0] == '\0') {
		text_copy(out->issuer_name, sizeof(out->issuer_name),
			keyring_issuer_name(r->keys));
		text_copy(out->issuer_host, sizeof(out->issuer_host),
			keyring_issuer_host(r->keys));
		text_copy(out->purpose, sizeof(out->purpose), a.credential.purpose);
		text_copy(out->face_value, sizeof(out->face_value), a.credential.face_value);
		out->expires_at = a.row.expires_at;
		out->not_after = a.key.not_after;
	}
	sec_wipe(&a, sizeof(a));
	return e;
}
