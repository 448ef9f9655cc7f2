/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole tables into PostgreSQL by COPY in binary form, and back again one row at a time.
 */
#include <stdio.h>
#include <string.h>

#include "backend/store_postgres.h"
#include "backend/store_table.h"
#include "backend/store_postgres_lib.h"

static enum err_code fault(const struct store_postgres *s, const PGresult *r, struct err *err)
{
	const char *said = PQerrorMessage(s->conn);

	if (r && PQstatus(s->conn) == CONNECTION_OK)
		return pg_translate(s, r, -1, err);
	return err_set(err, ERR_STORE, "%s: %.*s", s->base.path, (int)strcspn(said, "\n"), said);
}

static enum err_code tell(struct store_postgres *s, const char *sql, ExecStatusType want,
	struct err *err)
{
	PGresult *r = PQexec(s->conn, sql);
	ExecStatusType got = PQresultStatus(r);
	enum err_code e = got == want || (want == PGRES_COMMAND_OK && got == PGRES_TUPLES_OK)
		? ERR_OK : fault(s, r, err);

	PQclear(r);
	return e;
}

enum err_code pg_fill_begin(struct store *base, const struct store_table *tables, size_t count,
	struct err *err)
{
	struct store_postgres *s = store_postgres(base);
	char sql[STORE_TABLES_MAX * (STORE_IDENTIFIER_MAX + 1) + 16] = "TRUNCATE ";
	size_t len = strlen(sql);
	enum err_code e;

	if (!PQexitPipelineMode(s->conn) || PQsetnonblocking(s->conn, 0) != 0)
		return fault(s, NULL, err);
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%s%s", i ? "," : "",
			tables[i].name);
	e = tell(s, "BEGIN; SELECT pg_advisory_xact_lock(1129531214)", PGRES_COMMAND_OK, err);
	return e ? e : tell(s, sql, PGRES_COMMAND_OK, err);
}

static enum err_code put(struct store_postgres *s, const struct bytes *b, struct err *err)
{
	if (b->full)
		return err_set(err, ERR_TOO_LARGE, "a row is larger than expected");
	return PQputCopyData(s->conn, (const char *)b->data, (int)b->len) == 1
		? ERR_OK : fault(s, NULL, err);
}

enum err_code pg_fill_table(struct store *base, const struct store_table *t, struct err *err)
{
	static const uint8_t head[19] = "PGCOPY\n\377\r\n"; /* then no flags, no extension */
	struct store_postgres *s = store_postgres(base);
	char sql[3072], columns[2048];
	enum err_code e = store_table_columns(t, false, columns, sizeof(columns), err);

	if (e)
		return e;
	(void)snprintf(sql, sizeof(sql), "COPY %s(%s) FROM STDIN (FORMAT binary)", t->name,
		columns);
	e = tell(s, sql, PGRES_COPY_IN, err);
	if (!e && PQputCopyData(s->conn, (const char *)head, sizeof(head)) != 1)
		e = fault(s, NULL, err);
	return e;
}

enum err_code pg_fill_row(struct store *base, const struct store_arg *values, size_t count,
	struct err *err)
{
	static const size_t room = 1 << 20;
	struct bytes b;
	enum err_code e;

	bytes_init(&b, room);
	bytes_add_be16(&b, (uint16_t)count);
	for (size_t i = 0; i < count; i++) {
		switch (values[i].kind) {
		case STORE_ARG_NULL:
			bytes_add_be32(&b, UINT32_MAX);
			break;
		case STORE_ARG_INT:
			bytes_add_be32(&b, 8);
			bytes_add_be64(&b, (uint64_t)values[i].number);
			break;
		case STORE_ARG_BLOB:
		case STORE_ARG_TEXT:
			bytes_add_be32(&b, (uint32_t)values[i].bytes.len);
			bytes_add(&b, values[i].bytes.data, values[i].bytes.len);
			break;
		}
	}
	e = put(store_postgres(base), &b, err);
	bytes_done(&b);
	return e;
}

enum err_code pg_fill_table_end(struct store *base, struct err *err)
{
	static const uint8_t end[2] = {0xff, 0xff};
	struct store_postgres *s = store_postgres(base);
	PGresult *r;
	enum err_code e = ERR_OK;

	if (PQputCopyData(s->conn, (const char *)end, sizeof(end)) != 1 ||
		PQputCopyEnd(s->conn, NULL) != 1)
		return fault(s, NULL, err);
	while ((r = PQgetResult(s->conn)) != NULL) {
		if (!e && PQresultStatus(r) != PGRES_COMMAND_OK)
			e = fault(s, r, err);
		PQclear(r);
	}
	return e;
}

enum err_code pg_table_walk(struct store *base, const struct store_table *t, store_table_row *row,
	void *ctx, struct err *err)
{
	struct store_postgres *s = store_postgres(base);
	char sql[4096], columns[2048], key[1024];
	struct store_arg values[STORE_COLUMNS_MAX];
	PGresult *r;
	enum err_code e = store_table_columns(t, false, columns, sizeof(columns), err);

	if (!e)
		e = store_table_columns(t, true, key, sizeof(key), err);
	if (e)
		return e;
	(void)snprintf(sql, sizeof(sql), "SELECT %s FROM %s ORDER BY %s", columns, t->name, key);
	if (!PQsendQueryParams(s->conn, sql, 0, NULL, NULL, NULL, NULL, 1) ||
		!PQsetSingleRowMode(s->conn))
		return fault(s, NULL, err);
	while ((r = PQgetResult(s->conn)) != NULL) {
		ExecStatusType status = PQresultStatus(r);

		if (!e && status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK)
			e = fault(s, r, err);
		if (!e && status == PGRES_SINGLE_TUPLE) {
			for (int i = 0; i < t->column_count; i++)
				pg_value(r, 0, i, &values[i]);
			e = row(ctx, values, (size_t)t->column_count, err);
		}
		PQclear(r);
	}
	return e;
}

enum err_code pg_fill_commit(struct store *base, struct err *err)
{
	return tell(store_postgres(base), "COMMIT", PGRES_COMMAND_OK, err);
}
