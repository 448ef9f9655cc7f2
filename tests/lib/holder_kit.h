/* SPDX-License-Identifier: Apache-2.0
 *
 * Wallets made from the test vectors, for the tests of wallet/holder.
 */
#ifndef TESTS_LIB_HOLDER_KIT_H
#define TESTS_LIB_HOLDER_KIT_H

#include "tests/lib/vectors.h"
#include "wallet/holder/wallet.h"

static inline int holder_set_up(void **state)
{
	(void)state;
	return sec_start(NULL) ? -1 : 0;
}

static inline void kit_text(char *out, size_t cap, const char *text)
{
	assert_true(strlen(text) < cap);
	memcpy(out, text, strlen(text) + 1);
}

/* The wallet that an activation for this case would have given. */
static inline struct wallet *kit_wallet(const struct vector *v, bool live)
{
	struct wallet *w = NULL;
	struct code code;

	assert_int_equal(wallet_new(&w), ERR_OK);
	assert_int_equal(secret_new(&w->key, SEC_KEY_LEN), ERR_OK);
	memcpy(w->key->data, v->secret, SEC_KEY_LEN);
	assert_int_equal(secret_new(&w->token, 12), ERR_OK);
	memcpy(w->token->data, "BEARERTOKEN2", 12);
	memcpy(w->credential_id, v->credential_id, CODE_ID_LEN);
	w->generation = (uint16_t)v->generation;
	w->not_after = (uint32_t)v->not_after;
	w->live = live;
	w->digits = (int)v->digits;
	code_parse(&code, span_text(v->first_static));
	assert_int_equal(code.kind, CODE_CREDENTIAL);
	memcpy(w->static_body, code.credential.static_body, sizeof(w->static_body));
	memcpy(w->issuer_public, v->issuer_public, sizeof(w->issuer_public));
	kit_text(w->issuer_name, sizeof(w->issuer_name), "Corner Bank");
	kit_text(w->host, sizeof(w->host), v->host);
	kit_text(w->purpose, sizeof(w->purpose), "Member card");
	kit_text(w->face_value, sizeof(w->face_value), "Gold");
	kit_text(w->holder, sizeof(w->holder), "Li Lei");
	kit_text(w->url, sizeof(w->url), "http://127.0.0.1:8080");
	assert_int_equal(wallet_check(w, NULL), ERR_OK);
	return w;
}

#define KIT_TEXT(name)                                                                             \
	char name##_storage[CODE_TEXT_MAX];                                                        \
	struct bytes name;                                                                         \
	bytes_init_fixed(&name, name##_storage, sizeof(name##_storage))

#endif
