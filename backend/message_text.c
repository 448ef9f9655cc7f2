/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of messages. Holders read them on their own devices, in their own language, so they are
 * not those of the terminal's catalogue. Times are UTC and say so.
 */
#include "backend/rules_message.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { LANGUAGES = 2 };
static const char *const LANGUAGE[LANGUAGES] = {"en", "zh_CN"};

/* %h holder, %i issuer, %p purpose, %l link, %u until */
static const struct words {
	const char *kind;
	struct {
		const char *subject, *text, *text_until;
	} in[LANGUAGES];
} WORDS[] = {
	{"activation",
		{{"%i: your credential is ready",
			 "%h, your %p credential of %i is ready. Open this link on the phone that "
			 "will show it, and download it, before %u. That works once:\n%l\nDo not "
			 "pass it on: whoever downloads it first has your credential.",
			 NULL},
			{"%i：您的凭证已可使用",
				"%h，您好！%i为您签发的%p凭证已可使用。请在 %u 之前，用将要出示凭"
				"证的手机打开以下链接并下载凭证（只能下载一次）：\n%l\n请勿转发：谁"
				"先下载，凭证就归谁。",
				NULL}}},
	{"frozen",
		{{"%i: your credential is frozen",
			 "%h, your %p credential of %i is frozen until you ask us to unfreeze it. "
			 "If you did not expect this, call us.",
			 "%h, your %p credential of %i is frozen until %u. If you did not try to "
			 "pay, somebody else may have: call us."},
			{"%i：您的凭证已冻结",
				"%h，您好！您在%i的%p凭证已冻结，直到您联系我们解冻。如非您本人要"
				"求，请致电我们。",
				"%h，您好！您在%i的%p凭证已冻结至 %u。如果您没有尝试付款，可能是他"
				"人所为，请致电我们。"}}},
	{"renewed",
		{{"%i: your phone renewed your credential",
			 "%h, your %p credential of %i was renewed by the phone that has it. If "
			 "that was not you, call us at once.",
			 NULL},
			{"%i：您的手机已更新凭证",
				"%h，您好！您在%i的%p凭证已由持有该凭证的手机更新。如非您本人操作，"
				"请立即致电我们。",
				NULL}}},
	{"unfrozen",
		{{"%i: your credential can be used again",
			 "%h, your %p credential of %i can be used again. If you did not ask for "
			 "this, call us.",
			 NULL},
			{"%i：您的凭证已解冻",
				"%h，您好！您在%i的%p凭证已可重新使用。如非您本人要求，请致电我们。",
				NULL}}},
	{"void",
		{{"%i: your credential has ended",
			 "%h, your %p credential of %i has ended for good and is refused "
			 "everywhere. Call us if you need a new one.",
			 NULL},
			{"%i：您的凭证已作废",
				"%h，您好！您在%i的%p凭证已永久作废，任何地方都不再接受。如需新的凭"
				"证，请致电我们。",
				NULL}}},
	{"pin-locked",
		{{"%i: your PIN is locked",
			 "%h, a wrong PIN was typed too often for your %p credential of %i, and "
			 "the PIN is locked. If that was not you, call us at once.",
			 NULL},
			{"%i：您的密码已锁定",
				"%h，您好！您在%i的%p凭证多次输错密码，密码已锁定。如非您本人操作，"
				"请立即致电我们。",
				NULL}}},
};

bool rules_message_language(const char *word)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (strcmp(LANGUAGE[i], word) == 0)
			return true;
	return false;
}

static const char *value_of(char c, const struct message_words *w, const char *until)
{
	switch (c) {
	case 'h':
		return w->holder;
	case 'i':
		return w->issuer;
	case 'p':
		return w->purpose;
	case 'l':
		return w->link ? w->link : "";
	case 'u':
		return until;
	default:
		return "";
	}
}

static bool fill(char *out, size_t cap, const char *form, const struct message_words *w,
	const char *until)
{
	struct bytes to;

	bytes_init_fixed(&to, (uint8_t *)out, cap - 1);
	for (const char *p = form; *p; p++) {
		if (*p == '%' && p[1])
			bytes_add_text(&to, value_of(*++p, w, until));
		else
			bytes_add_u8(&to, (uint8_t)*p);
	}
	out[to.full ? 0 : to.len] = '\0';
	return !to.full;
}

bool message_text(struct message_body *out, const struct message_words *w)
{
	size_t language = strcmp(w->language, LANGUAGE[1]) == 0 ? 1 : 0;
	char time_text[CLOCK_TEXT_LEN + 1], until[32];
	bool timed = w->until > 0 && w->until < STORE_FOR_EVER;

	clock_text(time_text, timed ? w->until : 0);
	(void)snprintf(until, sizeof(until), "%.10s %.5s UTC", time_text, time_text + 11);
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
		const struct words *k = &WORDS[i];
		const char *text = timed && k->in[language].text_until ? k->in[language].text_until
								      : k->in[language].text;

		if (strcmp(k->kind, w->kind) == 0)
			return fill(out->subject, sizeof(out->subject), k->in[language].subject, w,
				       until) &&
				fill(out->text, sizeof(out->text), text, w, until);
	}
	return false;
}
