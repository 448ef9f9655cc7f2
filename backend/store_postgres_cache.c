/* SPDX-License-Identifier: Apache-2.0
 *
 * What was read ahead. When is a row that was read still what a new read would give? A write that
 * names every identifier of the row it changes cannot touch a row that was found by another
 * identifier: such rows stay. Such writes are INSERT of values, and UPDATE that names credential,
 * terminal and account beside the key. Of any other write only rows found by another primary key
 * stay. Rows that were found without an identifier never do.
 */
#include "backend/store_postgres_cache.h"

#include <stdlib.h>
#include <string.h>
#include "backend/store_postgres_lib.h"

#define TABLES_MAX 63
#define ID_LEN 16 /* of identifiers */

/* ---- words of the statements ---- */

struct about {
	uint64_t tables;   /* read or written, one bit each */
	uint64_t written;
	bool by_key;       /* a read by the primary key alone */
	bool names_all;    /* a write: see above */
	bool all_hold;     /* a read of one table whose conditions must all hold */
};

static struct about about[STORE_SQL_COUNT];

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
}

/* The bit of the table whose name begins here. */
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
		return 0; /* a subquery */
	for (; i < TABLES_MAX && known[i].name; i++)
		if (known[i].len == len && strncmp(known[i].name, name, len) == 0)
			return UINT64_C(1) << i;
	if (i == TABLES_MAX)
		return UINT64_MAX; /* too many: it shares with all */
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

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

static void look_at(struct about *a, const char *sql)
{
	bool insert = strncmp(sql, "INSERT ", 7) == 0;

	if (insert)
		a->written = table_bit(sql + strlen("INSERT INTO "));
	else if (strncmp(sql, "UPDATE ", 7) == 0)
		a->written = table_bit(sql + 7);
	else if (strncmp(sql, "DELETE FROM ", 12) == 0)
		a->written = table_bit(sql + 12);
	a->tables = tables_after(sql, " FROM ") | tables_after(sql, " JOIN ") | a->written;
	a->by_key = ends_in(sql, " WHERE id=?") || ends_in(sql, " WHERE credential=? AND slot=?") ||
		ends_in(sql, " WHERE credential=? AND generation=?");
	a->all_hold = !strstr(sql, " OR ") && !strstr(sql, " IN (") && !strstr(sql, " JOIN ");
	a->names_all = (insert && strstr(sql, " VALUES(")) ||
		(strstr(sql, " AND credential=?") && strstr(sql, " AND terminal=?") &&
			strstr(sql, " AND account=?"));
}

/* ---- the cache ---- */

void pg_cache_init(struct pg_cache *c)
{
	for (int n = 0; n < STORE_SQL_COUNT; n++)
		look_at(&about[n], store_sql_text[n]);
	c->row = calloc(PG_CACHE_ROWS_MAX / 2, sizeof(*c->row));
	memset(c->place, 0, sizeof(c->place));
	c->count = c->read = 0;
}

void pg_cache_clear(struct pg_cache *c)
{
	for (int i = 0; i < c->count; i++)
		PQclear(c->row[i].rows);
	if (c->count)
		memset(c->place, 0, sizeof(c->place));
	c->count = c->read = 0;
}

void pg_cache_done(struct pg_cache *c)
{
	pg_cache_clear(c);
	free(c->row);
	c->row = NULL;
}

static bool same(const struct store_arg *a, const struct store_arg *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == STORE_ARG_INT)
		return a->number == b->number;
	return a->bytes.len == b->bytes.len &&
		(!a->bytes.len || memcmp(a->bytes.data, b->bytes.data, a->bytes.len) == 0);
}

static bool is_it(const struct pg_cached *p, int n, const struct store_arg *args, size_t arg_count)
{
	if (p->n != n || p->arg_count != arg_count)
		return false;
	for (size_t i = 0; i < arg_count; i++)
		if (!same(&p->args[i], &args[i]))
			return false;
	return true;
}

static uint64_t add_up(uint64_t h, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h;
}

