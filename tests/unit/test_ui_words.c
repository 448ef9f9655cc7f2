/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences for the operator, in both languages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "base/text_safe.h"
#include "ui/block.h"
#include "ui/words.h"

#define NOTICE_COLS_MAX 73 /* of 80: margins and the exclamation mark */

static const char *const languages[] = {"en", "zh_CN"};

static void assert_sentence(const char *text)
{
	assert_non_null(text);
	assert_true(strlen(text) > 6);
	assert_true(text_is_safe(span_text(text)));
	assert_null(strchr(text, '%'));
}

static void every_reason_says_what_happened_and_what_to_do(void **state)
{
	(void)state;
	for (size_t l = 0; l < 2; l++) {
		text_init(languages[l]);
		for (int r = REASON_NONE + 1; r < FLOW_REASON_COUNT; r++) {
			assert_sentence(words_reason((enum flow_reason)r));
			assert_sentence(words_next_step((enum flow_reason)r));
			assert_sentence(words_notice((enum flow_reason)r));
			assert_true(text_columns(span_text(words_notice((enum flow_reason)r))) <=
				NOTICE_COLS_MAX);
		}
	}
}

static void no_reason_says_nothing(void **state)
{
	(void)state;
	for (size_t l = 0; l < 2; l++) {
		text_init(languages[l]);
		assert_string_equal(words_reason(REASON_NONE), "");
		assert_string_equal(words_next_step(REASON_NONE), "");
		assert_string_equal(words_notice(REASON_NONE), "");
	}
}

static void a_number_that_is_no_reason_is_a_bad_answer(void **state)
{
	(void)state;
	text_init("en");
	assert_string_equal(words_reason((enum flow_reason)FLOW_REASON_COUNT),
		words_reason(REASON_BAD_ANSWER));
	assert_string_equal(words_next_step((enum flow_reason)-1),
		words_next_step(REASON_BAD_ANSWER));
}

static void reasons_are_not_mistaken_for_each_other(void **state)
{
	(void)state;
	for (size_t l = 0; l < 2; l++) {
		text_init(languages[l]);
		for (int a = 1; a < FLOW_REASON_COUNT; a++)
			for (int b = a + 1; b < FLOW_REASON_COUNT; b++)
				assert_string_not_equal(words_reason((enum flow_reason)a),
					words_reason((enum flow_reason)b));
	}
}

static void speaks_chinese(void **state)
{
	char english[512];

	(void)state;
	for (int r = 1; r < FLOW_REASON_COUNT; r++) {
		text_init("en");
		snprintf(english, sizeof(english), "%s", words_next_step((enum flow_reason)r));
		text_init("zh_CN");
		assert_string_not_equal(words_next_step((enum flow_reason)r), english);
	}
}

static void a_notice_of_another_symbology_names_it(void **state)
{
	static const struct {
		const char *word, *part;
	} cases[] = {{"ean-13", "product bar code (EAN-13)"}, {"upc-a", "product bar code (UPC-A)"},
		{"pdf417", "another kind (PDF417)"}, {"data-matrix", "another kind (Data Matrix)"},
		{"other", "another kind, not"}, {"", "another kind, not"}};
	struct flow f = {.notice = REASON_OTHER_SYMBOLOGY};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(f.notice_symbology, sizeof(f.notice_symbology), "%s", cases[i].word);
		text_init("en");
		words_notice_of(text, sizeof(text), &f);
		assert_non_null(strstr(text, cases[i].part));
		text_init("zh_CN");
		words_notice_of(text, sizeof(text), &f);
		assert_null(strstr(text, "kind"));
		assert_null(strstr(text, "product"));
	}
	f.notice = REASON_TEXT;
	snprintf(f.notice_symbology, sizeof(f.notice_symbology), "ean-13");
	words_notice_of(text, sizeof(text), &f);
	assert_string_equal(text, words_notice(REASON_TEXT));
}

static void verdicts_are_not_mistaken_for_each_other(void **state)
{
	(void)state;
	for (size_t l = 0; l < 2; l++) {
		const char *words[6];

		text_init(languages[l]);
		words[0] = words_verdict(VERDICT_NONE, false);
		words[1] = words_verdict(VERDICT_ACCEPTED, false);
		words[2] = words_verdict(VERDICT_ACCEPTED, true);
		words[3] = words_verdict(VERDICT_REFUSED, false);
		words[4] = words_verdict(VERDICT_UNCERTAIN, false);
		words[5] = words_verdict(VERDICT_UNCONFIRMED, false);
		for (int a = 0; a < 6; a++)
			for (int b = a + 1; b < 6; b++)
				assert_string_not_equal(words[a], words[b]);
	}
}

static void a_number_that_is_no_verdict_reads_like_a_refusal(void **state)
{
	(void)state;
	text_init("en");
	for (int v = -3; v < 100; v++)
		if (v != VERDICT_ACCEPTED)
			assert_true(strncmp(words_verdict((enum verdict)v, true), "A", 1) != 0);
	assert_string_equal(words_verdict((enum verdict)77, true), "NOT ACCEPTED");
}

