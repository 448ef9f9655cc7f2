/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/store_postgres_about.h"

#include <pthread.h>
#include <string.h>

#include "backend/store_sql.h"

#define TABLES_MAX 63

static struct pg_about about[STORE_SQL_COUNT];
static pthread_once_t looked = PTHREAD_ONCE_INIT;

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
}

/* The bit of the table whose name begins here; none for a subquery. Where there are too many tables
 * each shares with all.
 */
static uint64_t table_bit(const char *name)
{
	static struct {
		const char *name;
		size_t len;
	} known[TABLES_MAX];
	size_t len = 0, i = 0;

	while (is_letter(name[len]))
		len++;
	if (!len)
		return 0;
	for (; i < TABLES_MAX && known[i].name; i++)
		if (known[i].len == len && strncmp(known[i].name, name, len) == 0)
			return UINT64_C(1) << i;
	if (i == TABLES_MAX)
		return UINT64_MAX;
	known[i].name = name;
	known[i].len = len;
	return UINT64_C(1) << i;
}

static uint64_t tables_after(const char *sql, const char *word)
{
	uint64_t bits = 0;

	while ((sql = strstr(sql, word)) != NULL) {
		sql += strlen(word);
		bits |= table_bit(sql);
	}
	return bits;
}

/* The bit of a column of identifiers. */
static uint64_t id_bit(const char *name, size_t len)
{
	static const char *const ids[] = {
		"id", "credential", "terminal", "account", "holder", "staff"};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (strlen(ids[i]) == len && strncmp(ids[i], name, len) == 0)
			return UINT64_C(1) << i;
	return 0;
}

/* Identifiers of `column=?` after WHERE, where all of it must hold. An argument with something
 * behind it (?2-1) is none.
 */
static uint64_t keyed_by(const char *sql)
{
	const char *at = strstr(sql, " WHERE ");
	uint64_t bits = 0;

	if (!at || strstr(at, " OR ") || strstr(at, " IN ") || strstr(at, "SELECT"))
		return 0;
	while ((at = strstr(at, "=?")) != NULL) {
		const char *name = at, *end = at + 2;

		while (is_letter(name[-1]))
			name--;
		end += strspn(end, "0123456789");
		if (name < at && name[-1] == ' ' && (*end == ' ' || !*end))
			bits |= id_bit(name, (size_t)(at - name));
		at = end;
	}
	return bits;
}

/* Is a row looked for behind or before an identifier? Then it has another one. */
static bool ranges(const char *sql)
{
	const char *at = sql, *name;

	while ((at = strpbrk(at, "<>")) != NULL) {
		for (name = at; name > sql && is_letter(name[-1]);)
			name--;
		if (at[strspn(at, "<>=")] == '(' ||
			(at[strspn(at, "<>=")] == '?' && id_bit(name, (size_t)(at - name))))
			return true;
		at += strspn(at, "<>=");
	}
	return false;
}

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

static uint64_t written_by(const char *sql)
{
	static const char *const begin[] = {"INSERT INTO ", "UPDATE ", "DELETE FROM "};

	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (strncmp(sql, begin[i], strlen(begin[i])) == 0)
			return table_bit(sql + strlen(begin[i]));
	return 0;
}

static void look_at(struct pg_about *a, const char *sql)
{
	bool insert = strncmp(sql, "INSERT ", 7) == 0 && strstr(sql, " VALUES(");

	a->reads = strncmp(sql, "SELECT", 6) == 0;
	a->insert = insert && !strstr(sql, "ON CONFLICT");
	a->counted = insert || strncmp(sql, "UPDATE", 6) == 0;
	a->written = written_by(sql);
	a->tables = tables_after(sql, " FROM ") | tables_after(sql, " JOIN ") | a->written;
	a->keyed = keyed_by(sql);
	a->by_key = ends_in(sql, " WHERE id=?") || ends_in(sql, " WHERE credential=? AND slot=?") ||
		ends_in(sql, " WHERE credential=? AND generation=?");
	a->all_hold = !strstr(sql, " OR ") && !strstr(sql, " IN (") && !strstr(sql, " JOIN ") &&
		!ranges(sql);
	a->names_all = insert ||
		(strstr(sql, " AND credential=?") && strstr(sql, " AND terminal=?") &&
			strstr(sql, " AND account=?"));
}

static void look(void)
{
	for (int n = 0; n < STORE_SQL_COUNT; n++)
		look_at(&about[n], store_sql_text[n]);
}

const struct pg_about *pg_about(int n)
{
	(void)pthread_once(&looked, look);
	return &about[n];
}
