/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys at rest: nothing opens under another master key or in another row, and nothing secret is in
 * the files.
 */
#include "tests/lib/backend_world.h"

#include <sqlite3.h>

#include "base/file.h"

static struct world *w;
static struct keyring *k;
static struct err err;

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keyring_free(&k);
	world_free(w);
	w = NULL;
	return 0;
}

static const char *in_world(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	return path;
}

static enum err_code open_file(const void *data, size_t len, unsigned mode)
{
	const char *path = in_world("key");
	enum err_code e;

	must(w, file_replace(path, SPAN(data, len), mode, &w->err));
	e = keyring_open(&k, path, NULL, &err);
	if (e) {
		assert_null(k);
		assert_non_null(strstr(err.text, path));
	}
	keyring_free(&k);
	return e;
}

static void master_key_file_is_raw_or_hexadecimal_and_private(void **state)
{
	char text[80];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(open_file(text, 32, 0600), ERR_OK);
	assert_int_equal(open_file(text, 64, 0600), ERR_OK);
	text[64] = '\n';
	assert_int_equal(open_file(text, 65, 0600), ERR_OK);
	assert_int_equal(open_file(text, 65, 0400), ERR_OK);
	assert_int_equal(open_file(text, 65, 0640), ERR_PERMISSION);
	assert_int_equal(open_file(text, 65, 0604), ERR_PERMISSION);
	text[64] = 'a';
	assert_int_equal(open_file(text, 65, 0600), ERR_FORMAT);
	text[63] = 'g';
	assert_int_equal(open_file(text, 64, 0600), ERR_FORMAT);
	for (size_t len = 0; len < 64; len++)
		if (len != 32)
			assert_int_equal(open_file(text, len, 0600), ERR_FORMAT);
	assert_int_equal(open_file(text, 80, 0600), ERR_FORMAT);
	assert_int_equal(keyring_open(&k, in_world("missing"), NULL, &err), ERR_NOT_FOUND);
	assert_int_equal(keyring_open(&k, w->dir, NULL, &err) != ERR_OK, 1);
}

