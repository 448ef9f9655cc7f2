/* SPDX-License-Identifier: Apache-2.0
 *
 * Activation: the token that the holder was given becomes a credential with its secret.
 *
 * The answer is JSON and holds K and the bearer token. They are taken out and overwritten in the
 * received bytes before the JSON parser sees them, because parsers copy and do not wipe.
 */
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/text_safe.h"
#include "verifier/client.h"
#include "wallet/holder/wallet.h"

/* ---- secrets out of the raw answer ---- */

static size_t skip_space(const struct bytes *b, size_t at)
{
	while (at < b->len && memchr(" \t\r\n", b->data[at], 4))
		at++;
	return at;
}

/* Position after `"name" : "` when that is what begins at `at`, else 0. The quote before the name
 * makes it a whole JSON string: inside another string it would be escaped.
 */
static size_t member_begin(const struct bytes *b, size_t at, const char *name)
{
	size_t len = strlen(name);

	if (b->len - at < len + 2 || b->data[at] != '"' || b->data[at + len + 1] != '"' ||
		memcmp(b->data + at + 1, name, len) != 0)
		return 0;
	at = skip_space(b, at + len + 2);
	if (at >= b->len || b->data[at] != ':')
		return 0;
	at = skip_space(b, at + 1);
	return at < b->len && b->data[at] == '"' ? at + 1 : 0;
}

/* Moves the text of the first member with this name into *out; zeroes ('0') stay in its place. */
static enum err_code member_take(
	struct secret **out, struct bytes *b, const char *name, size_t len_max)
{
	size_t begin = 0, len = 0;
	enum err_code rc;

	for (size_t at = 0; at < b->len && !begin; at++)
		begin = member_begin(b, at, name);
	if (!begin)
		return ERR_NOT_FOUND;
	while (begin + len < b->len && b->data[begin + len] != '"' && b->data[begin + len] != '\\')
		len++;
	if (len == 0 || len > len_max || begin + len == b->len)
		return ERR_FORMAT;
	rc = secret_new(out, len);
	if (rc)
		return rc;
	memcpy((*out)->data, b->data + begin, len);
	memset(b->data + begin, '0', len);
	return ERR_OK;
}

/* What the parser found must be the text that was overwritten: so it was the right member. */
static bool is_zeroes(const struct json *j, const char *name, size_t len)
{
	char text[WALLET_TOKEN_MAX + 1];

	return !json_get_text(j, name, text, sizeof(text), NULL) && strlen(text) == len &&
	       strspn(text, "0") == len;
}

static enum err_code secrets_take(struct wallet *w, struct bytes *answer, struct err *err)
{
	struct secret *hex = NULL;
	enum err_code rc = member_take(&hex, answer, "secret", (size_t)2 * SEC_KEY_LEN);

	if (!rc)
		rc = member_take(&w->token, answer, "token", WALLET_TOKEN_MAX);
	if (!rc)
		rc = secret_new(&w->key, SEC_KEY_LEN);
	if (!rc)
		rc = hex_decode(w->key->data, SEC_KEY_LEN, SPAN(hex->data, hex->len));
	secret_free(&hex);
	return rc ? err_set(err, ERR_PROTOCOL,
			    "the backend's answer holds no proper secret and token")
		  : ERR_OK;
}

/* ---- fields ---- */

static enum err_code hex_get(
	uint8_t *out, size_t len, const struct json *j, const char *name, struct err *err)
{
	char text[2 * SEC_ED25519_PUBLIC_LEN + 1];
	enum err_code rc = json_get_text(j, name, text, sizeof(text), err);

	if (rc)
		return rc;
	rc = hex_decode(out, len, span_text(text));
	return rc ? err_set(err, rc, "%s is not %zu bytes in hex", name, len) : ERR_OK;
}

/* A name that will be drawn and printed: it must be safe as it is. */
static enum err_code label_get(char out[static WALLET_LABEL_MAX + 1], const struct json *j,
	const char *name, struct err *err)
{
	enum err_code rc = json_get_text(j, name, out, WALLET_LABEL_MAX + 1, err);

	if (!rc && !text_is_safe(span_text(out)))
		rc = err_set(err, ERR_FORMAT, "%s has characters that may not be shown", name);
	return rc;
}