static size_t place_of(int n, const struct store_arg *args, size_t arg_count)
{
	uint64_t h = UINT64_C(14695981039346656037) + (uint64_t)n;

	for (size_t i = 0; i < arg_count; i++)
		h = args[i].kind == STORE_ARG_INT
			? add_up(h, (const uint8_t *)&args[i].number, sizeof(args[i].number))
			: add_up(h, args[i].bytes.data, args[i].bytes.len);
	return (size_t)(h ^ h >> 32) & (PG_CACHE_ROWS_MAX - 1);
}

/* The place of the one, or the free place where it would be: at most half of them are taken. */
static size_t find(const struct pg_cache *c, int n, const struct store_arg *args, size_t arg_count)
{
	size_t at = place_of(n, args, arg_count);

	while (c->place[at] && !is_it(&c->row[c->place[at] - 1], n, args, arg_count))
		at = (at + 1) & (PG_CACHE_ROWS_MAX - 1);
	return at;
}

struct pg_cached *pg_cache_find(struct pg_cache *c, int n, const struct store_arg *args,
	size_t arg_count)
{
	struct pg_cached *p;
	size_t at;

	if (!c->count || arg_count > PG_CACHE_ARGS_MAX)
		return NULL;
	at = find(c, n, args, arg_count);
	if (!c->place[at])
		return NULL;
	p = &c->row[c->place[at] - 1];
	return p->rows && !p->dropped ? p : NULL;
}

static void take_args(struct pg_cached *p, const struct store_arg *args, size_t arg_count)
{
	size_t len = 0;

	p->arg_count = arg_count;
	for (size_t i = 0; i < arg_count; i++) {
		p->args[i] = args[i];
		if (args[i].bytes.len)
			memcpy(p->key + len, args[i].bytes.data, args[i].bytes.len);
		p->args[i].bytes.data = p->key + len;
		len += args[i].bytes.len;
	}
}

bool pg_cache_want(struct pg_cache *c, int n, const struct store_arg *args, size_t arg_count)
{
	struct pg_cached *p;
	size_t at, len = 0;

	for (size_t i = 0; i < arg_count; i++)
		len += args[i].bytes.len;
	if (!c->row || arg_count > PG_CACHE_ARGS_MAX || len > PG_CACHE_KEY_MAX ||
		c->count == PG_CACHE_ROWS_MAX / 2)
		return false;
	at = find(c, n, args, arg_count);
	if (c->place[at])
		return true;
	p = &c->row[c->count];
	p->dropped = false;
	p->rows = NULL;
	p->n = n;
	take_args(p, args, arg_count);
	c->tables[c->count++] = about[n].tables;
	c->place[at] = (uint16_t)c->count;
	return true;
}

static bool is_among(const struct store_arg *arg, const struct store_arg *args, size_t arg_count)
{
	for (size_t i = 0; i < arg_count; i++)
		if (same(arg, &args[i]))
			return true;
	return false;
}

/* Can the row that is written be one that was found? Only if it has all identifiers by which that
 * was found; what else it was found by (a live step, a digest) may fit.
 */
static bool may_be(const struct pg_cached *p, const struct store_arg *args, size_t arg_count)
{
	for (size_t i = 0; i < p->arg_count; i++)
		if (p->args[i].kind == STORE_ARG_BLOB && p->args[i].bytes.len == ID_LEN &&
			!is_among(&p->args[i], args, arg_count))
			return false;
	return true;
}

void pg_cache_write(struct pg_cache *c, int n, const struct store_arg *args, size_t arg_count)
{
	uint64_t written = about[n].written;

	for (int i = 0; i < c->count; i++) {
		struct pg_cached *p = &c->row[i];

		if (!(c->tables[i] & written) || p->dropped)
			continue;
		p->dropped = !(about[n].names_all && about[p->n].all_hold) &&
			!about[p->n].by_key;
		p->dropped = p->dropped || may_be(p, args, arg_count);
	}
}
