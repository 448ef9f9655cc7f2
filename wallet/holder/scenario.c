/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wallet/holder/scenario_words.h"

struct reader {
	struct scenario *to;
	struct err *err;
	int line;
	struct scenario_line words;
	size_t open[SCENARIO_DEPTH_MAX]; /* steps of the repeats that are open */
	size_t depth;
};

static enum err_code bad(struct reader *r, const char *words)
{
	return err_set(r->err, ERR_FORMAT, "scenario, line %d: %s", r->line, words);
}

static enum err_code text_read(struct reader *r, struct scenario_step *s)
{
	struct scenario *to = r->to;
	size_t room = SCENARIO_TEXTS_MAX - to->texts_len;
	struct bytes text;
	const char *wrong;

	bytes_init_fixed(&text, to->texts + to->texts_len,
		room < SCENARIO_TEXT_MAX ? room : SCENARIO_TEXT_MAX);
	wrong = words_take_text(&r->words, &text);
	if (wrong)
		return bad(r, wrong);
	s->text_at = to->texts_len;
	s->text_len = text.len;
	to->texts_len += text.len;
	return ERR_OK;
}

static enum err_code show_read(struct reader *r, struct scenario_step *s)
{
	static const char *const words[] = {[SHOW_NOTHING] = "nothing",
		[SHOW_DARK] = "dark",
		[SHOW_FIRST] = "first",
		[SHOW_STATIC] = "static",
		[SHOW_FORGED] = "forged",
		[SHOW_SECOND] = "second",
		[SHOW_TEXT] = "text",
		[SHOW_CODE] = "code",
		[SHOW_EAN13] = "ean13",
		[SHOW_PICTURE] = "picture"};

	s->verb = SCENARIO_SHOW;
	if (!words_take_of(&r->words, &s->what, words, SHOW_PICTURE + 1))
		return bad(r, "show what? nothing dark first static forged second text code ean13 "
			      "picture");
	return s->what >= SHOW_TEXT ? text_read(r, s) : ERR_OK;
}

static enum err_code wait_read(struct reader *r, struct scenario_step *s)
{
	static const char *const words[EVENT_COUNT] = {[EVENT_NUMBER] = "number",
		[EVENT_VERDICT] = "verdict",
		[EVENT_PIN] = "pin",
		[EVENT_NOTICE] = "notice",
		[EVENT_UNCERTAIN] = "uncertain"};

	s->verb = SCENARIO_WAIT;
	if (words_take_int(&r->words, &s->ms, 0, SCENARIO_MS_MAX))
		return ERR_OK;
	s->verb = SCENARIO_WAIT_EVENT;
	if (!words_take_of(&r->words, &s->what, words, EVENT_COUNT))
		return bad(r, "wait for milliseconds, or number verdict pin notice uncertain");
	if (!words_are_over(&r->words) && !words_take_int(&r->words, &s->ms, 1, SCENARIO_MS_MAX))
		return bad(r, "at most how many milliseconds?");
	return ERR_OK;
}

static enum err_code amount_read(struct reader *r, struct scenario_step *s)
{
	char amount[SCENARIO_WORD_MAX], currency[SCENARIO_WORD_MAX];
	uint64_t minor;

	if (!words_take_plain(&r->words, amount) || !words_take_plain(&r->words, currency))
		return bad(r, "answer amount 12.80 EUR");
	if (amount_parse(&minor, amount, currency, r->err)) {
		err_prefix(r->err, "scenario, line %d", r->line);
		return ERR_FORMAT;
	}
	s->count = (int64_t)minor;
	memcpy(s->currency, currency, sizeof(s->currency));
	return ERR_OK;
}

static enum err_code answer_read(struct reader *r, struct scenario_step *s)
{
	static const char *const words[] = {[ANSWER_NUMBER] = "number",
		[ANSWER_AMOUNT] = "amount",
		[ANSWER_CHALLENGE] = "challenge",
		[ANSWER_WRONG] = "wrong",
		[ANSWER_OLDER] = "older",
		[ANSWER_AGAIN] = "again"};
	enum err_code rc = ERR_OK;