static enum err_code credential_get(struct wallet *w, const struct json *c, struct err *err)
{
	static const char *const names[] = {"id", "generation", "not_after", "policy", "digits",
		"purpose", "face_value", "holder"};
	char policy[8];
	int64_t generation, not_after, digits;
	enum err_code rc = json_only(c, names, sizeof(names) / sizeof(names[0]), err);

	if (!rc)
		rc = hex_get(w->credential_id, CODE_ID_LEN, c, "id", err);
	if (!rc)
		rc = json_get_int(c, "generation", &generation, 1, UINT16_MAX, err);
	if (!rc)
		rc = json_get_int(c, "not_after", &not_after, 0, UINT32_MAX, err);
	if (!rc)
		rc = json_get_int(c, "digits", &digits, CODE_DIGITS_MIN, CODE_DIGITS_MAX, err);
	if (!rc)
		rc = json_get_text(c, "policy", policy, sizeof(policy), err);
	if (!rc)
		rc = label_get(w->purpose, c, "purpose", err);
	if (!rc)
		rc = label_get(w->face_value, c, "face_value", err);
	if (!rc)
		rc = label_get(w->holder, c, "holder", err);
	if (rc)
		return rc;
	w->generation = (uint16_t)generation;
	w->not_after = (uint32_t)not_after;
	w->digits = (int)digits;
	w->live = strcmp(policy, "live") == 0;
	if (!w->live && strcmp(policy, "static") != 0)
		return err_set(err, ERR_FORMAT, "policy is neither live nor static");
	return ERR_OK;
}

static enum err_code issuer_get(struct wallet *w, const struct json *i, struct err *err)
{
	static const char *const names[] = {"name", "host", "key"};
	enum err_code rc = json_only(i, names, sizeof(names) / sizeof(names[0]), err);

	if (!rc)
		rc = label_get(w->issuer_name, i, "name", err);
	if (!rc)
		rc = json_get_text(i, "host", w->host, sizeof(w->host), err);
	if (!rc)
		rc = hex_get(w->issuer_public, SEC_ED25519_PUBLIC_LEN, i, "key", err);
	return rc;
}

static enum err_code first_code_get(struct wallet *w, const struct json *j, struct err *err)
{
	char text[CODE_TEXT_MAX];
	struct code code;
	enum err_code rc = json_get_text(j, "first_code", text, sizeof(text), err);

	if (rc)
		return rc;
	code_parse(&code, span_text(text));
	if (code.kind != CODE_CREDENTIAL || code.credential.live)
		return err_set(err, ERR_FORMAT, "first_code is not a static credential code");
	if (strcmp(code.host, w->host) != 0)
		return err_set(err, ERR_FORGED, "first_code is of another host than the issuer's");
	memcpy(w->static_body, code.credential.static_body, sizeof(w->static_body));
	return ERR_OK;
}

static enum err_code answer_fields(struct wallet *w, const struct json *j, struct err *err)
{
	static const char *const names[] = {
		"credential", "secret", "first_code", "issuer", "token"};
	const struct json *credential, *issuer;
	enum err_code rc = json_only(j, names, sizeof(names) / sizeof(names[0]), err);

	if (!rc && (!is_zeroes(j, "secret", (size_t)2 * SEC_KEY_LEN) ||
			   !is_zeroes(j, "token", w->token->len)))
		rc = err_set(err, ERR_FORMAT, "secret or token is not where it belongs");
	if (!rc)
		rc = json_get_object(j, "credential", &credential, err);
	if (!rc)
		rc = json_get_object(j, "issuer", &issuer, err);
	if (!rc)
		rc = credential_get(w, credential, err);
	if (!rc)
		rc = issuer_get(w, issuer, err);
	if (!rc)
		rc = first_code_get(w, j, err);
	return rc ? rc : wallet_check(w, err);
}

enum err_code wallet_activation_parse(
	struct wallet **out, struct bytes *answer, const char *url, struct err *err)
{
	struct wallet *w = NULL;
	struct json *j = NULL;
	enum err_code rc = wallet_new(&w);

