/* SPDX-License-Identifier: Apache-2.0
 *
 * Whoever has the database and not the master key: the file, its log, and a dump of it are searched
 * for every secret there is, in every form; and the PIN of an account is searched for.
 */
#include "tests/lib/backend_world.h"

#include "backend/service_people.h"
#include "base/base32.h"
#include "base/file.h"

#define DUMP_MAX 50000000
#define SECRETS_MAX 48

static struct world *w;

static struct {
	const char *name;
	uint8_t data[CODE_TEXT_MAX];
	size_t len;
	bool text; /* is not looked for in hex and base */
} secrets[SECRETS_MAX];
static size_t secret_count;

static void secret(const char *name, const void *data, size_t len, bool text)
{
	assert_true(secret_count < SECRETS_MAX && len <= sizeof(secrets[0].data));
	secrets[secret_count].name = name;
	memcpy(secrets[secret_count].data, data, len);
	secrets[secret_count].len = len;
	secrets[secret_count++].text = text;
}

/* A token as its owner has it, and the bytes it stands for. */
static void token(const char *name, const char *text)
{
	uint8_t raw[KEYRING_TOKEN_LEN];
	struct bytes b;

	bytes_init_fixed(&b, raw, sizeof(raw));
	assert_int_equal(base32_decode(&b, span_text(text)), ERR_OK);
	secret(name, text, strlen(text), true);
	secret(name, raw, sizeof(raw), false);
}

static void activation(const char *name, const struct service_issued *issued)
{
	char plain[BASE32_TEXT_LEN(CODE_ACTIVATION_LEN) + 1];
	uint8_t raw[CODE_ACTIVATION_LEN];
	struct bytes b;

	assert_int_equal(code_activation_typed(raw, span_text(issued->token)), ERR_OK);
	bytes_init_fixed(&b, (uint8_t *)plain, sizeof(plain));
	base32_encode(&b, SPAN(raw, sizeof(raw)));
	secret(name, issued->token, strlen(issued->token), true);
	secret(name, plain, b.len, true);
	secret(name, raw, sizeof(raw), false);
	secret(name, issued->code, strlen(issued->code), true);
}

/* ---- forms ---- */

static size_t base64(char *out, const uint8_t *in, size_t len, size_t skip)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	/* whole groups only, from any of the three places a group can begin */
	for (size_t i = skip; i + 3 <= len; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			out[n++] = digits[v >> shift & 63];
	}
	out[n] = '\0';
	return n;
}

static bool has(const struct bytes *file, const void *needle, size_t len)
{
	return memmem(file->data, file->len, needle, len) != NULL;
}

static bool has_form(const struct bytes *file, const uint8_t *data, size_t len, bool text)
{
	char form[160];
	struct bytes b;

	if (has(file, data, len))
		return true;
	if (text)
		return false;
	hex_encode(form, SPAN(data, len));
	if (has(file, form, 2 * len))
		return true;
	for (size_t i = 0; i < 2 * len; i++)
		if (form[i] >= 'a')
			form[i] = (char)(form[i] - 'a' + 'A');
	if (has(file, form, 2 * len))
		return true;
	for (size_t skip = 0; skip < 3; skip++)
		if (has(file, form, base64(form, data, len, skip)))
			return true;
	for (size_t skip = 0; skip < 5; skip++) {
		bytes_init_fixed(&b, form, sizeof(form));
		base32_encode(&b, SPAN(data + skip, (len - skip) / 5 * 5));
		if (has(file, form, b.len))
			return true;
	}
	return false;
}

static void nothing_in(const struct bytes *file, const char *where)
{
	assert_true(file->len > 1000);
	for (size_t i = 0; i < secret_count; i++)
		if (has_form(file, secrets[i].data, secrets[i].len, secrets[i].text))
			fail_msg("%s: %s is in it", where, secrets[i].name);
}

/* ---- a backend with known secrets ---- */

static void from_keys(const struct keyring *k)
{
	secret("the number key", keyring_number_key(k).data, SEC_KEY_LEN, false);
	secret("the signing seed", keyring_signing_seed(k).data, SEC_ED25519_SEED_LEN, false);
	secret("the chain key", keyring_chain_key(k).data, SEC_KEY_LEN, false);
}

