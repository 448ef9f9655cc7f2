/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/store_postgres_set.h"

#include <stdio.h>
#include <string.h>

#include "backend/store_postgres.h"
#include "backend/store_postgres_about.h"

#define ARRAY_HEAD 20 /* dimensions, flags, type of an element, elements, first number */

/* ---- words ---- */

/* What an argument of this type unfolds from; whole numbers are all of one width. NULL: none. */
static const char *array_of(Oid type)
{
	switch (type) {
	case 17: /* BYTEAOID */
		return "bytea[]";
	case 20: /* INT8OID */
	case 23: /* INT4OID */
		return "bigint[]";
	case 25: /* TEXTOID */
		return "text[]";
	default:
		return NULL;
	}
}

/* " unnest($1::bytea[],...) WITH ORDINALITY AS given(a1,...,i)" */
static void add_source(struct bytes *out, const Oid *types, int count)
{
	char word[32];

	bytes_add_text(out, " FROM unnest(");
	for (int a = 1; a <= count; a++) {
		(void)snprintf(word, sizeof(word), "%s$%d::%s", a > 1 ? "," : "", a,
			array_of(types[a - 1]));
		bytes_add_text(out, word);
	}
	bytes_add_text(out, ") WITH ORDINALITY AS given(");
	for (int a = 1; a <= count; a++) {
		(void)snprintf(word, sizeof(word), "a%d,", a);
		bytes_add_text(out, word);
	}
	bytes_add_text(out, "i)");
}

/* The numbers of new rows are one more each: the next one is told apart by its place in the set. */
static const char NEXT[] = ",0)+1 FROM ";

/* Words with given.aN in the place of $N. */
static void add_words(struct bytes *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '$') {
			bytes_add_text(out, "given.a");
		} else if (strncmp(text + i, NEXT, sizeof(NEXT) - 1) == 0) {
			bytes_add_text(out, ",0)+given.i FROM ");
			i += sizeof(NEXT) - 2;
		} else {
			bytes_add(out, text + i, 1);
		}
	}
}

static bool finds_one(const char *text)
{
	const char *last = NULL;

	for (const char *at = text; (at = strstr(at, " LIMIT $")) != NULL; at++)
		last = at;
	return !last || strspn(last + 8, "0123456789") != strlen(last + 8);
}

static bool add_read(struct bytes *out, const char *text, const Oid *types, int count)
{
	if (!finds_one(text))
		return false;
	bytes_add_text(out, "SELECT given.i,q.*");
	add_source(out, types, count);
	bytes_add_text(out, ",LATERAL(");
	add_words(out, text, strlen(text));
	/* each key is looked up by itself: joined with a table that was empty when the plan was
	 * made, all keys would be tried on every row
	 */
	if (!strstr(text, " OFFSET "))
		bytes_add_text(out, " OFFSET 0");
	bytes_add_text(out, ") AS q");
	return true;
}

/* The end of the parenthesis that is open at text. */
static const char *closing(const char *text)
{
	int depth = 0;

	for (; *text && (*text != ')' || depth > 0); text++)
		depth += (*text == '(') - (*text == ')');
	return text;
}

static bool add_insert(struct bytes *out, const char *text, const Oid *types, int count)
{
	static const char values[] = " VALUES(";
	const char *at = strstr(text, values), *end;

	if (!at)
		return false;
	end = closing(at + sizeof(values) - 1);
	bytes_add(out, text, (size_t)(at - text));
	bytes_add_text(out, " SELECT ");
	add_words(out, at + sizeof(values) - 1, (size_t)(end - at) - sizeof(values) + 1);
	add_source(out, types, count);
	if (*end)
		add_words(out, end + 1, strlen(end + 1));
	return true;
}

static bool add_update(struct bytes *out, const char *text, const Oid *types, int count)
{
	const char *where = strstr(text, " WHERE ");

	if (!where || strstr(text, "SELECT"))
		return false;
	add_words(out, text, (size_t)(where - text));
	add_source(out, types, count);
	add_words(out, where, strlen(where));
	return true;
}

enum err_code pg_set_sql(char *out, size_t cap, int n, const Oid *types, int count,
	struct err *err)
{
	char text[STORE_POSTGRES_SQL_MAX];
	struct bytes b;
	bool can = n < STORE_SQL_COUNT && count > 0;
	enum err_code e = pg_sql_statement(text, sizeof(text), n, err);

	if (e)
		return e;
	for (int a = 0; a < count; a++)
		can = can && array_of(types[a]);
	bytes_init_fixed(&b, out, cap - 1);
	if (can && pg_about(n)->reads)
		can = add_read(&b, text, types, count);
	else if (can && strncmp(text, "INSERT ", 7) == 0)
		can = add_insert(&b, text, types, count);
	else
		can = can && strncmp(text, "UPDATE ", 7) == 0 && add_update(&b, text, types, count);
	if (!can)
		return err_set(err, ERR_UNSUPPORTED, "this statement is for one row at a time");
	if (b.full)
		return err_set(err, ERR_TOO_LARGE, "a statement is longer than %zu bytes", cap);
	out[b.len] = '\0';
	return ERR_OK;
}

/* ---- arrays ---- */

static Oid element_of(Oid type)
{
	return type == 23 ? 20 : type;
}

void pg_set_begin(struct pg_set *set, int n, const Oid *types, size_t arg_count)
{
	ASSERT(arg_count <= PG_SET_ARGS_MAX);
	set->n = n;
	set->rows = set->expect = 0;
	set->arg_count = arg_count;
	for (size_t i = 0; i < arg_count; i++) {
		struct bytes *c = &set->column[i];

		if (!c->owned)
			bytes_init(c, PG_SET_COLUMN_MAX);
		bytes_clear(c);
		bytes_add_be32(c, 1);
		bytes_add_be32(c, 1); /* there may be NULL */
		bytes_add_be32(c, element_of(types[i]));
		bytes_add_be32(c, 0); /* see pg_set_end() */
		bytes_add_be32(c, 1);
	}
}

void pg_set_add(struct pg_set *set, const struct store_arg *args)
{
	for (size_t i = 0; i < set->arg_count; i++) {
		struct bytes *c = &set->column[i];

		switch (args[i].kind) {
		case STORE_ARG_INT:
			bytes_add_be32(c, 8);
			bytes_add_be64(c, (uint64_t)args[i].number);
			break;
		case STORE_ARG_BLOB:
		case STORE_ARG_TEXT:
			bytes_add_be32(c, (uint32_t)args[i].bytes.len);
			bytes_add(c, args[i].bytes.data, args[i].bytes.len);
			break;
		case STORE_ARG_NULL:
			bytes_add_be32(c, UINT32_MAX);
			break;
		}
	}
	set->rows++;
}

enum err_code pg_set_end(struct pg_set *set, struct err *err)
{
	for (size_t i = 0; i < set->arg_count; i++) {
		if (set->column[i].full)
			return err_set(err, ERR_NO_MEMORY, "no room for the rows of a statement");
		ASSERT(set->column[i].len >= ARRAY_HEAD);
		be32_put(set->column[i].data + 12, (uint32_t)set->rows);
	}
	return ERR_OK;
}

void pg_set_done(struct pg_set *set)
{
	for (size_t i = 0; i < PG_SET_ARGS_MAX; i++)
		bytes_done(&set->column[i]);
}
