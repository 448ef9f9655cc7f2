/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages to holders: words that always fit, bodies that only this backend opens, mails that any
 * relay takes; and what is accepted as an address.
 */
#include "tests/lib/backend_world.h"

#include <time.h>

#include "backend/post.h"
#include "backend/store_sqlite.h"
#include "base/file.h"

static const char *const KINDS[] = {
	"activation", "frozen", "renewed", "unfrozen", "void", "pin-locked"};
static const char *const LANGUAGES[] = {"en", "zh_CN"};

/* The longest that can be stored, of what takes the most room. */
static char *longest(size_t size, char c)
{
	static char room[8][512];
	static size_t n;
	char *out = room[n++ % 8];

	memset(out, c, size - 1);
	out[size - 1] = '\0';
	return out;
}

static void every_message_fits_with_the_longest_names(void **state)
{
	static struct message_body body;

	(void)state;
	for (size_t k = 0; k < sizeof(KINDS) / sizeof(KINDS[0]); k++) {
		for (size_t l = 0; l < 2; l++) {
			const struct message_words w = {.kind = KINDS[k],
				.language = LANGUAGES[l],
				.issuer = longest(KEYRING_NAME_MAX, 'i'),
				.holder = longest(STORE_NAME_MAX, 'h'),
				.purpose = longest(STORE_NAME_MAX, 'p'),
				.link = longest(MESSAGE_LINK_MAX, 'l'),
				.until = 253402300799};

			assert_true(message_text(&body, &w));
			assert_non_null(strstr(body.text, w.holder));
			assert_non_null(strstr(body.text, w.purpose));
			assert_non_null(strstr(body.subject, w.issuer));
			assert_null(strchr(body.text, '%'));
			assert_null(strchr(body.subject, '\n'));
			assert_int_equal(strstr(body.text, w.link) != NULL, k == 0);
			assert_int_equal(strstr(body.text, "9999-12-31 23:59 UTC") != NULL, k < 2);
		}
	}
	assert_false(message_text(&body, &(struct message_words){.kind = "dance",
						  .language = "en",
						  .issuer = "",
						  .holder = "",
						  .purpose = ""}));
}

static void a_freeze_without_end_names_no_time(void **state)
{
	static const int64_t NONE[] = {0, -1, STORE_FOR_EVER};
	static struct message_body body;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct message_words w = {.kind = "frozen",
			.language = "en",
			.issuer = "Bank",
			.holder = "Ada",
			.purpose = "payment",
			.until = NONE[i]};

		assert_true(message_text(&body, &w));
		assert_null(strstr(body.text, "UTC"));
		assert_non_null(strstr(body.text, "until you ask"));
	}
}

/* ---- sealed ---- */

static void message_of(struct store_message *m, struct world *w)
{
	struct err err;

	assert_int_equal(store_begin(w->service->store, &err), ERR_OK);
	assert_int_equal(
		store_message_take(w->service->store, m, INT32_MAX, INT64_MAX, &err), ERR_OK);
	store_rollback(w->service->store);
}

static void a_body_is_opened_by_this_backend_for_this_row_only(void **state)
{
	static struct store_message m, bad;
	static struct message_body body;
	struct service_issue in = {.digits = 0};
	struct service_issued issued;
	struct world *w = world_new();
	const struct rules r = service_rules(w->service);
	struct err err;

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	must(w, service_credential_issue(w->service, &issued, &in, &w->err));
	message_of(&m, w);
	assert_int_equal(rules_message_open(&r, &body, &m, &err), ERR_OK);
	assert_non_null(strstr(body.text, issued.token));
	for (size_t i = 0; i < m.body_len; i++) {
		bad = m;
		bad.body[i] ^= 1;
		assert_int_equal(rules_message_open(&r, &body, &bad, &err), ERR_FORGED);
		assert_string_equal(body.text, "");
	}
	for (size_t i = 0; i < m.body_len; i++) {
		bad = m;
		bad.body_len = i;
		assert_int_equal(rules_message_open(&r, &body, &bad, &err), ERR_FORGED);
	}
	bad = m;
	bad.id[3] ^= 1; /* of another row */
	assert_int_equal(rules_message_open(&r, &body, &bad, &err), ERR_FORGED);
	world_free(w);
}

/* ---- withdrawn ---- */

/* Kinds of all that wait, in the order in which they would be sent; takes them. */
static const char *waiting(struct world *w)
{
	static char kinds[256];
	struct store_message m;
	size_t n = 0;

	kinds[0] = '\0';
	must(w, store_begin(w->service->store, &w->err));
	while (store_message_take(w->service->store, &m, INT32_MAX, INT64_MAX, &w->err) == ERR_OK)
		n += (size_t)snprintf(kinds + n, sizeof(kinds) - n, "%s%02x ", m.kind,
			m.credential[0]);
	store_rollback(w->service->store);
	return kinds;
}

