/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/answers_people.h"

#include <string.h>

#include "base/json.h"

static void hex_member(struct json_out *w, const char *name, const uint8_t *data, size_t len)
{
	json_out_hex(w, name, SPAN(data, len));
}

/* ---- the issuer ---- */

static void tell_keys(struct json_out *w, const struct keyring *keys)
{
	json_out_array_begin(w, "keys");
	for (size_t i = 0; i < keyring_issuer_count(keys); i++) {
		const struct keyring_issuer *k = keyring_issuer_at(keys, i);

		json_out_begin(w, NULL);
		hex_member(w, "key", k->public_key, sizeof(k->public_key));
		json_out_int(w, "not_before", k->not_before);
		/* "no end" must stay a number that every reader can hold */
		json_out_int(w, "not_after",
			k->not_after > CODE_NO_END ? (int64_t)CODE_NO_END : k->not_after);
		json_out_end(w);
	}
	json_out_array_end(w);
}

/* What each level is good for; a limit that there is not is left out. */
static void tell_levels(struct json_out *w, const struct policy *policy)
{
	static const char *const letters[] = {"", "D", "C", "B", "A"};

	json_out_array_begin(w, "levels");
	for (enum policy_level l = POLICY_LEVEL_D; l < POLICY_LEVEL_COUNT; l++) {
		json_out_begin(w, NULL);
		json_out_text(w, "level", letters[l]);
		if (policy_level_max(policy, l) != INT64_MAX)
			json_out_int(w, "amount_max", policy_level_max(policy, l));
		if (policy_level_day(policy, l) != INT64_MAX)
			json_out_int(w, "day_max", policy_level_day(policy, l));
		json_out_end(w);
	}
	json_out_array_end(w);
}

static void tell_list(struct json_out *w, const struct keyring *keys,
	const struct rules_issuer *list)
{
	json_out_begin(w, "list");
	json_out_int(w, "version", list->version);
	json_out_int(w, "at", list->at);
	json_out_bool(w, "complete", list->complete);
	hex_member(w, "frozen", list->frozen_ids, list->frozen_count * CODE_ID_SHORT_LEN);
	hex_member(w, "void", list->void_ids, list->void_count * CODE_ID_SHORT_LEN);
	hex_member(w, "key_id", keyring_issuer_at(keys, 0)->key_id, CODE_KEY_ID_LEN);
	hex_member(w, "signature", list->signature, sizeof(list->signature));
	json_out_end(w);
}

void answer_issuer(struct answer *a, const struct keyring *keys, const struct policy *policy,
	const struct rules_issuer *list)
{
	struct json_out w;

	answer_begin_long(a, &w, 200);
	json_out_text(&w, "name", keyring_issuer_name(keys));
	json_out_text(&w, "host", keyring_issuer_host(keys));
	json_out_int(&w, "version", list->version);
	tell_keys(&w, keys);
	json_out_begin(&w, "policy");
	json_out_int(&w, "number_lifetime", policy->number_lifetime_s);
	json_out_int(&w, "binding_1_from", policy->binding_1_from);
	json_out_int(&w, "binding_2_from", policy->binding_2_from);
	json_out_int(&w, "pin_from", policy->pin_from);
	json_out_int(&w, "offline_max", policy->offline_max);
	tell_levels(&w, policy);
	json_out_end(&w);
	tell_list(&w, keys, list);
	json_out_end(&w);
}

/* ---- sessions ---- */

void answer_session(struct answer *a, const struct rules_session *out)
{
	struct json_out w;

	answer_begin(a, &w, 201);
	a->secret = true;
	json_out_text(&w, "token", out->token);
	json_out_int(&w, "expires_at", out->expires_at);
	hex_member(&w, "operator", out->id, sizeof(out->id));
	json_out_text(&w, "name", out->name);
	json_out_text(&w, "role", out->role);
	json_out_end(&w);
}

