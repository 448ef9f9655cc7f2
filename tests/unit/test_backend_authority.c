/* SPDX-License-Identifier: Apache-2.0
 *
 * The server's key and certificate are replaced together: what does not belong together is refused
 * before anything changes, and whatever ends the program in between leaves a pair that works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/authority.h"
#include "base/file.h"
#include "tests/lib/folder.h"

#define NOW 1800000000
#define must(call) assert_int_equal((call), ERR_OK)

static const char *const NAMES[] = {"localhost", "127.0.0.1"};
static const struct authority_server MADE = {.names = NAMES, .name_count = 2};
static struct err err;

static int set_up(void **state)
{
	int64_t end;

	if (folder_set_up(state))
		return -1;
	must(sec_start(&err));
	must(authority_create(folder_path, "Corner Bank", &MADE, NOW, &end, &err));
	return 0;
}

/* Which server it is, by its certificate's key; the key beside it must be that one's. */
static void server(uint8_t out[static SEC_SPKI_LEN])
{
	struct authority *a = NULL;
	struct sec_cert *cert = NULL;
	struct sec_key *key = NULL;

	must(authority_open(&a, folder_path, &err));
	authority_free(&a);
	must(sec_cert_read(&cert, in_folder("server.pem"), &err));
	must(sec_key_read(&key, in_folder("server.key"), &err));
	assert_true(sec_cert_has_key(cert, key));
	must(sec_cert_spki(out, cert));
	sec_cert_free(&cert);
	sec_key_free(&key);
	assert_int_not_equal(access(in_folder("server.next"), F_OK), 0);
	assert_int_not_equal(access(in_folder("server.key.next"), F_OK), 0);
}

static void copy(const char *from, const char *to)
{
	struct bytes file;

	bytes_init(&file, 100000);
	must(file_read(&file, in_folder(from), false, &err));
	must(file_replace(in_folder(to), bytes_span(&file), 0600, &err));
	bytes_done(&file);
}

static void write_text(const char *name, const char *text)
{
	must(file_replace(in_folder(name), span_text(text), 0600, &err));
}

/* An older pair in a.*, a newer one in b.*, the older one in use. */
static void two_pairs(uint8_t older[static SEC_SPKI_LEN], uint8_t newer[static SEC_SPKI_LEN])
{
	int64_t end;

	server(older);
	copy("server.key", "a.key");
	copy("server.pem", "a.pem");
	must(authority_renew_server(folder_path, &MADE, NOW, &end, &err));
	server(newer);
	assert_memory_not_equal(older, newer, SEC_SPKI_LEN);
	copy("server.key", "b.key");
	copy("server.pem", "b.pem");
	copy("a.key", "server.key");
	copy("a.pem", "server.pem");
}

/* Killed before the mark: the old pair, whatever waits beside it. */
static void before_they_count_the_old_ones_stay(void **state)
{
	uint8_t older[SEC_SPKI_LEN], newer[SEC_SPKI_LEN], is[SEC_SPKI_LEN];
	struct authority *a = NULL;
	struct sec_cert *cert = NULL;
	int64_t end;

	(void)state;
	two_pairs(older, newer);
	copy("b.key", "server.key.next");
	copy("b.pem", "server.pem.next");
	must(authority_open(&a, folder_path, &err));
	authority_free(&a);
	must(sec_cert_read(&cert, in_folder("server.pem"), &err));
	must(sec_cert_spki(is, cert));
	sec_cert_free(&cert);
	assert_memory_equal(is, older, SEC_SPKI_LEN);
	/* and the next one does not trip over them */
	must(authority_renew_server(folder_path, &MADE, NOW, &end, &err));
	server(is);
	assert_memory_not_equal(is, newer, SEC_SPKI_LEN);
}

/* Killed after it, at each step: whoever opens it next finishes. */
static void once_they_count_they_take_their_places(void **state)
{
	uint8_t older[SEC_SPKI_LEN], newer[SEC_SPKI_LEN], is[SEC_SPKI_LEN];

	(void)state;
	two_pairs(older, newer);
	for (int moved = 0; moved <= 3; moved++) {
		copy(moved >= 1 ? "b.key" : "a.key", "server.key");
		copy(moved >= 2 ? "b.pem" : "a.pem", "server.pem");
		if (moved < 1)
			copy("b.key", "server.key.next");
		if (moved < 2)
			copy("b.pem", "server.pem.next");
		if (moved < 3)
			copy("ca.pem", "server-ca.pem"); /* of one given before: it goes */
		write_text("server.next", "without server-ca.pem\n");
		server(is);
		assert_memory_equal(is, newer, SEC_SPKI_LEN);
		assert_int_not_equal(access(in_folder("server-ca.pem"), F_OK), 0);
	}
	copy("a.key", "server.key.next");
	copy("a.pem", "server.pem.next");
	copy("ca.pem", "server-ca.pem.next");
	write_text("server.next", "with server-ca.pem\n");
	server(is);
	assert_memory_equal(is, older, SEC_SPKI_LEN);
	assert_int_equal(access(in_folder("server-ca.pem"), F_OK), 0);
}

static void a_mark_that_says_nothing_is_told(void **state)
{
	struct authority *a = NULL;
	uint8_t is[SEC_SPKI_LEN];

	(void)state;
	write_text("server.next", "perhaps\n");
	assert_int_equal(authority_open(&a, folder_path, &err), ERR_FORMAT);
	assert_null(a);
	assert_non_null(strstr(err.text, "server.next"));
	assert_int_equal(unlink(in_folder("server.next")), 0);
	server(is);
}

static void given_ones_that_do_not_belong_together_change_nothing(void **state)
{
	static const struct {
		const char *cert, *key, *says;
	} WRONG[] = {{"b.pem", "a.key", "a.key: is not the key of"},
		{"a.pem", "b.key", "b.key: is not the key of"},
		{"a.pem", "a.pem", "no private key"}, {"a.key", "a.key", "no certificate"},
		{"a.pem", "missing.key", "missing.key"}, {"missing.pem", "a.key", "missing.pem"}};
	uint8_t older[SEC_SPKI_LEN], newer[SEC_SPKI_LEN], is[SEC_SPKI_LEN];
	char cert[256], key[256];
	struct authority_server given = {.certificate = cert, .key = key};
	int64_t end = 0;

	(void)state;
	two_pairs(older, newer);
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
		snprintf(cert, sizeof(cert), "%s", in_folder(WRONG[i].cert));
		snprintf(key, sizeof(key), "%s", in_folder(WRONG[i].key));
		assert_int_not_equal(
			authority_renew_server(folder_path, &given, NOW, &end, &err), ERR_OK);
		if (!strstr(err.text, WRONG[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.text, WRONG[i].says);
		server(is);
		assert_memory_equal(is, older, SEC_SPKI_LEN);
	}
	snprintf(cert, sizeof(cert), "%s", in_folder("b.pem"));
	snprintf(key, sizeof(key), "%s", in_folder("b.key"));
	must(authority_renew_server(folder_path, &given, NOW, &end, &err));
	server(is);
	assert_memory_equal(is, newer, SEC_SPKI_LEN);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(before_they_count_the_old_ones_stay),
		CASE(once_they_count_they_take_their_places),
		CASE(a_mark_that_says_nothing_is_told),
		CASE(given_ones_that_do_not_belong_together_change_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
