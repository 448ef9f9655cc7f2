/* SPDX-License-Identifier: Apache-2.0
 *
 * The sealed journal: what is in it stays, what is done to it is seen, and a power cut at any byte
 * loses nothing that somebody was told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>

#include "base/log.h"
#include "tests/lib/offline_journal.h"

/* In place of the system's: what was asked to be on the disk, and a disk that fails. */
static unsigned syncs;
static bool sync_fails;

int fdatasync(int fd)
{
	(void)fd;
	syncs++;
	errno = EIO;
	return sync_fails ? -1 : 0;
}

static unsigned room = UINT_MAX; /* so often something made anew can be written */

int fsync(int fd)
{
	(void)fd;
	errno = ENOSPC;
	if (room == 0)
		return -1;
	room -= room != UINT_MAX;
	return 0;
}

/* ---- what stays ---- */

static void what_was_written_down_is_there_again(void **state)
{
	struct flow_code code = {.text = "HTTPS://A/C/3"};
	struct offline_open sum;

	(void)state;
	open_it();
	sell(2);
	sell(3);
	sell(4);
	again();
	assert_string_equal(offline_journal_damage(journal), "");
	assert_int_equal(offline_journal_count(journal), 3);
	assert_int_equal(offline_journal_item(journal, 1)->entry.sale.amount, 300);
	assert_string_equal(offline_journal_item(journal, 1)->entry.code, "HTTPS://A/C/3");
	assert_int_equal(offline_journal_item(journal, 1)->entry.at, NOW + 3);
	code.credential_id[0] = 1;
	offline_journal_sum(journal, &sum, &code);
	assert_int_equal(sum.sum, 900);
	assert_int_equal(sum.count, 3);
	assert_int_equal(sum.of_card, 2);
	assert_true(sum.same_code && !sum.conflict);
	assert_int_equal(sum.newest_at, NOW + 4);
	code.text[12] = '9';
	offline_journal_sum(journal, &sum, &code);
	assert_false(sum.same_code);
}

static void answers_make_room_and_conflicts_stay_until_somebody_looked(void **state)
{
	struct flow_code code = {.text = "x", .credential_id = {2}};
	struct offline_open sum;

	(void)state;
	open_it();
	sell(2);
	sell(5);
	answer(2, "");
	answer(5, "stale-code");
	again();
	assert_int_equal(offline_journal_count(journal), 1);
	assert_int_equal(offline_journal_conflicts(journal), 1);
	assert_string_equal(offline_journal_item(journal, 0)->reason, "stale-code");
	offline_journal_sum(journal, &sum, &code);
	assert_int_equal(sum.count, 0);
	assert_int_equal(sum.sum, 0);
	assert_true(sum.conflict);
	assert_int_equal(offline_journal_looked(journal, "Vera", NOW + 200, &err), ERR_OK);
	again();
	assert_int_equal(offline_journal_count(journal), 0);
}

static void a_long_journal_without_open_sales_is_begun_anew(void **state)
{
	struct content after;

	(void)state;
	open_it();
	trade();
	again();
	load(&after, "journal");
	assert_true(after.len < 2000);
	sell(3);
	again();
	assert_string_equal(offline_journal_damage(journal), "");
	assert_int_equal(offline_journal_count(journal), 1);
	assert_memory_not_equal(after.data + 22, "0 ", 2); /* it goes on from the old one */
}

/* It runs for years without a start: and what it writes can always be read again. */
static void a_journal_does_not_grow_without_end(void **state)
{
	struct offline_entry e = sale_of(9);
	uint8_t n = 10;

	(void)state;
	open_it();
	trade();
	sell(3);
	assert_true(journal_len() < 4000);
	again();
	assert_string_equal(offline_journal_damage(journal), "");
	assert_int_equal(offline_journal_count(journal), 1);
	answer(3, "void"); /* nobody looks at it: it stays */
	memset(e.sale.reference, 'r', sizeof e.sale.reference - 1);
	memset(e.code, 'C', sizeof e.code - 1);
	for (e.id[1] = 0; offline_journal_add(journal, &e, &err) == ERR_OK; n++) {
		struct offline_answer a = {.accepted = true};

		assert_int_equal(
			offline_journal_answered(journal, &e, &a, NOW + 100, &err), ERR_OK);
		assert_true(journal_len() < OFFLINE_FILE_MAX);
		e.id[2] = n;
	}
	assert_int_equal(err.code, ERR_TOO_LARGE);
	again();
	assert_string_equal(offline_journal_damage(journal), "");
	assert_int_equal(offline_journal_conflicts(journal), 1);
	assert_int_equal(offline_journal_looked(journal, "Vera", NOW + 200, &err), ERR_OK);
	sell(4);
	assert_true(journal_len() < 4000);
}