static void master_key_is_made_once_and_private(void **state)
{
	struct stat st;

	(void)state;
	must(w, keyring_master_create(in_world("new.key"), &w->err));
	assert_int_equal(stat(in_world("new.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(keyring_master_create(in_world("new.key"), &err), ERR_EXISTS);
}

static void sealed_values_open_only_as_what_they_are(void **state)
{
	const uint8_t secret[SEC_KEY_LEN] = {1, 2, 3};
	uint8_t sealed[KEYRING_SEALED_LEN], out[SEC_KEY_LEN], zero[SEC_KEY_LEN] = {0};
	const struct keyring *keys = w->rules.keys;
	struct span id = SPAN("identity", 8);

	(void)state;
	must(w, keyring_seal(keys, sealed, "kind", id, secret, &w->err));
	must(w, keyring_unseal(keys, out, "kind", id, SPAN(sealed, sizeof(sealed)), &w->err));
	assert_memory_equal(out, secret, sizeof(out));
	assert_int_equal(keyring_unseal(keys, out, "kine", id, SPAN(sealed, sizeof(sealed)), &err),
		ERR_FORGED);
	assert_memory_equal(out, zero, sizeof(out));
	assert_int_equal(keyring_unseal(keys, out, "kind", SPAN("identitx", 8),
				 SPAN(sealed, sizeof(sealed)), &err), ERR_FORGED);
	/* Kind and identity cannot run into each other. */
	assert_int_equal(keyring_unseal(keys, out, "kindi", SPAN("dentity", 7),
				 SPAN(sealed, sizeof(sealed)), &err), ERR_FORGED);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 0x10;
		assert_int_equal(keyring_unseal(keys, out, "kind", id,
					 SPAN(sealed, sizeof(sealed)), &err), ERR_FORGED);
		sealed[i] ^= 0x10;
		assert_int_equal(keyring_unseal(keys, out, "kind", id, SPAN(sealed, i), &err),
			ERR_FORGED);
	}
}

static void swapped_secrets_of_two_credentials_do_not_open(void **state)
{
	struct phone p, q;
	sqlite3 *db = NULL;
	char code[CODE_TEXT_MAX];
	struct rules_start_in in = {.amount = 0};

	(void)state;
	phone_new(w, &p, false);
	phone_new(w, &q, false);
	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE k AS SELECT * FROM credential_key;"
		"UPDATE credential_key SET secret=(SELECT secret FROM k"
		" WHERE k.credential<>credential_key.credential)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	phone_first_code(&p, code, world_now(w));
	snprintf(in.code, sizeof(in.code), "%s", code);
	must(w, store_begin(w->service->store, &w->err));
	assert_int_equal(rules_verification_start(&w->rules, &w->started, &w->problem, &w->till,
				 &in, &err), ERR_FORGED);
	store_rollback(w->service->store);
}

static void another_master_key_opens_nothing(void **state)
{
	struct service *s = NULL;

	(void)state;
	service_close(&w->service);
	assert_int_equal(unlink(in_world("master.key")), 0);
	must(w, keyring_master_create(in_world("master.key"), &w->err));
	assert_int_equal(service_open(&s, w->dir, &w->clock, &err), ERR_FORGED);
	assert_null(s);
	assert_non_null(strstr(err.text, "another master key"));
}

/* ---- what a thief of the database has ---- */

static bool contains(const struct bytes *file, const void *needle, size_t len)
{
	return memmem(file->data, file->len, needle, len) != NULL;
}

static void no_form_of(const struct bytes *file, struct span secret)
{
	char hex[2 * 64 + 1];

	hex_encode(hex, secret);
	assert_false(contains(file, secret.data, secret.len));
	assert_false(contains(file, hex, 2 * secret.len));
}

static void look_into(const char *name, const struct rules_activation_out *a,
	const struct service_terminal *t, const struct service_issued *i)
{
	struct bytes file;
	struct keyring *keys = w->service->keys;

	bytes_init(&file, 50000000);
	must(w, file_read(&file, in_world(name), false, &w->err));
	assert_true(file.len > 0);
	no_form_of(&file, SPAN(a->secret, SEC_KEY_LEN));
	no_form_of(&file, keyring_number_key(keys));
	no_form_of(&file, keyring_signing_seed(keys));
	assert_false(contains(&file, a->token, strlen(a->token)));
	assert_false(contains(&file, t->token, strlen(t->token)));
	assert_false(contains(&file, i->token, strlen(i->token)));
	bytes_done(&file);
}

static void no_secret_is_in_the_database_or_its_log(void **state)
{
	struct service_issue in = {.digits = 0};
	struct service_issued i, unused;
	struct service_terminal t;
	struct rules_activation_out a;

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	must(w, service_credential_issue(w->service, &i, &in, &w->err));
	must(w, service_credential_issue(w->service, &unused, &in, &w->err));
	must(w, service_terminal_enrol(w->service, &t, "third", NULL, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	must(w, world_activation(w, &a, i.token));
	must(w, store_commit(w->service->store, &w->err));
	look_into("countersign.db-wal", &a, &t, &i);
	look_into("countersign.db", &a, &t, &unused);
	look_into("audit.head", &a, &t, &unused);
}

static void issuers_are_found_by_their_key_id_only(void **state)
{
	const struct keyring_issuer *issuer = keyring_issuer_at(w->rules.keys, 0);
	uint8_t id[CODE_KEY_ID_LEN];

	(void)state;
	assert_int_equal(keyring_issuer_count(w->rules.keys), 1);
	assert_ptr_equal(keyring_issuer_find(w->rules.keys, issuer->key_id), issuer);
	assert_int_equal(code_issuer_key_id(id, SPAN(issuer->public_key, SEC_ED25519_PUBLIC_LEN)),
		ERR_OK);
	assert_memory_equal(id, issuer->key_id, CODE_KEY_ID_LEN);
	for (size_t i = 0; i < CODE_KEY_ID_LEN; i++) {
		id[i] ^= 1;
		assert_null(keyring_issuer_find(w->rules.keys, id));
		id[i] ^= 1;
	}
	assert_string_equal(keyring_issuer_name(w->rules.keys), "Corner Bank");
	assert_string_equal(keyring_issuer_host(w->rules.keys), "QR.EXAMPLE.COM");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(master_key_file_is_raw_or_hexadecimal_and_private),
		CASE(master_key_is_made_once_and_private),
		CASE(sealed_values_open_only_as_what_they_are),
		CASE(swapped_secrets_of_two_credentials_do_not_open),
		CASE(another_master_key_opens_nothing),
		CASE(no_secret_is_in_the_database_or_its_log),
		CASE(issuers_are_found_by_their_key_id_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
