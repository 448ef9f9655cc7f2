/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios being played: what the phone shows when, and what the terminal's events do.
 */
#include "tests/lib/exact.h"
#include "tests/lib/holder_kit.h"
#include "wallet/holder/play.h"

#define START_MS INT64_C(1800000000000)

struct run {
	struct wallet *wallet, *wallet2;
	struct scenario scenario;
	struct play *play;
	struct phone_view view[2];
	int64_t at_ms;
};

static struct run *run_new_with(const char *text, struct play_options opt)
{
	struct run *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->wallet = kit_wallet(&vectors_load()->list[0], true);
	r->wallet2 = kit_wallet(&vectors_load()->list[1], true);
	assert_int_equal(scenario_parse(&r->scenario, span_text(text), NULL), ERR_OK);
	opt.scenario = &r->scenario;
	opt.wallet[0] = r->wallet;
	opt.wallet[1] = r->wallet2;
	assert_int_equal(play_new(&r->play, &opt, NULL), ERR_OK);
	return r;
}

static struct run *run_new(const char *text)
{
	return run_new_with(text, (struct play_options){0});
}

static void run_free(struct run *r)
{
	play_free(&r->play);
	wallet_free(&r->wallet);
	wallet_free(&r->wallet2);
	free(r);
}

static enum err_code to(struct run *r, int64_t at_ms)
{
	struct err err = {0};
	enum err_code rc = play_advance(r->play, at_ms, START_MS + at_ms, &err);

	r->at_ms = at_ms;
	for (int i = 0; i < 2 && !rc; i++)
		rc = play_view(r->play, i, &r->view[i], &err);
	return rc;
}

static void tell(struct run *r, const char *line)
{
	struct span text = exact_text(line);
	struct play_event ev;

	assert_int_equal(play_event_parse(&ev, text, NULL), ERR_OK);
	play_tell(r->play, &ev);
	exact_free(text);
}

static const char *shown(const struct run *r)
{
	static char text[CODE_FOREIGN_TEXT_MAX + 1];

	memcpy(text, r->view[0].code, r->view[0].code_len);
	text[r->view[0].code_len] = 0;
	return text;
}

#define NUMBER(n) "{\"v\":1,\"event\":\"number\",\"number\":\"" n "\",\"more\":true}"

static void default_run_goes_through_both_codes(void **state)
{
	struct run *r = run_new("show first\nwait number\ntype 3000\nshow second\nwait verdict\n"
				"wait 1000\nend\n");

	(void)state;
	assert_int_equal(to(r, 0), ERR_OK);
	assert_int_equal(r->view[0].screen, PHONE_CARD);
	assert_int_equal(r->view[1].screen, PHONE_AWAY);
	assert_string_equal(shown(r), vectors_load()->list[0].first_live);
	tell(r, NUMBER("123456"));
	assert_int_equal(to(r, 500), ERR_OK);
	assert_int_equal(r->view[0].screen, PHONE_TYPING);
	assert_string_equal(r->view[0].number, "");
	assert_int_equal(to(r, 2500), ERR_OK);
	assert_string_equal(r->view[0].number, "123");
	assert_int_equal(to(r, 3500), ERR_OK);
	assert_int_equal(r->view[0].screen, PHONE_SECOND);
	assert_string_equal(r->view[0].number, "123456");
	assert_int_equal(to(r, 60000), ERR_OK);
	tell(r, "{\"v\":1,\"event\":\"verdict\",\"verdict\":\"accepted\"}");
	assert_int_equal(to(r, 60100), ERR_OK);
	assert_int_equal(to(r, 61050), ERR_OK);
	assert_int_equal(to(r, 61100), ERR_CLOSED);
	run_free(r);
}

static void the_second_code_is_the_protocols(void **state)
{
	const struct vector *v = &vectors_load()->list[0];
	struct run *r = run_new("answer number untimed\nshow second\nwait 1");
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), NUMBER("%s"), v->number);
	tell(r, line);
	assert_int_equal(to(r, 0), ERR_OK);
	assert_string_equal(shown(r), v->second[0][0]);
	run_free(r);
	r = run_new("wait 20000\nanswer\nshow second\nwait 1");
	tell(r, line);
	assert_int_equal(to(r, 0), ERR_OK);
	assert_int_equal(to(r, 20000), ERR_OK);
	assert_string_equal(shown(r), v->second[1][0]);
	run_free(r);
}

static void a_challenge_is_checked_and_answered(void **state)
{
	const struct vector *v = &vectors_load()->list[0];
	struct run *r = run_new("wait number\nanswer challenge untimed\nshow second\nwait 1");
	char line[1024];

	(void)state;
	snprintf(line, sizeof(line),
		"{\"event\":\"number\",\"number\":\"%s\",\"challenge_code\":\"%s\"}", v->number,
		v->challenge);
	tell(r, line);
	assert_int_equal(to(r, 0), ERR_OK);
	assert_string_equal(shown(r), v->second[0][2]);
	assert_string_equal(r->view[0].number, "");
	run_free(r);
	r = run_new("wait number\nanswer challenge\nshow second");
	line[strlen(line) - 10] ^= 1;
	tell(r, line);
	assert_int_not_equal(to(r, 0), ERR_OK);
	run_free(r);
}