static void nothing_of_a_sale_can_be_read(void **state)
{
	struct content text;

	(void)state;
	open_it();
	sell(3);
	load(&text, "journal");
	for (size_t i = 0; i + 5 < text.len; i++)
		assert_memory_not_equal(text.data + i, "HTTPS", 5);
	assert_null(memmem(text.data, text.len, "485454505", 9)); /* in hex */
}

/* ---- what is done to it ---- */

/* With these bytes in place of the file: named, and nothing is written any more. */
static void is_damage(const char *name, const struct content *c, const char *words)
{
	struct offline_entry e = sale_of(9);

	offline_journal_close(&journal);
	save(name, c->data, c->len);
	open_it();
	if (!has_damage(words))
		fail_msg("%s, want %s", offline_journal_damage(journal), words);
	assert_int_equal(offline_journal_add(journal, &e, &err), ERR_CORRUPT);
	assert_non_null(strstr(err.text, words));
}

static void a_byte_changed_anywhere_is_named(void **state)
{
	static const char *const names[] = {"journal", "journal.head", "key"};
	struct content good, bad;

	(void)state;
	open_it();
	sell(2);
	sell(3);
	answer(2, "void");
	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
		load(&good, names[n]);
		for (size_t i = 0; i < good.len; i += n == 0 ? 41 : 3) {
			bad = good;
			bad.data[i] ^= 1;
			/* another key opens nothing: the head says so */
			is_damage(names[n], &bad, n == 0 ? "journal: line" : "journal.head");
		}
		offline_journal_close(&journal);
		save(names[n], good.data, good.len);
		open_it();
		assert_string_equal(offline_journal_damage(journal), "");
	}
}

static const uint8_t *line_at(const struct content *c, int n)
{
	const uint8_t *p = c->data;

	while (n-- > 0)
		p = (const uint8_t *)memchr(p, '\n', c->len - (size_t)(p - c->data)) + 1;
	return p;
}

static void lines_cut_moved_or_repeated_are_named(void **state)
{
	struct content good, bad;
	size_t a, b, len;

	(void)state;
	open_it();
	sell(2);
	sell(3);
	sell(4);
	load(&good, "journal");
	a = (size_t)(line_at(&good, 2) - good.data); /* the first sale's */
	b = (size_t)(line_at(&good, 3) - good.data);
	len = (size_t)(line_at(&good, 4) - good.data) - b;
	bad = good;
	bad.len = (size_t)(line_at(&good, 4) - good.data);
	is_damage("journal", &bad, "journal: line 5: missing");
	bad.len = a;
	is_damage("journal", &bad, "journal: line 3: missing");
	bad = good; /* the second in the first one's place */
	memcpy(bad.data + a, good.data + b, len);
	is_damage("journal", &bad, "journal: line 3");
	bad = good; /* the first left out */
	memmove(bad.data + a, bad.data + b, bad.len - b);
	bad.len -= b - a;
	is_damage("journal", &bad, "journal: line 3");
	bad = good; /* all of it behind itself */
	memcpy(bad.data + bad.len, good.data + a, b - a);
	memcpy(bad.data + bad.len + (b - a), good.data + a, b - a);
	bad.len += 2 * (b - a);
	is_damage("journal", &bad, "journal.head: older");
}

static void files_that_are_missing_are_named(void **state)
{
	static const char *const names[] = {"journal", "journal.head", "key"};
	struct content good;

	(void)state;
	open_it();
	sell(2);
	for (size_t i = 0; i < 3; i++) {
		load(&good, names[i]);
		offline_journal_close(&journal);
		assert_int_equal(unlink(file(names[i])), 0);
		open_it();
		assert_true(has_damage(names[i]) && has_damage("missing"));
		offline_journal_close(&journal);
		save(names[i], good.data, good.len);
		chmod(file(names[i]), 0600);
		open_it();
		assert_string_equal(offline_journal_damage(journal), "");
	}
	offline_journal_close(&journal); /* others could read it */
	chmod(file("key"), 0644);
	open_it();
	assert_true(has_damage("key: cannot be read"));
}

static void an_older_head_is_noticed_from_two_sales_on(void **state)
{
	struct content head;

	(void)state;
	open_it();
	sell(2);
	load(&head, "journal.head");
	sell(3);
	sell(4);
	is_damage("journal.head", &head, "journal.head: older than the journal");
}

/* ---- a supervisor ---- */

