/* SPDX-License-Identifier: Apache-2.0
 *
 * Many credentials in little time. The first one is made by the backend's own verbs; the rows of
 * the others are its rows with other ids, numbers, codes and secrets, put in by SQL in the order of
 * their keys. Those that have a phone are right in everything; of the others, whose codes nobody
 * ever shows, signature and sealed secret are chance.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/registration.h"
#include "backend/store_rows.h"
#include "tests/bench/load.h"

#define NUMBER "6222-%08u"
#define NUMBER_MAX 16
#define ROWS_PER_COMMIT 1000000
#define SIGNERS 2

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

void load_rows_secret(uint8_t out[static SEC_KEY_LEN], unsigned index)
{
	derived(out, 'k', index);
}

void load_rows_static_body(const struct load_world *w, uint8_t out[static CODE_STATIC_BODY_LEN],
	unsigned index, const uint8_t signature[static SEC_ED25519_SIGNATURE_LEN])
{
	struct code_credential f;
	struct bytes b;

	fields_of(w, &f, index);
	bytes_init_fixed(&b, out, CODE_STATIC_BODY_LEN);
	bytes_add_u8(&b, CODE_VERSION);
	bytes_add_u8(&b, 0);
	bytes_add(&b, f.issuer_key_id, CODE_KEY_ID_LEN);
	bytes_add(&b, f.credential_id, CODE_ID_LEN);
	bytes_add_be16(&b, f.generation);
	bytes_add_be32(&b, f.not_after);
	bytes_add(&b, signature, SEC_ED25519_SIGNATURE_LEN);
	TEST_MUST(b.full || b.len != CODE_STATIC_BODY_LEN);
}

unsigned load_rows_index(const struct load_world *w, unsigned phone)
{
	return phone * (w->credentials / w->phones);
}

static void check(enum err_code e, const struct err *err)
{
	if (e)
		load_fail("the first credential", err->text[0] ? err->text : err_words(e));
}

/* ---- phones ---- */

struct signer {
	const struct load_world *w;
	struct span seed;
	unsigned first;
};

static void *sign(void *context)
{
	const struct signer *s = context;

	for (unsigned i = s->first; i < s->w->phones; i += SIGNERS) {
		uint8_t body[CODE_STATIC_BODY_LEN];
		struct code_credential fields;

		fields_of(s->w, &fields, load_rows_index(s->w, i));
		TEST_MUST(code_credential_sign(body, &fields, s->seed));
		memcpy(s->w->phone[i].signature,
			body + CODE_STATIC_BODY_LEN - SEC_ED25519_SIGNATURE_LEN,
			SEC_ED25519_SIGNATURE_LEN);
	}
	return NULL;
}

static void make_phones(struct load_world *w, const struct keyring *keys)
{
	struct signer part[SIGNERS];
	pthread_t thread[SIGNERS];
	struct err err = {0};

	for (unsigned i = 0; i < SIGNERS; i++) {
		part[i] = (struct signer){
			.w = w, .seed = keyring_signing_seed(keys), .first = i};
		TEST_MUST(pthread_create(&thread[i], NULL, sign, &part[i]));
	}
	for (unsigned i = 0; i < w->phones; i++) {
		unsigned index = load_rows_index(w, i);
		uint8_t id[CODE_ID_LEN], secret[SEC_KEY_LEN];

		credential_id(id, index);
		load_rows_secret(secret, index);
		check(keyring_credential_seal(keys, w->phone[i].sealed, id, 1, secret, &err), &err);
	}
	for (unsigned i = 0; i < SIGNERS; i++)
		TEST_MUST(pthread_join(thread[i], NULL));
}

/* ---- the first credential ---- */

static void add_first(const struct load_world *w, struct service *s)
{
	struct store_holder h = {.name = "Li Lei", .phone = "13800130000", .created_at = 1};
	struct store_account a = {.created_at = 1};
	struct store_credential c = {
		.generation = 1, .live = true, .digits = 6, .purpose = "payment"};
	struct store_key k = {.generation = 1, .not_after = w->not_after};
	struct bytes record;
	struct err err = {0};

	credential_id(c.id, 0);
	memcpy(h.id, c.id, CODE_ID_LEN);
	memcpy(a.id, c.id, CODE_ID_LEN);
	memcpy(a.holder, c.id, CODE_ID_LEN);
	(void)snprintf(a.number, sizeof(a.number), NUMBER, 0);
	memcpy(c.holder, c.id, CODE_ID_LEN);
	memcpy(c.account, c.id, CODE_ID_LEN);
	bytes_init_fixed(&record, c.registration, sizeof(c.registration));
	check(registration_build(&record, a.number, h.name, h.phone, &err), &err);
	c.registration_len = record.len;
	memcpy(k.credential, c.id, CODE_ID_LEN);
	load_rows_static_body(w, k.static_body, 0, w->phone[0].signature);
	memcpy(k.sealed, w->phone[0].sealed, KEYRING_SEALED_LEN);
	k.sealed_len = KEYRING_SEALED_LEN;
	check(store_begin(s->store, &err), &err);
	check(store_holder_insert(s->store, &h, &err), &err);
	check(store_account_insert(s->store, &a, &err), &err);
	check(store_credential_insert(s->store, &c, &err), &err);
	check(store_key_insert(s->store, &k, &err), &err);
	check(store_commit(s->store, &err), &err);
}

