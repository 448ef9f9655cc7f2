/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals as RFC 9457 problem details. The word at the end of `type` is what programs look at.
 */
#include <stdio.h>
#include <string.h>

#include "backend/answers.h"
#include "base/json.h"

static const struct {
	const char *word;
	const char *title;
} TITLES[] = {
	{"bad-request", "The request is not valid"},
	{"unauthorised", "A token is needed"},
	{"forbidden", "This token may not do that"},
	{"not-found", "There is nothing here"},
	{"method-not-allowed", "This path does not take that method"},
	{"too-large", "The request is too large"},
	{"busy", "Too busy, try again"},
	{"store-failed", "The database failed, nothing was decided"},
	{"internal", "An internal fault, nothing was decided"},
	{"foreign-code", "Not a code of this kind"},
	{"unknown-credential", "The credential is not known here"},
	{"bad-signature", "The signature of the code is wrong"},
	{"stale-code", "The code is not a fresh one"},
	{"live-code-required", "The credential must be shown live"},
	{"expired", "The credential has expired"},
	{"not-expired", "The credential is still valid"},
	{"frozen", "The credential is frozen"},
	{"void", "The credential is void"},
	{"superseded", "The credential was renewed, this is the old one"},
	{"too-many-attempts", "Too many attempts"},
	{"wrong-answer", "The answer is wrong"},
	{"number-expired", "The number has run out"},
	{"answered-already", "There is a decision already"},
	{"weak-binding", "The answer must bind more of the transaction"},
	{"wrong-pin", "The PIN is wrong"},
	{"pin-timeout", "The PIN came too late"},
	{"cancelled", "The verification was cancelled"},
	{"terminal-stopped", "This terminal is stopped"},
	{"terminal-revoked", "This terminal was revoked"},
	{"bad-enrolment-code", "The enrolment code is not a good one"},
	{"not-allowed", "Not allowed"},
	{"wrong-passphrase", "Name or passphrase is wrong"},
	{"ambiguous", "Several are known under this"},
	{"no-questions", "No identity question is recorded"},
	{"call-needed", "A call with the holder is needed"},
	{"call-ended", "The call is over"},
	{"not-identified", "The holder is not identified"},
};

const char *problem_title(const char *word)
{
	for (size_t i = 0; i < sizeof(TITLES) / sizeof(TITLES[0]); i++)
		if (strcmp(TITLES[i].word, word) == 0)
			return TITLES[i].title;
	return "Refused";
}

const char *problem_word(size_t i)
{
	return i < sizeof(TITLES) / sizeof(TITLES[0]) ? TITLES[i].word : NULL;
}

void problem_set(struct rules_problem *p, int status, const char *word, const char *detail)
{
	*p = (struct rules_problem){.status = status, .attempts_left = -1};
	text_copy(p->word, sizeof(p->word), word);
	text_copy(p->detail, sizeof(p->detail), detail);
}

void answer_problem(struct answer *a, const struct rules_problem *problem)
{
	char type[sizeof(PROBLEM_TYPE) + RULES_WORD_MAX];
	struct json_out w;

	answer_wipe(a);
	answer_init(a);
	(void)snprintf(type, sizeof(type), "%s%s", PROBLEM_TYPE, problem->word);
	json_out_init(&w, &a->body);
	json_out_begin(&w, NULL);
	json_out_text(&w, "type", type);
	json_out_text(&w, "title", problem_title(problem->word));
	json_out_int(&w, "status", problem->status);
	if (problem->detail[0])
		json_out_text(&w, "detail", problem->detail);
	if (problem->until_unix_s > 0)
		json_out_int(&w, "until", problem->until_unix_s);
	if (problem->attempts_left >= 0)
		json_out_int(&w, "attempts_left", problem->attempts_left);
	json_out_end(&w);
	a->http.status = problem->status;
	a->http.content_type = "application/problem+json";
	a->http.authenticate = problem->status == 401;
	a->http.retry_after_s = problem->status == 503 ? ANSWER_BUSY_RETRY_S : 0;
}
