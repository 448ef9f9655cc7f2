/* SPDX-License-Identifier: Apache-2.0
 *
 * fixtures/vectors/vectors.json for unit tests: read once, one struct a case. Tests run in the root
 * of the tree.
 */
#ifndef TESTS_LIB_VECTORS_H
#define TESTS_LIB_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "verifier/code.h"

#define VECTORS_PATH "fixtures/vectors/vectors.json"
#define VECTORS_MAX  16
#define VECTOR_CODES 10 /* accepted code texts of one case */

struct vector {
	uint8_t issuer_seed[32], issuer_public[32], secret[32];
	uint8_t k_response[32], k_live[32], k_challenge[32], k_number[32];
	uint8_t credential_id[CODE_ID_LEN], verification_id[CODE_ID_LEN], code_id[CODE_ID_LEN];
	int64_t generation, not_after, now, answered_at, digits, amount, expires,
		presented_not_after;
	char host[CODE_HOST_MAX + 1], currency[4];
	char merchant[CODE_MERCHANT_MAX + 1], reference[CODE_REFERENCE_MAX + 1];
	char number[CODE_DIGITS_MAX + 1], number_used[CODE_DIGITS_MAX + 1];
	char record[512], content[512], presented_kind[2];
	char first_static[CODE_TEXT_MAX], first_live[CODE_TEXT_MAX], challenge[CODE_TEXT_MAX];
	char second[2][3][CODE_TEXT_MAX]; /* [timed][binding] */
	char presented[CODE_TEXT_MAX];
};

struct vectors {
	struct vector list[VECTORS_MAX];
	size_t count;
	char foreign[32][CODE_TEXT_MAX];
	size_t foreign_count;
};

static inline void vectors_hex(uint8_t *out, size_t len, const struct json *j, const char *name)
{
	char text[129];

	assert_int_equal(json_get_text(j, name, text, sizeof text, NULL), ERR_OK);
	assert_int_equal(hex_decode(out, len, span_text(text)), ERR_OK);
}

static inline void vectors_text(char *out, size_t cap, const struct json *j, const char *name)
{
	assert_int_equal(json_get_text(j, name, out, cap, NULL), ERR_OK);
}

static inline int64_t vectors_int(const struct json *j, const char *name)
{
	int64_t v = -1;

	assert_int_equal(json_get_int(j, name, &v, 0, INT64_MAX, NULL), ERR_OK);
	return v;
}

#define VECTORS_HEX(v, member, j)        vectors_hex((v)->member, sizeof(v)->member, j, #member)
#define VECTORS_TEXT(v, member, j, name) vectors_text((v)->member, sizeof(v)->member, j, name)
#define VECTORS_INT(v, member, j)        ((v)->member = vectors_int(j, #member))

static inline void vectors_case(struct vector *v, const struct json *j)
{
	const struct json *p;
	char name[64];

	VECTORS_HEX(v, issuer_seed, j);
	VECTORS_HEX(v, issuer_public, j);
	VECTORS_HEX(v, secret, j);
	VECTORS_HEX(v, k_response, j);
	VECTORS_HEX(v, k_live, j);
	VECTORS_HEX(v, k_challenge, j);
	VECTORS_HEX(v, k_number, j);
	VECTORS_HEX(v, credential_id, j);
	VECTORS_HEX(v, verification_id, j);
	VECTORS_INT(v, generation, j);
	VECTORS_INT(v, not_after, j);
	VECTORS_INT(v, now, j);
	VECTORS_INT(v, answered_at, j);
	VECTORS_INT(v, digits, j);
	VECTORS_INT(v, amount, j);
	VECTORS_INT(v, expires, j);
	VECTORS_TEXT(v, host, j, "host");
	VECTORS_TEXT(v, currency, j, "currency");
	VECTORS_TEXT(v, merchant, j, "merchant");
	VECTORS_TEXT(v, reference, j, "reference");
	VECTORS_TEXT(v, number, j, "number");
	VECTORS_TEXT(v, number_used, j, "number_if_that_was_used");
	VECTORS_TEXT(v, record, j, "registration_record");
	VECTORS_TEXT(v, first_static, j, "first_code_static");
	VECTORS_TEXT(v, first_live, j, "first_code_live");
	VECTORS_TEXT(v, challenge, j, "challenge_code");
	for (int timed = 0; timed < 2; timed++) {
		for (int b = 0; b < 3; b++) {
			snprintf(name, sizeof name, "second_code_%sbinding_%d",
				timed ? "timed_" : "", b);
			VECTORS_TEXT(v, second[timed][b], j, name);
		}
	}
	assert_int_equal(json_get_object(j, "presented", &p, NULL), ERR_OK);
	VECTORS_TEXT(v, presented_kind, p, "kind");
	VECTORS_HEX(v, code_id, p);
	v->presented_not_after = vectors_int(p, "not_after");
	VECTORS_TEXT(v, content, p, "content");
	VECTORS_TEXT(v, presented, p, "code");
}

/* On the heap, freed at exit by nobody: one for the whole program. */
static inline const struct vectors *vectors_load(void)
{
	static struct vectors v;
	const struct json *one;
	struct json *j = NULL;
	struct bytes file;
	struct err err = {0};

	if (v.count)
		return &v;
	bytes_init(&file, 256 * 1024);
	if (file_read(&file, VECTORS_PATH, false, &err))
		fail_msg("%s", err.text);
	assert_int_equal(json_parse(&j, bytes_span(&file), file.max, NULL), ERR_OK);
	assert_int_equal(json_get_array_len(j, "cases", &v.count, NULL), ERR_OK);
	assert_int_equal(json_get_array_len(j, "foreign", &v.foreign_count, NULL), ERR_OK);
	assert_true(v.count >= 12 && v.count <= VECTORS_MAX);
	assert_true(v.foreign_count >= 15 && v.foreign_count <= 32);
	for (size_t i = 0; i < v.count; i++) {
		assert_int_equal(json_get_array_object(j, "cases", i, &one, NULL), ERR_OK);
		vectors_case(&v.list[i], one);
	}
	for (size_t i = 0; i < v.foreign_count; i++)
		assert_int_equal(json_get_array_text(
					 j, "foreign", i, v.foreign[i], sizeof v.foreign[i], NULL),
			ERR_OK);
	json_free(&j);
	bytes_done(&file);
	return &v;
}

/* The n-th accepted code text of a case, NULL after the last. */
static inline const char *vector_code(const struct vector *v, size_t n)
{
	const char *const all[VECTOR_CODES] = {
		v->first_static,
		v->first_live,
		v->challenge,
		v->presented,
		v->second[0][0],
		v->second[0][1],
		v->second[0][2],
		v->second[1][0],
		v->second[1][1],
		v->second[1][2],
	};

	return n < VECTOR_CODES ? all[n] : NULL;
}

/* Parses an exact-size copy on the heap, so that a sanitizer sees every byte read too much. */
static inline void parse_exact(struct code *out, const char *text, size_t len)
{
	char *block = malloc(len ? len : 1);

	assert_non_null(block);
	memcpy(block, text, len);
	code_parse(out, SPAN(block, len));
	free(block);
}

#endif
