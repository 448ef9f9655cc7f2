/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts that are heard: each by a sound of its own, by the bell where there is no program or it
 * is broken, and a new verdict never waits for the sound of the one before.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/file.h"
#include "tests/lib/folder.h"
#include "ui/sound.h"

#define PATIENCE 2500 /* turns of 2 ms */

static struct counter c;
static struct sound sound;
static struct sound_settings settings;
static enum screen_bell rung; /* the last one; NONE = silence */
static int rings;

/* The screen is played by the test. */
void screen_bell(enum screen_bell bell, int64_t now_ms)
{
	(void)now_ms;
	rung = bell;
	rings++;
}

static int set_up(void **state)
{
	if (folder_set_up(state) != 0 || chdir(folder_path) != 0)
		return -1;
	log_set_fd(-1);
	memset(&c, 0, sizeof c);
	memset(&settings, 0, sizeof settings);
	flow_init(&c.flow);
	rung = SCREEN_BELL_NONE;
	rings = 0;
	sound_init(&sound, &settings, &c);
	return 0;
}

static int tear_down(void **state)
{
	runner_drop(&sound.runner, 0);
	sound.runner.opt.outlives = false;
	sound_done(&sound);
	return chdir("/") == 0 ? folder_tear_down(state) : -1;
}

static void configure(enum sound_kind kind, const char *line)
{
	assert_int_equal(
		runner_command_parse(&settings.command[kind], line, NULL, NULL), ERR_OK);
}

static void happens(enum flow_phase phase, enum verdict verdict)
{
	enum flow_phase before = c.flow.phase;

	c.flow.phase = phase;
	c.flow.verdict = verdict;
	assert_int_equal(c.watch_count, 1);
	c.watch[0].stepped(c.watch[0].ctx, &c, before);
}

static void turn(void)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	struct clock real;

	clock_init_real(&real);
	sound_tick(&sound, clock_mono_ms(&real));
	nanosleep(&pause, NULL);
}

static void until_silent(void)
{
	for (int i = 0; i < PATIENCE && runner_is_busy(&sound.runner); i++)
		turn();
	assert_false(runner_is_busy(&sound.runner));
}

static bool was_played(const char *name)
{
	return access(name, F_OK) == 0;
}

static const struct {
	enum flow_phase phase;
	enum verdict verdict;
	enum sound_kind kind;
	enum screen_bell bell;
} ROWS[] = {
	{FLOW_RESULT, VERDICT_ACCEPTED, SOUND_ACCEPTED, SCREEN_BELL_ACCEPTED},
	{FLOW_RESULT, VERDICT_REFUSED, SOUND_REFUSED, SCREEN_BELL_REFUSED},
	{FLOW_RESULT, VERDICT_NONE, SOUND_REFUSED, SCREEN_BELL_REFUSED},
	{FLOW_RESULT, (enum verdict)99, SOUND_REFUSED, SCREEN_BELL_REFUSED},
	{FLOW_RESULT, VERDICT_UNCERTAIN, SOUND_UNCERTAIN, SCREEN_BELL_UNCERTAIN},
	{FLOW_UNCERTAIN, VERDICT_NONE, SOUND_UNCERTAIN, SCREEN_BELL_UNCERTAIN},
	{FLOW_RESULT, VERDICT_UNCONFIRMED, SOUND_UNCONFIRMED, SCREEN_BELL_UNCERTAIN},
};

static void each_verdict_has_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		c.flow.phase = FLOW_ANSWERING;
		rung = SCREEN_BELL_NONE;
		happens(ROWS[i].phase, ROWS[i].verdict);
		assert_int_equal(sound_of(&c.flow, FLOW_ANSWERING), ROWS[i].kind);
		assert_int_equal(rung, ROWS[i].bell);
	}
	assert_int_equal(rings, sizeof ROWS / sizeof ROWS[0]);
	assert_int_not_equal(SCREEN_BELL_ACCEPTED, SCREEN_BELL_REFUSED);
	assert_int_not_equal(SCREEN_BELL_ACCEPTED, SCREEN_BELL_UNCERTAIN);
	assert_int_not_equal(SCREEN_BELL_REFUSED, SCREEN_BELL_UNCERTAIN);
}

static void nothing_else_is_heard(void **state)
{
	(void)state;
	for (int phase = 0; phase < FLOW_PHASE_COUNT; phase++) {
		if (phase == FLOW_RESULT || phase == FLOW_UNCERTAIN)
			continue;
		c.flow.phase = FLOW_RESULT;
		happens((enum flow_phase)phase, VERDICT_ACCEPTED);
	}
	c.flow.phase = FLOW_RESULT; /* a step within it: heard already */
	happens(FLOW_RESULT, VERDICT_ACCEPTED);
	assert_int_equal(rings, 0);
}

static void a_program_is_heard_in_place_of_the_bell(void **state)
{
	(void)state;
	configure(SOUND_ACCEPTED, "touch accepted");
	configure(SOUND_REFUSED, "touch refused");
	configure(SOUND_UNCERTAIN, "touch uncertain");
	configure(SOUND_UNCONFIRMED, "touch unconfirmed");
	happens(FLOW_RESULT, VERDICT_ACCEPTED);
	until_silent();
	assert_true(was_played("accepted"));
	assert_false(was_played("refused"));
	happens(FLOW_UNCERTAIN, VERDICT_NONE);
	until_silent();
	assert_true(was_played("uncertain"));
	happens(FLOW_RESULT, VERDICT_REFUSED);
	until_silent();
	assert_true(was_played("refused"));
	assert_false(was_played("unconfirmed"));
	happens(FLOW_WAITING, VERDICT_NONE);
	happens(FLOW_RESULT, VERDICT_UNCONFIRMED);
	until_silent();
	assert_true(was_played("unconfirmed"));
	assert_int_equal(rings, 0);
}

static void a_program_that_fails_becomes_the_bell(void **state)
{
	static const char *const broken[] = {"no-such-player", "false", "/tmp"};

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		configure(SOUND_REFUSED, broken[i]);
		happens(FLOW_RESULT, VERDICT_REFUSED);
		until_silent();
		assert_int_equal(rings, i + 1);
		assert_int_equal(rung, SCREEN_BELL_REFUSED);
		happens(FLOW_WAITING, VERDICT_NONE);
	}
}

static void the_next_verdict_does_not_wait(void **state)
{
	(void)state;
	configure(SOUND_REFUSED, "sleep 1000");
	configure(SOUND_ACCEPTED, "touch accepted");
	happens(FLOW_RESULT, VERDICT_REFUSED);
	turn();
	assert_true(runner_is_busy(&sound.runner));
	happens(FLOW_WAITING, VERDICT_NONE);
	happens(FLOW_RESULT, VERDICT_ACCEPTED);
	until_silent();
	assert_true(was_played("accepted"));
	assert_int_equal(rings, 0); /* that one was ended is no fault of it */
}

static void a_replay_beeps_only(void **state)
{
	(void)state;
	configure(SOUND_ACCEPTED, "touch accepted");
	c.stepped = true;
	happens(FLOW_RESULT, VERDICT_ACCEPTED);
	until_silent();
	assert_false(was_played("accepted"));
	assert_int_equal(rung, SCREEN_BELL_ACCEPTED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_verdict_has_its_own),
		CASE(nothing_else_is_heard),
		CASE(a_program_is_heard_in_place_of_the_bell),
		CASE(a_program_that_fails_becomes_the_bell),
		CASE(the_next_verdict_does_not_wait),
		CASE(a_replay_beeps_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
