/* SPDX-License-Identifier: Apache-2.0
 *
 * Which store a test runs on: a file, or with COUNTERSIGN_TEST_STORE=postgresql://... a schema of
 * its own in that database. Every test that makes its store through here runs on both.
 */
#ifndef TESTS_LIB_TEST_STORE_H
#define TESTS_LIB_TEST_STORE_H

#include <postgresql/libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TEST_STORE_URL_MAX 512

static inline bool test_store_is_postgres(void)
{
	return getenv("COUNTERSIGN_TEST_STORE") != NULL;
}

static inline void test_store_hush(void *context, const char *notice)
{
	(void)context;
	(void)notice;
}

static inline PGconn *test_store_connect(const char *url)
{
	PGconn *c = PQconnectdb(url);

	(void)PQsetNoticeProcessor(c, test_store_hush, NULL);
	return c;
}

/* On the database itself: statements, no rows wanted. */
static inline void test_store_sql(const char *url, const char *sql)
{
	PGconn *c = test_store_connect(url);
	PGresult *r = PQexec(c, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	PQclear(r);
	PQfinish(c);
}

/* The first column of the first row, as a number. */
static inline int64_t test_store_number(const char *url, const char *sql)
{
	PGconn *c = test_store_connect(url);
	PGresult *r = PQexec(c, sql);
	int64_t v = -1;

	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) < 1)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	else
		v = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	PQfinish(c);
	return v;
}

/* A URL of an empty store of its own; "" for a file. */
static inline void test_store_new(char out[static TEST_STORE_URL_MAX])
{
	static int made;
	const char *base = getenv("COUNTERSIGN_TEST_STORE");
	char sql[80], name[40];

	out[0] = '\0';
	if (!base)
		return;
	snprintf(name, sizeof(name), "t%ld_%d", (long)getpid(), ++made);
	snprintf(sql, sizeof(sql), "CREATE SCHEMA %s", name);
	test_store_sql(base, sql);
	snprintf(out, TEST_STORE_URL_MAX, "%s&options=-csearch_path%%3D%s", base, name);
}

static inline void test_store_drop(const char *url)
{
	const char *name = strstr(url, "search_path%3D");
	char sql[80];

	if (!name)
		return;
	snprintf(sql, sizeof(sql), "DROP SCHEMA %s CASCADE", name + 14);
	test_store_sql(getenv("COUNTERSIGN_TEST_STORE"), sql);
}

#endif
