/* SPDX-License-Identifier: Apache-2.0
 *
 * What the terminal says of a code by itself, and the words of reasons, phases and verdicts.
 */
#include "tests/lib/vectors.h"

#include "base/base32.h"
#include "verifier/flow.h"

#define NOW 1800000000

static struct flow_issuer issuer_of(const struct vector *v)
{
	struct flow_issuer issuer;

	memcpy(issuer.public_key, v->issuer_public, sizeof issuer.public_key);
	assert_int_equal(code_issuer_key_id(issuer.key_id, SPAN(v->issuer_public, 32)), ERR_OK);
	return issuer;
}

static void judge(
	struct flow_code *out, const char *text, const struct flow_issuer *issuer, int64_t now)
{
	size_t len = strlen(text);
	char *block = malloc(len ? len : 1);

	assert_non_null(block);
	memcpy(block, text, len);
	flow_code_judge(out, SPAN(block, len), issuer, now);
	free(block);
}

static void judges_every_code_of_the_vectors(void **state)
{
	const struct vectors *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		const struct vector *v = &all->list[i];
		struct flow_issuer issuer = issuer_of(v);
		struct flow_code c;

		judge(&c, v->first_live, &issuer, v->now);
		assert_int_equal(c.judgement, FLOW_CODE_FIRST);
		assert_true(c.live);
		assert_string_equal(c.text, v->first_live);
		assert_memory_equal(c.credential_id, v->credential_id, 16);
		judge(&c, v->first_static, &issuer, v->now);
		assert_int_equal(c.judgement, FLOW_CODE_FIRST);
		assert_false(c.live);
		judge(&c, v->second[1][2], &issuer, v->now);
		assert_int_equal(c.judgement, FLOW_CODE_SECOND);
		assert_memory_equal(c.credential_id, v->credential_id, 8);
		for (size_t k = 8; k < CODE_ID_LEN; k++)
			assert_int_equal(c.credential_id[k], 0);
		judge(&c, v->challenge, &issuer, v->now);
		assert_int_equal(c.judgement, FLOW_CODE_OTHER_KIND);
		judge(&c, v->presented, &issuer, v->now);
		assert_int_equal(c.judgement, FLOW_CODE_OTHER_KIND);
	}
}

static void a_credential_is_good_to_the_last_second(void **state)
{
	static const struct {
		uint32_t not_after;
		int64_t now;
		enum flow_code_judgement judgement;
	} cases[] = {
		{NOW, NOW, FLOW_CODE_FIRST},
		{NOW, NOW - 1, FLOW_CODE_FIRST},
		{NOW, NOW + 1, FLOW_CODE_EXPIRED},
		{0, 0, FLOW_CODE_FIRST},
		{0, 1, FLOW_CODE_EXPIRED},
		{0, -5, FLOW_CODE_FIRST},
		{CODE_NO_END, (int64_t)CODE_NO_END + 1, FLOW_CODE_FIRST},
		{CODE_NO_END, INT64_MAX, FLOW_CODE_FIRST},
		{CODE_NO_END - 1, INT64_MAX, FLOW_CODE_EXPIRED},
	};
	const struct vectors *all = *state;
	const struct vector *v = &all->list[0];
	struct flow_issuer issuer = issuer_of(v);

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct code_credential fields = {.generation = 1, .not_after = cases[i].not_after};
		uint8_t body[CODE_STATIC_BODY_LEN];
		char storage[CODE_TEXT_MAX];
		struct bytes text;
		struct flow_code c;

		memcpy(fields.issuer_key_id, issuer.key_id, sizeof fields.issuer_key_id);
		assert_int_equal(
			code_credential_sign(body, &fields, SPAN(v->issuer_seed, 32)), ERR_OK);
		bytes_init_fixed(&text, storage, sizeof storage);
		assert_int_equal(code_text_build(&text, "A", 'C', SPAN(body, sizeof body)), ERR_OK);
		judge(&c, bytes_text(&text), &issuer, cases[i].now);
		assert_int_equal(c.judgement, cases[i].judgement);
	}
}

