/* SPDX-License-Identifier: Apache-2.0
 *
 * Who a token belongs to, and the one use of an activation token.
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

/* ---- activation ---- */

struct activation {
	const struct rules *r;
	struct rules_problem *problem;
	struct store_activation row;
	struct store_credential credential;
	struct store_key key;
	struct store_holder holder;
};

static enum err_code find(struct activation *a, struct span token, struct err *err)
{
	uint8_t digest[SEC_SHA256_LEN];
	enum err_code e = ERR_NOT_FOUND;

	if (!keyring_token_digest(digest, token))
		e = store_activation_get(a->r->store, &a->row, digest,
			clock_unix_s(a->r->clock), err);
	if (e == ERR_NOT_FOUND) {
		rules_refuse(a->problem, 404, "not-found",
			"this activation was used, is over, or never existed; ask the issuer for a"
			" new one");
		return ERR_OK;
	}
	if (!e)
		e = store_credential_get(a->r->store, &a->credential, a->row.credential, err);
	if (!e)
		e = store_key_get(a->r->store, &a->key, a->row.credential, a->row.generation, err);
	return e ? e : store_holder_get(a->r->store, &a->holder, a->credential.holder, err);
}

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

/* Burns the token and gives the wallet its own, in one transaction. */
static enum err_code use(const struct activation *a, struct rules_activation_out *out,
	struct err *err)
{
	uint8_t digest[SEC_SHA256_LEN];
	int64_t now = clock_unix_s(a->r->clock);
	struct rules_act act = {.kind = "activated", .credential = a->credential.id};
	bool won = false;
	enum err_code e = store_activation_use(a->r->store, &won, a->row.token, now, err);

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
		e = rules_event_credential(a->r, a->credential.id, "activated", 0, err);
	return e ? e : rules_record(a->r, &act, err);
}

enum err_code rules_activation(const struct rules *r, struct rules_activation_out *out,
	struct rules_problem *problem, struct span token, struct err *err)
{
	struct activation a = {.r = r, .problem = problem};
	struct rules_act refused = {.kind = "activation-refused"};
	const char *bar;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	e = find(&a, token, err);
	/* A stranger's guess is no decision and not in the audit: it could fill it. */
	if (e || rules_refused(problem))
		return e;
	bar = rules_credential_bar(&a.credential, &a.key, clock_unix_s(r->clock));
	if (bar[0] && strcmp(bar, "frozen") != 0) { /* thawing later is fine */
		rules_refuse(problem, 403, bar, "this credential cannot be activated any more");
		refused.credential = a.credential.id;
		refused.reason = bar;
		return rules_record(r, &refused, err);
	}
	e = fill(&a, out, err);
	if (!e)
		e = use(&a, out, err);
	if (e)
		sec_wipe(out, sizeof(*out));
	return e;
}
