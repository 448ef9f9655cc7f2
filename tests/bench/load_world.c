/* SPDX-License-Identifier: Apache-2.0
 *
 * A backend directory with as many credentials as wanted, made by the backend's own store and keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/registration.h"
#include "backend/rules_enrol.h"
#include "backend/store_rows.h"
#include "base/file.h"
#include "tests/bench/load.h"
#include "tests/lib/folder.h"

#define ROWS_PER_COMMIT 20000
#define VALID_S (365 * 86400)

/* 32 bytes that are the same in every run: what (a letter) of credential `index`. */
static void derived(uint8_t out[static SEC_SHA256_LEN], char what, unsigned index)
{
	uint8_t text[5] = {(uint8_t)what, (uint8_t)(index >> 24), (uint8_t)(index >> 16),
		(uint8_t)(index >> 8), (uint8_t)index};
	struct span part = SPAN(text, sizeof(text));

	TEST_MUST(sec_sha256(out, &part, 1));
}

/* Ids grow with the index: rows go in in key order, which is many times faster. */
static void credential_id(uint8_t out[static CODE_ID_LEN], unsigned index)
{
	uint8_t digest[SEC_SHA256_LEN];

	derived(digest, 'i', index);
	memcpy(out, digest, CODE_ID_LEN);
	out[0] = (uint8_t)(index >> 24);
	out[1] = (uint8_t)(index >> 16);
	out[2] = (uint8_t)(index >> 8);
	out[3] = (uint8_t)index;
}

static void fields_of(const struct load_world *w, struct code_credential *out, unsigned index)
{
	*out = (struct code_credential){.generation = 1, .not_after = w->not_after};
	memcpy(out->issuer_key_id, w->key_id, CODE_KEY_ID_LEN);
	credential_id(out->credential_id, index);
}

static void check(enum err_code e, const struct err *err)
{
	if (e)
		load_fail("the backend directory", err->text[0] ? err->text : err_words(e));
}

static void add_credential(struct load_world *w, struct service *s, unsigned index)
{
	struct store_holder h = {.name = "Li Lei", .phone = "13800130000", .created_at = 1};
	struct store_account a = {.created_at = 1};
	struct store_credential c = {
		.generation = 1, .live = true, .digits = 6, .purpose = "payment"};
	struct store_key k = {.generation = 1, .not_after = w->not_after};
	struct code_credential fields;
	uint8_t secret[SEC_KEY_LEN];
	struct bytes record;
	struct err err = {0};

	fields_of(w, &fields, index);
	memcpy(h.id, fields.credential_id, CODE_ID_LEN);
	memcpy(a.id, fields.credential_id, CODE_ID_LEN);
	memcpy(a.holder, h.id, CODE_ID_LEN);
	(void)snprintf(a.number, sizeof(a.number), "6222-%08u", index);
	memcpy(c.id, fields.credential_id, CODE_ID_LEN);
	memcpy(c.holder, h.id, CODE_ID_LEN);
	memcpy(c.account, a.id, CODE_ID_LEN);
	bytes_init_fixed(&record, c.registration, sizeof(c.registration));
	check(registration_build(&record, a.number, h.name, h.phone, &err), &err);
	c.registration_len = record.len;
	memcpy(k.credential, c.id, CODE_ID_LEN);
	derived(secret, 'k', index);
	check(keyring_credential_seal(s->keys, k.sealed, c.id, 1, secret, &err), &err);
	k.sealed_len = KEYRING_SEALED_LEN;
	TEST_MUST(code_credential_sign(k.static_body, &fields, keyring_signing_seed(s->keys)));
	memcpy(w->signatures[index],
		k.static_body + CODE_STATIC_BODY_LEN - SEC_ED25519_SIGNATURE_LEN,
		SEC_ED25519_SIGNATURE_LEN);
	check(store_holder_insert(s->store, &h, &err), &err);
	check(store_account_insert(s->store, &a, &err), &err);
	check(store_credential_insert(s->store, &c, &err), &err);
	check(store_key_insert(s->store, &k, &err), &err);
}

static void add_credentials(struct load_world *w, struct service *s)
{
	struct err err = {0};

	for (unsigned i = 0; i < w->credentials; i++) {
		if (i % ROWS_PER_COMMIT == 0)
			check(store_begin(s->store, &err), &err);
		add_credential(w, s, i);
		if ((i + 1) % ROWS_PER_COMMIT != 0 && i + 1 != w->credentials)
			continue;
		check(store_commit(s->store, &err), &err);
		if (isatty(2))
			fprintf(stderr, "\r%u of %u credentials  ", i + 1, w->credentials);
	}
	if (isatty(2))
		fprintf(stderr, "\n");
}