static void whoever_looked_lets_it_go_on_and_no_good_sale_is_lost(void **state)
{
	struct content bad;

	(void)state;
	open_it();
	sell(2);
	sell(3);
	sell(4);
	load(&bad, "journal");
	bad.data[bad.len - 3] ^= 1;
	is_damage("journal", &bad, "journal: line 5");
	assert_int_equal(offline_journal_looked(journal, "Vera", NOW + 50, &err), ERR_OK);
	assert_string_equal(offline_journal_damage(journal), "");
	assert_int_equal(offline_journal_count(journal), 2);
	assert_int_equal(access(file("journal.changed-4000000050"), F_OK), 0);
	sell(5);
	again();
	assert_int_equal(offline_journal_count(journal), 3);
	assert_string_equal(offline_journal_damage(journal), "");
	offline_journal_close(&journal);
	unlink(file("key"));
	open_it();
	assert_int_equal(offline_journal_looked(journal, "Vera", NOW + 60, &err), ERR_OK);
	sell(5);
	again();
	assert_int_equal(offline_journal_count(journal), 1); /* the key was lost: so were they */
}

/* Also where what is wrong is beside it: the head is cut, gone, or an older one. */
static void whatever_can_be_read_is_taken_over(void **state)
{
	struct content old, none = {.len = 0};

	(void)state;
	open_it();
	sell(2);
	load(&old, "journal.head");
	sell(3);
	sell(4);
	is_damage("journal.head", &old, "journal.head: older");
	assert_int_equal(offline_journal_count(journal), 3);
	is_damage("journal.head", &none, "journal.head: changed");
	assert_int_equal(offline_journal_count(journal), 3);
	offline_journal_close(&journal);
	assert_int_equal(unlink(file("journal.head")), 0);
	open_it();
	assert_true(has_damage("journal.head: missing"));
	assert_int_equal(offline_journal_looked(journal, "Vera", NOW + 50, &err), ERR_OK);
	again();
	assert_string_equal(offline_journal_damage(journal), "");
	assert_int_equal(offline_journal_count(journal), 3);
}

/* ---- power ---- */

/* The old journal put aside, or the new one in place, and not the head. */
static void a_power_cut_while_a_supervisor_looks_loses_nothing(void **state)
{
	struct content head, bad;

	(void)state;
	open_it();
	sell(2);
	sell(3);
	load(&head, "journal.head");
	load(&bad, "journal");
	bad.data[bad.len - 3] ^= 1;
	is_damage("journal", &bad, "journal: line 4");
	assert_int_equal(offline_journal_looked(journal, "Vera", NOW + 50, &err), ERR_OK);
	is_damage("journal.head", &head, "journal");
	assert_int_equal(offline_journal_count(journal), 1);
	assert_int_equal(offline_journal_looked(journal, "Vera", NOW + 50, &err), ERR_OK);
	assert_int_equal(access(file("journal.changed-4000000051"), F_OK), 0);
	again();
	assert_int_equal(offline_journal_count(journal), 1);
	assert_int_equal(offline_journal_item(journal, 0)->entry.id[0], 2);
	offline_journal_close(&journal);
	assert_int_equal(unlink(file("journal.head")), 0); /* what is aside is still in its place */
	open_it();
	assert_int_equal(offline_journal_count(journal), 1);
}

/* The journal cut at every byte of its last line, the head of before or of after: what the head
 * tells of is there, or it is said that it is not.
 */
static void a_power_cut_at_any_byte_loses_nothing_that_was_told(void **state)
{
	struct content before, after, head_before, head_after, cut;

	(void)state;
	open_it();
	sell(2);
	load(&before, "journal");
	load(&head_before, "journal.head");
	sell(3);
	load(&after, "journal");
	load(&head_after, "journal.head");
	for (size_t len = before.len; len <= after.len; len += 53) {
		offline_journal_close(&journal);
		cut = after;
		cut.len = len;
		save("journal", cut.data, cut.len);
		save("journal.head", head_before.data, head_before.len);
		open_it();
		assert_string_equal(offline_journal_damage(journal), "");
		assert_int_equal(offline_journal_count(journal), 1);
		sell(4); /* and it goes on behind it */
		again();
		assert_int_equal(offline_journal_count(journal), 2);
		assert_string_equal(offline_journal_damage(journal), "");
		if (len < after.len)
			is_damage("journal.head", &head_after, "journal");
		wipe();
		open_it();
		offline_journal_close(&journal);
		/* the key is another one now: make the world anew */
		open_it();
		sell(2);
		load(&before, "journal");
		load(&head_before, "journal.head");
		sell(3);
		load(&after, "journal");
		load(&head_after, "journal.head");
	}
}

/* A new journal in place, the head still the old one. */
static void a_power_cut_while_it_is_begun_anew_loses_nothing(void **state)
{
	struct content head, head_new, text;

	(void)state;
	open_it();
	trade();
	load(&head, "journal.head");
	again();
	load(&head_new, "journal.head");
	load(&text, "journal");
	assert_true(text.len < 2000);
	assert_memory_not_equal(head.data, head_new.data, head.len);
	offline_journal_close(&journal);
	save("journal.head", head.data, head.len);
	open_it();
	assert_string_equal(offline_journal_damage(journal), "");
	sell(3);
	again();
	assert_string_equal(offline_journal_damage(journal), "");
	assert_int_equal(offline_journal_count(journal), 1);
}

