/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of barred credentials out of GET /v1/issuer, and POST /v1/offline.
 */
#include <string.h>

#include "base/json.h"
#include "verifier/offline.h"

#define LIST_WORDS "countersign/1 list"

/* ---- the list ---- */

void offline_list_bytes(struct bytes *out, const struct offline_list *list)
{
	bytes_add_text(out, LIST_WORDS);
	bytes_add_be64(out, (uint64_t)list->version);
	bytes_add_be64(out, (uint64_t)list->at);
	bytes_add_u8(out, list->complete);
	bytes_add_be32(out, (uint32_t)list->frozen_count);
	bytes_add(out, list->frozen, list->frozen_count * CODE_ID_SHORT_LEN);
	bytes_add_be32(out, (uint32_t)list->void_count);
	bytes_add(out, list->withdrawn, list->void_count * CODE_ID_SHORT_LEN);
}

static enum err_code ids_read(uint8_t *out, size_t *count, const struct json *j, const char *name,
	struct err *err)
{
	char hex[2 * OFFLINE_LIST_MAX * CODE_ID_SHORT_LEN + 1];
	enum err_code rc = json_get_text(j, name, hex, sizeof hex, err);
	size_t len = rc == ERR_OK ? strlen(hex) : 0;

	if (rc == ERR_OK && len % (2 * CODE_ID_SHORT_LEN) != 0)
		rc = err_set(err, ERR_FORMAT, "%s is not a list of credentials", name);
	if (rc == ERR_OK && len > 0)
		rc = hex_decode(out, len / 2, span_text(hex));
	*count = rc == ERR_OK ? len / 2 / CODE_ID_SHORT_LEN : 0;
	return rc;
}

static enum err_code list_check(
	const struct offline_list *list, const struct json *j, const struct client_keys *keys,
	struct err *err)
{
	uint8_t room[OFFLINE_LIST_BYTES_MAX], key_id[CODE_KEY_ID_LEN];
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN];
	char id_hex[2 * CODE_KEY_ID_LEN + 1], signature_hex[2 * SEC_ED25519_SIGNATURE_LEN + 1];
	struct bytes message;
	enum err_code rc = json_get_text(j, "key_id", id_hex, sizeof id_hex, err);

	if (rc == ERR_OK)
		rc = json_get_text(j, "signature", signature_hex, sizeof signature_hex, err);
	if (rc == ERR_OK)
		rc = hex_decode(key_id, sizeof key_id, span_text(id_hex));
	if (rc == ERR_OK)
		rc = hex_decode(signature, sizeof signature, span_text(signature_hex));
	if (rc != ERR_OK)
		return rc;
	bytes_init_fixed(&message, room, sizeof room);
	offline_list_bytes(&message, list);
	if (message.full)
		return err_set(err, ERR_FORMAT, "the list of credentials is too long");
	for (size_t i = 0; i < keys->count; i++)
		if (memcmp(keys->list[i].key_id, key_id, sizeof key_id) == 0)
			return sec_ed25519_verify(
				SPAN(keys->list[i].public_key, SEC_ED25519_PUBLIC_LEN),
				SPAN(signature, sizeof signature), bytes_span(&message));
	return err_set(err, ERR_FORGED, "the list of credentials is signed by a key of nobody");
}

static enum err_code list_read(struct offline_list *out, const struct json *j, struct err *err)
{
	enum err_code rc = json_get_int(j, "version", &out->version, 0, INT64_MAX, err);

	if (rc == ERR_OK)
		rc = json_get_int(j, "at", &out->at, 1, INT64_MAX / 2, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "complete", &out->complete, err);
	if (rc == ERR_OK)
		rc = ids_read(out->frozen, &out->frozen_count, j, "frozen", err);
	if (rc == ERR_OK)
		rc = ids_read(out->withdrawn, &out->void_count, j, "void", err);
	if (rc == ERR_OK && out->frozen_count + out->void_count > OFFLINE_LIST_MAX)
		rc = err_set(err, ERR_FORMAT, "the list of credentials is too long");
	return rc;
}

