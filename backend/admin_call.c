/* SPDX-License-Identifier: Apache-2.0
 *
 * holder questions; service call open, answer, show, end.
 */
#include <stdio.h>
#include <string.h>

#include "backend/admin.h"
#include "backend/admin_secret.h"
#include "backend/service_people.h"

#define ANSWER_ROOM (RULES_ANSWER_MAX + 8)

/* ---- questions ---- */

static enum err_code list_questions(struct admin *a, const uint8_t holder[static CODE_ID_LEN],
	struct err *err)
{
	struct store_question list[STORE_QUESTIONS_MAX];
	size_t count = 0;
	enum err_code e = service_question_list(a->service, list, &count, holder, err);

	admin_json_id(a, "holder", holder);
	json_out_array_begin(&a->json, "questions");
	for (size_t i = 0; i < count; i++) {
		json_out_begin(&a->json, NULL);
		json_out_int(&a->json, "question", list[i].place);
		json_out_text(&a->json, "kind", list[i].kind);
		json_out_text(&a->json, "words", list[i].words);
		json_out_end(&a->json);
	}
	json_out_array_end(&a->json);
	return e;
}

struct question_in {
	const char *holder, *kind, *words, *file;
	bool from_stdin;
	int64_t remove;
};

static enum err_code set_question(struct admin *a, const uint8_t holder[static CODE_ID_LEN],
	const struct question_in *in, struct err *err)
{
	const struct admin_secret from = {
		.what = "answer", .file = in->file, .from_stdin = in->from_stdin};
	uint8_t room[ANSWER_ROOM];
	struct bytes answer;
	int place = 0;
	enum err_code e = in->words ? admin_text(in->words, "--words", RULES_NAME_MAX - 1, err)
				    : ERR_OK;

	bytes_init_fixed(&answer, room, sizeof(room));
	if (!e && service_question_check(in->kind, in->words, err))
		e = admin_setup_fault(err);
	if (!e)
		e = admin_secret_read(&answer, &from, err);
	if (!e)
		e = service_question_set(a->service, &place, holder, in->kind, in->words,
			bytes_span(&answer), err);
	sec_wipe(room, sizeof(room));
	return e;
}

enum err_code admin_holder_questions(struct admin *a, struct err *err)
{
	struct question_in in = {.holder = NULL};
	const struct arg list[] = {
		{.name = "set", .text = &in.kind},
		{.name = "words", .text = &in.words},
		{.name = "answer-file", .text = &in.file},
		{.name = "answer-stdin", .flag = &in.from_stdin},
		{.name = "remove", .number = &in.remove, .min = 1, .max = STORE_QUESTIONS_MAX},
	};
	struct args_words words = {.list = &in.holder, .max = 1};
	uint8_t holder[CODE_ID_LEN];
	enum err_code e = args_parse(a->argc, a->argv, list, 5, &words, err);

	if (!e)
		e = admin_id(holder, in.holder, "ID", err);
	if (!e && in.kind && in.remove)
		e = err_set(err, ERR_USAGE, "--set or --remove, not both");
	if (!e && !in.kind && (in.words || in.file || in.from_stdin))
		e = err_set(err, ERR_USAGE, "--set is missing: document, phone, birth or other");
	if (!e && in.kind)
		e = set_question(a, holder, &in, err);
	if (!e && in.remove)
		e = service_question_remove(a->service, holder, (int)in.remove, err);
	return e ? e : list_questions(a, holder, err);
}

/* ---- calls ---- */