/* ---- the rows of the others ---- */

/* What differs from row to row. */
enum given { GIVEN_ID, GIVEN_NUMBER, GIVEN_RECORD, GIVEN_BODY, GIVEN_SECRET };
static const struct {
	const char *table, *column;
	enum given given;
} GIVEN[] = {
	{"holder", "id", GIVEN_ID},
	{"account", "id", GIVEN_ID},
	{"account", "holder", GIVEN_ID},
	{"account", "number", GIVEN_NUMBER},
	{"credential", "id", GIVEN_ID},
	{"credential", "holder", GIVEN_ID},
	{"credential", "account", GIVEN_ID},
	{"credential", "registration", GIVEN_RECORD},
	{"credential_key", "credential", GIVEN_ID},
	{"credential_key", "static_body", GIVEN_BODY},
	{"credential_key", "secret", GIVEN_SECRET},
};
#define GIVEN_COUNT (sizeof(GIVEN) / sizeof(GIVEN[0]))
static const char *const TABLES[] = {"holder", "account", "credential", "credential_key"};
#define TABLE_COUNT (sizeof(TABLES) / sizeof(TABLES[0]))

struct filling {
	const struct load_world *w;
	sqlite3 *db;
	sqlite3_stmt *insert[TABLE_COUNT];
	uint64_t chance;
	uint8_t record[STORE_REGISTRATION_MAX];
	size_t record_len;
	char *number; /* in record */
};

static void run(const struct filling *f, const char *sql)
{
	if (sqlite3_exec(f->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		load_fail(sql, sqlite3_errmsg(f->db));
}

static sqlite3_stmt *prepared(const struct filling *f, const char *sql)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(f->db, sql, -1, &s, NULL) != SQLITE_OK)
		load_fail(sql, sqlite3_errmsg(f->db));
	return s;
}

/* "?N" for a column that is given, else the column of the row to copy. */
static unsigned add_column(struct bytes *sql, const char *table, const char *column)
{
	for (size_t i = 0; i < GIVEN_COUNT; i++) {
		if (strcmp(GIVEN[i].table, table) != 0 || strcmp(GIVEN[i].column, column) != 0)
			continue;
		bytes_add_u8(sql, '?');
		bytes_add_u8(sql, (uint8_t)('1' + GIVEN[i].given));
		return 1;
	}
	bytes_add_text(sql, column);
	return 0;
}

/* Whatever columns the schema has: what is not given is as in the first row. */
static unsigned prepare_table(struct filling *f, size_t table)
{
	sqlite3_stmt *columns = prepared(f, "SELECT name FROM pragma_table_info(?) ORDER BY cid");
	char text[1024];
	unsigned given = 0;
	struct bytes sql;

	(void)snprintf(text, sizeof(text), "CREATE TEMP TABLE first_%s AS SELECT * FROM main.%s",
		TABLES[table], TABLES[table]);
	run(f, text);
	bytes_init_fixed(&sql, text, sizeof(text));
	bytes_add_text(&sql, "INSERT INTO main.");
	bytes_add_text(&sql, TABLES[table]);
	(void)sqlite3_bind_text(columns, 1, TABLES[table], -1, SQLITE_STATIC);
	for (const char *mark = " SELECT "; sqlite3_step(columns) == SQLITE_ROW; mark = ",") {
		bytes_add_text(&sql, mark);
		given += add_column(&sql, TABLES[table],
			(const char *)sqlite3_column_text(columns, 0));
	}
	bytes_add_text(&sql, " FROM temp.first_");
	bytes_add_text(&sql, TABLES[table]);
	(void)sqlite3_finalize(columns);
	f->insert[table] = prepared(f, bytes_text(&sql));
	return given;
}

