/* SPDX-License-Identifier: Apache-2.0
 *
 * Many executions of one statement as one, on PostgreSQL: they must come to what they would one by
 * one. Needs COUNTERSIGN_TEST_STORE; without it only words are looked at.
 */
#include "tests/lib/test_postgres.h"

#include "backend/store_event.h"
#include "backend/store_people.h"
#include "backend/store_postgres_about.h"

#define COLUMNS 32 /* more than any statement has; what is not there is NULL */
#define ROWS 6

/* ---- words ---- */

static void sets_are_told_word_by_word(void **state)
{
	static const Oid blob[] = {17}, tag[] = {17, 17, 17, 20, 23, 20};
	static const Oid other[] = {17, 17, 17, 20, 23, 16};
	char sql[STORE_POSTGRES_SQL_MAX];

	(void)state;
	assert_int_equal(pg_set_sql(sql, sizeof(sql), SQL_HOLDER_GET, blob, 1, &err), ERR_OK);
	assert_string_equal(sql, "SELECT given.i,q.* FROM unnest($1::bytea[]) WITH ORDINALITY"
		" AS given(a1,i),LATERAL(SELECT id,name,phone,created_at FROM holder"
		" WHERE id=given.a1 OFFSET 0) AS q");
	assert_int_equal(pg_set_sql(sql, sizeof(sql), SQL_TAG_PUT, tag, 6, &err), ERR_OK);
	assert_string_equal(sql, "INSERT INTO tag_use(credential,slot,terminal,starts,failures,at)"
		" SELECT given.a1,given.a2,given.a3,given.a4,given.a5,given.a6 FROM"
		" unnest($1::bytea[],$2::bytea[],$3::bytea[],$4::bigint[],$5::bigint[],"
		"$6::bigint[]) WITH ORDINALITY AS given(a1,a2,a3,a4,a5,a6,i)"
		" ON CONFLICT(credential,slot) DO UPDATE SET starts=excluded.starts,"
		"failures=excluded.failures");
	assert_int_equal(pg_set_sql(sql, sizeof(sql), SQL_TAG_PUT, other, 6, &err),
		ERR_UNSUPPORTED);
	assert_int_equal(pg_set_sql(sql, 100, SQL_HOLDER_GET, blob, 1, &err), ERR_TOO_LARGE);
	assert_int_equal(pg_set_sql(sql, sizeof(sql), SQL_AUDIT_LAST, NULL, 0, &err),
		ERR_UNSUPPORTED);
	assert_int_equal(pg_set_sql(sql, sizeof(sql), SQL_AUDIT_PAGE, tag + 3, 2, &err),
		ERR_UNSUPPORTED); /* many rows */
	assert_int_equal(pg_set_sql(sql, sizeof(sql), SQL_WALLET_REVOKE, blob, 1, &err),
		ERR_UNSUPPORTED);
	assert_int_equal(pg_set_sql(sql, sizeof(sql), PG_COMMIT, NULL, 0, &err), ERR_UNSUPPORTED);
}

/* Number (from 0) of the argument that a column is written with, or must equal; -1 = none. */
static int argument_of(int n, const char *column)
{
	const char *sql = store_sql_text[n], *list = strchr(sql, '('), *at, *values;
	int nth = 0, given = 0;
	char find[48];

	if (strncmp(sql, "UPDATE ", 7) == 0) {
		(void)snprintf(find, sizeof(find), " WHERE %s=?", column);
		at = strstr(sql, find);
		if (!at)
			return -1;
		if (at[strlen(find)])
			return (int)strtol(at + strlen(find), NULL, 10) - 1;
		for (const char *p = sql; p < at; p++)
			given += *p == '?';
		return given;
	}
	for (at = list + 1; *at != ')'; nth++) {
		size_t len = strcspn(at, ",)");

		if (strlen(column) == len && strncmp(at, column, len) == 0)
			break;
		at += len + (at[len] == ',');
	}
	values = strstr(sql, " VALUES(") + 8;
	for (int i = 0, depth = 0; i < nth; values++) {
		depth += (*values == '(') - (*values == ')');
		i += *values == ',' && depth == 0;
		given += *values == '?';
	}
	if (*values != '?')
		return -1;
	return values[1] >= '1' && values[1] <= '9' ? (int)strtol(values + 1, NULL, 10) - 1
						    : given;
}

