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

/* Making tables takes half a second, emptying them nothing: a schema that was given back is used
 * again by the same program.
 */
#define TEST_STORES_MAX 8
static char test_store_free[TEST_STORES_MAX][40];

static inline void test_store_empty(const char *schema)
{
	char sql[768];

	snprintf(sql, sizeof(sql),
		"DO $$ DECLARE t text; BEGIN SET LOCAL session_replication_role=replica;"
		" FOR t IN SELECT tablename FROM pg_tables WHERE schemaname='%s'"
		" AND tablename<>'store_schema' LOOP EXECUTE format('DELETE FROM %s.%%I', t);"
		" END LOOP; IF to_regclass('%s.event') IS NOT NULL THEN"
		" INSERT INTO %s.event(seq,at,terminal,credential,kind,data)"
		" VALUES(1,0,'','','begin','{}'); END IF; END $$", schema, schema, schema, schema);
	test_store_sql(getenv("COUNTERSIGN_TEST_STORE"), sql);
}

/* A URL of an empty store of its own; "" for a file. */
static inline void test_store_new(char out[static TEST_STORE_URL_MAX])
{
	static int made;
	const char *base = getenv("COUNTERSIGN_TEST_STORE");
	char sql[80], name[40] = "";

	out[0] = '\0';
	if (!base)
		return;
	for (int i = 0; i < TEST_STORES_MAX && !name[0]; i++) {
		memcpy(name, test_store_free[i], sizeof(name));
		test_store_free[i][0] = '\0';
	}
	if (name[0]) {
		test_store_empty(name);
	} else {
		snprintf(name, sizeof(name), "t%ld_%d", (long)getpid(), ++made);
		snprintf(sql, sizeof(sql), "CREATE SCHEMA %s", name);
		test_store_sql(base, sql);
	}
	snprintf(out, TEST_STORE_URL_MAX, "%s&options=-csearch_path%%3D%s", base, name);
}

static inline void test_store_drop(const char *url)
{
	const char *name = strstr(url, "search_path%3D");

	for (int i = 0; name && i < TEST_STORES_MAX; i++) {
		if (test_store_free[i][0])
			continue;
		snprintf(test_store_free[i], sizeof(test_store_free[i]), "%s", name + 14);
		return;
	}
}

#endif