	s->verb = SCENARIO_ANSWER;
	s->what = ANSWER_DEFAULT;
	if (words_take_of(&r->words, &s->what, words, ANSWER_AGAIN + 1) && s->what == ANSWER_AMOUNT)
		rc = amount_read(r, s);
	s->untimed = words_take(&r->words, "untimed");
	return rc;
}

static enum err_code how_read(struct reader *r, struct scenario_step *s)
{
	if (words_are_over(&r->words))
		return ERR_OK;
	s->how = words_take(&r->words, "for")    ? HOW_FOR
		 : words_take(&r->words, "over") ? HOW_OVER
						 : HOW_SET;
	if (s->how == HOW_SET || !words_take_int(&r->words, &s->ms, 1, SCENARIO_MS_MAX))
		return bad(r, "after the value comes nothing, `for MS` or `over MS`");
	return ERR_OK;
}

static struct scenario_step *step_add(struct reader *r)
{
	struct scenario_step *s;

	if (r->to->count == SCENARIO_STEPS_MAX) {
		ERR_IGNORE(
			bad(r, "the scenario is too long")); /* the caller returns what bad() set */
		return NULL;
	}
	s = &r->to->step[r->to->count++];
	memset(s, 0, sizeof(*s));
	s->line = r->line;
	return s;
}

/* tilt PITCH YAW ROLL: three steps. */
static enum err_code tilt_read(struct reader *r, struct scenario_step *s)
{
	static const int knobs[3] = {CAMERA_PITCH, CAMERA_YAW, CAMERA_ROLL};
	struct scenario_step *three[3] = {s};

	for (int i = 0; i < 3; i++) {
		const struct camera_knob_info *k = &camera_knobs[knobs[i]];

		if (i)
			three[i] = step_add(r);
		if (!three[i])
			return ERR_FORMAT;
		three[i]->verb = SCENARIO_CAMERA;
		three[i]->what = knobs[i];
		if (!words_take_real(&r->words, &three[i]->value, k->low, k->high))
			return bad(r, "tilt takes three angles: pitch, yaw, roll");
	}
	if (how_read(r, s))
		return ERR_FORMAT;
	for (int i = 1; i < 3; i++) {
		three[i]->how = s->how;
		three[i]->ms = s->ms;
	}
	return ERR_OK;
}

static enum err_code camera_read(struct reader *r, struct scenario_step *s)
{
	if (words_take(&r->words, "tilt"))
		return tilt_read(r, s);
	s->verb = SCENARIO_CAMERA_RESET;
	if (words_take(&r->words, "reset"))
		return ERR_OK;
	s->verb = SCENARIO_CAMERA;
	for (int i = 0; i < CAMERA_KNOB_COUNT; i++)
		if (words_take(&r->words, camera_knobs[i].word)) {
			s->what = i;
			if (!words_take_real(&r->words, &s->value, camera_knobs[i].low,
				    camera_knobs[i].high))
				return err_set(r->err, ERR_FORMAT,
					"scenario, line %d: camera %s takes a number from %g to %g",
					r->line, camera_knobs[i].word, camera_knobs[i].low,
					camera_knobs[i].high);
			return how_read(r, s);
		}
	return bad(r, "the camera has no such knob; `holder simulate --help` lists them");
}

static enum err_code repeat_read(struct reader *r, struct scenario_step *s)
{
	s->verb = SCENARIO_REPEAT;
	if (!words_take_int(&r->words, &s->count, 1, SCENARIO_REPEAT_MAX))
		return bad(r, "repeat how many times?");
	if (r->depth == SCENARIO_DEPTH_MAX)
		return bad(r, "repeat inside repeat inside repeat ... is too deep");
	r->open[r->depth++] = r->to->count - 1;
	return ERR_OK;
}

