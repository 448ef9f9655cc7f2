/* SPDX-License-Identifier: Apache-2.0
 *
 * A backup put back does not give back what was taken away since.
 */
#include "tests/lib/backend_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/guard.h"
#include "backend/service_people.h"
#include "base/file.h"
#include "base/log.h"

static struct world *w;
static struct phone p;
static char guard[96], saved[96], saved_guard[96];

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	phone_new(w, &p, false);
	(void)snprintf(guard, sizeof(guard), "%s/guard.log", w->dir);
	(void)snprintf(saved, sizeof(saved), "%s/saved", w->dir);
	(void)snprintf(saved_guard, sizeof(saved_guard), "%s/saved.log", w->dir);
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

static void copy(const char *from, const char *to)
{
	struct bytes file;

	bytes_init(&file, 10000000);
	must(w, file_read(&file, from, false, &w->err));
	must(w, file_replace(to, bytes_span(&file), 0600, &w->err));
	bytes_done(&file);
}

static void back_up(void)
{
	service_close(&w->service);
	copy(w->db, saved);
	world_open(w);
}

static void put_back(void)
{
	service_close(&w->service);
	copy(saved, w->db);
}

static void restore(void)
{
	put_back();
	must(w, service_restore(w->dir, false, &w->clock, &w->err));
	world_open(w);
	world_audit_is_whole(w);
}