/* The registration record differs only in the number of the account. */
static void find_record(struct filling *f)
{
	sqlite3_stmt *s = prepared(f, "SELECT registration FROM credential");
	char first[NUMBER_MAX];

	if (sqlite3_step(s) == SQLITE_ROW)
		f->record_len = (size_t)sqlite3_column_bytes(s, 0);
	if (f->record_len && f->record_len < sizeof(f->record))
		memcpy(f->record, sqlite3_column_blob(s, 0), f->record_len);
	(void)sqlite3_finalize(s);
	(void)snprintf(first, sizeof(first), NUMBER, 0);
	f->number = memmem(f->record, f->record_len, first, strlen(first));
	if (!f->number)
		load_fail("the first credential", "its record has no number");
}

static void bind(const struct filling *f, enum given what, struct span v)
{
	int at = (int)what + 1, len = (int)v.len;

	for (size_t t = 0; t < TABLE_COUNT; t++) {
		sqlite3_stmt *s = f->insert[t];

		if (at > sqlite3_bind_parameter_count(s))
			continue;
		if (what == GIVEN_NUMBER)
			(void)sqlite3_bind_text(s, at, (const char *)v.data, len, SQLITE_STATIC);
		else
			(void)sqlite3_bind_blob(s, at, v.data, len, SQLITE_STATIC);
	}
}

static void by_chance(struct filling *f, void *to, size_t len)
{
	uint8_t *out = to;

	for (size_t i = 0; i < len; i++) {
		f->chance ^= f->chance << 13;
		f->chance ^= f->chance >> 7;
		f->chance ^= f->chance << 17;
		out[i] = (uint8_t)f->chance;
	}
}

static void add_rows(struct filling *f, unsigned index)
{
	unsigned step = f->w->credentials / f->w->phones, number = index / step;
	uint8_t id[CODE_ID_LEN], body[CODE_STATIC_BODY_LEN];
	struct load_phone made;
	char text[NUMBER_MAX];

	if (index % step == 0 && number < f->w->phones)
		made = f->w->phone[number];
	else
		by_chance(f, &made, sizeof(made));
	credential_id(id, index);
	load_rows_static_body(f->w, body, index, made.signature);
	(void)snprintf(text, sizeof(text), NUMBER, index);
	memcpy(f->number, text, strlen(text));
	bind(f, GIVEN_ID, SPAN(id, sizeof(id)));
	bind(f, GIVEN_NUMBER, span_text(text));
	bind(f, GIVEN_RECORD, SPAN(f->record, f->record_len));
	bind(f, GIVEN_BODY, SPAN(body, sizeof(body)));
	bind(f, GIVEN_SECRET, SPAN(made.sealed, sizeof(made.sealed)));
	for (size_t t = 0; t < TABLE_COUNT; t++) {
		if (sqlite3_step(f->insert[t]) != SQLITE_DONE)
			load_fail(TABLES[t], sqlite3_errmsg(f->db));
		(void)sqlite3_reset(f->insert[t]);
	}
}

/* Nobody else has the file open; what a crash would leave of it is thrown away. */
static void fill(const struct load_world *w)
{
	struct filling f = {.w = w, .chance = 88172645463325252};
	char path[LOAD_PATH_MAX + 32];
	unsigned given = 0;

	(void)snprintf(path, sizeof(path), "%s/countersign.db", w->dir);
	if (sqlite3_open_v2(path, &f.db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		load_fail(path, "cannot be opened");
	run(&f, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-100000;"
		"PRAGMA temp_store=MEMORY");
	for (size_t t = 0; t < TABLE_COUNT; t++)
		given += prepare_table(&f, t);
	if (given != GIVEN_COUNT)
		load_fail("the schema", "a column that load_rows.c fills is not there");
	find_record(&f);
	run(&f, "BEGIN");
	for (unsigned i = 1; i < w->credentials; i++) {
		add_rows(&f, i);
		if (i % ROWS_PER_COMMIT == 0)
			run(&f, "COMMIT; BEGIN");
		if (i % 1000 == 0)
			measure_progress("credentials", i, w->credentials);
	}
	run(&f, "COMMIT; PRAGMA journal_mode=WAL");
	measure_progress("credentials", w->credentials, w->credentials);
	for (size_t t = 0; t < TABLE_COUNT; t++)
		(void)sqlite3_finalize(f.insert[t]);
	(void)sqlite3_close(f.db);
}

void load_rows_make(struct load_world *w, struct service **s, const struct clock *clock)
{
	struct err err = {0};

	w->phones = w->credentials < LOAD_PHONES_MAX ? w->credentials : LOAD_PHONES_MAX;
	w->phone = calloc(w->phones, sizeof(*w->phone));
	if (!w->phone)
		load_fail("memory", "not enough");
	make_phones(w, (*s)->keys);
	add_first(w, *s);
	service_close(s);
	fill(w);
	check(service_open(s, w->dir, clock, &err), &err);
}
