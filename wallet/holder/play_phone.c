/* SPDX-License-Identifier: Apache-2.0
 *
 * One simulated phone: the wallet's computations, and its screen as a phone_view.
 */
#include <stdio.h>
#include <string.h>

#include "wallet/holder/play_private.h"

static int64_t phone_unix_s(const struct play *p, const struct play_phone *phone)
{
	struct clock clock;

	clock_init_manual(&clock, 0, p->unix_ms);
	return clock_unix_s(&clock) + phone->clock_s;
}

/* ---- answers ---- */

/* The last digit is the next one up: surely another number. */
static void spoil(char *number)
{
	char *last = number + strlen(number) - 1;

	*last = (char)(*last == '9' ? '0' : *last + 1);
}

static enum err_code number_choose(char out[static CODE_DIGITS_MAX + 1], const struct play *p,
	const struct scenario_step *s, struct err *err)
{
	const char *from = s->what == ANSWER_OLDER ? p->older : p->number;

	if (from[0] == 0)
		return err_set(err, ERR_INVALID, "there was no older number to answer");
	memcpy(out, from, CODE_DIGITS_MAX + 1);
	if (s->what == ANSWER_WRONG)
		spoil(out);
	return ERR_OK;
}

static enum code_binding binding_choose(const struct play *p, const struct scenario_step *s)
{
	switch (s->what) {
	case ANSWER_NUMBER:
		return CODE_BINDING_NUMBER;
	case ANSWER_AMOUNT:
		return CODE_BINDING_AMOUNT;
	case ANSWER_CHALLENGE:
		return CODE_BINDING_CHALLENGE;
	case ANSWER_WRONG: /* a wrong number is typed: there is none in a scanned challenge */
	case ANSWER_OLDER:
		return p->opt.binding == CODE_BINDING_CHALLENGE ? CODE_BINDING_NUMBER
								: p->opt.binding;
	default:
		return p->opt.binding;
	}
}

static enum err_code answer_make(const struct play *p, struct play_phone *phone,
	const struct scenario_step *s, struct err *err)
{
	struct wallet_answer in = {.number = phone->answered,
		.binding = binding_choose(p, s),
		.amount = s->what == ANSWER_AMOUNT ? (uint64_t)s->count : p->opt.amount,
		.timed = phone->wallet->live && !s->untimed,
		.unix_s = phone_unix_s(p, phone)};
	struct code challenge;
	struct bytes text;
	enum err_code rc = number_choose(phone->answered, p, s, err);

	if (rc)
		return rc;
	memcpy(in.currency, s->what == ANSWER_AMOUNT ? s->currency : p->opt.currency,
		sizeof(in.currency));
	if (in.binding == CODE_BINDING_CHALLENGE) {
		rc = wallet_challenge_open(
			&challenge, phone->wallet, span_text(p->challenge), in.unix_s, err);
		in.challenge = &challenge;
		phone->answered[0] = 0;
	}
	bytes_init_fixed(&text, phone->second, sizeof(phone->second));
	if (!rc)
		rc = wallet_second_code(&text, phone->wallet, &in, err);
	phone->second_len = rc ? 0 : text.len;
	return rc;
}

enum err_code play_phone_answer(const struct play *p, struct play_phone *phone,
	const struct scenario_step *s, struct err *err)
{
	if (!phone->wallet)
		return err_set(err, ERR_USAGE, "phone 2 has no wallet; give --wallet2");
	if (s->what != ANSWER_AGAIN)
		return answer_make(p, phone, s, err);
	if (phone->second_len == 0)
		return err_set(err, ERR_INVALID, "nothing was answered that could be used again");
	return ERR_OK;
}

/* ---- the screen ---- */

static void label_set(char out[static PHONE_LABEL_MAX], const char *text)
{
	snprintf(out, PHONE_LABEL_MAX, "%s", text);
}