/* Two writes of one row must be told: by the primary key of its table. */
static void what_waits_is_told_apart_by_the_key_of_its_table(void **state)
{
	static const struct {
		const char *table, *columns[3];
	} keys[] = {
		{"verification", {"id"}}, {"credential", {"id"}}, {"terminal", {"id"}},
		{"account", {"id"}}, {"audit", {"seq"}}, {"tag_use", {"credential", "slot"}},
		{"number_used", {"credential", "generation", "number"}},
	};
	int seen = 0;

	(void)state;
	for (int n = 0; n < STORE_SQL_COUNT; n++) {
		const signed char *key = pg_gather_key(n);
		const char *sql = store_sql_text[n], *table;
		size_t k = 0;
		int i = 0;

		assert_int_equal(pg_gather_takes(n), key != NULL);
		if (!key)
			continue;
		seen++;
		assert_true(strncmp(sql, "INSERT INTO ", 12) == 0 ||
			strncmp(sql, "UPDATE ", 7) == 0);
		table = sql + (sql[0] == 'I' ? 12 : 7);
		while (k < sizeof(keys) / sizeof(keys[0]) &&
			(strncmp(table, keys[k].table, strlen(keys[k].table)) != 0 ||
				!strchr("( ", table[strlen(keys[k].table)])))
			k++;
		if (k == sizeof(keys) / sizeof(keys[0]))
			fail_msg("%s: the key of its table is not known here", store_sql_names[n]);
		for (; i < 3 && keys[k].columns[i]; i++)
			if (key[i] != argument_of(n, keys[k].columns[i]))
				fail_msg("%s: %s is argument %d, not %d", store_sql_names[n],
					keys[k].columns[i],
					argument_of(n, keys[k].columns[i]), key[i]);
		assert_int_equal(key[i], -1);
	}
	assert_int_equal(seen, PG_GATHER_STATEMENTS);
}

/* ---- reading ---- */

static struct store_verification row_of(uint8_t id, uint8_t credential)
{
	struct store_verification v = {.generation = 1, .digits = 6, .expires_at = 100,
		.deadline = 100, .created_at = 10, .currency = "XXX"};

	memset(v.id, id, sizeof(v.id));
	memset(v.credential, credential, sizeof(v.credential));
	memset(v.terminal, 0x77, sizeof(v.terminal));
	memset(v.account, 0x55, sizeof(v.account));
	return v;
}