static void a_sale_is_on_the_disk_or_was_never_made(void **state)
{
	struct offline_entry e = sale_of(3);

	(void)state;
	open_it();
	syncs = 0;
	sell(2);
	assert_true(syncs > 0);
	sync_fails = true;
	assert_int_equal(offline_journal_add(journal, &e, &err), ERR_IO);
	sync_fails = false;
	assert_int_equal(offline_journal_count(journal), 1);
	again();
	assert_string_equal(offline_journal_damage(journal), "");
	assert_int_equal(offline_journal_count(journal), 1);
	sell(4);
	again();
	assert_int_equal(offline_journal_count(journal), 2);
}

/* And the next start finds a folder as before, not half a journal to be looked at. */
static void where_none_can_be_made_nothing_is_left(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		room = i;
		failed += offline_journal_open(
				  &journal, in_folder("offline"), false, &err) != ERR_OK;
		room = UINT_MAX;
		again();
		assert_string_equal(offline_journal_damage(journal), "");
		sell(2);
		wipe();
	}
	assert_in_range(failed, 3, 7); /* of key, journal and head */
}

/* ---- others ---- */

static void only_one_program_writes_and_others_may_read(void **state)
{
	struct offline_journal *other = NULL;
	struct offline_entry e = sale_of(4);

	(void)state;
	assert_int_equal(offline_journal_open(&other, in_folder("offline"), true, &err),
		ERR_NOT_FOUND);
	open_it();
	sell(2);
	assert_int_equal(offline_journal_open(&other, in_folder("offline"), false, &err), ERR_BUSY);
	assert_null(other);
	assert_int_equal(offline_journal_open(&other, in_folder("offline"), true, &err), ERR_OK);
	assert_int_equal(offline_journal_count(other), 1);
	assert_int_equal(offline_journal_add(other, &e, &err), ERR_PERMISSION);
	assert_int_equal(offline_journal_looked(other, "x", NOW, &err), ERR_PERMISSION);
	offline_journal_close(&other);
}

static void the_list_is_sealed_with_the_same_key(void **state)
{
	static struct offline_list list, got;
	struct content c;

	(void)state;
	open_it();
	offline_journal_list_get(journal, &got);
	assert_false(got.known);
	list = (struct offline_list){.known = true, .complete = true, .version = 9, .at = NOW,
		.got_at = NOW + 1, .amount_max = 77, .frozen_count = 2, .void_count = 1};
	memset(list.frozen, 1, 16);
	memset(list.withdrawn, 2, 8);
	assert_int_equal(offline_journal_list_put(journal, &list, &err), ERR_OK);
	again();
	offline_journal_list_get(journal, &got);
	assert_memory_equal(&got, &list, sizeof got);
	load(&c, "list");
	for (size_t i = 0; i < c.len; i++) {
		c.data[i] ^= 1;
		save("list", c.data, c.len);
		offline_journal_list_get(journal, &got);
		assert_false(got.known);
		c.data[i] ^= 1;
	}
	save("list", c.data, c.len);
	offline_journal_list_forget(journal);
	offline_journal_list_get(journal, &got);
	assert_false(got.known);
}

/* ---- set-up ---- */

static int set_up(void **state)
{
	log_set_fd(-1);
	return sec_start(NULL) == ERR_OK ? folder_set_up(state) : -1;
}

static int tear_down(void **state)
{
	offline_journal_close(&journal);
	return folder_tear_down(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_written_down_is_there_again),
		CASE(answers_make_room_and_conflicts_stay_until_somebody_looked),
		CASE(a_long_journal_without_open_sales_is_begun_anew),
		CASE(a_journal_does_not_grow_without_end),
		CASE(nothing_of_a_sale_can_be_read),
		CASE(a_byte_changed_anywhere_is_named),
		CASE(lines_cut_moved_or_repeated_are_named),
		CASE(files_that_are_missing_are_named),
		CASE(an_older_head_is_noticed_from_two_sales_on),
		CASE(whoever_looked_lets_it_go_on_and_no_good_sale_is_lost),
		CASE(whatever_can_be_read_is_taken_over),
		CASE(a_power_cut_while_a_supervisor_looks_loses_nothing),
		CASE(a_power_cut_at_any_byte_loses_nothing_that_was_told),
		CASE(a_power_cut_while_it_is_begun_anew_loses_nothing),
		CASE(a_sale_is_on_the_disk_or_was_never_made),
		CASE(where_none_can_be_made_nothing_is_left),
		CASE(only_one_program_writes_and_others_may_read),
		CASE(the_list_is_sealed_with_the_same_key),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
