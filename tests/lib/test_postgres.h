/* SPDX-License-Identifier: Apache-2.0
 *
 * One store on PostgreSQL, for tests of the driver: s, made anew for each test.
 */
#ifndef TESTS_LIB_TEST_POSTGRES_H
#define TESTS_LIB_TEST_POSTGRES_H

#include "backend/store_postgres.h"
#include "tests/lib/backend_world.h"

static struct store *s;
static struct err err;
static char place[TEST_STORE_URL_MAX];

static inline int set_up(void **state)
{
	(void)state;
	test_store_new(place);
	if (store_create(place, &err) || store_open(&s, place, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	store_close(&s);
	test_store_drop(place);
	return 0;
}

static inline enum err_code put(const char *name)
{
	return store_setting_put(s, name, SPAN("1", 1), &err);
}

static inline bool there(const char *name)
{
	char out[8];
	size_t len;

	return store_setting_get(s, name, out, sizeof(out), &len, &err) == ERR_OK;
}

#endif