static void some_rows(void)
{
	struct store_holder h = {.name = "Li Lei", .phone = "1", .created_at = 1};
	struct store_tag tag = {.slot = {0x11}, .slot_len = 1, .at = 5};

	assert_int_equal(store_begin(s, &err), ERR_OK);
	for (uint8_t i = 1; i <= ROWS; i++) {
		struct store_verification v = row_of(i, (uint8_t)(i & 3));

		v.amount = i;
		v.level = 1;
		assert_int_equal(store_verification_insert(s, &v, &err), ERR_OK);
		memset(h.id, i, sizeof(h.id));
		assert_int_equal(store_holder_insert(s, &h, &err), ERR_OK);
		memset(tag.credential, i, sizeof(tag.credential));
		memset(tag.terminal, 0x77, sizeof(tag.terminal));
		assert_int_equal(store_tag_put(s, &tag, &err), ERR_OK);
	}
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

/* Arguments by their type, from a few values that are found and a few that are not. */
static void some_args(struct store_arg *args, int n, int turn, uint8_t pool[8][16])
{
	const struct store_postgres *p = store_postgres(s);

	for (int a = 0; a < p->arg_count[n]; a++) {
		int pick = (turn + a * (1 + turn / 4)) % 8;

		if (p->type[n][a] == 20 || p->type[n][a] == 23)
			args[a] = ARG_INT(pick == 7 ? 100 : pick);
		else if (p->type[n][a] == 25)
			args[a] = ARG_TEXT(pick & 1 ? "Li Lei" : "");
		else
			args[a] = ARG_BLOB(pool[pick], pick == 6 ? 1 : 16);
	}
}

/* The first row as the driver gives it, in text; "" = there is none. */
static void read_row(char *out, size_t cap, int n, const struct store_arg *args)
{
	struct store_row row;
	size_t len = 0;

	out[0] = '\0';
	assert_int_equal(store_row_begin(s, &row, (enum store_sql)n, args,
				 (size_t)store_postgres(s)->arg_count[n], &err), ERR_OK);
	if (!row.found)
		return;
	for (int c = 0; c < COLUMNS; c++) {
		struct store_arg v;
		char hex[400] = "";

		s->driver->cell(s, (enum store_sql)n, c, &v);
		if (v.kind == STORE_ARG_BLOB || v.kind == STORE_ARG_TEXT)
			hex_encode(hex, SPAN(v.bytes.data, v.bytes.len < 199 ? v.bytes.len : 199));
		len += (size_t)snprintf(out + len, cap - len, "%d:%lld:%s ", (int)v.kind,
			v.kind == STORE_ARG_INT ? (long long)v.number : 0, hex);
		assert_true(len < cap);
	}
	assert_int_equal(store_row_end(&row, &err), ERR_OK);
}

#define TURNS 16
static void every_read_as_a_set_finds_what_it_finds_alone(void **state)
{
	uint8_t pool[8][16] = {{0}};
	struct store_postgres *p = store_postgres(s);
	static char want[TURNS][8192], got[8192];
	int compared = 0, found = 0;

	(void)state;
	some_rows();
	for (int i = 0; i < 8; i++)
		memset(pool[i], i == 5 ? 0x77 : i == 6 ? 0x11 : i == 7 ? 0x55 : i, sizeof(pool[i]));
	for (int n = 0; n < STORE_SQL_COUNT; n++) {
		struct store_arg args[STORE_POSTGRES_ARGS_MAX];
		char sql[STORE_POSTGRES_SQL_MAX];
		bool any = false;
		size_t sent;

		if (!pg_about(n)->reads ||
			pg_set_sql(sql, sizeof(sql), n, p->type[n], p->arg_count[n], NULL))
			continue;
		for (int t = 0; t < TURNS; t++) {
			some_args(args, n, t, pool);
			read_row(want[t], sizeof(want[t]), n, args);
			found += want[t][0] != '\0';
		}
		assert_int_equal(store_begin_shared(s, &err), ERR_OK);
		assert_true(store_rehearse(s, true));
		for (int t = 0; t < TURNS; t++) {
			struct store_row row;

			some_args(args, n, t, pool);
			assert_int_equal(store_row_begin(s, &row, (enum store_sql)n, args,
						 (size_t)p->arg_count[n], &err), ERR_TIMEOUT);
		}
		assert_true(store_rehearse(s, false));
		if (store_read_ahead(s, &any, &err))
			fail_msg("%s: %s", sql, err.text);
		sent = p->sent_first;
		for (int t = 0; t < TURNS; t++) {
			some_args(args, n, t, pool);
			read_row(got, sizeof(got), n, args);
			if (strcmp(got, want[t]) != 0)
				fail_msg("%s turn %d\n%s\n%s", sql, t, want[t], got);
		}
		if (!strstr(sql, "holder WHERE number") && p->sent_first != sent)
			print_message("# %s: some were read again\n", store_sql_names[n]);
		assert_int_equal(p->set[n], PG_SET_PREPARED);
		assert_int_equal(store_commit(s, &err), ERR_OK);
		compared++;
	}
	assert_true(compared > 40);
	assert_true(found > 100);
}

/* ---- writing ---- */

static int64_t number(const char *sql)
{
	return test_store_number(place, sql);
}

static void rows_that_wait_are_written_in_their_order(void **state)
{
	struct store_tag tag = {.slot = {1}, .slot_len = 1};
	bool fresh = false, won = false;

	(void)state;
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	for (uint8_t i = 1; i <= ROWS; i++) {
		struct store_verification v = row_of(i, 1);

		assert_int_equal(store_number_take(s, &fresh, v.credential, 1, i, &err), ERR_OK);
		assert_true(fresh);
		assert_int_equal(store_verification_insert(s, &v, &err), ERR_OK);
		tag.starts = i; /* one row, again and again: the last one counts */
		assert_int_equal(store_tag_put(s, &tag, &err), ERR_OK);
		if (i & 1)
			continue;
		v.state = 3;
		assert_int_equal(store_verification_decide(s, &won, &v, 50, &err), ERR_OK);
		assert_true(won);
	}
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(number("SELECT count(*) FROM number_used"), ROWS);
	assert_int_equal(number("SELECT starts FROM tag_use"), ROWS);
	assert_int_equal(number("SELECT count(*) FROM verification WHERE state=3"), ROWS / 2);
	assert_int_equal(
		number("SELECT count(*) FROM verification WHERE answer IS NULL"), ROWS / 2);
	/* places are given in the order they came in */
	assert_int_equal(number("SELECT count(*) FROM (SELECT place-row_number() OVER (ORDER BY id)"
		" AS d FROM verification) x WHERE d=0"), ROWS);
}

static void parties(struct store_credential *c, struct store_terminal *t, struct store_account *a)
{
	assert_int_equal(store_begin(s, &err), ERR_OK);
	for (uint8_t i = 1; i <= 3; i++, c++, t++, a++) {
		memset(a->id, i, sizeof(a->id));
		memcpy(a->holder, a->id, sizeof(a->holder)); /* of some_rows() */
		memcpy(c->id, a->id, sizeof(c->id));
		memcpy(c->holder, a->id, sizeof(c->holder));
		memcpy(c->account, a->id, sizeof(c->account));
		c->generation = 1;
		c->digits = 6;
		memcpy(t->id, a->id, sizeof(t->id));
		memset(t->token, i, sizeof(t->token));
		(void)snprintf(t->name, sizeof(t->name), "till %d", i);
		(void)snprintf(a->number, sizeof(a->number), "%d", i);
		assert_int_equal(store_account_insert(s, a, &err), ERR_OK);
		assert_int_equal(store_credential_insert(s, c, &err), ERR_OK);
		assert_int_equal(store_terminal_insert(s, t, &err), ERR_OK);
	}
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

/* Each with values of its own, in another order than the rows are in. */
static void what_is_counted_comes_to_its_own_row(void **state)
{
	static struct store_credential c[3], c_got; /* zero between the members, too */
	static struct store_terminal t[3], t_got;
	static struct store_account a[3], a_got;

	(void)state;
	some_rows();
	parties(c, t, a);
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	for (int i = 2; i >= 0; i--) {
		c[i].frozen_until = STORE_FOR_EVER - i;
		c[i].failures = 10 + i;
		c[i].freezes = 20 + i;
		c[i].is_void = i == 1;
		t[i].stopped = i == 2;
		t[i].wrong_row = 30 + i;
		t[i].static_day = INT64_C(1) << (40 + i);
		t[i].static_wrong = 40 + i;
		a[i].wrong_day = -1 - i;
		a[i].wrong_count = 50 + i;
		assert_int_equal(store_credential_guard_put(s, &c[i], &err), ERR_OK);
		assert_int_equal(store_terminal_guard_put(s, &t[i], &err), ERR_OK);
		assert_int_equal(store_account_wrong_put(s, &a[i], &err), ERR_OK);
	}
	assert_int_equal(store_commit(s, &err), ERR_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(store_credential_get(s, &c_got, c[i].id, &err), ERR_OK);
		assert_memory_equal(&c_got, &c[i], sizeof(c_got));
		assert_int_equal(store_terminal_get(s, &t_got, t[i].id, &err), ERR_OK);
		memcpy(t_got.token, t[i].token, sizeof(t_got.token)); /* is not told */
		assert_memory_equal(&t_got, &t[i], sizeof(t_got));
		assert_int_equal(store_account_get(s, &a_got, a[i].id, &err), ERR_OK);
		assert_memory_equal(&a_got, &a[i], sizeof(a_got));
	}
}

/* Whatever bytes there are, and none. */
static void texts_and_bytes_of_a_set_stay_as_they_are(void **state)
{
	static const char *const words[] = {
		"", "{\"a\",NULL}", "'; \\x00 \\\\ $1", "\xf0\x9f\x98\x80"};
	static struct store_audit in[4], got;

	(void)state;
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	for (int i = 0; i < 4; i++) {
		in[i].seq = i + 1;
		in[i].at = -i;
		text_copy(in[i].kind, sizeof(in[i].kind), i ? words[i] : "NULL");
		text_copy(in[i].detail, sizeof(in[i].detail), words[i]);
		in[i].credential_len = i & 1 ? CODE_ID_LEN : 0;
		memset(in[i].credential, 0, CODE_ID_LEN);
		memset(in[i].hash, i ? 0xff : '\\', sizeof(in[i].hash));
		assert_int_equal(store_audit_insert(s, &in[i], &err), ERR_OK);
	}
	assert_int_equal(store_commit(s, &err), ERR_OK);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(store_audit_next(s, &got, i, &err), ERR_OK);
		assert_memory_equal(&got, &in[i], sizeof(got));
	}
}

static void one_that_did_not_fit_undoes_all(void **state)
{
	bool won = false, fresh = false;

	(void)state;
	some_rows();
	for (int late = 0; late < 3; late++) {
		assert_int_equal(store_begin_shared(s, &err), ERR_OK);
		for (uint8_t i = 1; i <= 3; i++) {
			struct store_verification v = row_of(i, (uint8_t)(i & 3));

			v.state = 3;
			if (late == 0 && i == 2)
				v.credential[0] ^= 1; /* of somebody else */
			assert_int_equal(store_verification_decide(s, &won, &v,
						 late == 1 && i == 3 ? 100 : 50, &err), ERR_OK);
			assert_int_equal(store_number_take(s, &fresh, v.credential, 1,
						 late == 2 ? 7 : i, &err), ERR_OK);
			/* the same row twice: the second finds it decided */
			if (late == 2 && i == 3)
				assert_int_equal(
					store_verification_decide(s, &won, &v, 50, &err), ERR_OK);
		}
		assert_int_equal(put("a"), ERR_OK);
		assert_int_equal(store_commit(s, &err), ERR_BUSY);
		assert_non_null(strstr(err.text, "SQL_VERIFICATION_DECIDE"));
		assert_false(there("a"));
		assert_int_equal(number("SELECT count(*) FROM verification WHERE state<>0"), 0);
		assert_int_equal(number("SELECT count(*) FROM number_used"), 0);
	}
}

/* Whatever is not collected goes behind what it could meet. */
static void nothing_overtakes_what_waits(void **state)
{
	struct store_verification v = row_of(1, 1), got;
	struct store_tag tag = {.slot = {1}, .slot_len = 1, .at = 5, .starts = 3};
	int removed = 0;

	(void)state;
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_int_equal(store_verification_insert(s, &v, &err), ERR_OK);
	assert_int_equal(store_tag_put(s, &tag, &err), ERR_OK);
	assert_int_equal(store_verification_get(s, &got, v.id, &err), ERR_OK);
	assert_int_equal(got.created_at, 10);
	assert_int_equal(store_tag_prune(s, &removed, 6, 10, &err), ERR_OK);
	assert_int_equal(removed, 1);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(number("SELECT count(*) FROM tag_use"), 0);
}

/* Nor does a read ahead, which comes after the sweep of the same transaction. */
static void what_waits_is_there_for_who_reads_ahead(void **state)
{
	struct store_verification v = row_of(1, 1), got;
	bool any = false, won = false;

	(void)state;
	some_rows();
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	v.state = 4;
	assert_int_equal(store_verification_close(s, &won, &v, 100, &err), ERR_OK);
	assert_true(store_rehearse(s, true));
	assert_int_equal(store_verification_get(s, &got, v.id, &err), ERR_TIMEOUT);
	assert_true(store_rehearse(s, false));
	assert_int_equal(store_read_ahead(s, &any, &err), ERR_OK);
	assert_int_equal(store_verification_get(s, &got, v.id, &err), ERR_OK);
	assert_int_equal(got.state, 4);
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void what_was_rolled_back_never_waits_for_the_next(void **state)
{
	struct store_verification v = row_of(1, 1);

	(void)state;
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_int_equal(store_verification_insert(s, &v, &err), ERR_OK);
	store_rollback(s);
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_int_equal(put("a"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(number("SELECT count(*) FROM verification"), 0);
}

static void more_rows_than_may_wait_are_all_written(void **state)
{
	bool fresh;
	uint8_t id[CODE_ID_LEN] = {1};

	(void)state;
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	for (unsigned i = 0; i < 3 * PG_GATHER_SEEN / 2 + 10; i++)
		assert_int_equal(store_number_take(s, &fresh, id, 1, i, &err), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(number("SELECT count(*) FROM number_used"), 3 * PG_GATHER_SEEN / 2 + 10);
}

/* ---- what was read before ---- */

static void a_write_without_a_key_drops_every_row_of_its_table(void **state)
{
	struct world *w = world_new();
	struct store *of = w->service->store;
	struct store_credential c;
	struct phone p;
	bool any = false;

	(void)state;
	phone_new(w, &p, false);
	must(w, store_begin_shared(of, &w->err));
	assert_true(store_rehearse(of, true));
	assert_int_equal(store_credential_get(of, &c, p.credential, &w->err), ERR_TIMEOUT);
	assert_true(store_rehearse(of, false));
	must(w, store_read_ahead(of, &any, &w->err));
	must(w, store_credential_get(of, &c, p.credential, &w->err));
	assert_int_equal(c.frozen_until, 0);
	must(w, store_credential_freeze_all(of, &w->err));
	must(w, store_credential_get(of, &c, p.credential, &w->err));
	assert_int_not_equal(c.frozen_until, 0);
	store_rollback(of);
	world_free(w);
}

/* One that comes after an identifier is found by none: a new row may be it. */
static void what_is_looked_for_behind_an_identifier_may_be_a_new_row(void **state)
{
	struct world *w = world_new();
	struct store *of = w->service->store;
	struct store_credential c;
	uint8_t found[CODE_ID_LEN];
	struct phone p;
	bool any = false;

	(void)state;
	phone_new(w, &p, false);
	must(w, store_credential_get(of, &c, p.credential, &w->err));
	must(w, store_begin_shared(of, &w->err));
	assert_true(store_rehearse(of, true));
	assert_int_equal(store_credential_of_holder(of, found, c.holder, c.id, &w->err),
		ERR_TIMEOUT);
	assert_true(store_rehearse(of, false));
	must(w, store_read_ahead(of, &any, &w->err));
	assert_int_equal(store_credential_of_holder(of, found, c.holder, c.id, &w->err),
		ERR_NOT_FOUND);
	memset(c.id, 0xff, sizeof(c.id));
	must(w, store_credential_insert(of, &c, &w->err));
	must(w, store_credential_of_holder(of, found, c.holder, p.credential, &w->err));
	assert_memory_equal(found, c.id, sizeof(found));
	store_rollback(of);
	world_free(w);
}

static void events_of_a_shared_transaction_are_told(void **state)
{
	struct store_event ev = {.for_terminal = true, .kind = "verification", .data = "{}"};
	struct store_listener *l = NULL;
	bool news = false;

	(void)state;
	assert_int_equal(store_listen_open(&l, place, &err), ERR_OK);
	for (int i = 0; i < 2; i++) /* connecting is news */
		assert_int_equal(store_listen_wait(l, &news, 200, &err), ERR_OK);
	assert_false(news);
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_int_equal(store_event_insert(s, &ev, 10, &err), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(store_listen_wait(l, &news, 10000, &err), ERR_OK);
	assert_true(news);
	store_listen_close(&l);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(every_read_as_a_set_finds_what_it_finds_alone),
		CASE(rows_that_wait_are_written_in_their_order),
		CASE(what_is_counted_comes_to_its_own_row),
		CASE(texts_and_bytes_of_a_set_stay_as_they_are),
		CASE(one_that_did_not_fit_undoes_all),
		CASE(nothing_overtakes_what_waits),
		CASE(what_waits_is_there_for_who_reads_ahead),
		CASE(what_was_rolled_back_never_waits_for_the_next),
		CASE(more_rows_than_may_wait_are_all_written),
		cmocka_unit_test(a_write_without_a_key_drops_every_row_of_its_table),
		cmocka_unit_test(what_is_looked_for_behind_an_identifier_may_be_a_new_row),
		CASE(events_of_a_shared_transaction_are_told),
	};
	const struct CMUnitTest words[] = {
		cmocka_unit_test(sets_are_told_word_by_word),
		cmocka_unit_test(what_waits_is_told_apart_by_the_key_of_its_table),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return test_store_is_postgres() ? cmocka_run_group_tests(tests, NULL, NULL)
					: cmocka_run_group_tests(words, NULL, NULL);
}