	*out = NULL;
	if (rc)
		return err_set(err, rc, "no memory for the wallet");
	if (strlen(url) > WALLET_URL_MAX) {
		rc = err_set(err, ERR_TOO_LARGE, "the backend's address is too long");
		goto out;
	}
	memcpy(w->url, url, strlen(url) + 1);
	rc = secrets_take(w, answer, err);
	if (!rc)
		rc = json_parse(&j, bytes_span(answer), WALLET_ACTIVATION_MAX, err);
	if (!rc)
		rc = answer_fields(w, j, err);
	if (rc) {
		err_prefix(err, "the activation answer cannot be believed");
		goto out;
	}
	*out = w;
	w = NULL;
out:
	sec_wipe(answer->data, answer->len);
	json_free(&j);
	wallet_free(&w);
	return rc;
}

/* ---- the exchange ---- */

static enum err_code refusal(int status, struct err *err)
{
	switch (status) {
	case 400:
		return err_set(err, ERR_INVALID,
			"this is not an activation of this backend: take all of the code or link, "
			"and the address that the issuer gave you");
	case 403:
		return err_set(err, ERR_INVALID,
			"this activation cannot be used any more; ask the issuer for a new one");
	case 404:
		return err_set(err, ERR_INVALID,
			"the backend does not know this activation token, or it was used before; "
			"ask the issuer for a new one");
	case 429:
		return err_set(err, ERR_BUSY, "the backend has too much to do; try again later");
	default:
		return err_set(err, ERR_PROTOCOL,
			"the backend refused the activation (HTTP status %d)", status);
	}
}

static enum err_code request_build(struct bytes *out, struct span token, struct err *err)
{
	uint8_t claim[CODE_ID_LEN];
	struct json_out w;
	enum err_code rc = sec_random(claim, sizeof(claim), err);

	if (rc)
		return rc;
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_span(&w, "token", token);
	json_out_hex(&w, "claim", SPAN(claim, sizeof(claim)));
	json_out_end(&w);
	sec_wipe(claim, sizeof(claim));
	return out->full ? err_set(err, ERR_TOO_LARGE, "the activation token is too long") : ERR_OK;
}

/* Nobody knows what became of it, so it is asked again in the same words. */
static enum err_code ask(struct http_exchange *x, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int i = 0; i < WALLET_ASK_TRIES; i++) {
		if (i > 0)
			(void)nanosleep(&(struct timespec){.tv_nsec = i * 200000000L}, NULL);
		bytes_clear(x->answer);
		x->status = 0;
		rc = http_exchange(x, err);
		if (rc == ERR_OK && x->status < 500)
			return ERR_OK;
	}
	return rc;
}

static enum err_code address_build(char *out, size_t cap, const char *url, struct err *err)
{
	size_t len = strlen(url);

	while (len && url[len - 1] == '/')
		len--;
	if (len == 0 || len > WALLET_URL_MAX)
		return err_set(err, ERR_INVALID, "the backend's address is empty or too long");
	memcpy(out, url, len);
	memcpy(out + len, "/v1/activations", sizeof("/v1/activations"));
	ASSERT(len + sizeof("/v1/activations") <= cap);
	return ERR_OK;
}

enum err_code wallet_activate(struct wallet **out, const char *url, const char *ca,
	struct span given, struct err *err)
{
	struct span token;
	const struct client_tls tls = {.ca = ca};
	char address[WALLET_URL_MAX + 32];
	struct secret *keep = NULL;
	struct bytes body, answer;
	struct http_exchange x = {.method = "POST", .url = address, .tls = &tls, .answer = &answer};
	enum err_code rc = address_build(address, sizeof(address), url, err);

	*out = NULL;
	if (rc == ERR_OK)
		rc = wallet_token_find(&token, given, err);
	if (rc)
		return rc;
	rc = secret_new(&keep, 1024 + WALLET_ACTIVATION_MAX);
	if (rc)
		return err_set(err, rc, "no locked memory for the activation");
	bytes_init_fixed(&body, keep->data, 1024);
	bytes_init_fixed(&answer, keep->data + 1024, WALLET_ACTIVATION_MAX);
	rc = request_build(&body, token, err);
	if (rc)
		goto out;
	x.body = bytes_span(&body);
	rc = ask(&x, err);
	if (rc)
		goto out;
	rc = x.status == 201 ? wallet_activation_parse(out, &answer, url, err)
			     : refusal(x.status, err);
out:
	secret_free(&keep);
	return rc;
}
