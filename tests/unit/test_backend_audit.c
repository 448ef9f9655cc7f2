/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain of records: whatever is done to it or to the database around it is named.
 */
#include "tests/lib/backend_world.h"

#include <sqlite3.h>

#include "base/file.h"
#include "base/log.h"

static struct world *w;
static char head[96];

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	snprintf(head, sizeof(head), "%s/audit.head", w->dir);
	for (int i = 0; i < 6; i++)
		must(w, service_terminal_stop(w->service, "till", i % 2 == 0, &w->err));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(w);
	w = NULL;
	return 0;
}

static void change(const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static enum err_code head_write(void)
{
	return audit_head_write(w->service->store, w->rules.keys, head, 0, AUDIT_HEAD_QUICK,
		&w->err);
}

static struct audit_report verify(void)
{
	struct audit_report r;

	must(w, service_audit_verify(w->service, &r, &w->err));
	return r;
}

static void found(int64_t seq, const char *words)
{
	struct audit_report r = verify();

	assert_int_equal(r.bad_seq, seq);
	if (!strstr(r.words, words))
		fail_msg("\"%s\" does not say \"%s\"", r.words, words);
	assert_int_equal(r.records, seq - 1);
}

static void whole_chain_is_good_to_its_last_record(void **state)
{
	struct audit_report r;

	(void)state;
	must(w, head_write());
	r = verify();
	assert_int_equal(r.bad_seq, 0);
	assert_string_equal(r.words, "");
	assert_int_equal(r.records, world_last_audit(w).seq);
	assert_int_equal(r.head_seq, r.records);
	assert_true(r.records >= 12);
}

static void every_changed_column_is_named(void **state)
{
	static const char *const changes[] = {
		"UPDATE audit SET at=at+1 WHERE seq=5",
		"UPDATE audit SET kind='frozen' WHERE seq=5",
		"UPDATE audit SET detail='{\"amount\":1}' WHERE seq=5",
		"UPDATE audit SET credential=zeroblob(16) WHERE seq=5",
		"UPDATE audit SET terminal=zeroblob(16) WHERE seq=5",
		"UPDATE audit SET verification=zeroblob(16) WHERE seq=5",
		"UPDATE audit SET hash=zeroblob(32) WHERE seq=5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		change("CREATE TABLE IF NOT EXISTS kept AS SELECT * FROM audit");
		change(changes[i]);
		found(5, "changed");
		change("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
		assert_int_equal(verify().bad_seq, 0);
	}
	change("UPDATE audit SET prev=zeroblob(32) WHERE seq=5");
	found(5, "does not follow");
	change("UPDATE audit SET prev=(SELECT hash FROM audit WHERE seq=4) WHERE seq=5;"
	       "UPDATE audit SET terminal=zeroblob(3) WHERE seq=5");
	found(5, "changed");
	change("UPDATE audit SET detail=hex(zeroblob(600)) WHERE seq=5");
	found(5, "cannot be read");
	change("UPDATE audit SET detail=NULL WHERE seq=99");
	found(5, "cannot be read");
}

static void moving_bytes_between_columns_is_found(void **state)
{
	(void)state;
	/* The same bytes in another column: each field has its length before it in the hash. */
	change("UPDATE audit SET credential=terminal, terminal=x'' WHERE seq="
	       "(SELECT min(seq) FROM audit WHERE length(terminal)=16)");
	assert_string_equal(verify().words, "it was changed");
}

static void removed_swapped_and_repeated_records_are_named(void **state)
{
	int64_t last = world_last_audit(w).seq;

	(void)state;
	must(w, head_write());
	change("CREATE TABLE kept AS SELECT * FROM audit");
	change("DELETE FROM audit WHERE seq=7");
	found(7, "missing");
	change("UPDATE audit SET seq=seq-1 WHERE seq>7"); /* and the gap closed */
	found(7, "does not follow");
	change("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
	change("DELETE FROM audit WHERE seq=1");
	found(1, "missing");
	change("INSERT INTO audit SELECT * FROM kept WHERE seq=1");
	change("UPDATE audit SET seq=-1 WHERE seq=6; UPDATE audit SET seq=6 WHERE seq=8;"
	       "UPDATE audit SET seq=8 WHERE seq=-1");
	found(6, "does not follow");
	change("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
	change("INSERT INTO audit SELECT max(seq)+1,at,kind,credential,terminal,verification,"
	       "detail,prev,hash FROM audit");
	found(last + 1, "does not follow");
	change("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
	change("DELETE FROM audit WHERE seq>5");
	found(6, "cut off");
	change("DELETE FROM audit");
	found(1, "cut off");
}

static void a_chain_computed_anew_is_found_by_the_checkpoint(void **state)
{
	struct store_audit r;
	const struct audit_record other = {.kind = "init"};
	int64_t n = world_last_audit(w).seq;

	(void)state;
	must(w, head_write());
	change("DELETE FROM audit");
	must(w, store_begin(w->service->store, &w->err));
	for (int64_t i = 0; i < n + 3; i++)
		must(w, audit_append(w->service->store, w->rules.keys, world_now(w), &other,
				&w->err));
	must(w, store_commit(w->service->store, &w->err));
	must(w, store_audit_last(w->service->store, &r, &w->err));
	assert_int_equal(r.seq, n + 3);
	found(n, "checkpoint outside");
	assert_int_equal(audit_head_check(w->service->store, w->rules.keys, head, &w->err),
		ERR_CORRUPT);
	assert_non_null(strstr(w->err.text, "restore"));
}

/* ---- the checkpoint outside ---- */

static void reopen_refused(const char *words)
{
	struct service *s = NULL;

	assert_int_equal(service_open(&s, w->dir, &w->clock, &w->err), ERR_CORRUPT);
	assert_null(s);
	if (!strstr(w->err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", w->err.text, words);
}

static void an_older_database_put_in_place_is_refused_at_start(void **state)
{
	char saved[128];
	struct bytes file;

	(void)state;
	service_close(&w->service);
	bytes_init(&file, 10000000);
	must(w, file_read(&file, w->db, false, &w->err));
	snprintf(saved, sizeof(saved), "%s/saved", w->dir);
	must(w, file_replace(saved, bytes_span(&file), 0600, &w->err));
	world_open(w);
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	service_close(&w->service);
	assert_int_equal(rename(saved, w->db), 0);
	reopen_refused("older");
	must(w, service_restore(w->dir, false, &w->clock, &w->err));
	world_open(w);
	assert_string_equal(world_last_audit(w).kind, "restored");
	world_audit_is_whole(w);
	bytes_done(&file);
}

static void a_database_of_another_backend_is_refused_at_start(void **state)
{
	struct world *other = world_new();

	(void)state;
	service_close(&w->service);
	service_close(&other->service);
	assert_int_equal(rename(other->db, w->db), 0);
	assert_int_equal(service_open(&w->service, w->dir, &w->clock, &w->err), ERR_FORGED);
	assert_non_null(strstr(w->err.text, "master key"));
	world_free(other);
}

#define SLOT 256
#define SLOT_USED 117 /* version, two numbers, hash, key id, signature; zeroes behind */

static enum err_code head_check(void)
{
	return audit_head_check(w->service->store, w->rules.keys, head, &w->err);
}

static void head_load(uint8_t storage[static 2 * SLOT + 1])
{
	struct bytes file;

	bytes_init_fixed(&file, storage, 2 * SLOT + 1);
	must(w, file_read(&file, head, false, &w->err));
	assert_int_equal(file.len, 2 * SLOT);
}

static void every_damaged_byte_of_the_checkpoint_is_refused(void **state)
{
	uint8_t storage[2 * SLOT + 1] = {0}, kept[2 * SLOT];

	(void)state;
	must(w, audit_head_write(w->service->store, w->rules.keys, head, 0, AUDIT_HEAD_ANEW,
			&w->err));
	head_load(storage);
	for (size_t i = 0; i < SLOT; i++) {
		storage[i] ^= 0x01;
		must(w, file_replace(head, SPAN(storage, 2 * SLOT), 0600, &w->err));
		if (!head_check())
			fail_msg("byte %zu of the checkpoint does not matter", i);
		assert_int_equal(w->err.code, ERR_CORRUPT);
		storage[i] ^= 0x01;
	}
	memcpy(kept, storage, sizeof(kept));
	for (size_t n = 0; n <= 2 * SLOT + 1; n += n < SLOT ? 7 : 1) {
		must(w, file_replace(head, SPAN(storage, n), 0600, &w->err));
		assert_int_equal(head_check(), n == 2 * SLOT ? ERR_OK : ERR_CORRUPT);
	}
	for (size_t i = 0; i < SLOT; i++) /* the slot that was never written tells nothing */
		assert_int_equal(kept[SLOT + i], 0);
}

static void a_checkpoint_half_written_leaves_the_one_before(void **state)
{
	uint8_t storage[2 * SLOT + 1] = {0}, before[SLOT];
	int64_t seq = verify().head_seq;
	int at;

	(void)state;
	head_load(storage);
	for (int i = 0; i < 2; i++) {
		memcpy(before, storage, SLOT);
		must(w, service_terminal_stop(w->service, "till", true, &w->err));
		head_load(storage);
		assert_int_equal(verify().head_seq, ++seq);
		at = memcmp(before, storage, SLOT) ? 0 : SLOT; /* the one written last */
		storage[at + SLOT_USED - 1] ^= 0x80;
		must(w, file_replace(head, SPAN(storage, 2 * SLOT), 0600, &w->err));
		must(w, head_check());
		assert_int_equal(verify().head_seq, seq - 1);
		/* and the next goes over the half one, not over the good one */
		must(w, service_terminal_stop(w->service, "till", true, &w->err));
		assert_int_equal(verify().head_seq, ++seq);
		head_load(storage);
	}
}

static void an_older_checkpoint_never_goes_over_a_newer_one(void **state)
{
	struct service *slow = NULL;
	int64_t seq;

	(void)state;
	/* Another program commits, and before its checkpoint is written we commit, too. */
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	seq = verify().head_seq;
	must(w, service_open(&slow, w->dir, &w->clock, &w->err));
	change("CREATE TABLE kept AS SELECT * FROM audit WHERE seq=(SELECT max(seq) FROM audit);"
	       "DELETE FROM audit WHERE seq=(SELECT max(seq) FROM audit)");
	must(w, audit_head_write(slow->store, slow->keys, head, 0, AUDIT_HEAD_QUICK, &w->err));
	change("INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
	assert_int_equal(verify().head_seq, seq);
	service_close(&slow);
}

static void a_missing_checkpoint_is_refused_at_start(void **state)
{
	(void)state;
	service_close(&w->service);
	assert_int_equal(unlink(head), 0);
	reopen_refused("checkpoint");
	must(w, service_restore(w->dir, false, &w->clock, &w->err));
	world_open(w);
}

static void a_checkpoint_follows_every_commit(void **state)
{
	int64_t first = verify().head_seq;

	(void)state;
	for (int i = 1; i < 10; i++) {
		must(w, service_terminal_stop(w->service, "till", true, &w->err));
		assert_int_equal(verify().head_seq, first + i);
	}
	/* A checkpoint that cannot be written fails no request. */
	assert_int_equal(unlink(head), 0);
	assert_int_equal(mkdir(head, 0700), 0);
	log_set_fd(-1);
	for (int i = 0; i < 9; i++)
		must(w, service_terminal_stop(w->service, "till", true, &w->err));
	log_set_fd(2);
	assert_int_equal(rmdir(head), 0);
}

static void last_records_are_checked_without_the_others(void **state)
{
	struct store *store = w->service->store;
	int64_t last = world_last_audit(w).seq;
	char sql[96];

	(void)state;
	must(w, audit_verify_last(store, 3, &w->err));
	must(w, audit_verify_last(store, last, &w->err));
	must(w, audit_verify_last(store, last + 1, &w->err));
	snprintf(sql, sizeof(sql), "UPDATE audit SET at=at+1 WHERE seq=%lld", (long long)last - 3);
	change(sql);
	must(w, audit_verify_last(store, 3, &w->err));
	assert_int_equal(audit_verify_last(store, 4, &w->err), ERR_CORRUPT);
	assert_non_null(strstr(w->err.text, "it was changed"));
	snprintf(sql, sizeof(sql), "DELETE FROM audit WHERE seq=%lld", (long long)last - 1);
	change(sql);
	assert_int_equal(audit_verify_last(store, 3, &w->err), ERR_CORRUPT);
	assert_non_null(strstr(w->err.text, "it is missing"));
}

/* Whoever has the verification can check who was at the counter. */
static void check_mark(const char *detail, const char *name, bool is)
{
	const struct span parts[] = {SPAN(w->started.id, CODE_ID_LEN), span_text(name)};
	uint8_t digest[SEC_SHA256_LEN];
	char hex[17];

	assert_int_equal(sec_sha256(digest, parts, 2), ERR_OK);
	hex_encode(hex, SPAN(digest, 8));
	assert_int_equal(strstr(detail, hex) != NULL, is);
}

static void records_hold_no_personal_data(void **state)
{
	struct rules_start_in in = {.amount = 77, .currency = "EUR", .reference = "secret-ref",
		.operator_name = "Operator Ann"};
	struct store_audit a = {.seq = 0};
	struct phone p;

	(void)state;
	phone_new(w, &p, true);
	phone_first_code(&p, in.code, world_now(w));
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_verification_start(&w->rules, &w->started, &w->problem, &w->till, &in,
			&w->err));
	must(w, store_commit(w->service->store, &w->err));
	a = world_last_audit(w);
	check_mark(a.detail, "Operator Ann", true);
	check_mark(a.detail, "Operator Bob", false);
	a.seq = 0;
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
	while (store_audit_next(w->service->store, &a, a.seq, &w->err) == ERR_OK) {
		assert_null(strstr(a.detail, "Li Lei"));
		assert_null(strstr(a.detail, "13800130000"));
		assert_null(strstr(a.detail, "6222"));
		assert_null(strstr(a.detail, "secret-ref"));
		assert_null(strstr(a.detail, "Ann"));
		assert_null(strstr(a.detail, w->started.number));
		assert_null(strstr(a.detail, WORLD_PIN));
	}
	world_audit_is_whole(w);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(whole_chain_is_good_to_its_last_record),
		CASE(every_changed_column_is_named),
		CASE(moving_bytes_between_columns_is_found),
		CASE(removed_swapped_and_repeated_records_are_named),
		CASE(a_chain_computed_anew_is_found_by_the_checkpoint),
		CASE(an_older_database_put_in_place_is_refused_at_start),
		CASE(a_database_of_another_backend_is_refused_at_start),
		CASE(every_damaged_byte_of_the_checkpoint_is_refused),
		CASE(a_missing_checkpoint_is_refused_at_start),
		CASE(a_checkpoint_half_written_leaves_the_one_before),
		CASE(an_older_checkpoint_never_goes_over_a_newer_one),
		CASE(a_checkpoint_follows_every_commit),
		CASE(last_records_are_checked_without_the_others),
		CASE(records_hold_no_personal_data),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