static void from_master(void)
{
	char path[128];
	uint8_t storage[128], raw[SEC_KEY_LEN];
	struct bytes file;

	(void)snprintf(path, sizeof(path), "%s/master.key", w->dir);
	bytes_init_fixed(&file, storage, sizeof(storage));
	must(w, file_read(&file, path, true, &w->err));
	assert_int_equal(hex_decode(raw, sizeof(raw), SPAN(file.data, 64)), ERR_OK);
	secret("the master key", raw, sizeof(raw), false);
}

static void from_credential(const struct service_issue *in, bool activate)
{
	struct service_issued issued;
	struct rules_activation_out out;

	must(w, service_credential_issue(w->service, &issued, in, &w->err));
	activation("an activation", &issued);
	if (!activate)
		return;
	must(w, store_begin(w->service->store, &w->err));
	must(w, world_activation(w, &out, issued.token));
	must(w, store_commit(w->service->store, &w->err));
	secret("K", out.secret, SEC_KEY_LEN, false);
	token("the token of a wallet", out.token);
}

#define ANSWER "G 4711 0815"
#define PASSPHRASE "correct horse of the office"

static void from_people(void)
{
	struct service_operator o;
	int place = 0;

	must(w, service_question_set(w->service, &place, w->holder, "document", "Passport number?",
			span_text(ANSWER), &w->err));
	must(w, service_operator_add(w->service, &o, "grace", STAFF_OPERATOR,
			span_text(PASSPHRASE), &w->err));
	secret("an identity answer", ANSWER, strlen(ANSWER), true);
	secret("an identity answer, folded", "g47110815", 9, true);
	secret("an identity answer, in capitals", "G47110815", 9, true);
	secret("a passphrase", PASSPHRASE, strlen(PASSPHRASE), true);
}

static int set_up(void **state)
{
	struct service_issue in = {.digits = 0};
	struct service_terminal t;
	struct service_rotation r;
	struct phone p;

	(void)state;
	secret_count = 0;
	w = world_new();
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	from_master();
	from_keys(w->service->keys);
	from_credential(&in, true);
	must(w, service_key_rotate_number(w->service, &w->err));
	must(w, service_key_rotate_issuer(w->service, &w->err));
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err));
	from_master();
	from_keys(w->service->keys);
	from_credential(&in, true);
	from_credential(&in, false);
	from_people();
	must(w, service_terminal_enrol(w->service, &t, "third", NULL, &w->err));
	token("the token of a terminal", t.token);
	world_pass(w, 1);
	phone_new(w, &p, true);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
	/* "2468" alone is in many numbers: as a text of its own */
	secret("the PIN", "'" WORLD_PIN "'", 6, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(w);
	w = NULL;
	return 0;
}

/* ---- searched ---- */

static void no_secret_is_in_the_files(void **state)
{
	static const char *const names[] = {"countersign.db", "countersign.db-wal", "audit.head",
		"guard.log", "countersignd.conf"};
	char path[160];
	struct bytes file;

	(void)state;
	for (size_t i = test_store_is_postgres() ? 2 : 0; i < sizeof(names) / sizeof(names[0]);
		i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", w->dir, names[i]);
		bytes_init(&file, DUMP_MAX);
		must(w, file_read(&file, path, false, &w->err));
		bytes_add_text(&file, "----");
		while (file.len < 1001)
			bytes_add_u8(&file, 0);
		nothing_in(&file, names[i]);
		bytes_done(&file);
	}
}

static void dump(struct bytes *out)
{
	char command[TEST_STORE_URL_MAX + 64], room[4096];
	size_t n;
	FILE *f;

	if (test_store_is_postgres())
		(void)snprintf(command, sizeof(command), "pg_dump --inserts '%s'", w->url);
	else
		(void)snprintf(command, sizeof(command), "sqlite3 %s .dump", w->db);
	f = popen(command, "r");
	assert_non_null(f);
	bytes_init(out, DUMP_MAX);
	while ((n = fread(room, 1, sizeof(room), f)) > 0)
		bytes_add(out, room, n);
	assert_int_equal(pclose(f), 0);
	assert_true(has(out, "CREATE TABLE", 12) && has(out, "INSERT INTO", 11));
}

