/* SPDX-License-Identifier: Apache-2.0
 *
 * What was read ahead. When is a row that was read still what a new read would give? A write that
 * names every identifier of the row it changes cannot touch a row that was found by another
 * identifier: such rows stay. Such writes are INSERT of values, and UPDATE that names credential,
 * terminal and account beside the key. Of any other write only rows stay that were found by another
 * value of the primary key that the write names, too; one that names none may change every row of
 * its table. Rows that were found without an identifier never stay.
 */
#include "backend/store_postgres_cache.h"

#include <stdlib.h>
#include <string.h>

#include "backend/store_postgres_about.h"
#include "backend/store_postgres_lib.h"

#define HASH_BEGIN UINT64_C(14695981039346656037)

void pg_cache_init(struct pg_cache *c)
{
	c->row = calloc(PG_CACHE_ROWS_MAX, sizeof(*c->row));
	memset(c->place, 0, sizeof(c->place));
	memset(c->by_id, 0, sizeof(c->by_id));
	c->loose = 0;
	c->count = c->read = c->result_count = 0;
}

void pg_cache_clear(struct pg_cache *c)
{
	for (int i = 0; i < c->result_count; i++)
		PQclear(c->result[i]);
	if (c->count) {
		memset(c->place, 0, sizeof(c->place));
		memset(c->by_id, 0, sizeof(c->by_id));
	}
	c->loose = 0;
	c->count = c->read = c->result_count = 0;
}

void pg_cache_done(struct pg_cache *c)
{
	pg_cache_clear(c);
	free(c->row);
	c->row = NULL;
}

void pg_cache_keep(struct pg_cache *c, PGresult *r)
{
	ASSERT(c->result_count < PG_CACHE_ROWS_MAX); /* not more than rows that were wanted */
	c->result[c->result_count++] = r;
}

/* ---- finding ---- */

uint64_t pg_hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t word = 0;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	for (; len; p++, len--)
		h = (h ^ *p) * UINT64_C(1099511628211);
	return h;
}

uint64_t pg_hash_arg(uint64_t h, const struct store_arg *arg)
{
	if (arg->kind == STORE_ARG_INT)
		return pg_hash(h, &arg->number, sizeof(arg->number));
	return pg_hash(h ^ arg->bytes.len, arg->bytes.data, arg->bytes.len);
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

static size_t slot(uint64_t h)
{
	return (size_t)(h ^ h >> 32) & (PG_CACHE_PLACES - 1);
}

static size_t place_of(int n, const struct store_arg *args, size_t arg_count)
{
	uint64_t h = HASH_BEGIN + (uint64_t)n;

	for (size_t i = 0; i < arg_count; i++)
		h = pg_hash_arg(h, &args[i]);
	return slot(h);
}

/* The place of the one, or the free place where it would be: at most half of them are taken. */
static size_t find(const struct pg_cache *c, int n, const struct store_arg *args, size_t arg_count)
{
	size_t at = place_of(n, args, arg_count);

	while (c->place[at] && !is_it(&c->row[c->place[at] - 1], n, args, arg_count))
		at = (at + 1) & (PG_CACHE_PLACES - 1);
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

/* ---- lists of what a write may change ---- */

static bool is_id(const struct store_arg *arg)
{
	return arg->kind == STORE_ARG_BLOB && arg->bytes.len == PG_ABOUT_ID_LEN;
}

static uint16_t *list_of(struct pg_cache *c, const struct store_arg *id)
{
	return &c->by_id[slot(pg_hash_arg(HASH_BEGIN, id))];
}

/* The list that a write of its first identifier looks through; else the one of all writes. */
static void put_in_list(struct pg_cache *c, struct pg_cached *p)
{
	uint16_t *head = &c->loose;

	for (size_t i = 0; head == &c->loose && i < p->arg_count; i++)
		if (pg_about(p->n)->all_hold && is_id(&p->args[i]))
			head = list_of(c, &p->args[i]);
	p->next = *head;
	*head = (uint16_t)c->count;
}

bool pg_cache_want(struct pg_cache *c, int n, const struct store_arg *args, size_t arg_count)
{
	struct pg_cached *p;
	size_t at, len = 0;

	for (size_t i = 0; i < arg_count; i++)
		len += args[i].bytes.len;
	if (!c->row || arg_count > PG_CACHE_ARGS_MAX || len > PG_CACHE_KEY_MAX ||
		c->count == PG_CACHE_ROWS_MAX)
		return false;
	at = find(c, n, args, arg_count);
	if (c->place[at])
		return true;
	p = &c->row[c->count++];
	p->dropped = false;
	p->rows = NULL;
	p->first = p->end = p->column = 0;
	p->n = n;
	take_args(p, args, arg_count);
	c->place[at] = (uint16_t)c->count;
	put_in_list(c, p);
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
		if (is_id(&p->args[i]) && !is_among(&p->args[i], args, arg_count))
			return false;
	return true;
}

static void drop(struct pg_cached *p, const struct pg_about *write, const struct store_arg *args,
	size_t arg_count)
{
	const struct pg_about *read = pg_about(p->n);
	bool told_apart = (write->names_all && read->all_hold) ||
		(read->by_key && (write->keyed & read->keyed));

	if (read->tables & write->written)
		p->dropped = p->dropped || !told_apart || may_be(p, args, arg_count);
}

static void drop_list(struct pg_cache *c, uint16_t at, const struct pg_about *write,
	const struct store_arg *args, size_t arg_count)
{
	for (; at; at = c->row[at - 1].next)
		drop(&c->row[at - 1], write, args, arg_count);
}

void pg_cache_write(struct pg_cache *c, int n, const struct store_arg *args, size_t arg_count)
{
	const struct pg_about *write = pg_about(n);

	if (!write->names_all) {
		for (int i = 0; i < c->count; i++)
			drop(&c->row[i], write, args, arg_count);
		return;
	}
	drop_list(c, c->loose, write, args, arg_count);
	for (size_t i = 0; i < arg_count; i++)
		if (is_id(&args[i]))
			drop_list(c, *list_of(c, &args[i]), write, args, arg_count);
}
