/* SPDX-License-Identifier: Apache-2.0
 *
 * What a terminal may do without its backend: every bound at its edge, and what the issuer signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/offline.h"

#define NOW 1790000600

/* A sale that passes; each case spoils one thing. */
static struct offline_policy policy;
static struct offline_list list;
static struct offline_open open_now;
static struct flow_code code;
static struct client_sale sale;
static struct offline_now now;

static void fill(void)
{
	policy = (struct offline_policy){.accept = true,
		.currency = "EUR",
		.amount_max = 2000,
		.sum_max = 10000,
		.count_max = 5,
		.card_max = 1,
		.minutes_max = 60,
		.list_minutes_max = 120};
	list = (struct offline_list){.known = true,
		.complete = true,
		.version = 7,
		.at = NOW - 600,
		.got_at = NOW - 600,
		.amount_max = 5000};
	open_now = (struct offline_open){.count = 0};
	code = (struct flow_code){.judgement = FLOW_CODE_FIRST, .live = true};
	memset(code.credential_id, 0x42, sizeof code.credential_id);
	sale = (struct client_sale){.amount = 2000, .currency = "EUR"};
	now = (struct offline_now){.unix_s = NOW, .heard_at = NOW - 600};
}

static enum flow_reason decide(void)
{
	return offline_decide(&policy, &list, &open_now, &code, &sale, &now);
}

static void bar(uint8_t *ids, size_t *count)
{
	memset(ids, 0x11, CODE_ID_SHORT_LEN);
	memset(ids + CODE_ID_SHORT_LEN, 0x42, CODE_ID_SHORT_LEN);
	*count = 2;
}

/* ---- bounds ---- */

static void refuses_by_default(void **state)
{
	const struct offline_policy none = {.accept = false};

	(void)state;
	fill();
	assert_int_equal(decide(), REASON_NONE);
	assert_int_equal(offline_decide(&none, &list, &open_now, &code, &sale, &now),
		REASON_NO_BACKEND);
	policy.accept = false;
	assert_int_equal(decide(), REASON_NO_BACKEND);
}

static void only_a_card_of_the_issuer_that_is_good_now_passes(void **state)
{
	(void)state;
	for (int j = FLOW_CODE_FOREIGN; j <= FLOW_CODE_SECOND; j++) {
		fill();
		code.judgement = (enum flow_code_judgement)j;
		assert_int_equal(decide(), j == FLOW_CODE_FIRST ? REASON_NONE
				: j == FLOW_CODE_EXPIRED	? REASON_CREDENTIAL_EXPIRED
								: REASON_BAD_SIGNATURE);
	}
}

static void a_picture_passes_only_where_that_is_said(void **state)
{
	(void)state;
	fill();
	code.live = false;
	assert_int_equal(decide(), REASON_OFFLINE_PICTURE);
	policy.pictures = true;
	assert_int_equal(decide(), REASON_NONE);
}

static void barred_cards_are_refused_with_the_issuers_word(void **state)
{
	(void)state;
	fill();
	bar(list.frozen, &list.frozen_count);
	assert_int_equal(decide(), REASON_FROZEN);
	policy.accept = false; /* also where nothing passes anyway, and by an old list */
	list.at = list.got_at = 1;
	assert_int_equal(decide(), REASON_FROZEN);
	bar(list.withdrawn, &list.void_count);
	assert_int_equal(decide(), REASON_VOID);
	code.credential_id[CODE_ID_SHORT_LEN - 1] ^= 1;
	policy.accept = true;
	list.at = list.got_at = NOW;
	assert_int_equal(decide(), REASON_NONE);
}

static void amounts_have_a_bound_of_the_terminal_and_one_of_the_issuer(void **state)
{
	(void)state;
	fill();
	sale.amount = 2001;
	assert_int_equal(decide(), REASON_OFFLINE_AMOUNT);
	sale.amount = 0;
	assert_int_equal(decide(), REASON_OFFLINE_AMOUNT);
	sale.amount = UINT64_MAX;
	assert_int_equal(decide(), REASON_OFFLINE_AMOUNT);
	sale.amount = 2000;
	list.amount_max = 1999;
	assert_int_equal(decide(), REASON_OFFLINE_AMOUNT);
	list.amount_max = 0; /* the issuer takes none */
	sale.amount = 1;
	assert_int_equal(decide(), REASON_OFFLINE_AMOUNT);
	list.amount_max = 1;
	assert_int_equal(decide(), REASON_NONE);
	snprintf(sale.currency, sizeof sale.currency, "USD");
	assert_int_equal(decide(), REASON_OFFLINE_AMOUNT);
	sale.currency[0] = policy.currency[0] = '\0';
	assert_int_equal(decide(), REASON_OFFLINE_AMOUNT);
}