static void refused(const char *words)
{
	assert_int_equal(service_restore(w->dir, false, &w->clock, &w->err), ERR_CORRUPT);
	if (!strstr(w->err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", w->err.text, words);
	/* and nothing was changed: it is still the older one */
	assert_int_equal(service_open(&w->service, w->dir, &w->clock, &w->err), ERR_CORRUPT);
	assert_non_null(strstr(w->err.text, "older"));
}

static struct service_credential shown(void)
{
	struct service_credential c;

	must(w, service_credential_show(w->service, &c, p.credential, &w->err));
	return c;
}

static void what_was_made_void_stays_void(void **state)
{
	(void)state;
	back_up();
	must(w, service_credential_void(w->service, p.credential, &w->err));
	restore();
	assert_string_equal(shown().status, "void");
	assert_string_equal(world_start(w, &p, 0), "void");
	/* the same backup once more: the log went on */
	restore();
	assert_string_equal(shown().status, "void");
}

static void what_was_frozen_stays_frozen_until_its_time(void **state)
{
	(void)state;
	back_up();
	must(w, service_credential_freeze(w->service, p.credential, world_now(w) + 500, &w->err));
	restore();
	assert_int_equal(shown().frozen_until, world_now(w) + 500);
	back_up();
	must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	restore();
	assert_string_equal(shown().status, "active");
}

static void what_was_renewed_is_not_good_in_its_old_form(void **state)
{
	struct service_issued out;

	(void)state;
	back_up();
	must(w, service_credential_renew(w->service, &out, p.credential, 0, &w->err));
	restore();
	assert_int_equal(shown().generation, 2);
	assert_false(shown().activated);
	assert_string_equal(world_start(w, &p, 0), "superseded");
}

static void terminals_stay_stopped_and_old_tokens_ended(void **state)
{
	struct service_terminal first, again;
	struct rules_caller who;

	(void)state;
	must(w, service_terminal_enrol(w->service, &first, "lost", NULL, &w->err));
	back_up();
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	must(w, service_terminal_enrol(w->service, &again, "lost", NULL, &w->err));
	restore();
	assert_string_equal(world_start(w, &p, 0), "terminal-stopped");
	must(w, rules_authenticate(&w->rules, &who, span_text(first.token), &w->err));
	assert_int_equal(who.role, ROLE_NOBODY);
	back_up();
	must(w, service_terminal_stop(w->service, "till", false, &w->err));
	restore();
	assert_string_equal(world_start(w, &p, 0), "");
}

static void without_its_log_a_backup_is_refused_or_frozen(void **state)
{
	(void)state;
	back_up();
	must(w, service_credential_void(w->service, p.credential, &w->err));
	put_back();
	assert_int_equal(unlink(guard), 0);
	refused("--without-guard");
	must(w, service_restore(w->dir, true, &w->clock, &w->err));
	world_open(w);
	assert_string_equal(shown().status, "frozen");
	assert_string_equal(world_start(w, &p, 0), "frozen");
	world_audit_is_whole(w);
}

static bool lists(const struct service_restored_list *l, const void *id)
{
	for (size_t i = 0; i < l->count; i++)
		if (memcmp(l->item[i].id, id, CODE_ID_LEN) == 0)
			return true;
	return false;
}

static bool due(void)
{
	bool out = false;

	must(w, service_restore_is_due(w->dir, &out, &w->clock, &w->err));
	return out;
}

static void what_has_to_be_done_again_is_told(void **state)
{
	static struct service_restored told;
	static const char pass[] = "a long passphrase";
	struct phone renewed, lost, unused;
	struct service_issued issued;
	struct service_terminal t;
	struct service_operator o;
	int64_t until = world_now(w);

	(void)state;
	phone_new(w, &renewed, true);
	phone_new(w, &lost, true);
	must(w, service_credential_renew(w->service, &issued, lost.credential, 0, &w->err));
	unused = lost;
	phone_new(w, &lost, true);
	must(w, service_operator_add(w->service, &o, "Ann", STAFF_OPERATOR, span_text(pass),
			&w->err));
	must(w, service_operator_add(w->service, &o, "Bob", STAFF_OPERATOR, span_text(pass),
			&w->err));
	must(w, service_operator_stop(w->service, &o, "Bob", true, &w->err));
	back_up();
	world_pass(w, 100);
	must(w, service_credential_renew(w->service, &issued, renewed.credential, 0, &w->err));
	must(w, service_credential_renew(w->service, &issued, renewed.credential, 0, &w->err));
	must(w, service_credential_renew(w->service, &issued, lost.credential, 0, &w->err));
	must(w, service_credential_void(w->service, lost.credential, &w->err));
	must(w, service_terminal_enrol(w->service, &t, "till", NULL, &w->err));
	must(w, service_terminal_enrol(w->service, &t, "other till", NULL, &w->err));
	must(w, service_terminal_revoke(w->service, "other till", &w->err));
	must(w, service_terminal_enrol(w->service, &t, "a new one", NULL, &w->err));
	service_close(&w->service);
	assert_false(due());
	world_open(w);
	put_back();
	assert_true(due());
	must(w, service_restore_told(w->dir, false, NULL, &told, &w->clock, &w->err));
	assert_false(due());
	assert_int_equal(told.until, until);
	assert_int_equal(told.enrol.count, 1);
	assert_string_equal(told.enrol.item[0].name, "till");
	assert_int_equal(told.renew.count, 2);
	assert_true(lists(&told.renew, renewed.credential));
	assert_true(lists(&told.renew, unused.credential));
	assert_int_equal(told.allow.count, 1);
	assert_string_equal(told.allow.item[0].name, "Ann");
	assert_false(told.enrol.more || told.renew.more || told.allow.more);
	world_open(w);
	world_audit_is_whole(w);
}

static void every_damaged_byte_and_every_cut_is_refused(void **state)
{
	static uint8_t text[8192];
	struct bytes file;

	(void)state;
	back_up();
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	must(w, service_credential_void(w->service, p.credential, &w->err));
	put_back();
	bytes_init_fixed(&file, text, sizeof(text));
	must(w, file_read(&file, guard, false, &w->err));
	for (size_t i = 0; i < file.len; i += 3) {
		text[i] ^= 0x02;
		must(w, file_replace(guard, bytes_span(&file), 0600, &w->err));
		refused("guard.log");
		text[i] ^= 0x02;
	}
	for (size_t n = 0; n < file.len; n += 17) {
		must(w, file_replace(guard, SPAN(text, n), 0600, &w->err));
		refused("cut off");
	}
	must(w, file_replace(guard, bytes_span(&file), 0600, &w->err));
	must(w, service_restore(w->dir, false, &w->clock, &w->err));
	world_open(w);
	assert_string_equal(shown().status, "void");
}

static void a_log_that_a_crash_cut_or_lost_is_made_anew_from_the_chain(void **state)
{
	struct bytes file;

	(void)state;
	back_up();
	must(w, service_credential_void(w->service, p.credential, &w->err));
	for (int i = 0; i < 2; i++) {
		service_close(&w->service);
		bytes_init(&file, 100000);
		must(w, file_read(&file, guard, false, &w->err));
		if (i == 0)
			must(w, file_replace(guard, SPAN(file.data, file.len - 9), 0600, &w->err));
		else
			assert_int_equal(unlink(guard), 0);
		world_open(w);
		bytes_done(&file);
	}
	restore();
	assert_string_equal(shown().status, "void");
}

/* An administrator's program was killed after its commit, before its line; the checkpoint that the
 * server wrote then is newer than the record.
 */
static enum err_code count_line(void *ctx, const struct guard_line *line, struct err *err)
{
	(void)line;
	(void)err;
	++*(int *)ctx;
	return ERR_OK;
}

static int lines_in_log(void)
{
	int64_t last = 0;
	int count = 0;

	must(w, guard_walk(w->rules.keys, guard, count_line, &count, &last, &w->err));
	return count;
}

/* Each remembers the end that it left, and finds that it is not the end any more. */
static void programs_at_work_at_once_write_one_log(void **state)
{
	struct service *second = NULL;

	(void)state;
	must(w, service_open(&second, w->dir, &w->clock, &w->err));
	int before = lines_in_log();
	for (int i = 0; i < 3; i++) {
		must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
		must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
		must(w, service_credential_freeze(second, p.credential, 0, &w->err));
		must(w, service_credential_unfreeze(second, p.credential, &w->err));
	}
	assert_int_equal(lines_in_log(), before + 12);
	service_close(&second);
}

/* As long as it was, while a program that knows its end is at work. */
static void a_log_that_is_damaged_under_a_program_is_made_anew(void **state)
{
	struct stat left, st;
	int fd;

	(void)state;
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
	int before = lines_in_log();
	assert_int_equal(stat(guard, &left), 0);
	fd = open(guard, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	do { /* until the clock of the file system has moved */
		assert_int_equal(pwrite(fd, "?", 1, left.st_size - 3), 1);
		assert_int_equal(fstat(fd, &st), 0);
	} while (st.st_ctim.tv_sec == left.st_ctim.tv_sec &&
		 st.st_ctim.tv_nsec == left.st_ctim.tv_nsec);
	(void)close(fd);
	assert_int_equal(st.st_size, left.st_size);
	must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	assert_int_equal(lines_in_log(), before + 1);
}

static void a_line_that_a_killed_program_did_not_write_is_written_at_the_next_start(void **state)
{
	int64_t line;

	(void)state;
	back_up();
	copy(guard, saved_guard);
	line = w->service->guard_seq;
	must(w, service_credential_void(w->service, p.credential, &w->err));
	copy(saved_guard, guard);
	w->service->guard_seq = line;
	assert_string_equal(world_start(w, &p, 0), "void"); /* a record after it */
	service_close(&w->service);
	world_open(w);
	restore();
	assert_string_equal(shown().status, "void");
}

/* ---- what was counted ---- */

static struct store_credential credential_row(void)
{
	struct store_credential c;

	must(w, store_credential_get(w->service->store, &c, p.credential, &w->err));
	return c;
}

static struct store_account account_row(void)
{
	struct store_account a;

	must(w, store_account_get(w->service->store, &a, w->account, &w->err));
	return a;
}

static void fail_times(const struct phone *of, int times)
{
	for (int i = 0; i < times; i++) {
		world_pass(w, CODE_STEP_S);
		assert_string_equal(world_start(w, of, 0), "");
		assert_string_equal(world_wrong(w, of), "rejected");
		service_after_commit(w->service);
	}
}

static void wrong_answers_since_the_backup_are_still_counted(void **state)
{
	(void)state;
	back_up();
	fail_times(&p, 4);
	restore();
	assert_int_equal(credential_row().failures, 4);
	/* and once more from the same backup: the log went on */
	restore();
	assert_int_equal(credential_row().failures, 4);
	fail_times(&p, 1);
	assert_true(credential_row().frozen_until > world_now(w));
	restore();
	assert_int_equal(credential_row().freezes, 1);
	assert_int_equal(credential_row().failures, 0);
	assert_string_equal(shown().status, "frozen");
}

static struct store_account no_pin_row(void)
{
	struct store_account a;

	must(w, store_account_get(w->service->store, &a, w->no_pin, &w->err));
	return a;
}

static void wrong_answers_of_an_accounts_day_are_counted_on(void **state)
{
	struct phone late;

	(void)state;
	fail_times(&p, 1);
	back_up();
	fail_times(&p, 2);
	phone_new(w, &late, false); /* the backup does not know it, and its account it knows */
	fail_times(&late, 2);
	restore();
	assert_int_equal(no_pin_row().wrong_count, 5);
	assert_int_equal(no_pin_row().wrong_day, world_now(w) / 86400);
	/* and once more from the same backup: the log went on */
	restore();
	assert_int_equal(no_pin_row().wrong_count, 5);
	w->service->policy.account_wrong_day = 5;
	assert_string_equal(world_start(w, &p, 0), "too-many-attempts");
	/* a day that is over does not come back */
	world_pass(w, 86400);
	fail_times(&p, 1);
	back_up();
	restore();
	assert_int_equal(no_pin_row().wrong_count, 1);
}

static void a_success_since_the_backup_has_cleared_them(void **state)
{
	(void)state;
	fail_times(&p, 3);
	back_up();
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	service_after_commit(w->service);
	restore();
	assert_int_equal(credential_row().failures, 0);
}

static void wrong_pins_locks_and_unlocks_are_as_they_were(void **state)
{
	struct phone q;

	(void)state;
	phone_new(w, &q, true);
	w->service->policy.pin_lock_after = 3;
	back_up();
	w->service->policy.pin_lock_after = 3;
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &q, 0), "");
	assert_string_equal(world_right(w, &q), "accepted");
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	assert_string_equal(world_pin(w, "0000", 2), "accepted");
	service_after_commit(w->service);
	restore();
	assert_int_equal(account_row().pin_failures, 2);
	assert_false(account_row().pin_locked);
	w->service->policy.pin_lock_after = 3;
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &q, 0), "");
	assert_string_equal(world_right(w, &q), "accepted");
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	service_after_commit(w->service);
	restore();
	assert_true(account_row().pin_locked);
	must(w, service_account_unlock(w->service, w->account, &w->err));
	restore();
	assert_false(account_row().pin_locked);
	assert_int_equal(account_row().pin_failures, 0);
}