void answer_session_ended(struct answer *a)
{
	struct json_out w;

	answer_begin(a, &w, 200);
	json_out_bool(&w, "ended", true);
	json_out_end(&w);
}

/* ---- calls ---- */

void answer_call(struct answer *a, int status, const struct rules_call *call)
{
	struct json_out w;

	answer_begin(a, &w, status);
	hex_member(&w, "id", call->id, sizeof(call->id));
	json_out_text(&w, "state", call->state);
	json_out_array_begin(&w, "questions");
	for (size_t i = 0; i < call->question_count; i++) {
		json_out_begin(&w, NULL);
		json_out_int(&w, "question", call->questions[i].number);
		json_out_text(&w, "kind", call->questions[i].kind);
		json_out_text(&w, "words", call->questions[i].words);
		json_out_bool(&w, "right", call->questions[i].right);
		json_out_end(&w);
	}
	json_out_array_end(&w);
	json_out_int(&w, "right", call->right);
	json_out_int(&w, "needed", call->needed);
	json_out_int(&w, "attempts_left", call->attempts_left);
	json_out_bool(&w, "may_freeze", call->may_freeze);
	json_out_bool(&w, "may_act", call->may_act);
	json_out_int(&w, "expires_at", call->expires_at);
	json_out_end(&w);
}

/* ---- credentials ---- */

static void tell_shown(struct json_out *w, const struct rules_credential_seen *c)
{
	hex_member(w, "id", c->id, sizeof(c->id));
	json_out_text(w, "status", c->status);
	if (c->frozen_until && c->frozen_until != STORE_FOR_EVER)
		json_out_int(w, "frozen_until", c->frozen_until);
	json_out_text(w, "purpose", c->purpose);
	json_out_text(w, "face_value", c->face_value);
	json_out_int(w, "generation", c->generation);
	json_out_int(w, "not_after", c->not_after);
}

void answer_wallet_credential(struct answer *a, const struct rules_credential_seen *c)
{
	struct json_out w;

	answer_begin(a, &w, 200);
	tell_shown(&w, c);
	json_out_end(&w);
}

static void tell_credential(struct json_out *w, const struct rules_credential_seen *c)
{
	tell_shown(w, c);
	json_out_text(w, "account", c->account_number);
	json_out_text(w, "policy", c->live ? "live" : "static");
	json_out_bool(w, "pin", c->pin);
	json_out_bool(w, "pin_locked", c->pin_locked);
	json_out_bool(w, "activated", c->activated);
	json_out_int(w, "failures", c->failures);
	json_out_int(w, "freezes", c->freezes);
}

void answer_credential(struct answer *a, const struct rules_credential_seen *c)
{
	struct json_out w;

	answer_begin(a, &w, 200);
	tell_credential(&w, c);
	json_out_end(&w);
}

void answer_credentials(struct answer *a, const struct store_holder *holder,
	const struct rules_credential_seen *list, size_t count, bool more)
{
	struct json_out w;

	answer_begin_long(a, &w, 200);
	json_out_text(&w, "holder", holder->name);
	json_out_array_begin(&w, "credentials");
	for (size_t i = 0; i < count; i++) {
		json_out_begin(&w, NULL);
		tell_credential(&w, &list[i]);
		json_out_end(&w);
	}
	json_out_array_end(&w);
	json_out_bool(&w, "more", more);
	json_out_end(&w);
}

void answer_renewed(struct answer *a, const struct rules_issued *out, bool token, const char *link)
{
	struct json_out w;

	answer_begin(a, &w, 201);
	hex_member(&w, "credential", out->id, sizeof(out->id));
	json_out_int(&w, "generation", out->generation);
	json_out_int(&w, "not_after", out->not_after);
	if (token) {
		a->secret = true;
		json_out_text(&w, "token", out->token);
		json_out_int(&w, "token_expires_at", out->token_expires_at);
		if (link[0]) {
			json_out_text(&w, "link", link);
			json_out_text(&w, "code", out->code);
		}
	}
	json_out_end(&w);
}