/* As `countersign enrol` does it, without the wire: a key, a code, a certificate. */
static void enrol(struct load_world *w, struct service *s, const char *name, SSL_CTX **out)
{
	struct rules rules = service_rules(s);
	struct rules_enrolment_out enrolled;
	struct rules_problem problem = {.status = 0};
	struct service_enrolment e;
	struct sec_key *key = NULL;
	char storage[SEC_CSR_MAX], key_file[96], cert_file[96], ca_file[96];
	struct bytes csr;
	struct err err = {0};

	(void)snprintf(key_file, sizeof(key_file), "%s/client.key", w->dir);
	(void)snprintf(cert_file, sizeof(cert_file), "%s/client.pem", w->dir);
	(void)snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", w->dir);
	bytes_init_fixed(&csr, storage, sizeof(storage));
	check(service_enrolment_new(s, &e, name, NULL, &err), &err);
	check(sec_key_new(&key, &err), &err);
	check(sec_csr_build(&csr, key, name, &err), &err);
	check(store_begin(s->store, &err), &err);
	check(rules_enrolment(&rules, &enrolled, &problem, span_text(e.code), bytes_span(&csr),
		      &err), &err);
	check(store_commit(s->store, &err), &err);
	if (problem.word[0])
		load_fail("enrolment", problem.word);
	(void)unlink(key_file); /* of the terminal before */
	check(sec_key_write(key, key_file, &err), &err);
	check(file_replace(cert_file, span_text(enrolled.certificate), 0600, &err), &err);
	*out = SSL_CTX_new(TLS_client_method());
	if (!*out || SSL_CTX_use_certificate_file(*out, cert_file, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_use_PrivateKey_file(*out, key_file, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_load_verify_file(*out, ca_file) != 1)
		load_fail("TLS", "no context");
	SSL_CTX_set_verify(*out, SSL_VERIFY_PEER, NULL);
	sec_key_free(&key);
}

static void add_terminals(struct load_world *w, struct service *s)
{
	struct err err = {0};

	for (unsigned i = 0; i < w->terminal_count; i++) {
		struct service_terminal t;
		char name[32];

		(void)snprintf(name, sizeof(name), "till %u", i + 1);
		if (w->tls) {
			enrol(w, s, name, &w->terminals[i].tls);
			continue;
		}
		check(service_terminal_enrol(s, &t, name, NULL, &err), &err);
		memcpy(w->terminals[i].token, t.token, sizeof(t.token));
	}
}

void load_world_make(struct load_world *w, const char *where, unsigned credentials,
	unsigned terminals)
{
	static const char *const names[] = {"127.0.0.1"};
	const struct authority_server server = {.names = names, .name_count = 1};
	struct service *s = NULL;
	struct clock clock;
	int64_t server_end;
	struct err err = {0};

	(void)snprintf(w->dir, sizeof(w->dir), "%s/countersign-bench-XXXXXX", where);
	if (!mkdtemp(w->dir))
		load_fail(where, "no folder can be made there");
	w->credentials = credentials;
	w->terminal_count = terminals;
	w->terminals = calloc(terminals, sizeof(*w->terminals));
	w->signatures = calloc(credentials, sizeof(*w->signatures));
	if (!w->terminals || !w->signatures)
		load_fail("memory", "not enough");
	check(sec_start(&err), &err);
	clock_init_real(&clock);
	w->not_after = (uint32_t)(clock_unix_s(&clock) + VALID_S);
	check(service_init(w->dir, "Bench Bank", LOAD_HOST, &clock, &err), &err);
	check(authority_create(w->dir, "Bench Bank", &server, clock_unix_s(&clock), &server_end,
		      &err), &err);
	check(service_open(&s, w->dir, &clock, &err), &err);
	memcpy(w->key_id, keyring_issuer_at(s->keys, 0)->key_id, CODE_KEY_ID_LEN);
	add_credentials(w, s);
	add_terminals(w, s);
	service_close(&s);
}

void load_world_done(struct load_world *w)
{
	for (unsigned i = 0; i < w->terminal_count; i++)
		SSL_CTX_free(w->terminals[i].tls);
	(void)nftw(w->dir, folder_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(w->terminals);
	free(w->signatures);
}

void load_phone(const struct load_world *w, struct test_wallet *out, unsigned index)
{
	uint8_t secret[SEC_KEY_LEN], body[CODE_STATIC_BODY_LEN];
	struct code_credential f;
	struct bytes b;

	fields_of(w, &f, index);
	derived(secret, 'k', index);
	TEST_MUST(code_keys_derive(&out->keys, SPAN(secret, sizeof(secret))));
	bytes_init_fixed(&b, body, sizeof(body));
	bytes_add_u8(&b, CODE_VERSION);
	bytes_add_u8(&b, 0);
	bytes_add(&b, f.issuer_key_id, CODE_KEY_ID_LEN);
	bytes_add(&b, f.credential_id, CODE_ID_LEN);
	bytes_add_be16(&b, f.generation);
	bytes_add_be32(&b, f.not_after);
	bytes_add(&b, w->signatures[index], SEC_ED25519_SIGNATURE_LEN);
	TEST_MUST(b.full || b.len != sizeof(body));
	memcpy(out->static_body, body, sizeof(body));
	memcpy(out->id, f.credential_id, CODE_ID_LEN);
	memcpy(out->host, LOAD_HOST, sizeof(LOAD_HOST));
}
