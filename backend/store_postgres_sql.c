/* SPDX-License-Identifier: Apache-2.0
 *
 * SQL is written once, in SQLite's words and only in what can be told to PostgreSQL mechanically:
 * ? and ?N become $N; INTEGER, BLOB and TEXT become BIGINT, BYTEA and TEXT compared by bytes;
 * WITHOUT ROWID goes; x'' becomes ''::bytea.
 */
#include "backend/store_postgres.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/store_postgres_about.h"

struct words {
	struct bytes out;
	const char *at;
	int last; /* number of the last parameter */
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void parameter(struct words *w)
{
	char text[16];
	int number = 0;

	for (w->at++; isdigit((unsigned char)*w->at); w->at++)
		number = number * 10 + (*w->at - '0');
	if (!number)
		number = w->last + 1;
	w->last = number;
	(void)snprintf(text, sizeof(text), "$%d", number);
	bytes_add_text(&w->out, text);
}

static void quoted(struct words *w)
{
	size_t len = 1 + strcspn(w->at + 1, "'");

	if (w->at[len])
		len++;
	bytes_add(&w->out, w->at, len);
	w->at += len;
}

static bool take(struct words *w, const char *word, size_t len, const char *as)
{
	if (strlen(word) != len || strncmp(w->at, word, len) != 0)
		return false;
	bytes_add_text(&w->out, as);
	w->at += len;
	return true;
}

static void word(struct words *w)
{
	static const char without[] = "WITHOUT ROWID";
	size_t len = 0;

	while (is_word(w->at[len]))
		len++;
	if (strncmp(w->at, without, sizeof(without) - 1) == 0) {
		w->at += sizeof(without) - 1;
		return;
	}
	if (take(w, "x", len, "")) { /* of x'': hexadecimal digits would need more words */
		quoted(w);
		bytes_add_text(&w->out, "::bytea");
		return;
	}
	if (take(w, "INTEGER", len, "BIGINT") || take(w, "BLOB", len, "BYTEA") ||
		take(w, "TEXT", len, "TEXT COLLATE \"C\""))
		return;
	bytes_add(&w->out, w->at, len);
	w->at += len;
}

enum err_code pg_sql(char *out, size_t cap, const char *text, struct err *err)
{
	struct words w = {.at = text};

	bytes_init_fixed(&w.out, out, cap - 1);
	while (*w.at) {
		if (*w.at == '?')
			parameter(&w);
		else if (*w.at == '\'')
			quoted(&w);
		else if (*w.at == 'x' && w.at[1] != '\'' && !is_word(w.at[1]))
			bytes_add(&w.out, w.at++, 1);
		else if (is_word(*w.at))
			word(&w);
		else
			bytes_add(&w.out, w.at++, 1);
	}
	if (w.out.full)
		return err_set(err, ERR_TOO_LARGE, "a statement is longer than %zu bytes", cap);
	out[w.out.len] = '\0';
	return ERR_OK;
}

/* The row of an UPDATE is found by its key, and what else must hold is a test: no other index is to
 * be tried, whatever the server believes about a table that was empty when it made its plan.
 */
static void mark_tests(struct bytes *out, const char *sql)
{
	static const char and[] = " AND ";
	const char *at = strstr(sql, " WHERE id=$"), *next;

	at = at && strncmp(sql, "UPDATE ", 7) == 0 && !strstr(at, " OR ") ? strstr(at, and) : NULL;
	bytes_add(out, sql, at ? (size_t)(at - sql) : strlen(sql));
	for (; at; at = next) {
		at += sizeof(and) - 1;
		next = strstr(at, and);
		bytes_add_text(out, " AND (");
		bytes_add(out, at, next ? (size_t)(next - at) : strlen(at));
		bytes_add_text(out, ") IS TRUE");
	}
}

enum err_code pg_sql_statement(char *out, size_t cap, int n, struct err *err)
{
	static const char *const control[PG_STATEMENTS - STORE_SQL_COUNT] = {
#define PG_CONTROL_TEXT(name, text) [name - STORE_SQL_COUNT] = (text),
		PG_CONTROL(PG_CONTROL_TEXT)
#undef PG_CONTROL_TEXT
	};
	char words[STORE_POSTGRES_SQL_MAX];
	struct bytes b;
	enum err_code e;

	bytes_init_fixed(&b, out, cap - 1);
	if (n >= STORE_SQL_COUNT) {
		bytes_add_text(&b, control[n - STORE_SQL_COUNT]);
	} else {
		e = pg_sql(words, sizeof(words), store_sql_text[n], err);
		if (e)
			return e;
		mark_tests(&b, words);
		if (pg_about(n)->insert)
			bytes_add_text(&b, " ON CONFLICT DO NOTHING");
	}
	if (b.full)
		return err_set(err, ERR_TOO_LARGE, "a statement is longer than %zu bytes", cap);
	out[b.len] = '\0';
	return ERR_OK;
}
