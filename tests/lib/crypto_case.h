/* SPDX-License-Identifier: Apache-2.0
 *
 * The group set-up of tests of what needs a started crypto: cmocka_run_group_tests(tests,
 * crypto_case_start, crypto_case_stop).
 */
#ifndef TESTS_LIB_CRYPTO_CASE_H
#define TESTS_LIB_CRYPTO_CASE_H

#include <stdio.h>

#include "crypto/crypto.h"

static inline int crypto_case_start(void **state)
{
	struct err err;

	(void)state;
	if (sec_start(&err) == ERR_OK)
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return -1;
}

static inline int crypto_case_stop(void **state)
{
	(void)state;
	sec_stop();
	return 0;
}

#endif