static void what_is_open_bounds_what_more_passes(void **state)
{
	(void)state;
	fill();
	open_now.count = 4;
	open_now.sum = 8000;
	assert_int_equal(decide(), REASON_NONE);
	open_now.sum = 8001;
	assert_int_equal(decide(), REASON_OFFLINE_LIMIT);
	open_now.sum = UINT64_MAX;
	assert_int_equal(decide(), REASON_OFFLINE_LIMIT);
	open_now.sum = 0;
	open_now.count = 5;
	assert_int_equal(decide(), REASON_OFFLINE_LIMIT);
}

static void one_card_is_used_once(void **state)
{
	(void)state;
	fill();
	open_now.of_card = 1;
	assert_int_equal(decide(), REASON_OFFLINE_CARD);
	policy.card_max = 2;
	assert_int_equal(decide(), REASON_NONE);
	open_now.same_code = true; /* a picture of it, most likely */
	assert_int_equal(decide(), REASON_OFFLINE_CARD);
	open_now.same_code = false;
	open_now.conflict = true;
	assert_int_equal(decide(), REASON_OFFLINE_CARD);
}

static void without_a_young_whole_list_nothing_passes(void **state)
{
	(void)state;
	fill();
	list.known = false;
	assert_int_equal(decide(), REASON_OFFLINE_LIST);
	list.known = true;
	list.complete = false;
	assert_int_equal(decide(), REASON_OFFLINE_LIST);
	list.complete = true;
	policy.minutes_max = 10000;
	list.at = list.got_at = NOW - 120 * 60;
	assert_int_equal(decide(), REASON_NONE);
	list.at--;
	assert_int_equal(decide(), REASON_OFFLINE_LIST);
}

static void out_of_reach_for_too_long_nothing_passes(void **state)
{
	(void)state;
	fill();
	now.heard_at = NOW - 60 * 60;
	list.got_at = 0;
	assert_int_equal(decide(), REASON_NONE);
	now.heard_at--;
	assert_int_equal(decide(), REASON_OFFLINE_TIME);
	list.at = list.got_at = NOW - 60 * 60; /* of an earlier run */
	assert_int_equal(decide(), REASON_NONE);
	list.got_at = now.heard_at = 0;
	assert_int_equal(decide(), REASON_OFFLINE_TIME);
}

static void a_clock_that_was_set_back_is_noticed(void **state)
{
	int64_t *const before[] = {
		&list.at, &list.got_at, &open_now.newest_at, &now.heard_at};

	(void)state;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		fill();
		if (i < 2) /* else it is the other difference that counts */
			list.at = list.got_at = NOW + OFFLINE_CLOCK_S;
		*before[i] = NOW + OFFLINE_CLOCK_S;
		assert_int_equal(decide(), REASON_NONE);
		++*before[i];
		assert_int_equal(decide(), REASON_OFFLINE_CLOCK);
	}
}

static void a_clock_that_is_not_the_servers_is_noticed(void **state)
{
	(void)state;
	for (int sign = -1; sign <= 1; sign += 2) {
		fill();
		list.at = list.got_at - sign * OFFLINE_CLOCK_S;
		assert_int_equal(decide(), REASON_NONE);
		list.at -= sign;
		assert_int_equal(decide(), REASON_OFFLINE_CLOCK);
	}
}

/* ---- the list: the vector of docs/http.md ---- */

#define SIGNATURE                                                                                  \
	"d799f8f04df59deb4cfdfeb0a6fac06256bb3d24873a16a3859154514e2ca982"                         \
	"85597fb90a57b3a44cb522e06874a006bddc1992e45f6c3aa96d466101d47107"
#define KEY "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"

static char body[4096];

