/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators of a test backend, made and signed in while its server runs. For test programs only.
 */
#ifndef TESTS_LIB_TEST_PEOPLE_H
#define TESTS_LIB_TEST_PEOPLE_H

#include "backend/service_people.h"
#include "tests/lib/test_backend.h"

#define TEST_PASSPHRASE "correct horse battery"

/* Another program at the same directory, as an administrator's command is. */
static inline struct service *test_beside(struct clock *clock, const struct test_backend *b)
{
	struct service *s = NULL;
	struct err err = {0};

	clock_init_manual(clock, 0, b->now_ms);
	TEST_MUST(service_open(&s, in_folder("backend"), clock, &err));
	return s;
}

static inline void test_operator_add(
	const struct test_backend *b, const char *name, enum staff_role role)
{
	struct service_operator out;
	struct clock clock;
	struct err err = {0};
	struct service *s = test_beside(&clock, b);

	TEST_MUST(service_operator_add(s, &out, name, role, span_text(TEST_PASSPHRASE), &err));
	service_close(&s);
}

static inline void test_operator_stop(const struct test_backend *b, const char *name, bool stop)
{
	struct service_operator out;
	struct clock clock;
	struct err err = {0};
	struct service *s = test_beside(&clock, b);

	TEST_MUST(service_operator_stop(s, &out, name, stop, &err));
	service_close(&s);
}

static inline int test_sign_in(const struct test_backend *b, struct raw_answer *a,
	const char *name, const char *passphrase)
{
	char body[512];

	snprintf(body, sizeof(body), "{\"name\":\"%s\",\"passphrase\":\"%s\"}", name, passphrase);
	return test_call(b, a, NULL, "POST", "/v1/sessions", body);
}

/* A new operator with a session. */
static inline void test_operator(const struct test_backend *b,
	char token[static SERVICE_TOKEN_MAX], const char *name, enum staff_role role)
{
	struct raw_answer a;

	test_operator_add(b, name, role);
	TEST_MUST(test_sign_in(b, &a, name, TEST_PASSPHRASE) != 201);
	snprintf(token, SERVICE_TOKEN_MAX, "%s", test_text(&a, "token"));
}

#endif