static enum err_code end_read(struct reader *r, struct scenario_step *s)
{
	s->verb = SCENARIO_END;
	if (r->depth == 0)
		return ERR_OK;
	s->verb = SCENARIO_AGAIN;
	s->jump = r->open[--r->depth] + 1;
	r->to->step[s->jump - 1].jump = r->to->count;
	return ERR_OK;
}

static enum err_code setting_read(struct reader *r, struct scenario_step *s)
{
	if (words_take(&r->words, "invert")) {
		s->verb = SCENARIO_INVERT;
		s->count = words_take(&r->words, "on") ? 1 : 0;
		return s->count || words_take(&r->words, "off")
			       ? ERR_OK
			       : bad(r, "invert on, or invert off");
	}
	if (words_take(&r->words, "clock")) {
		s->verb = SCENARIO_CLOCK;
		return words_take_int(&r->words, &s->count, -SCENARIO_MS_MAX, SCENARIO_MS_MAX)
			       ? ERR_OK
			       : bad(r, "clock takes seconds, like +600");
	}
	if (words_take(&r->words, "truncate")) {
		s->verb = SCENARIO_TRUNCATE;
		return words_take_int(&r->words, &s->count, 1, SCENARIO_REPEAT_MAX)
			       ? ERR_OK
			       : bad(r, "truncate how many frames?");
	}
	return bad(
		r, "no such word; show wait type answer camera invert clock truncate repeat end");
}

static enum err_code step_read(struct reader *r, struct scenario_step *s)
{
	if (words_take(&r->words, "phone")) {
		if (!words_take(&r->words, "2"))
			return bad(r, "phone 2, or nothing for the first");
		s->phone = 1;
	}
	if (words_take(&r->words, "show"))
		return show_read(r, s);
	if (words_take(&r->words, "answer"))
		return answer_read(r, s);
	if (words_take(&r->words, "type")) {
		s->verb = SCENARIO_TYPE;
		return words_take_int(&r->words, &s->ms, 0, SCENARIO_MS_MAX)
			       ? ERR_OK
			       : bad(r, "type for how many ms?");
	}
	if (s->phone == 0) {
		if (words_take(&r->words, "wait"))
			return wait_read(r, s);
		if (words_take(&r->words, "camera"))
			return camera_read(r, s);
		if (words_take(&r->words, "repeat"))
			return repeat_read(r, s);
		if (words_take(&r->words, "end"))
			return end_read(r, s);
	}
	return setting_read(r, s);
}

static enum err_code line_read(struct reader *r, struct span line)
{
	struct scenario_step *s;
	const char *wrong;
	enum err_code rc;

	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (line.len > SCENARIO_LINE_MAX || (line.len && memchr(line.data, 0, line.len)))
		return bad(r, "the line is too long, or no text");
	wrong = words_cut(&r->words, line);
	if (wrong)
		return bad(r, wrong);
	if (words_are_over(&r->words))
		return ERR_OK;
	s = step_add(r);
	if (!s)
		return ERR_FORMAT;
	rc = step_read(r, s);
	if (!rc && !words_are_over(&r->words))
		rc = bad(r, "there is a word too many");
	return rc;
}

enum err_code scenario_parse(struct scenario *out, struct span text, struct err *err)
{
	struct reader r = {.to = out, .err = err};

	memset(out, 0, sizeof(*out));
	if (text.len > SCENARIO_FILE_MAX)
		return err_set(err, ERR_TOO_LARGE, "the scenario is longer than %d bytes",
			SCENARIO_FILE_MAX);
	while (text.len) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t len = end ? (size_t)(end - text.data) : text.len;
		enum err_code rc;

		r.line++;
		rc = line_read(&r, SPAN(text.data, len));
		if (rc)
			return rc;
		len += end ? 1 : 0;
		text.data += len;
		text.len -= len;
	}
	if (r.depth)
		return bad(&r, "a repeat has no end");
	if (out->count == 0)
		return bad(&r, "nothing happens in this scenario");
	return ERR_OK;
}