/* A backend that knows no offline sales allows none. */
static uint64_t amount_read(const struct json *root)
{
	const struct json *policy = NULL;
	int64_t most = 0;

	if (json_get_object(root, "policy", &policy, NULL) != ERR_OK ||
		json_get_int(policy, "offline_max", &most, 0, INT64_MAX, NULL) != ERR_OK)
		return 0;
	return (uint64_t)most;
}

enum err_code offline_list_parse(
	struct offline_list *out, struct span body, int64_t now_unix_s, struct err *err)
{
	struct client_keys keys;
	const struct json *list = NULL;
	struct json *j = NULL;
	enum err_code rc = message_issuer_parse(&keys, body, now_unix_s, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);
	if (rc == ERR_OK)
		rc = json_get_object(j, "list", &list, err);
	if (rc == ERR_OK)
		rc = list_read(out, list, err);
	if (rc == ERR_OK)
		rc = list_check(out, list, &keys, err);
	out->amount_max = rc == ERR_OK ? amount_read(j) : 0;
	out->got_at = now_unix_s;
	out->known = rc == ERR_OK;
	if (rc != ERR_OK)
		memset(out, 0, sizeof *out);
	json_free(&j);
	return rc;
}

/* ---- one sale ---- */

enum err_code message_offline_build(struct bytes *out, const struct offline_entry *e)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_hex(&w, "id", SPAN(e->id, sizeof e->id));
	json_out_text(&w, "code", e->code);
	json_out_int(&w, "at", e->at);
	json_out_int(&w, "amount", (int64_t)e->sale.amount);
	json_out_text(&w, "currency", e->sale.currency);
	if (e->sale.reference[0] != '\0')
		json_out_text(&w, "reference", e->sale.reference);
	if (e->sale.operator_name[0] != '\0')
		json_out_text(&w, "operator", e->sale.operator_name);
	json_out_end(&w);
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

/* Shown, printed and written down: of letters, digits and dashes. */
static enum err_code word_if(
	char *out, size_t cap, const struct json *j, const char *name, struct err *err)
{
	enum err_code rc = ERR_OK;

	out[0] = '\0';
	if (json_has(j, name))
		rc = json_get_text(j, name, out, cap, err);
	for (size_t i = 0; rc == ERR_OK && out[i] != '\0'; i++)
		if (out[i] != '-' && !(out[i] >= '0' && out[i] <= '9') &&
			!(out[i] >= 'a' && out[i] <= 'z'))
			rc = err_set(err, ERR_FORMAT, "%s is no word", name);
	return rc;
}

static enum err_code answer_read(struct offline_answer *out, const struct json *j,
	const struct offline_entry *entry, struct err *err)
{
	char id[2 * OFFLINE_ID_LEN + 1], mine[2 * OFFLINE_ID_LEN + 1], outcome[16];
	enum err_code rc = json_get_text(j, "id", id, sizeof id, err);

	hex_encode(mine, SPAN(entry->id, sizeof entry->id));
	if (rc == ERR_OK && strcmp(id, mine) != 0)
		rc = err_set(err, ERR_FORMAT, "the answer is about another sale");
	if (rc == ERR_OK)
		rc = json_get_text(j, "outcome", outcome, sizeof outcome, err);
	if (rc == ERR_OK)
		rc = word_if(out->reason, sizeof out->reason, j, "reason", err);
	if (rc == ERR_OK)
		rc = word_if(out->receipt, sizeof out->receipt, j, "receipt", err);
	if (rc != ERR_OK)
		return rc;
	out->accepted = strcmp(outcome, "accepted") == 0;
	/* one or the other, and nothing that contradicts it */
	if (out->accepted ? out->reason[0] != '\0' || out->receipt[0] == '\0'
			  : strcmp(outcome, "conflict") != 0 || out->reason[0] == '\0')
		return err_set(err, ERR_FORMAT, "the outcome is none of accepted and conflict");
	return ERR_OK;
}

enum err_code message_offline_parse(struct offline_answer *out, struct span body,
	const struct offline_entry *entry, struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = answer_read(out, j, entry, err);
	if (rc != ERR_OK)
		memset(out, 0, sizeof *out);
	json_free(&j);
	return rc;
}
