/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys are rotated while everything goes on, and a rotation may be killed anywhere.
 */
#include "tests/lib/backend_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "backend/guard.h"
#include "base/file.h"
#include "base/log.h"

static struct world *w;
static struct phone p;
static struct err err;

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	phone_new(w, &p, true);
	log_set_fd(-1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	log_set_fd(2);
	world_free(w);
	w = NULL;
	return 0;
}

static const char *in_world(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	return path;
}

static void change(const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void again(void)
{
	service_close(&w->service);
	world_open(w);
}

/* A whole verification with the PIN. */
static void pays(const struct phone *of)
{
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, of, 0), "");
	assert_string_equal(world_right(w, of), "accepted");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
}

static void copy(const char *from, char *to)
{
	struct bytes file;

	(void)snprintf(to, 160, "%s.copy", from);
	bytes_init(&file, 1000);
	must(w, file_read(&file, from, true, &w->err));
	must(w, file_replace(to, bytes_span(&file), 0600, &w->err));
	bytes_done(&file);
}

static int64_t left(void)
{
	int64_t n = -1;

	must(w, service_key_left(w->service, &n, &w->err));
	return n;
}

/* ---- master key ---- */

static void everything_goes_on_under_a_new_master_key_and_the_old_one_opens_nothing(void **state)
{
	struct service_rotation r;
	struct phone q;
	char old[160];

	(void)state;
	copy(in_world("master.key"), old);
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err));
	assert_int_equal(r.sealed, 5); /* number, chain, pin and issuer key; one credential */
	assert_false(r.waits);
	assert_int_equal(left(), 0);
	assert_int_equal(keyring_master_count(w->service->keys), 1);
	assert_int_equal(access(in_world("master.next"), F_OK), -1);
	pays(&p);
	again();
	pays(&p);
	phone_new(w, &q, true);
	pays(&q);
	world_audit_is_whole(w);
	assert_int_equal(world_audit_count(w, "master-rotated"), 1);
	service_close(&w->service);
	assert_int_equal(rename(old, in_world("master.key")), 0);
	assert_int_equal(service_open(&w->service, w->dir, &w->clock, &err), ERR_FORGED);
	assert_non_null(strstr(err.text, "another master key"));
}

static void a_wallet_of_many_credentials_is_sealed_in_bites(void **state)
{
	struct service_rotation r;
	struct service_issued out;
	struct service_issue in = {.digits = 0};

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	for (int i = 0; i < STORE_SEALED_BITE + 5; i++)
		must(w, service_credential_issue(w->service, &out, &in, &w->err));
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err));
	assert_int_equal(r.sealed, 5 + STORE_SEALED_BITE + 5);
	assert_int_equal(left(), 0);
	pays(&p);
}

static void a_rotation_killed_anywhere_is_done_by_the_next_one(void **state)
{
	struct service_rotation r;
	struct service_issued out;
	struct service_issue in = {.digits = 0};
	int unfinished = 0;

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	for (int i = 0; i < 2 * STORE_SEALED_BITE; i++)
		must(w, service_credential_issue(w->service, &out, &in, &w->err));
	for (int i = 0; i < 24; i++) {
		pid_t child;

		service_close(&w->service);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct service *s = NULL;

			for (;;)
				if (service_open(&s, w->dir, &w->clock, &err) ||
					service_key_rotate_master(s, &r, NULL, &err))
					_exit(1);
				else
					service_close(&s);
		}
		(void)usleep((useconds_t)(3000 + i * 2500));
		(void)kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		world_open(w);
		unfinished += access(in_world("master.next"), F_OK) == 0;
		pays(&p);
		world_pass(w, 4000); /* outside the budget of an hour */
	}
	assert_true(unfinished > 0); /* or nothing was tried */
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err));
	assert_int_equal(left(), 0);
	assert_int_equal(access(in_world("master.next"), F_OK), -1);
	pays(&p);
	world_audit_is_whole(w);
}

