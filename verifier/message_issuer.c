/* SPDX-License-Identifier: Apache-2.0
 *
 * The issuer's keys out of GET /v1/issuer.
 */
#include <string.h>

#include "base/json.h"
#include "verifier/client.h"

static enum err_code key_read(
	struct flow_issuer *out, bool *valid, const struct json *j, int64_t now, struct err *err)
{
	char hex[2 * SEC_ED25519_PUBLIC_LEN + 1];
	int64_t not_before = 0, not_after = 0;
	enum err_code rc = json_get_text(j, "key", hex, sizeof hex, err);

	if (rc == ERR_OK)
		rc = json_get_int(j, "not_before", &not_before, INT64_MIN, INT64_MAX, err);
	if (rc == ERR_OK)
		rc = json_get_int(j, "not_after", &not_after, INT64_MIN, INT64_MAX, err);
	if (rc == ERR_OK)
		rc = hex_decode(out->public_key, sizeof out->public_key, span_text(hex));
	if (rc == ERR_OK)
		rc = code_issuer_key_id(
			out->key_id, SPAN(out->public_key, sizeof out->public_key));
	/* The clock of a terminal is not exact: the beginning is the backend's business. */
	*valid = rc == ERR_OK && (now < not_after || not_after == (int64_t)CODE_NO_END);
	return rc;
}

static enum err_code keys_read(
	struct client_keys *out, const struct json *j, int64_t now, struct err *err)
{
	const struct json *item;
	size_t len = 0;
	bool valid;
	enum err_code rc = json_get_array_len(j, "keys", &len, err);

	for (size_t i = 0; rc == ERR_OK && i < len; i++) {
		if (out->count == CLIENT_ISSUER_KEYS_MAX)
			break; /* the newest come first */
		rc = json_get_array_object(j, "keys", i, &item, err);
		if (rc == ERR_OK)
			rc = key_read(&out->list[out->count], &valid, item, now, err);
		if (rc == ERR_OK && valid)
			out->count++;
	}
	if (rc == ERR_OK && out->count == 0)
		rc = err_set(err, ERR_FORMAT, "the issuer has no key that is valid now");
	return rc;
}

enum err_code message_issuer_parse(
	struct client_keys *out, struct span body, int64_t now_unix_s, struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = keys_read(out, j, now_unix_s, err);
	if (rc != ERR_OK)
		memset(out, 0, sizeof *out);
	json_free(&j);
	return rc;
}