static void a_restored_backend_makes_other_numbers_and_signs_with_no_old_key(void **state)
{
	uint8_t number[SEC_KEY_LEN], key[SEC_ED25519_PUBLIC_LEN];

	(void)state;
	memcpy(number, keyring_number_key(w->service->keys).data, sizeof(number));
	memcpy(key, keyring_issuer_at(w->service->keys, 0)->public_key, sizeof(key));
	back_up();
	restore();
	assert_memory_not_equal(keyring_number_key(w->service->keys).data, number, sizeof(number));
	assert_memory_equal(keyring_issuer_at(w->service->keys, 0)->public_key, key, sizeof(key));
	must(w, service_key_rotate_issuer(w->service, &w->err));
	restore();
	assert_int_equal(keyring_issuer_count(w->service->keys), 2);
	assert_memory_equal(keyring_issuer_at(w->service->keys, 1)->public_key, key, sizeof(key));
	world_pass(w, 1);
	assert_string_equal(world_start(w, &p, 0), ""); /* what it signed stays good */
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(what_was_made_void_stays_void),
		CASE(what_was_frozen_stays_frozen_until_its_time),
		CASE(what_was_renewed_is_not_good_in_its_old_form),
		CASE(terminals_stay_stopped_and_old_tokens_ended),
		CASE(without_its_log_a_backup_is_refused_or_frozen),
		CASE(what_has_to_be_done_again_is_told),
		CASE(every_damaged_byte_and_every_cut_is_refused),
		CASE(a_log_that_a_crash_cut_or_lost_is_made_anew_from_the_chain),
		CASE(programs_at_work_at_once_write_one_log),
		CASE(a_log_that_is_damaged_under_a_program_is_made_anew),
		CASE(a_line_that_a_killed_program_did_not_write_is_written_at_the_next_start),
		CASE(wrong_answers_since_the_backup_are_still_counted),
		CASE(wrong_answers_of_an_accounts_day_are_counted_on),
		CASE(a_success_since_the_backup_has_cleared_them),
		CASE(wrong_pins_locks_and_unlocks_are_as_they_were),
		CASE(a_restored_backend_makes_other_numbers_and_signs_with_no_old_key),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