/* What a kill leaves at each point, made by hand. */
static void each_half_way_point_opens_and_goes_on(void **state)
{
	struct service_rotation r;
	uint8_t before[KEYRING_MASTER_ID_LEN], next[KEYRING_MASTER_ID_LEN];

	(void)state;
	memcpy(before, keyring_master_id(w->service->keys, 0), sizeof(before));
	/* only the new file is there */
	must(w, keyring_master_create(in_world("master.next"), &w->err));
	must(w, keyring_master_file_id(next, in_world("master.next"), &w->err));
	again();
	assert_int_equal(keyring_master_count(w->service->keys), 2);
	assert_memory_equal(keyring_master_sealing(w->service->keys), before, sizeof(before));
	pays(&p);
	/* single values are sealed anew, the credential is not */
	must(w, store_begin(w->service->store, &w->err));
	must(w, keyring_master_use(w->service->keys, w->service->store, next, &w->err));
	must(w, keyring_singles_seal(w->service->keys, w->service->store, &(int){0}, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	again();
	assert_memory_equal(keyring_master_sealing(w->service->keys), next, sizeof(next));
	assert_int_equal(left(), 1);
	pays(&p);
	/* a rotation to a third key is not begun before this one is done */
	must(w, keyring_master_create(in_world("third"), &w->err));
	assert_int_equal(service_key_rotate_master(w->service, &r, in_world("third"), &err),
		ERR_EXISTS);
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err));
	assert_memory_equal(r.master, next, sizeof(next));
	assert_int_equal(r.sealed, 1);
	again();
	pays(&p);
}

static void two_rotations_at_once_would_lose_a_key(void **state)
{
	struct service_rotation r;
	uint8_t id[KEYRING_MASTER_ID_LEN];
	int fd = open(w->dir, O_RDONLY | O_DIRECTORY);

	(void)state;
	must(w, keyring_master_file_id(id, in_world("master.key"), &err));
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0); /* the other one is at work */
	assert_int_equal(service_key_rotate_master(w->service, &r, NULL, &err), ERR_BUSY);
	assert_int_not_equal(access(in_world("master.next"), F_OK), 0);
	assert_memory_equal(keyring_master_sealing(w->service->keys), id, sizeof(id));
	pays(&p);
	(void)close(fd);
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err));
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err)); /* not locked */
	pays(&p);
}

static void a_key_that_is_elsewhere_waits_for_its_owner(void **state)
{
	struct service_rotation r;
	char conf[TEST_STORE_URL_MAX + 512], key[128], other[128];

	(void)state;
	(void)snprintf(key, sizeof(key), "%s", in_world("elsewhere"));
	(void)snprintf(other, sizeof(other), "%s", in_world("new"));
	service_close(&w->service);
	assert_int_equal(rename(in_world("master.key"), key), 0);
	assert_int_equal(service_open(&w->service, w->dir, &w->clock, &err), ERR_NOT_FOUND);
	(void)snprintf(conf, sizeof(conf), "[keys]\nmaster = %s\n[store]\nurl = %s\n", key, w->url);
	must(w, file_replace(in_world("countersignd.conf"), span_text(conf), 0600, &w->err));
	world_open(w);
	assert_int_equal(service_key_rotate_master(w->service, &r, NULL, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "--new"));
	must(w, keyring_master_create(other, &w->err));
	must(w, service_key_rotate_master(w->service, &r, other, &w->err));
	assert_true(r.waits);
	assert_string_equal(r.path, key);
	again();
	pays(&p);
	assert_int_equal(rename(other, key), 0); /* the owner does it */
	again();
	pays(&p);
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err));
	assert_false(r.waits);
	assert_int_equal(access(in_world("master.next"), F_OK), -1);
	again();
	pays(&p);
	must(w, file_replace(in_world("countersignd.conf"),
			span_text("[keys]\nmaster = elsewhere\n"), 0600, &w->err));
	service_close(&w->service);
	assert_int_equal(service_open(&w->service, w->dir, &w->clock, &err), ERR_INVALID);
}