static void tell_call(struct admin *a, const struct rules_call *c)
{
	admin_json_id(a, "call", c->id);
	json_out_text(&a->json, "state", c->state);
	json_out_array_begin(&a->json, "questions");
	for (size_t i = 0; i < c->question_count; i++) {
		json_out_begin(&a->json, NULL);
		json_out_int(&a->json, "question", c->questions[i].number);
		json_out_text(&a->json, "kind", c->questions[i].kind);
		json_out_text(&a->json, "words", c->questions[i].words);
		json_out_bool(&a->json, "right", c->questions[i].right);
		json_out_end(&a->json);
	}
	json_out_array_end(&a->json);
	json_out_int(&a->json, "right", c->right);
	json_out_int(&a->json, "needed", c->needed);
	json_out_int(&a->json, "attempts_left", c->attempts_left);
	json_out_bool(&a->json, "may_freeze", c->may_freeze);
	json_out_bool(&a->json, "may_act", c->may_act);
	json_out_int(&a->json, "expires_at", c->expires_at);
}

static enum err_code take_who(char *out, size_t cap, const char *text, const char *what,
	struct err *err)
{
	enum err_code e = text ? admin_text(text, what, cap - 1, err) : ERR_OK;

	if (!e && text)
		(void)snprintf(out, cap, "%s", text);
	return e;
}

enum err_code admin_call_open(struct admin *a, struct err *err)
{
	const char *credential = NULL, *account = NULL, *phone = NULL;
	const struct arg list[] = {
		{.name = "credential", .text = &credential},
		{.name = "account", .text = &account},
		{.name = "phone", .text = &phone},
	};
	struct rules_call_in in = {.phone = ""};
	struct rules_call out;
	uint8_t id[CODE_ID_LEN];
	enum err_code e = args_parse(a->argc, a->argv, list, 3, NULL, err);

	if (!e && (credential != NULL) + (account != NULL) + (phone != NULL) != 1)
		e = err_set(err, ERR_USAGE,
			"say who calls: exactly one of --credential, --account and --phone");
	if (!e && credential)
		e = admin_id(id, credential, "--credential", err);
	if (!e)
		e = take_who(in.credential, sizeof(in.credential), credential, "--credential",
			err);
	if (!e)
		e = take_who(in.account, sizeof(in.account), account, "--account", err);
	if (!e)
		e = take_who(in.phone, sizeof(in.phone), phone, "--phone", err);
	if (!e)
		e = service_call_open(a->service, &out, &in, err);
	if (!e)
		tell_call(a, &out);
	return e;
}

enum err_code admin_call_answer(struct admin *a, struct err *err)
{
	struct admin_secret from = {.what = "answer"};
	const char *word = NULL;
	int64_t question = 0;
	const struct arg list[] = {
		{.name = "question", .number = &question, .min = 1, .max = STORE_QUESTIONS_MAX},
		{.name = "answer-file", .text = &from.file},
		{.name = "answer-stdin", .flag = &from.from_stdin},
	};
	struct args_words words = {.list = &word, .max = 1};
	struct rules_call out;
	uint8_t id[CODE_ID_LEN], room[ANSWER_ROOM];
	struct bytes answer;
	enum err_code e = args_parse(a->argc, a->argv, list, 3, &words, err);

	bytes_init_fixed(&answer, room, sizeof(room));
	if (!e)
		e = admin_id(id, word, "ID", err);
	if (!e && !question)
		e = err_set(err, ERR_USAGE, "--question is missing");
	if (!e)
		e = admin_secret_read(&answer, &from, err);
	if (!e)
		e = service_call_answer(
			a->service, &out, id, (int)question, bytes_span(&answer), err);
	if (!e)
		tell_call(a, &out);
	sec_wipe(room, sizeof(room));
	return e;
}

enum err_code admin_call_show(struct admin *a, struct err *err)
{
	struct rules_call out;
	uint8_t id[CODE_ID_LEN];
	enum err_code e = admin_one_id(a, id, err);

	if (!e)
		e = service_call_show(a->service, &out, id, err);
	if (!e)
		tell_call(a, &out);
	return e;
}

enum err_code admin_call_end(struct admin *a, struct err *err)
{
	struct rules_call out;
	uint8_t id[CODE_ID_LEN];
	enum err_code e = admin_one_id(a, id, err);

	if (!e)
		e = service_call_end(a->service, &out, id, err);
	if (!e)
		tell_call(a, &out);
	return e;
}