/* Whoever translates a verdict with other characters has to draw them, or the counter cannot read
 * them from two metres.
 */
static void verdicts_can_be_drawn_large(void **state)
{
	const struct block_scale scale = {1, 1};
	struct block_size size;

	(void)state;
	for (size_t l = 0; l < 2; l++) {
		text_init(languages[l]);
		for (int v = 0; v <= VERDICT_UNCONFIRMED; v++) {
			assert_true(block_text_size(&size, words_verdict((enum verdict)v, false),
				scale, true));
			assert_true(block_text_size(&size, words_verdict((enum verdict)v, true),
				scale, true));
		}
		assert_true(block_text_size(&size, _("SHOW CARD"), scale, true));
	}
}

static bool is_for_somebody(enum scan_hint h)
{
	return h != SCAN_HINT_NONE && h != SCAN_HINT_NOTHING;
}

static void every_hint_says_what_to_do(void **state)
{
	const struct block_scale scale = {1, 1};
	struct block_size size;

	(void)state;
	for (size_t l = 0; l < 2; l++) {
		text_init(languages[l]);
		for (int h = 0; h < SCAN_HINT_COUNT; h++) {
			const char *word = words_hint((enum scan_hint)h);
			const char *act = words_hint_do((enum scan_hint)h);

			assert_int_equal(word[0] != '\0', is_for_somebody((enum scan_hint)h));
			assert_int_equal(act[0] != '\0', is_for_somebody((enum scan_hint)h));
			if (!act[0])
				continue;
			/* two metres away, beside the picture in 80 columns; one line on NUMBER */
			assert_true(block_text_size(&size, word, scale, true));
			assert_in_range(size.cols, 1, 29);
			assert_in_range(grid_text_columns(act), 1, 70);
		}
	}
	assert_string_equal(words_hint(SCAN_HINT_COUNT), "");
	assert_string_equal(words_hint_do((enum scan_hint)-1), "");
}

static void hints_are_not_mistaken_for_each_other(void **state)
{
	(void)state;
	for (size_t l = 0; l < 2; l++) {
		text_init(languages[l]);
		for (int a = 0; a < SCAN_HINT_COUNT; a++)
			for (int b = a + 1; b < SCAN_HINT_COUNT; b++) {
				if (!is_for_somebody((enum scan_hint)a))
					continue;
				assert_string_not_equal(words_hint((enum scan_hint)a),
					words_hint((enum scan_hint)b));
				assert_string_not_equal(words_hint_do((enum scan_hint)a),
					words_hint_do((enum scan_hint)b));
			}
	}
}

/* Faults as verifier/client_curl.c words them; tests/e2e/backend_tls.t meets them for real. */
static void faults_of_certificates_are_sentences(void **state)
{
	static const char *const FAULTS[] = {"this terminal's certificate has expired",
		"this terminal's certificate is of another backend",
		"the backend does not take this terminal's certificate: is the clock right?",
		"this terminal's certificate is for another use",
		"this terminal's certificate was revoked",
		"this terminal's certificate or key cannot be read",
		"the backend's certificate has expired",
		"the backend's certificate is not valid yet: is the clock right?",
		"the backend's certificate is for another address",
		"this is another backend: certificate not trusted", "certificate not trusted",
		"no list of trusted certificates", "no secure connection"};
	char fault[128], english[128];

	(void)state;
	for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++) {
		snprintf(fault, sizeof fault, "bank.example.com:8443: %s", FAULTS[i]);
		text_init("en");
		assert_sentence(words_certificate(fault));
		snprintf(english, sizeof english, "%s", words_certificate(fault));
		text_init("zh_CN");
		assert_sentence(words_certificate(fault));
		assert_string_not_equal(words_certificate(fault), english);
	}
	assert_string_equal(words_certificate("127.0.0.1:1: connection refused"), "");
	assert_string_equal(words_certificate(""), "");
	assert_string_equal(words_certificate(NULL), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_says_what_happened_and_what_to_do),
		cmocka_unit_test(no_reason_says_nothing),
		cmocka_unit_test(a_number_that_is_no_reason_is_a_bad_answer),
		cmocka_unit_test(reasons_are_not_mistaken_for_each_other),
		cmocka_unit_test(speaks_chinese),
		cmocka_unit_test(a_notice_of_another_symbology_names_it),
		cmocka_unit_test(verdicts_are_not_mistaken_for_each_other),
		cmocka_unit_test(a_number_that_is_no_verdict_reads_like_a_refusal),
		cmocka_unit_test(verdicts_can_be_drawn_large),
		cmocka_unit_test(every_hint_says_what_to_do),
		cmocka_unit_test(hints_are_not_mistaken_for_each_other),
		cmocka_unit_test(faults_of_certificates_are_sentences),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
