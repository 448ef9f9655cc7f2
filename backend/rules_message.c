/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages to holders: who is told, sealed for the store.
 *
 * They are sealed under a key derived from the chain key, which is never rotated: so a message that
 * waits survives the rotation of the master key, and a dump of the database still shows nothing.
 */
#include "backend/rules_message.h"

#include <stdio.h>
#include <string.h>

#include "backend/tally.h"
#include "base/json.h"

#define KEY_INFO "countersign/1 message"
#define PLAIN_MAX (STORE_MESSAGE_BODY_MAX - SEC_AEAD_OVERHEAD)

static enum err_code message_key(const struct rules *r, uint8_t key[static SEC_KEY_LEN],
	struct err *err)
{
	if (sec_hkdf_sha256(key, SEC_KEY_LEN, keyring_chain_key(r->keys), SPAN(NULL, 0),
		    span_text(KEY_INFO)))
		return err_set(err, ERR_CRYPTO, "a message cannot be sealed");
	return ERR_OK;
}

static enum err_code seal(const struct rules *r, struct store_message *m,
	const struct message_body *body, struct err *err)
{
	uint8_t plain[PLAIN_MAX], key[SEC_KEY_LEN];
	struct bytes out;
	struct json_out w;
	enum err_code e = message_key(r, key, err);

	bytes_init_fixed(&out, plain, sizeof(plain));
	json_out_init(&w, &out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "phone", body->phone);
	json_out_text(&w, "email", body->email);
	json_out_text(&w, "language", body->language);
	json_out_text(&w, "subject", body->subject);
	json_out_text(&w, "text", body->text);
	json_out_end(&w);
	ASSERT(!out.full); /* every member has its limit; two bytes for each at most */
	if (!e)
		e = sec_aead_seal(m->body, SPAN(key, sizeof(key)), bytes_span(&out),
			SPAN(m->id, CODE_ID_LEN), err);
	m->body_len = out.len + SEC_AEAD_OVERHEAD;
	sec_wipe(key, sizeof(key));
	sec_wipe(plain, sizeof(plain));
	return e;
}

static enum err_code read_body(struct message_body *out, struct span plain, struct err *err)
{
	struct json *j = NULL;
	enum err_code e = json_parse(&j, plain, PLAIN_MAX, err);

	if (!e)
		e = json_get_text(j, "phone", out->phone, sizeof(out->phone), err);
	if (!e)
		e = json_get_text(j, "email", out->email, sizeof(out->email), err);
	if (!e)
		e = json_get_text(j, "language", out->language, sizeof(out->language), err);
	if (!e)
		e = json_get_text(j, "subject", out->subject, sizeof(out->subject), err);
	if (!e)
		e = json_get_text(j, "text", out->text, sizeof(out->text), err);
	json_free(&j);
	return e;
}

enum err_code rules_message_open(const struct rules *r, struct message_body *out,
	const struct store_message *m, struct err *err)
{
	uint8_t plain[PLAIN_MAX], key[SEC_KEY_LEN];
	enum err_code e = message_key(r, key, err);

	memset(out, 0, sizeof(*out));
	if (!e && m->body_len <= SEC_AEAD_OVERHEAD)
		e = err_set(err, ERR_FORGED, "a message has no text");
	if (!e && sec_aead_open(plain, SPAN(key, sizeof(key)), SPAN(m->body, m->body_len),
			  SPAN(m->id, CODE_ID_LEN)))
		e = err_set(err, ERR_FORGED, "a message was not sealed by this backend");
	if (!e)
		e = read_body(out, SPAN(plain, m->body_len - SEC_AEAD_OVERHEAD), err);
	sec_wipe(key, sizeof(key));
	sec_wipe(plain, sizeof(plain));
	return e;
}

/* ---- who is told ---- */

static bool can_be_reached(const struct policy *p, const struct message_body *b)
{
	switch (policy_messenger(p)) {
	case MESSENGER_NONE:
		return false;
	case MESSENGER_SMTP:
		return b->email[0] != '\0';
	case MESSENGER_HTTP:
		return b->phone[0] != '\0';
	case MESSENGER_OUTBOX:
		return b->email[0] != '\0' || b->phone[0] != '\0';
	}
	return false;
}

static enum err_code load_holder(const struct rules *r, struct store_holder *holder,
	struct store_credential *c, struct message_body *b, const uint8_t *credential,
	struct err *err)
{
	struct store_contact contact;
	enum err_code e = store_credential_get(r->store, c, credential, err);

	if (!e)
		e = store_holder_get(r->store, holder, c->holder, err);
	if (!e)
		e = store_contact_get(r->store, &contact, c->holder, err);
	if (e)
		return e;
	(void)snprintf(b->phone, sizeof(b->phone), "%s", holder->phone);
	(void)snprintf(b->email, sizeof(b->email), "%s", contact.email);
	(void)snprintf(b->language, sizeof(b->language), "%s",
		contact.language[0]              ? contact.language
		: r->policy->messenger_language[0] ? r->policy->messenger_language
						   : "en");
	return ERR_OK;
}

void rules_message_link(const struct rules *r, char out[static MESSAGE_LINK_MAX],
	const char *token)
{
	const char *host = keyring_issuer_host(r->keys);

	if (r->policy->messenger_link[0])
		(void)snprintf(out, MESSAGE_LINK_MAX, "%s#%s", r->policy->messenger_link, token);
	else
		(void)snprintf(out, MESSAGE_LINK_MAX, "https://%s/#%s", host, token);
}

static enum err_code write_message(const struct rules *r, struct store_message *m,
	const struct message_body *body, struct err *err)
{
	enum err_code e = sec_random(m->id, CODE_ID_LEN, err);

	if (!e)
		e = seal(r, m, body, err);
	if (!e)
		e = store_message_insert(r->store, m, clock_unix_s(r->clock), err);
	if (!e && r->tally)
		r->tally->messages++;
	return e;
}

enum err_code rules_message(const struct rules *r, const char *kind,
	const uint8_t credential[static CODE_ID_LEN], const char *token, int64_t until,
	struct err *err)
{
	struct store_message m = {
		.ends = token ? until : clock_unix_s(r->clock) + MESSAGE_NOTICE_S};
	struct message_body body = {.phone = ""};
	struct message_words words = {.kind = kind, .until = until};
	struct store_credential c;
	struct store_holder holder;
	char link[MESSAGE_LINK_MAX] = "";
	enum err_code e;

	if (policy_messenger(r->policy) == MESSENGER_NONE)
		return ERR_OK;
	e = load_holder(r, &holder, &c, &body, credential, err);
	if (e || !can_be_reached(r->policy, &body))
		return e;
	if (token)
		rules_message_link(r, link, token);
	words.language = body.language;
	words.issuer = keyring_issuer_name(r->keys);
	words.holder = holder.name;
	words.purpose = c.purpose;
	words.link = link;
	if (!message_text(&body, &words))
		e = err_set(err, ERR_INTERNAL, "a message of the kind %s does not fit", kind);
	memcpy(m.credential, credential, CODE_ID_LEN);
	(void)snprintf(m.kind, sizeof(m.kind), "%s", kind);
	if (!e)
		e = write_message(r, &m, &body, err);
	sec_wipe(link, sizeof(link));
	sec_wipe(&body, sizeof(body));
	return e;
}