static void a_changed_credential_is_forged_or_of_another_issuer(void **state)
{
	const struct vectors *all = *state;
	const struct vector *v = &all->list[0];
	struct flow_issuer issuer = issuer_of(v);
	char storage[CODE_TEXT_MAX];
	struct bytes text;
	struct flow_code c;
	struct code code;

	code_parse(&code, span_text(v->first_static));
	for (size_t bit = 16; bit < CODE_STATIC_BODY_LEN * 8; bit++) {
		code.body[bit / 8] ^= (uint8_t)(1u << bit % 8);
		bytes_init_fixed(&text, storage, sizeof storage);
		assert_int_equal(
			code_text_build(&text, v->host, 'C', SPAN(code.body, CODE_STATIC_BODY_LEN)),
			ERR_OK);
		judge(&c, bytes_text(&text), &issuer, v->now);
		if (bit < 6 * 8)
			assert_int_equal(c.judgement, FLOW_CODE_OTHER_ISSUER);
		else if (c.judgement != FLOW_CODE_FORGED && c.judgement != FLOW_CODE_FOREIGN)
			fail_msg("bit %zu: judgement %d", bit, (int)c.judgement);
		code.body[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* The key id is four bytes: somebody can make a key that has ours. The signature decides. */
static void the_right_key_id_with_another_key_is_forged(void **state)
{
	const struct vectors *all = *state;
	struct flow_issuer issuer = issuer_of(&all->list[0]);
	struct flow_code c;

	issuer.public_key[0] ^= 1;
	judge(&c, all->list[0].first_live, &issuer, all->list[0].now);
	assert_int_equal(c.judgement, FLOW_CODE_FORGED);
	memset(issuer.public_key, 0, sizeof issuer.public_key);
	judge(&c, all->list[0].first_live, &issuer, all->list[0].now);
	assert_int_equal(c.judgement, FLOW_CODE_FORGED);
}

static void foreign_texts_are_kept_and_cut(void **state)
{
	const struct vectors *all = *state;
	struct flow_issuer issuer = issuer_of(&all->list[0]);
	char text[2 * CODE_FOREIGN_TEXT_MAX];
	struct flow_code c;

	for (size_t i = 0; i < all->foreign_count; i++) {
		judge(&c, all->foreign[i], &issuer, NOW);
		assert_int_equal(c.judgement, FLOW_CODE_FOREIGN);
		assert_string_equal(c.text, all->foreign[i]);
	}
	memset(text, 'y', sizeof text);
	text[sizeof text - 1] = '\0';
	judge(&c, text, &issuer, NOW);
	assert_int_equal(c.judgement, FLOW_CODE_FOREIGN);
	assert_int_equal(c.foreign, CODE_FOREIGN_TEXT);
	assert_int_equal(strlen(c.text), CODE_FOREIGN_TEXT_MAX);
	flow_code_judge(&c, (struct span){0}, &issuer, NOW);
	assert_int_equal(c.judgement, FLOW_CODE_FOREIGN);
	assert_string_equal(c.text, "");
}

/* ---- words ---- */

static void every_reason_has_its_own_word_and_back(void **state)
{
	(void)state;
	for (unsigned r = 0; r < FLOW_REASON_COUNT; r++) {
		const char *word = flow_reason_word((enum flow_reason)r);

		assert_int_equal(flow_reason_of(word), r);
		assert_true(r == REASON_NONE || strlen(word) > 2);
		assert_true(strlen(word) < FLOW_WORD_MAX);
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
	}
}

static void unknown_words_are_a_bad_answer(void **state)
{
	(void)state;
	assert_int_equal(flow_reason_of("no-such-word"), REASON_BAD_ANSWER);
	assert_int_equal(flow_reason_of("FROZEN"), REASON_BAD_ANSWER);
	assert_int_equal(flow_reason_of("frozen "), REASON_BAD_ANSWER);
	assert_int_equal(flow_reason_of(NULL), REASON_BAD_ANSWER);
	assert_string_equal(flow_reason_word((enum flow_reason) - 1), "bad-backend-answer");
	assert_string_equal(flow_reason_word(FLOW_REASON_COUNT), "bad-backend-answer");
}

static void the_problem_words_of_the_protocol_are_known(void **state)
{
	static const char *const words[] = {
		"foreign-code",
		"unknown-credential",
		"bad-signature",
		"stale-code",
		"live-code-required",
		"expired",
		"frozen",
		"void",
		"superseded",
		"too-many-attempts",
	};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		enum flow_reason r = flow_reason_of(words[i]);

		assert_true(r > REASON_NONE && r < REASON_OTHER_ISSUER);
	}
}

static void phases_and_verdicts_have_words(void **state)
{
	(void)state;
	assert_string_equal(flow_phase_word(FLOW_WAITING), "waiting");
	assert_string_equal(flow_phase_word(FLOW_PIN_SENT), "pin-sent");
	assert_string_equal(flow_phase_word(FLOW_RESULT), "result");
	assert_string_equal(flow_phase_word(FLOW_PHASE_COUNT), "none");
	assert_string_equal(flow_verdict_word(VERDICT_NONE, false), "none");
	assert_string_equal(flow_verdict_word(VERDICT_ACCEPTED, false), "accepted");
	assert_string_equal(flow_verdict_word(VERDICT_ACCEPTED, true), "authorised");
	assert_string_equal(flow_verdict_word(VERDICT_REFUSED, true), "refused");
	assert_string_equal(flow_verdict_word(VERDICT_UNCERTAIN, true), "uncertain");
	assert_string_equal(flow_verdict_word((enum verdict)77, true), "none");
}

static int load(void **state)
{
	if (sec_start(NULL))
		return -1;
	*state = (void *)(uintptr_t)vectors_load();
	return 0;
}

/* A card's own text as another symbol is foreign in every phase, and its notice says what. */
static void a_code_of_another_symbology_is_never_a_card(void **state)
{
	const struct vectors *all = *state;
	const struct vector *v = &all->list[0];
	static struct flow f;
	static struct flow_actions actions;
	static struct flow_event ev;

	flow_init(&f);
	flow_code_other(&ev.codes.list[0], span_text(v->first_live), "data-matrix");
	assert_int_equal(ev.codes.list[0].judgement, FLOW_CODE_FOREIGN);
	assert_string_equal(ev.codes.list[0].symbology, "data-matrix");
	ev.kind = FLOW_EV_CODES;
	ev.codes.count = 1;
	for (int p = FLOW_WAITING; p <= FLOW_UNCERTAIN; p++) {
		if (p == FLOW_PIN || p == FLOW_PIN_SENT)
			continue;
		flow_init(&f);
		f.phase = (enum flow_phase)p;
		f.next_ms = f.deadline_ms = f.uncertain_end_ms = INT64_MAX;
		flow_step(&f, &actions, &ev);
		assert_int_equal(actions.count, 0);
		assert_int_equal(f.phase, p);
		assert_int_equal(f.notice, REASON_OTHER_SYMBOLOGY);
		assert_string_equal(f.notice_symbology, "data-matrix");
	}
	flow_init(&f);
	flow_step(&f, &actions, &ev);
	flow_code_judge(&ev.codes.list[0], span_text("words"), &(struct flow_issuer){{0}, {0}}, 0);
	flow_step(&f, &actions, &ev); /* the next notice is another */
	assert_int_equal(f.notice, REASON_TEXT);
	assert_string_equal(f.notice_symbology, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_every_code_of_the_vectors),
		cmocka_unit_test(a_credential_is_good_to_the_last_second),
		cmocka_unit_test(a_changed_credential_is_forged_or_of_another_issuer),
		cmocka_unit_test(the_right_key_id_with_another_key_is_forged),
		cmocka_unit_test(foreign_texts_are_kept_and_cut),
		cmocka_unit_test(a_code_of_another_symbology_is_never_a_card),
		cmocka_unit_test(every_reason_has_its_own_word_and_back),
		cmocka_unit_test(unknown_words_are_a_bad_answer),
		cmocka_unit_test(the_problem_words_of_the_protocol_are_known),
		cmocka_unit_test(phases_and_verdicts_have_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load, NULL);
}