static const char *answer(const char *list_text, const char *policy_text)
{
	uint8_t key[SEC_ED25519_PUBLIC_LEN], id[CODE_KEY_ID_LEN];
	char id_hex[2 * CODE_KEY_ID_LEN + 1];

	assert_int_equal(hex_decode(key, sizeof key, span_text(KEY)), ERR_OK);
	assert_int_equal(code_issuer_key_id(id, SPAN(key, sizeof key)), ERR_OK);
	hex_encode(id_hex, SPAN(id, sizeof id));
	snprintf(body, sizeof body,
		"{\"name\":\"B\",\"host\":\"H\",\"version\":12,\"keys\":[{\"key\":\"" KEY
		"\",\"not_before\":0,\"not_after\":4294967295}],\"policy\":{%s},"
		"\"list\":{%s,\"key_id\":\"%s\",\"signature\":\"" SIGNATURE "\"}}",
		policy_text, list_text, id_hex);
	return body;
}

#define GOOD                                                                                       \
	"\"version\":7,\"at\":1790000000,\"complete\":true,\"frozen\":\"1011121314151617\","       \
	"\"void\":\"20212223242526273031323334353637\""

static enum err_code parse(const char *list_text, const char *policy_text)
{
	return offline_list_parse(&list, span_text(answer(list_text, policy_text)), NOW, NULL);
}

static void the_list_is_taken_with_the_issuers_signature(void **state)
{
	(void)state;
	assert_int_equal(parse(GOOD, "\"offline_max\":2500"), ERR_OK);
	assert_true(list.known && list.complete);
	assert_int_equal(list.version, 7);
	assert_int_equal(list.at, 1790000000);
	assert_int_equal(list.got_at, NOW);
	assert_int_equal(list.amount_max, 2500);
	assert_int_equal(list.frozen_count, 1);
	assert_int_equal(list.void_count, 2);
	assert_memory_equal(list.withdrawn + 8, "01234567", 8);
	assert_int_equal(parse(GOOD, ""), ERR_OK); /* an older backend takes none */
	assert_int_equal(list.amount_max, 0);
}

static void a_list_with_anything_changed_is_none(void **state)
{
	static const char *const bad[] = {
		"\"version\":8,\"at\":1790000000,\"complete\":true,\"frozen\":\"1011121314151617\","
		"\"void\":\"20212223242526273031323334353637\"",
		"\"version\":7,\"at\":1790000001,\"complete\":true,\"frozen\":\"1011121314151617\","
		"\"void\":\"20212223242526273031323334353637\"",
		"\"version\":7,\"at\":1790000000,\"complete\":false,"
		"\"frozen\":\"1011121314151617\","
		"\"void\":\"20212223242526273031323334353637\"",
		"\"version\":7,\"at\":1790000000,\"complete\":true,\"frozen\":\"\","
		"\"void\":\"20212223242526273031323334353637\"",
		"\"version\":7,\"at\":1790000000,\"complete\":true,\"frozen\":\"1011121314151617\","
		"\"void\":\"2021222324252627\"",
		"\"version\":7,\"at\":1790000000,\"complete\":true,\"frozen\":"
		"\"101112131415161720212223242526273031323334353637\",\"void\":\"\"",
		"\"version\":7,\"at\":1790000000,\"complete\":true,\"frozen\":\"10111213141516\","
		"\"void\":\"20212223242526273031323334353637\"",
		"\"version\":7,\"at\":1790000000,\"complete\":true,"
		"\"void\":\"20212223242526273031323334353637\"",
		"\"version\":7,\"at\":0,\"complete\":true,\"frozen\":\"1011121314151617\","
		"\"void\":\"20212223242526273031323334353637\"",
	};
	struct bytes text;
	char *at;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_not_equal(parse(bad[i], "\"offline_max\":2500"), ERR_OK);
		assert_false(list.known);
		assert_int_equal(list.amount_max, 0);
	}
	bytes_init(&text, sizeof body);
	bytes_add_text(&text, answer(GOOD, ""));
	at = strstr(body, "\"key_id\":\"") + 10; /* of a key that is not told */
	*at = *at == '0' ? '1' : '0';
	assert_int_not_equal(offline_list_parse(&list, span_text(body), NOW, NULL), ERR_OK);
	answer(GOOD, "");
	at = strstr(body, SIGNATURE);
	*at = 'c';
	assert_int_equal(offline_list_parse(&list, span_text(body), NOW, NULL), ERR_FORGED);
	for (size_t len = 0; len < text.len; len++)
		assert_int_not_equal(
			offline_list_parse(&list, SPAN(text.data, len), NOW, NULL), ERR_OK);
	bytes_done(&text);
}