static void a_credential_of_systemd_is_taken_before_the_file(void **state)
{
	(void)state;
	service_close(&w->service);
	assert_int_equal(mkdir(in_world("credentials"), 0700), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", in_world("credentials"), 1), 0);
	world_open(w); /* without one: the file */
	service_close(&w->service);
	must(w, keyring_master_create(in_world("credentials/countersign-master"), &w->err));
	assert_int_equal(service_open(&w->service, w->dir, &w->clock, &err), ERR_FORGED);
	assert_int_equal(unlink(in_world("credentials/countersign-master")), 0);
	{
		char from[128];

		(void)snprintf(from, sizeof(from), "%s", in_world("master.key"));
		assert_int_equal(rename(from, in_world("credentials/countersign-master")), 0);
	}
	world_open(w);
	pays(&p);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

/* ---- databases of the first programs ---- */

static void old_values_without_an_id_and_derived_keys_are_rotated_too(void **state)
{
	struct service_rotation r;
	struct keyring *k = NULL;
	struct store *s = NULL;
	int64_t last = 0;
	uint8_t account[CODE_ID_LEN];

	(void)state;
	if (test_store_is_postgres())
		return; /* those knew SQLite only */
	service_close(&w->service);
	change("DELETE FROM setting WHERE name IN ('pin_key','chain_key','master_key');"
	       "UPDATE setting SET value=substr(value,5) WHERE name='number_key';"
	       "UPDATE issuer_key SET seed=substr(seed,5);"
	       "UPDATE credential_key SET secret=substr(secret,5)");
	must(w, keyring_open(&k, in_world("master.key"), NULL, &w->err));
	must(w, store_open(&s, w->db, &w->err));
	must(w, keyring_load(k, s, &w->err));
	must(w, guard_rebuild(s, k, in_world("guard.log"), &last, &w->err));
	must(w, audit_head_write(s, k, in_world("audit.head"), last, AUDIT_HEAD_ANEW, &w->err));
	store_close(&s);
	keyring_free(&k);
	world_open(w);
	must(w, service_account_add(w->service, account, w->holder, "6222-0009",
			span_text(WORLD_PIN), &w->err));
	memcpy(w->account, account, CODE_ID_LEN);
	phone_new(w, &p, true);
	pays(&p);
	must(w, service_key_rotate_number(w->service, &w->err));
	again();
	pays(&p);
	must(w, service_key_rotate_master(w->service, &r, NULL, &w->err));
	assert_int_equal(left(), 0);
	again();
	pays(&p);
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err)); /* guard.log */
	again();
	world_audit_is_whole(w);
}

/* ---- other programs at work ---- */

static void another_program_learns_of_every_rotation_by_the_store(void **state)
{
	struct service *mine, *theirs = NULL;
	struct service_rotation r;
	struct phone q;

	(void)state;
	mine = w->service;
	must(w, service_open(&theirs, w->dir, &w->clock, &w->err));
	must(w, service_key_rotate_master(mine, &r, NULL, &w->err));
	must(w, service_key_rotate_number(mine, &w->err));
	must(w, service_key_rotate_issuer(mine, &w->err));
	world_pass(w, 1);
	phone_new(w, &q, true);
	/* a batch of theirs begins with this; without it the new code is a stranger's */
	w->service = theirs;
	w->rules = service_rules(theirs);
	assert_string_equal(world_start(w, &q, 0), "bad-signature");
	must(w, store_begin(theirs->store, &w->err));
	must(w, keyring_follow(theirs->keys, theirs->store, &w->err));
	must(w, store_commit(theirs->store, &w->err));
	pays(&q);
	pays(&p);
	assert_memory_equal(keyring_number_key(theirs->keys).data,
		keyring_number_key(mine->keys).data, SEC_KEY_LEN);
	service_close(&theirs);
	w->service = mine;
	w->rules = service_rules(mine);
	world_audit_is_whole(w);
}

static void an_open_number_is_answered_after_the_number_key_was_rotated(void **state)
{
	uint8_t before[SEC_KEY_LEN];

	(void)state;
	memcpy(before, keyring_number_key(w->service->keys).data, sizeof(before));
	assert_string_equal(world_start(w, &p, 0), "");
	must(w, service_key_rotate_number(w->service, &w->err));
	assert_memory_not_equal(keyring_number_key(w->service->keys).data, before, sizeof(before));
	assert_string_equal(world_right(w, &p), "accepted");
	assert_int_equal(world_audit_count(w, "number-rotated"), 1);
}

/* ---- issuer key ---- */