/* A link that is worth nothing any more is not sent: holders would call because of it. */
static void a_link_that_ended_before_it_was_sent_is_not_sent(void **state)
{
	struct service_issue in = {.digits = 0};
	struct service_issued a, b;
	struct world *w = world_new();
	struct phone phone;
	char want[64];

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	must(w, service_credential_issue(w->service, &a, &in, &w->err));
	do
		must(w, service_credential_issue(w->service, &b, &in, &w->err));
	while (b.id[0] == a.id[0]);
	must(w, service_credential_void(w->service, a.id, &w->err));
	assert_null(strstr(waiting(w), "activation00 "));
	(void)snprintf(want, sizeof(want), "activation%02x ", a.id[0]);
	assert_null(strstr(waiting(w), want));
	(void)snprintf(want, sizeof(want), "void%02x ", a.id[0]);
	assert_non_null(strstr(waiting(w), want)); /* what became of it is told all the same */
	(void)snprintf(want, sizeof(want), "activation%02x ", b.id[0]);
	assert_non_null(strstr(waiting(w), want)); /* another one's link is not meant */
	must(w, service_credential_renew(w->service, &b, b.id, 0, &w->err));
	assert_non_null(strstr(waiting(w), want));
	assert_null(strstr(strstr(waiting(w), want) + 1, want)); /* the new one only */
	phone_activate(w, &phone, b.token);
	assert_null(strstr(waiting(w), want)); /* it was told to the holder otherwise */
	world_free(w);
}

/* ---- the outbox ---- */

static void make_file(const char *name, int64_t ends)
{
	const struct timespec times[2] = {{.tv_sec = ends}, {.tv_sec = ends}};
	char path[160];
	struct err err;

	(void)snprintf(path, sizeof(path), "outbox/%s", name);
	assert_int_equal(file_replace(in_folder(path), SPAN("{}", 2), 0600, &err), ERR_OK);
	assert_int_equal(utimensat(AT_FDCWD, in_folder(path), times, 0), 0);
}

static bool is_there(const char *name)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "outbox/%s", name);
	return access(in_folder(path), F_OK) == 0;
}

static void a_message_that_nobody_took_goes_with_its_time(void **state)
{
	static const char OVER[] = "00112233445566778899aabbccddeeff.json",
			  NOT_YET[] = "10112233445566778899aabbccddeeff.json",
			  OTHER[] = "notes.json",
			  OTHERS[] = "00112233445566778899aabbccddeeff.text";
	int64_t now = time(NULL);

	(void)state;
	messenger_clean(folder_path, now); /* no folder yet */
	assert_int_equal(mkdir(in_folder("outbox"), 0700), 0);
	make_file(OVER, now + 100);
	make_file(NOT_YET, now + 1000);
	make_file(OTHER, now - 1000);
	make_file(OTHERS, now - 1000);
	assert_int_equal(mkdir(in_folder("outbox/20112233445566778899aabbccddeeff.json"), 0700), 0);
	messenger_clean(folder_path, now + 99);
	assert_true(is_there(OVER));
	messenger_clean(folder_path, now + 100);
	assert_false(is_there(OVER));
	assert_true(is_there(NOT_YET) && is_there(OTHER) && is_there(OTHERS));
	make_file(OVER, now - 1000); /* made this moment: its time may not be set yet */
	messenger_clean(folder_path, now);
	assert_true(is_there(OVER));
}

/* ---- between store and messenger ---- */

/* As the store thread does it: a failed step is undone alone, and the rest is committed. */
static enum err_code post_once(struct post *p, struct world *w, int64_t mono_ms)
{
	const struct rules r = service_rules(w->service);
	enum err_code e;
	struct err err;

	must(w, store_begin(w->service->store, &w->err));
	must(w, store_savepoint(w->service->store, &w->err));
	e = post_step(p, &r, mono_ms, &err);
	if (e)
		must(w, store_rollback_to(w->service->store, &w->err));
	else
		must(w, store_release(w->service->store, &w->err));
	if (e)
		post_lost(p);
	must(w, store_commit(w->service->store, &w->err));
	post_committed(p, &r, false);
	return e;
}

static bool was_sent(struct post *p)
{
	const struct timespec ms = {.tv_nsec = 1000000};

	for (int i = 0; i < 10000 && !p->done; i++) {
		(void)post_is_due(p, 0);
		(void)nanosleep(&ms, NULL);
	}
	return p->done != NULL;
}

