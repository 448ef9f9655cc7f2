/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/store_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store_table.h"
#include "crypto/crypto.h"

#define TELL_EVERY 100000 /* rows */

enum err_code store_table_columns(const struct store_table *t, bool key, char *out, size_t cap,
	struct err *err)
{
	int count = key && t->key_count ? t->key_count : t->column_count;
	size_t len = 0;

	for (int i = 0; i < count; i++) {
		int at = key && t->key_count ? t->key[i] : i;
		int n = snprintf(out + len, cap - len, "%s%s", i ? "," : "", t->column[at]);

		if (n < 0 || (size_t)n >= cap - len)
			return err_set(err, ERR_TOO_LARGE, "%s has too many columns", t->name);
		len += (size_t)n;
	}
	return ERR_OK;
}

/* A table as it goes by: each row's hash holds the one before it. */
struct digest {
	struct store_copy *how;
	const struct store_table *table;
	struct store *to; /* NULL: only read */
	int64_t rows;
	uint8_t hash[SEC_SHA256_LEN];
};

static enum err_code digest_row(struct digest *d, const struct store_arg *values, size_t count,
	struct err *err)
{
	struct span parts[1 + 2 * STORE_COLUMNS_MAX];
	uint8_t head[STORE_COLUMNS_MAX][9];
	size_t n = 0;

	parts[n++] = SPAN(d->hash, sizeof(d->hash));
	for (size_t i = 0; i < count; i++) {
		bool number = values[i].kind == STORE_ARG_INT;
		uint64_t v = number ? (uint64_t)values[i].number : values[i].bytes.len;

		/* bytes are bytes, whether they are called text or not */
		head[i][0] = values[i].kind == STORE_ARG_NULL ? 'n' : number ? 'i' : 'b';
		for (int b = 0; b < 8; b++)
			head[i][1 + b] = (uint8_t)(v >> (56 - 8 * b));
		parts[n++] = SPAN(head[i], sizeof(head[i]));
		if (head[i][0] == 'b')
			parts[n++] = values[i].bytes;
	}
	if (sec_sha256(d->hash, parts, n))
		return err_set(err, ERR_CRYPTO, "a row cannot be hashed");
	d->rows++;
	if (d->how->progress && d->rows % TELL_EVERY == 0)
		d->how->progress(d->how->ctx, d->table->name, d->rows, !d->to);
	return ERR_OK;
}

static enum err_code on_row(void *ctx, const struct store_arg *values, size_t count,
	struct err *err)
{
	struct digest *d = ctx;
	enum err_code e = digest_row(d, values, count, err);

	return e || !d->to ? e : pg_fill_row(d->to, values, count, err);
}

static enum err_code copy_table(struct store_copy *how, struct store *from, struct store *to,
	const struct store_table *t, struct digest *out, struct err *err)
{
	enum err_code e = pg_fill_table(to, t, err);

	*out = (struct digest){.how = how, .table = t, .to = to};
	if (!e)
		e = sqlite_table_walk(from, t, on_row, out, err);
	if (!e)
		e = pg_fill_table_end(to, err);
	if (!e && how->progress)
		how->progress(how->ctx, t->name, out->rows, false);
	how->rows += out->rows;
	return e;
}

static enum err_code compare_table(struct store_copy *how, struct store *to,
	const struct store_table *t, const struct digest *want, struct err *err)
{
	struct digest got = {.how = how, .table = t};
	enum err_code e = pg_table_walk(to, t, on_row, &got, err);

	if (e)
		return e;
	if (how->progress)
		how->progress(how->ctx, t->name, got.rows, true);
	if (got.rows != want->rows)
		return err_set(err, ERR_CORRUPT, "table %s: %lld rows were read back, not %lld",
			t->name, (long long)got.rows, (long long)want->rows);
	if (memcmp(got.hash, want->hash, sizeof(got.hash)) != 0)
		return err_set(err, ERR_CORRUPT, "table %s: what was read back differs", t->name);
	return ERR_OK;
}

static enum err_code copy_all(struct store_copy *how, struct store *from, struct store *to,
	struct err *err)
{
	struct store_table *tables = calloc(STORE_TABLES_MAX, sizeof(*tables));
	struct digest *was = calloc(STORE_TABLES_MAX, sizeof(*was));
	size_t count = 0;
	enum err_code e = tables && was ? ERR_OK : err_set(err, ERR_NO_MEMORY, "out of memory");

	if (!e)
		e = store_begin(from, err); /* nobody writes until the end */
	if (!e)
		e = sqlite_tables(from, tables, STORE_TABLES_MAX, &count, err);
	if (!e)
		e = pg_fill_begin(to, tables, count, err);
	for (size_t i = 0; !e && i < count; i++)
		e = copy_table(how, from, to, &tables[i], &was[i], err);
	for (size_t i = 0; !e && i < count; i++)
		e = compare_table(how, to, &tables[i], &was[i], err);
	if (!e)
		e = pg_fill_commit(to, err);
	store_rollback(from);
	how->tables = (int)count;
	free(tables);
	free(was);
	return e;
}

enum err_code store_copy(struct store_copy *how, const char *from, const char *to,
	struct err *err)
{
	struct store *source = NULL, *target = NULL;
	enum err_code e;

	how->tables = 0;
	how->rows = 0;
	if (store_is_url(from) || !store_is_url(to))
		return err_set(err, ERR_UNSUPPORTED,
			"copying goes from a file of SQLite to postgresql://...");
	e = store_open(&source, from, err);
	if (!e)
		e = sqlite_alone(source, err);
	if (!e)
		e = store_create(to, err); /* refuses one that is in use */
	if (!e)
		e = store_open(&target, to, err);
	if (!e)
		e = copy_all(how, source, target, err);
	store_close(&target);
	store_close(&source);
	return e;
}