static void no_secret_is_in_a_dump(void **state)
{
	struct bytes file;

	(void)state;
	dump(&file);
	nothing_in(&file, "the dump");
	/* the search finds what is there */
	assert_true(has(&file, "argon2id", 8));
	assert_true(has_form(&file, w->till.id, CODE_ID_LEN, false));
	assert_true(has_form(&file, keyring_issuer_at(w->service->keys, 0)->public_key,
		SEC_ED25519_PUBLIC_LEN, false));
	bytes_done(&file);
}

/* ---- the PIN ---- */

/* Of libargon2, which only crypto/password.c may enter: here an attacker has it, with figures so
 * small that ten thousand PINs are tried in a second.
 */
int argon2id_hash_encoded(uint32_t t_cost, uint32_t m_cost, uint32_t parallelism, const void *pwd,
	size_t pwdlen, const void *salt, size_t saltlen, size_t hashlen, char *encoded,
	size_t encodedlen);

static bool opens(const char *hash, struct span tried)
{
	return sec_password_verify(hash, tried) == ERR_OK;
}

/* Everything that somebody without the pepper could think was hashed. */
static int found_without(const char *hash, const uint8_t *account, const uint8_t *key)
{
	int found = 0;

	for (int pin = 0; pin < 10000; pin++) {
		uint8_t joined[CODE_ID_LEN + 4], mac[SEC_KEY_LEN];
		char text[8];
		struct span parts[2];

		(void)snprintf(text, sizeof(text), "%04d", pin);
		memcpy(joined, account, CODE_ID_LEN);
		memcpy(joined + CODE_ID_LEN, text, 4);
		parts[0] = SPAN(account, CODE_ID_LEN);
		parts[1] = span_text(text);
		assert_int_equal(sec_hmac(mac, SEC_HASH_SHA256, SPAN(key, SEC_KEY_LEN), parts, 2),
			ERR_OK);
		found += opens(hash, span_text(text)) + opens(hash, SPAN(joined, sizeof(joined))) +
			opens(hash, SPAN(mac, sizeof(mac)));
	}
	return found;
}

static int found_with(const struct keyring *k, const char *hash, const uint8_t *account,
	char found[static 8])
{
	int n = 0;

	for (int pin = 0; pin < 10000; pin++) {
		uint8_t peppered[SEC_KEY_LEN];
		char text[8];

		(void)snprintf(text, sizeof(text), "%04d", pin);
		assert_int_equal(keyring_pin_pepper(k, peppered, account, span_text(text)),
			ERR_OK);
		if (!opens(hash, SPAN(peppered, sizeof(peppered))))
			continue;
		memcpy(found, text, sizeof(text));
		n++;
	}
	return n;
}

static void all_pins_of_four_digits_are_tried_in_vain_without_the_pepper(void **state)
{
	const uint8_t zero[SEC_KEY_LEN] = {0};
	uint8_t peppered[SEC_KEY_LEN];
	char twin[SEC_PASSWORD_TEXT_MAX], pin[8];
	struct store_account a;

	(void)state;
	must(w, store_account_get(w->service->store, &a, w->account, &w->err));
	must(w, keyring_pin_pepper(w->service->keys, peppered, a.id, span_text(WORLD_PIN)));
	/* what is stored is the hash of the peppered PIN, and of nothing shorter */
	assert_true(opens(a.pin_hash, SPAN(peppered, sizeof(peppered))));
	assert_false(opens(a.pin_hash, span_text(WORLD_PIN)));
	/* the same with small figures: all of them */
	assert_int_equal(argon2id_hash_encoded(1, 8, 1, peppered, sizeof(peppered),
				 "sixteen bytes of", 16, 32, twin, sizeof(twin)), 0);
	assert_int_equal(found_without(twin, a.id, zero), 0);
	assert_int_equal(found_without(twin, a.id, keyring_issuer_at(w->service->keys, 0)
				 ->public_key), 0);
	assert_int_equal(found_with(w->service->keys, twin, a.id, pin), 1);
	assert_string_equal(pin, WORLD_PIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_secret_is_in_the_files),
		cmocka_unit_test(no_secret_is_in_a_dump),
		cmocka_unit_test(all_pins_of_four_digits_are_tried_in_vain_without_the_pepper),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