static void wrong_older_and_again_are_other_answers(void **state)
{
	struct run *r =
		run_new("answer number\nshow second\nwait 1\nanswer wrong\nwait 1\nanswer older\n"
			"wait 1\nanswer again\nwait 1");
	char good[CODE_TEXT_MAX], wrong[CODE_TEXT_MAX], older[CODE_TEXT_MAX];

	(void)state;
	tell(r, NUMBER("000000"));
	tell(r, NUMBER("999999"));
	assert_int_equal(to(r, 0), ERR_OK);
	kit_text(good, sizeof(good), shown(r));
	assert_string_equal(r->view[0].number, "999999");
	assert_int_equal(to(r, 1), ERR_OK);
	kit_text(wrong, sizeof(wrong), shown(r));
	assert_string_equal(r->view[0].number, "999990");
	assert_int_equal(to(r, 2), ERR_OK);
	kit_text(older, sizeof(older), shown(r));
	assert_string_equal(r->view[0].number, "000000");
	assert_int_equal(to(r, 3), ERR_OK);
	assert_string_equal(shown(r), older);
	assert_string_not_equal(good, wrong);
	assert_string_not_equal(good, older);
	run_free(r);
}

static void waits_for_the_number_before_it_can_type(void **state)
{
	struct run *r = run_new("type 100\nshow second\nwait 100");

	(void)state;
	assert_int_equal(to(r, 0), ERR_OK);
	assert_int_equal(to(r, 50000), ERR_OK);
	assert_false(play_is_stuck(r->play));
	play_tell_over(r->play);
	assert_true(play_is_stuck(r->play));
	tell(r, NUMBER("123456"));
	assert_false(play_is_stuck(r->play));
	assert_int_equal(to(r, 50001), ERR_OK);
	assert_int_equal(to(r, 50101), ERR_OK);
	assert_int_equal(r->view[0].screen, PHONE_SECOND);
	run_free(r);
}

static void each_event_is_waited_for_once(void **state)
{
	struct run *r = run_new("wait notice\nwait notice 500\nshow dark\nwait 1000");

	(void)state;
	tell(r, "{\"event\":\"notice\"}");
	assert_int_equal(to(r, 100), ERR_OK);
	assert_int_equal(to(r, 599), ERR_OK);
	assert_int_equal(r->view[0].screen, PHONE_AWAY);
	assert_int_equal(to(r, 600), ERR_OK);
	assert_int_equal(r->view[0].screen, PHONE_DARK);
	run_free(r);
}

static void repeats_run_as_often_as_they_say(void **state)
{
	struct run *r = run_new("repeat 2\nrepeat 3\nwait 10\nend\nwait 5\nend\nend");

	(void)state;
	assert_int_equal(to(r, 0), ERR_OK);
	assert_int_equal(to(r, 69), ERR_OK);
	assert_int_equal(to(r, 70), ERR_CLOSED);
	run_free(r);
}

static void a_repeat_without_a_wait_cannot_hang_a_frame(void **state)
{
	struct run *r = run_new("repeat 1000\nrepeat 1000\ninvert on\nend\nend");

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(to(r, i), ERR_OK);
	run_free(r);
}

static void knobs_ramp_and_return(void **state)
{
	struct run *r = run_new("camera blur 2\ncamera blur 4 over 100\ncamera noise 9 for 50\n"
				"camera glare on\nwait 1000");
	struct camera_shot shot = {0};

	(void)state;
	assert_int_equal(to(r, 0), ERR_OK);
	play_shot(r->play, &shot);
	assert_true(shot.knob[CAMERA_BLUR] == 2 && shot.knob[CAMERA_NOISE] == 9);
	assert_true(shot.knob[CAMERA_GLARE] == 1);
	assert_int_equal(to(r, 50), ERR_OK);
	play_shot(r->play, &shot);
	assert_true(shot.knob[CAMERA_BLUR] == 3);
	assert_true(shot.knob[CAMERA_NOISE] == camera_knobs[CAMERA_NOISE].start);
	assert_int_equal(to(r, 100), ERR_OK);
	play_shot(r->play, &shot);
	assert_true(shot.knob[CAMERA_BLUR] == 4);
	run_free(r);
}

static void a_wrong_clock_makes_another_code(void **state)
{
	struct run *r = run_new("show first\nwait 10\nclock +600\nwait 10");
	char right[CODE_TEXT_MAX];

	(void)state;
	assert_int_equal(to(r, 0), ERR_OK);
	kit_text(right, sizeof(right), shown(r));
	assert_string_equal(r->view[0].clock, "08:00");
	assert_int_equal(to(r, 10), ERR_OK);
	assert_string_not_equal(shown(r), right);
	assert_string_equal(r->view[0].clock, "08:10");
	run_free(r);
}