static int count_sent(struct world *w)
{
	sqlite3_stmt *stmt;
	int n;

	assert_int_equal(sqlite3_prepare_v2(store_sqlite(w->service->store)->db,
		"SELECT count(*) FROM message WHERE state=1 AND body=x''", -1, &stmt, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return n;
}

static void run_sql(struct world *w, const char *sql)
{
	assert_int_equal(sqlite3_exec(store_sqlite(w->service->store)->db, sql, NULL, NULL, NULL),
		SQLITE_OK);
}

/* What was sent and could not be written down is written down later, and not sent once more. */
static void what_was_sent_is_written_down_later_when_that_fails(void **state)
{
	static struct metrics metrics;
	struct service_issue in = {.digits = 0};
	struct service_issued issued;
	struct world *w = world_new();
	struct post p;
	int64_t later;

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	run_sql(w, "DELETE FROM message");
	must(w, service_credential_issue(w->service, &issued, &in, &w->err));
	must(w, post_open(&p, w->service->dir, &w->service->policy, &metrics, &w->err));
	assert_int_equal(post_once(&p, w, 1), ERR_OK);
	assert_true(was_sent(&p));
	run_sql(w, "CREATE TRIGGER fault BEFORE UPDATE ON message"
		   " BEGIN SELECT RAISE(FAIL,'fault'); END");
	assert_int_not_equal(post_once(&p, w, 2), ERR_OK);
	run_sql(w, "DROP TRIGGER fault");
	assert_int_equal(metrics.messages_sent, 0);
	assert_int_equal(p.out, 1);
	assert_false(post_is_due(&p, 3)); /* and not all the time */
	later = p.looked_ms + p.look_ms;
	assert_true(post_is_due(&p, later));
	assert_int_equal(post_once(&p, w, later), ERR_OK);
	assert_int_equal(metrics.messages_sent, 1);
	assert_int_equal(p.out, 0);
	assert_int_equal(count_sent(w), 1);
	post_close(&p);
	world_free(w);
}

/* ---- mail ---- */

static void a_mail_has_short_lines_and_whole_characters(void **state)
{
	static struct messenger_item item = {.id = {1, 2}, .kind = "frozen"};
	static uint8_t room[MAIL_MAX + 1];
	struct bytes out;
	struct err err;
	size_t at = 0;

	(void)state;
	(void)snprintf(item.body.email, sizeof(item.body.email), "%s@%s", longest(60, 'a'),
		longest(60, 'b'));
	while (at + 3 < sizeof(item.body.subject)) {
		memcpy(item.body.subject + at, "\xe5\x86\xbb", 3);
		at += 3;
	}
	memset(item.body.text, 'x', sizeof(item.body.text) - 1);
	bytes_init_fixed(&out, room, MAIL_MAX);
	assert_int_equal(messenger_mail(&out, &item, longest(20, 'c'), 0, &err), ERR_INVALID);
	bytes_init_fixed(&out, room, MAIL_MAX);
	assert_int_equal(messenger_mail(&out, &item, "bank@b.example", 784111777, &err), ERR_OK);
	room[out.len] = '\0';
	assert_non_null(strstr((char *)room, "\r\nDate: Sun, 06 Nov 1994 08:49:37 +0000\r\n"));
	assert_non_null(strstr((char *)room,
		"\r\nMessage-ID: <01020000000000000000000000000000@b.example>\r\n"));
	for (char *line = (char *)room, *end; (end = strstr(line, "\r\n")); line = end + 2) {
		const char *word = strstr(line, "=?UTF-8?B?");

		assert_true(strncmp(line, "To: ", 4) == 0 || end - line <= 78);
		for (const char *c = line; c < end; c++)
			assert_true((*c >= ' ' && *c <= '~') || *c == '\t');
		if (word && word < end) /* base64 of whole characters of three bytes: no padding */
			assert_true(end[-3] != '=');
	}
}

static void addresses_that_could_say_something_else_are_refused(void **state)
{
	static const char *const GOOD[] = {
		"a@b", "ada.lovelace+bank@home.example", "x_1@a-b.c"};
	static const char *const BAD[] = {"", "a", "@", "@b", "a@", "a@b@c", "a b@c",
		"a@b\r\nBcc: c", "a@b\n", "<a@b>", "a,b@c", "a;b@c", "\"a\"@b", "a\\@b", "-a@b",
		"a@b ", "\xc3\xa9@b"};

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		assert_true(policy_mail_address(GOOD[i]));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_false(policy_mail_address(BAD[i]));
}

static void only_this_machine_is_this_machine(void **state)
{
	static const char *const GOOD[] = {"http://127.0.0.1", "http://127.0.0.1:9/x",
		"smtp://localhost:25", "http://[::1]:8/"};
	static const char *const BAD[] = {"", "http://", "http://127.0.0.10", "http://127.0.0.1.a",
		"http://localhost.example/", "http://example/://127.0.0.1", "http://[::1]a",
		"http://a?://localhost"};

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		assert_true(policy_url_is_local(GOOD[i]));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_false(policy_url_is_local(BAD[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_fits_with_the_longest_names),
		cmocka_unit_test(a_freeze_without_end_names_no_time),
		cmocka_unit_test_setup_teardown(a_body_is_opened_by_this_backend_for_this_row_only,
			folder_set_up, folder_tear_down),
		cmocka_unit_test(a_link_that_ended_before_it_was_sent_is_not_sent),
		cmocka_unit_test_setup_teardown(a_message_that_nobody_took_goes_with_its_time,
			folder_set_up, folder_tear_down),
		cmocka_unit_test(what_was_sent_is_written_down_later_when_that_fails),
		cmocka_unit_test(a_mail_has_short_lines_and_whole_characters),
		cmocka_unit_test(addresses_that_could_say_something_else_are_refused),
		cmocka_unit_test(only_this_machine_is_this_machine),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
