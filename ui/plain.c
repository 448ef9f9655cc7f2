/* SPDX-License-Identifier: Apache-2.0
 *
 * Words for people who run the terminal without a screen.
 */
#include "ui/plain.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/words.h"

#define PLAIN_LINE_MAX 512

/* "The server cannot answer now" is true of a certificate, and says nothing. */
static void verdict_print(const struct flow *f, const char *fault)
{
	const char *word = words_verdict(f->verdict, f->pin_done);
	const char *certificate = f->reason == REASON_NO_BACKEND ? words_certificate(fault) : "";

	if (certificate[0] != '\0')
		printf(_("%s: %s"), word, certificate);
	else if (f->reason != REASON_NONE)
		printf(_("%s: %s"), word, words_reason(f->reason));
	else
		printf("%s", word);
	if (f->receipt[0] != '\0')
		printf(_(" (receipt %s)"), f->receipt);
	printf("\n");
}

void plain_nothing_decided(enum flow_reason reason)
{
	printf(_("%s: %s"), words_verdict(VERDICT_NONE, false), words_reason(reason));
	printf("\n");
	fflush(stdout);
}

void plain_hint(const char *act)
{
	if (act[0] != '\0')
		printf("%s\n", act);
	fflush(stdout);
}

void plain_scanner(const char *state, const char *words)
{
	if (strcmp(state, "running") == 0)
		printf("%s\n", _("Codes can be read again."));
	else if (strcmp(state, "restarted") == 0)
		printf("%s\n", _("The scanner program failed and is started again."));
	else if (strcmp(state, "fault") == 0)
		printf("%s\n", words);
	fflush(stdout);
}

void plain_symbologies_lost(void)
{
	printf("%s\n", _("It failed too often: only QR codes are read now."));
	fflush(stdout);
}

bool plain_is_read(void)
{
	return ferror(stdout) == 0;
}

void plain_after(const struct events *e, const struct flow *f, const struct flow_actions *actions,
	const char *fault)
{
	char notice[PLAIN_LINE_MAX];
	size_t i;

	if (f->phase == FLOW_NUMBER && e->last.phase == FLOW_STARTING)
		printf(_("number %s for %s\n"), f->number, f->credential.holder);
	if (e->notice_told) { /* another code is another line, as often as events tell it */
		words_notice_of(notice, sizeof notice, f);
		printf("%s\n", notice);
	}
	for (i = 0; i < actions->count; i++) {
		if (actions->list[i].kind == FLOW_DO_PIN_OPEN)
			printf(_("PIN, try %d\n"), f->pin_try);
		else if (actions->list[i].kind == FLOW_DO_FINISHED)
			verdict_print(f, fault);
	}
	fflush(stdout);
}
