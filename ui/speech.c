/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences for a voice.
 */
#include "ui/speech.h"

#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "base/text.h"
#include "ui/digits.h"
#include "ui/words.h"

static int64_t real_ms(void)
{
	struct clock real;

	clock_init_real(&real);
	return clock_mono_ms(&real);
}

/* ---- what ---- */

/* As words, so that no voice makes 471 out of 4 7 1. */
static const char *digit_word(char digit)
{
	static const char *const words[10] = {N_("zero"), N_("one"), N_("two"), N_("three"),
		N_("four"), N_("five"), N_("six"), N_("seven"), N_("eight"), N_("nine")};

	return _(words[digit - '0']);
}

/* Digit by digit in the groups of the screen, with a longer pause between two of them. */
static void digits_say(struct bytes *out, const char *number)
{
	char grouped[DIGITS_TEXT_MAX];
	size_t i;

	digits_grouped(grouped, number);
	for (i = 0; grouped[i] != '\0'; i++) {
		if (grouped[i] == ' ') {
			/* between two groups of spoken digits: a longer pause */
			bytes_add_text(out, _("; "));
			continue;
		}
		if (i > 0 && grouped[i - 1] != ' ')
			/* between two spoken digits: a short pause */
			bytes_add_text(out, _(", "));
		bytes_add_text(out, digit_word(grouped[i]));
	}
	/* the end of a spoken sentence */
	bytes_add_text(out, _(". "));
}

static void amount_say(struct bytes *out, const struct client_sale *sale)
{
	char amount[32];
	char text[96];

	if (sale->amount <= 0)
		return;
	amount_text(amount, sizeof amount, sale->amount, sale->currency);
	/* spoken; amount and currency: "The amount is 24.90 EUR." */
	snprintf(text, sizeof text, _("The amount is %s %s."), amount, sale->currency);
	bytes_add_text(out, text);
	bytes_add_text(out, " ");
}

static void number_say(struct bytes *out, const struct flow *f, const struct client_sale *sale)
{
	if (f->still_open != REASON_NONE) {
		bytes_add_text(out, words_notice(f->still_open));
		bytes_add_text(out, " ");
	}
	amount_say(out, sale);
	bytes_add_text(out, _("Type this number into the phone:"));
	bytes_add_text(out, " ");
	digits_say(out, f->number);
}

static const char *verdict_words(const struct flow *f)
{
	switch (f->verdict) {
	case VERDICT_ACCEPTED:
		return f->pin_done ? _("Authorised. Thank you.") : _("Accepted. Thank you.");
	case VERDICT_UNCERTAIN:
		return _("It is not known yet whether this was accepted. Please wait.");
	case VERDICT_UNCONFIRMED:
		return _("Not confirmed. Please ask at the counter.");
	case VERDICT_REFUSED:
	case VERDICT_NONE:
		break;
	}
	return _("Not accepted. Please ask at the counter.");
}

static void phase_say(struct bytes *out, const struct flow *f, const struct client_sale *sale,
	bool verdicts)
{
	switch (f->phase) {
	case FLOW_NUMBER:
		number_say(out, f, sale);
		break;
	case FLOW_PIN:
		bytes_add_text(out, f->pin_try > 1 ? _("The PIN was wrong. Type it again.")
						   : _("Type the account PIN, then Enter."));
		break;
	case FLOW_UNCERTAIN:
		if (verdicts)
			bytes_add_text(out, _("The server has not answered yet. Please wait."));
		break;
	case FLOW_RESULT:
		if (verdicts)
			bytes_add_text(out, verdict_words(f));
		break;
	default:
		break;
	}
}

bool speech_of(char out[static SPEECH_TEXT_MAX], const struct flow *f,
	const struct client_sale *sale, enum flow_phase before, bool verdicts)
{
	struct bytes text;

	out[0] = '\0';
	if (f->phase == before || before == FLOW_RESULT)
		return false; /* a verdict is said to its end */
	bytes_init_fixed(&text, out, SPEECH_TEXT_MAX);
	phase_say(&text, f, sale, verdicts);
	if (bytes_text(&text)[0] == '\0')
		out[0] = '\0'; /* nothing, or no room: then rather nothing than half a number */
	return true;
}

/* ---- how ---- */

static void say(struct speech *s, const char *text)
{
	struct runner_job job = {
		.command = &s->settings->command,
		.text = span_text(text),
		.values = {{SPEECH_LANGUAGE_NAME, ""}},
	};

	/* of "zh_CN" the part that every voice program knows */
	job.values[0].value = strncmp(text_language(), "zh", 2) == 0 ? "zh" : "en";
	ERR_IGNORE(runner_run(&s->runner, NULL, &job, NULL)); /* what cannot be said is shown */
}

static void repeat_later(struct speech *s)
{
	bool repeats = s->number[0] != '\0' && s->settings->repeat_s > 0;

	s->repeat_ms = repeats ? s->now_ms + s->settings->repeat_s * 1000 : INT64_MAX;
}

/* Counted from the end, so that a slow voice is not interrupted by itself. */
static void on_end(void *ctx, const struct runner_end *end)
{
	struct speech *s = ctx;

	if (end->ending == RUNNER_WELL)
		repeat_later(s);
}

/* Virtual time is faster than any voice. */
static void stepped(void *ctx, const struct counter *c, enum flow_phase before)
{
	struct speech *s = ctx;
	char text[SPEECH_TEXT_MAX];

	if (c->stepped || !runner_command_is_set(&s->settings->command) ||
		!speech_of(text, &c->flow, &c->sale, before, s->settings->verdicts))
		return;
	s->now_ms = real_ms();
	s->repeat_ms = INT64_MAX;
	text_copy(s->number, sizeof s->number, c->flow.phase == FLOW_NUMBER ? text : "");
	runner_drop(&s->runner, s->now_ms);
	if (text[0] != '\0')
		say(s, text);
}

void speech_init(struct speech *s, const struct speech_settings *settings, struct counter *c)
{
	const struct runner_options opt = {
		.area = "speech",
		.limit_ms = SPEECH_LIMIT_MS,
		.outlives = true, /* a verdict, when the program ends with it */
		.ended = on_end,
		.ctx = s,
	};
	const struct counter_watch watch = {.stepped = stepped, .ctx = s};

	memset(s, 0, sizeof *s);
	s->settings = settings;
	s->repeat_ms = INT64_MAX;
	runner_init(&s->runner, &opt);
	counter_watch_add(c, &watch);
}

void speech_done(struct speech *s)
{
	if (s->number[0] != '\0')
		s->runner.opt.outlives = false;
	runner_done(&s->runner);
}

void speech_tick(struct speech *s, int64_t now_ms)
{
	s->now_ms = now_ms;
	runner_tick(&s->runner, now_ms);
	if (now_ms < s->repeat_ms)
		return;
	s->repeat_ms = INT64_MAX;
	say(s, s->number);
	runner_tick(&s->runner, now_ms);
}

int64_t speech_next_ms(const struct speech *s)
{
	int64_t next = runner_next_ms(&s->runner);

	return s->repeat_ms < next ? s->repeat_ms : next;
}