/* ---- one sale ---- */

static const struct offline_entry entry = {
	.id = {0xaa, 1},
	.at = NOW,
	.code = "HTTPS://A/C/AE",
	.sale = {.amount = 1250, .currency = "EUR", .reference = "r 1", .operator_name = "Anna"},
};
#define ID "aa010000000000000000000000000000"
#define OTHER "ab010000000000000000000000000000"

static void a_sale_is_sent_with_all_that_was_written_down(void **state)
{
	struct bytes out;

	(void)state;
	bytes_init(&out, 4096);
	assert_int_equal(message_offline_build(&out, &entry), ERR_OK);
	assert_string_equal(bytes_text(&out),
		"{\"id\":\"" ID "\",\"code\":\"HTTPS://A/C/AE\",\"at\":1790000600,\"amount\":1250,"
		"\"currency\":\"EUR\",\"reference\":\"r 1\",\"operator\":\"Anna\"}");
	bytes_done(&out);
}

static void only_an_answer_to_this_sale_is_one(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"id\":\"" ID "\"}",
		"{\"id\":\"" ID "\",\"outcome\":\"accepted\"}",
		"{\"id\":\"" ID "\",\"outcome\":\"conflict\"}",
		"{\"id\":\"" ID "\",\"outcome\":\"fine\",\"receipt\":\"2026-1\"}",
		"{\"id\":\"" ID "\",\"outcome\":\"accepted\",\"receipt\":\"1\",\"reason\":\"x\"}",
		"{\"id\":\"" ID "\",\"outcome\":\"conflict\",\"reason\":\"\\u001b[2J\"}",
		"{\"id\":\"" OTHER "\",\"outcome\":\"accepted\",\"receipt\":\"2\"}",
		"[]",
	};
	struct offline_answer a;

	(void)state;
	assert_int_equal(message_offline_parse(&a,
				 span_text("{\"id\":\"" ID "\",\"outcome\":\"accepted\","
					   "\"receipt\":\"20261121-000012\"}"),
				 &entry, NULL),
		ERR_OK);
	assert_true(a.accepted);
	assert_string_equal(a.receipt, "20261121-000012");
	assert_int_equal(message_offline_parse(&a,
				 span_text("{\"id\":\"" ID "\",\"outcome\":\"conflict\","
					   "\"reason\":\"stale-code\",\"receipt\":\"2\"}"),
				 &entry, NULL),
		ERR_OK);
	assert_false(a.accepted);
	assert_string_equal(a.reason, "stale-code");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_not_equal(
			message_offline_parse(&a, span_text(bad[i]), &entry, NULL), ERR_OK);
		assert_false(a.accepted);
	}
}

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_by_default),
		cmocka_unit_test(only_a_card_of_the_issuer_that_is_good_now_passes),
		cmocka_unit_test(a_picture_passes_only_where_that_is_said),
		cmocka_unit_test(barred_cards_are_refused_with_the_issuers_word),
		cmocka_unit_test(amounts_have_a_bound_of_the_terminal_and_one_of_the_issuer),
		cmocka_unit_test(what_is_open_bounds_what_more_passes),
		cmocka_unit_test(one_card_is_used_once),
		cmocka_unit_test(without_a_young_whole_list_nothing_passes),
		cmocka_unit_test(out_of_reach_for_too_long_nothing_passes),
		cmocka_unit_test(a_clock_that_was_set_back_is_noticed),
		cmocka_unit_test(a_clock_that_is_not_the_servers_is_noticed),
		cmocka_unit_test(the_list_is_taken_with_the_issuers_signature),
		cmocka_unit_test(a_list_with_anything_changed_is_none),
		cmocka_unit_test(a_sale_is_sent_with_all_that_was_written_down),
		cmocka_unit_test(only_an_answer_to_this_sale_is_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