static int issuer_events(void)
{
	static const char sql[] = "SELECT count(*) FROM event WHERE kind='issuer'";
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int n;

	if (test_store_is_postgres())
		return (int)test_store_number(w->url, sql);

	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

/* A second is what times of keys are told in: two rotations of one are as good as any. */
static void what_a_new_issuer_key_signs_is_good_at_once(void **state)
{
	struct phone next;

	(void)state;
	must(w, service_key_rotate_issuer(w->service, &w->err));
	must(w, service_key_rotate_issuer(w->service, &w->err));
	phone_new(w, &next, false);
	assert_string_equal(world_start(w, &next, 0), "");
	assert_string_equal(world_right(w, &next), "accepted");
}

static void old_issuer_key_ends_a_day_after_its_last_credential(void **state)
{
	struct service_issue in = {.not_after = WORLD_NOW + 5000};
	struct service_issued issued;
	const struct keyring_issuer *old;
	int before;

	(void)state;
	must(w, service_credential_void(w->service, p.credential, &w->err));
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	must(w, service_credential_issue(w->service, &issued, &in, &w->err));
	phone_activate(w, &p, issued.token);
	before = issuer_events();
	must(w, service_key_rotate_issuer(w->service, &w->err));
	assert_true(issuer_events() > before); /* terminals are told */
	assert_int_equal(keyring_issuer_count(w->service->keys), 2);
	old = keyring_issuer_at(w->service->keys, 1);
	assert_int_equal(old->not_after, WORLD_NOW + 5000 + 86400);
	pays(&p);
	world_pass(w, 5000);
	assert_string_equal(world_start(w, &p, 0), "expired");
	world_pass(w, 86400);
	assert_string_equal(world_start(w, &p, 0), "bad-signature");
	world_audit_is_whole(w);
	/* the next rotation forgets it, and a renewed credential is signed by the newest */
	must(w, service_key_rotate_issuer(w->service, &w->err));
	assert_int_equal(keyring_issuer_count(w->service->keys), 2);
	world_pass(w, 1);
	must(w, service_credential_renew(w->service, &issued, p.credential, 0, &w->err));
	phone_activate(w, &p, issued.token);
	pays(&p);
	again();
	pays(&p);
	world_audit_is_whole(w);
}

static void as_many_issuer_keys_as_can_be_known_and_no_more(void **state)
{
	struct service_issue in = {.not_after = CODE_NO_END};
	struct service_issued issued;

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	for (size_t n = 1; n < KEYRING_ISSUERS_MAX; n++) {
		must(w, service_credential_issue(w->service, &issued, &in, &w->err));
		must(w, service_key_rotate_issuer(w->service, &w->err));
		assert_int_equal(keyring_issuer_count(w->service->keys), n + 1);
		world_pass(w, 10);
	}
	assert_int_equal(service_key_rotate_issuer(w->service, &err), ERR_RANGE);
	assert_non_null(strstr(err.text, "issuer keys"));
	assert_int_equal(keyring_issuer_at(w->service->keys, 3)->not_after, INT64_MAX);
	again();
	pays(&p); /* the first one of all */
	assert_int_equal(world_audit_count(w, "issuer-rotated"), KEYRING_ISSUERS_MAX - 1);
	world_audit_is_whole(w);
}

static void issuer_key_is_good_in_its_time_only_also_for_codes_that_are_stored(void **state)
{
	uint8_t id[CODE_KEY_ID_LEN];

	(void)state;
	memcpy(id, keyring_issuer_at(w->service->keys, 0)->key_id, sizeof(id));
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_issuer_end_put(w->service->store, id, WORLD_NOW + 60, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	again();
	world_pass(w, 59);
	assert_string_equal(world_start(w, &p, 0), "");
	world_pass(w, 1);
	assert_string_equal(world_start(w, &p, 0), "bad-signature");
	/* before it was made */
	clock_set_unix(&w->clock, ((int64_t)WORLD_NOW - KEYRING_ISSUERS_MAX - 1) * 1000);
	assert_string_equal(world_start(w, &p, 0), "bad-signature");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(everything_goes_on_under_a_new_master_key_and_the_old_one_opens_nothing),
		CASE(a_wallet_of_many_credentials_is_sealed_in_bites),
		CASE(a_rotation_killed_anywhere_is_done_by_the_next_one),
		CASE(each_half_way_point_opens_and_goes_on),
		CASE(two_rotations_at_once_would_lose_a_key),
		CASE(a_key_that_is_elsewhere_waits_for_its_owner),
		CASE(a_credential_of_systemd_is_taken_before_the_file),
		CASE(old_values_without_an_id_and_derived_keys_are_rotated_too),
		CASE(another_program_learns_of_every_rotation_by_the_store),
		CASE(an_open_number_is_answered_after_the_number_key_was_rotated),
		CASE(what_a_new_issuer_key_signs_is_good_at_once),
		CASE(old_issuer_key_ends_a_day_after_its_last_credential),
		CASE(as_many_issuer_keys_as_can_be_known_and_no_more),
		CASE(issuer_key_is_good_in_its_time_only_also_for_codes_that_are_stored),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