static void labels_fill(struct phone_view *out, const struct wallet *w)
{
	char end[CLOCK_TEXT_LEN + 1];

	label_set(out->issuer, w->issuer_name);
	label_set(out->purpose, w->purpose);
	label_set(out->face_value, w->face_value);
	out->digits = w->digits;
	if (w->not_after == CODE_NO_END) {
		label_set(out->valid, "valid without end");
		return;
	}
	clock_text(end, w->not_after);
	snprintf(out->valid, sizeof(out->valid), "valid to %.10s", end);
}

static void code_set(struct phone_view *out, struct span text)
{
	ASSERT(text.len <= sizeof(out->code));
	if (text.len)
		memcpy(out->code, text.data, text.len);
	out->code_len = text.len;
}

/* One bit of the signature is turned over; the live tag is made again, so that nothing else is
 * wrong.
 */
static enum err_code forged_code(struct bytes *out, const struct wallet *w, int64_t unix_s)
{
	struct wallet forged = *w; /* borrows the secrets */

	forged.static_body[CODE_STATIC_BODY_LEN - 1] ^= 1;
	return wallet_first_code(out, &forged, forged.live, unix_s);
}

static enum err_code first_code(struct phone_view *out, const struct play *p,
	const struct play_phone *phone, struct err *err)
{
	char storage[CODE_TEXT_MAX];
	struct bytes text;
	int64_t now = phone_unix_s(p, phone);
	bool live = phone->wallet->live && phone->show != SHOW_STATIC;
	enum err_code rc;

	bytes_init_fixed(&text, storage, sizeof(storage));
	rc = phone->show == SHOW_FORGED ? forged_code(&text, phone->wallet, now)
					: wallet_first_code(&text, phone->wallet, live, now);
	if (rc)
		return err_set(err, rc, "the phone cannot make its first code");
	code_set(out, bytes_span(&text));
	return ERR_OK;
}

enum err_code play_view(const struct play *p, int index, struct phone_view *out, struct err *err)
{
	static const enum phone_screen screens[] = {[SHOW_NOTHING] = PHONE_AWAY,
		[SHOW_DARK] = PHONE_DARK,
		[SHOW_FIRST] = PHONE_CARD,
		[SHOW_STATIC] = PHONE_CARD,
		[SHOW_FORGED] = PHONE_CARD,
		[SHOW_SECOND] = PHONE_SECOND,
		[SHOW_TYPING] = PHONE_TYPING,
		[SHOW_TEXT] = PHONE_POSTER,
		[SHOW_CODE] = PHONE_POSTER,
		[SHOW_EAN13] = PHONE_BARS,
		[SHOW_PICTURE] = PHONE_PICTURE};
	const struct play_phone *phone = &p->phone[index];
	char now[CLOCK_TEXT_LEN + 1];

	memset(out, 0, sizeof(*out)); /* padding too: views are compared as bytes */
	out->screen = screens[phone->show];
	out->level = p->opt.level;
	out->inverted = phone->inverted;
	clock_text(now, phone_unix_s(p, phone));
	memcpy(out->clock, now + 11, 5);
	if (phone->wallet)
		labels_fill(out, phone->wallet);
	out->alphanumeric = phone->show != SHOW_TEXT;
	switch (phone->show) {
	case SHOW_FIRST:
	case SHOW_STATIC:
	case SHOW_FORGED:
		return first_code(out, p, phone, err);
	case SHOW_SECOND:
		code_set(out, SPAN(phone->second, phone->second_len));
		memcpy(out->number, phone->answered, sizeof(out->number));
		break;
	case SHOW_TYPING:
		memcpy(out->number, phone->typed, sizeof(out->number));
		break;
	case SHOW_TEXT:
	case SHOW_CODE:
	case SHOW_EAN13:
	case SHOW_PICTURE:
		code_set(out, phone->text);
		break;
	case SHOW_NOTHING:
	case SHOW_DARK:
		break;
	}
	return ERR_OK;
}