static void a_forged_code_differs_in_the_signature_alone(void **state)
{
	struct run *r = run_new("show forged\nwait 1");
	struct code code;

	(void)state;
	assert_int_equal(to(r, 0), ERR_OK);
	code_parse(&code, span_text(shown(r)));
	assert_int_equal(code.kind, CODE_CREDENTIAL);
	assert_int_equal(code_credential_verify(&code.credential,
				 SPAN(r->wallet->issuer_public, SEC_ED25519_PUBLIC_LEN)),
		ERR_FORGED);
	assert_memory_equal(code.credential.credential_id, r->wallet->credential_id, CODE_ID_LEN);
	run_free(r);
}

static void two_phones_have_their_own_screens(void **state)
{
	struct run *r =
		run_new("show first\nphone 2 show text \"hello\"\nphone 2 invert on\nwait 1");
	struct camera_shot shot = {0};

	(void)state;
	assert_int_equal(to(r, 0), ERR_OK);
	play_shot(r->play, &shot);
	assert_true(shot.in_view[0] && shot.in_view[1]);
	assert_int_equal(r->view[1].screen, PHONE_POSTER);
	assert_int_equal(r->view[1].code_len, 5);
	assert_false(r->view[1].alphanumeric);
	assert_true(r->view[1].inverted && !r->view[0].inverted);
	run_free(r);
}

static void counts_the_frames_to_cut(void **state)
{
	struct run *r = run_new("truncate 2\nwait 1");

	(void)state;
	assert_false(play_cut_next(r->play));
	assert_int_equal(to(r, 0), ERR_OK);
	assert_true(play_cut_next(r->play));
	assert_true(play_cut_next(r->play));
	assert_false(play_cut_next(r->play));
	run_free(r);
}

static void says_why_it_cannot_go_on(void **state)
{
	static const char *const bad[] = {"wait 1\nshow second", "answer again",
		"wait number\nanswer older", "wait number\nanswer challenge"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run *r = run_new(bad[i]);
		struct err err = {0};

		tell(r, NUMBER("123456"));
		ERR_IGNORE(play_advance(r->play, 0, START_MS, &err)); /* the second call fails */
		assert_int_not_equal(play_advance(r->play, 10, START_MS, &err), ERR_OK);
		assert_non_null(strstr(err.text, "scenario, line"));
		run_free(r);
	}
}

static void a_number_of_another_length_is_not_answered(void **state)
{
	struct run *r = run_new("type 0\nshow second");

	(void)state;
	tell(r, NUMBER("1234567"));
	assert_int_equal(to(r, 0), ERR_INVALID);
	run_free(r);
}

static void reads_events_and_refuses_others(void **state)
{
	static const char *const bad[] = {"", "{", "[]", "{}", "{\"event\":1}",
		"{\"event\":\"number\"}", "{\"event\":\"number\",\"number\":123456}",
		"{\"event\":\"number\",\"number\":\"12345\"}",
		"{\"event\":\"number\",\"number\":\"12345x\"}",
		"{\"event\":\"number\",\"number\":\"12345678901\"}",
		"{\"event\":\"number\",\"number\":\"123456\",\"challenge_code\":7}",
		"{\"event\":\"frame\",\"frame\":-1}", "{\"event\":\"frame\"}",
		"{\"event\":\"an event whose name is much longer than names are\"}"};
	struct play_event ev;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct span text = exact_text(bad[i]);

		assert_int_not_equal(play_event_parse(&ev, text, NULL), ERR_OK);
		assert_false(ev.known);
		assert_int_equal(ev.frame, -1);
		exact_free(text);
	}
	assert_int_equal(play_event_parse(&ev, span_text("{\"event\":\"ready\"}"), NULL), ERR_OK);
	assert_false(ev.known);
	assert_int_equal(
		play_event_parse(&ev, span_text("{\"event\":\"frame\",\"frame\":7}"), NULL),
		ERR_OK);
	assert_int_equal(ev.frame, 7);
	assert_int_equal(
		play_event_parse(&ev, span_text("{\"event\":\"pin_wanted\"}"), NULL), ERR_OK);
	assert_true(ev.known && ev.kind == EVENT_PIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_run_goes_through_both_codes),
		cmocka_unit_test(the_second_code_is_the_protocols),
		cmocka_unit_test(a_challenge_is_checked_and_answered),
		cmocka_unit_test(wrong_older_and_again_are_other_answers),
		cmocka_unit_test(waits_for_the_number_before_it_can_type),
		cmocka_unit_test(each_event_is_waited_for_once),
		cmocka_unit_test(repeats_run_as_often_as_they_say),
		cmocka_unit_test(a_repeat_without_a_wait_cannot_hang_a_frame),
		cmocka_unit_test(knobs_ramp_and_return),
		cmocka_unit_test(a_wrong_clock_makes_another_code),
		cmocka_unit_test(a_forged_code_differs_in_the_signature_alone),
		cmocka_unit_test(two_phones_have_their_own_screens),
		cmocka_unit_test(counts_the_frames_to_cut),
		cmocka_unit_test(says_why_it_cannot_go_on),
		cmocka_unit_test(a_number_of_another_length_is_not_answered),
		cmocka_unit_test(reads_events_and_refuses_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, holder_set_up, NULL);
}
