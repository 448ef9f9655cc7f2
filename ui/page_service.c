/* SPDX-License-Identifier: Apache-2.0
 *
 * Serving a holder: what the keys do, and what is asked of the backend.
 */
#include "ui/page_service.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/desk.h"

#define BODY_MAX 512

/* ---- life ---- */

void page_service_init(struct page_service *p)
{
	entry_init(&p->find, FLOW_LABEL_MAX - 1);
	entry_init(&p->answer, MESSAGE_ANSWER_MAX);
}

void page_service_done(struct page_service *p)
{
	page_service_code_forget(p);
	entry_done(&p->find);
	entry_done(&p->answer);
	sec_wipe(p, sizeof *p);
}

/* Nothing of the holder is left. */
static void holder_forget(struct page_service *p)
{
	page_service_code_forget(p);
	entry_clear(&p->find);
	entry_clear(&p->answer);
	sec_wipe(&p->call, sizeof p->call);
	sec_wipe(&p->cards, sizeof p->cards);
	p->step = SERVICE_FIND;
	p->card = p->question = 0;
	p->done = NULL;
}

static void said_clear(struct page_service *p)
{
	p->word[0] = p->words[0] = '\0';
	p->no_answer = false;
	p->done = NULL;
}

/* ---- what may be done ---- */

const struct message_credential *page_service_card(const struct page_service *p)
{
	return p->card < p->cards.count ? &p->cards.list[p->card] : NULL;
}

bool page_service_may(const struct page_service *p, enum service_act act)
{
	const struct message_credential *card = page_service_card(p);

	if (p->step != SERVICE_CARDS || card == NULL || card->status == MESSAGE_STATUS_VOID)
		return false;
	switch (act) {
	case SERVICE_FREEZE:
		return p->call.may_freeze && card->status != MESSAGE_STATUS_FROZEN;
	case SERVICE_UNFREEZE:
		return p->call.may_act && card->status == MESSAGE_STATUS_FROZEN;
	case SERVICE_VOID:
	case SERVICE_RENEW:
	case SERVICE_SHOW:
		return p->call.may_act;
	case SERVICE_ACT_COUNT:
		break;
	}
	return false;
}

/* ---- requests ---- */

static void answered(void *ctx, const struct client_reply *reply);

/* One at a time: what is asked next depends on what was answered. */
static void ask(struct desk *d, enum service_request request, const char *method, const char *path,
	struct span body)
{
	struct page_service *p = &d->service;
	const struct client_ask a = {.method = method,
		.path = path,
		.body = body,
		.bearer = operators_token(&d->operators),
		.answered = answered,
		.ctx = d};
	struct err err = {0};

	said_clear(p);
	if (a.bearer.len == 0) { /* without it it would be the terminal that asks */
		desk_close(d);
		return;
	}
	p->request = request;
	if (client_ask(d->counter->client, &p->ticket, &a, &err) == ERR_OK)
		return;
	p->request = SERVICE_NOTHING;
	p->no_answer = true;
	text_copy(p->words, sizeof p->words, err.text);
}

static void open_call(struct desk *d)
{
	struct page_service *p = &d->service;
	char storage[BODY_MAX];
	struct bytes body;

	bytes_init_fixed(&body, storage, sizeof storage);
	if (message_call_build(&body, p->by, p->find.text) == ERR_OK)
		ask(d, SERVICE_OPENS, "POST", "/v1/service/calls", bytes_span(&body));
	sec_wipe(storage, sizeof storage);
}

static void send_answer(struct desk *d)
{
	struct page_service *p = &d->service;
	char path[CLIENT_ASK_PATH_MAX], storage[BODY_MAX];
	struct bytes body;

	if (p->question >= p->call.question_count || p->call.question[p->question].right)
		return;
	bytes_init_fixed(&body, storage, sizeof storage);
	snprintf(path, sizeof path, "/v1/service/calls/%s/answers", p->call.id);
	if (message_call_answer_build(&body, p->call.question[p->question].number,
		    SPAN(p->answer.text, p->answer.len)) == ERR_OK)
		ask(d, SERVICE_ANSWERS, "POST", path, bytes_span(&body));
	sec_wipe(storage, sizeof storage);
	entry_clear(&p->answer);
}

static void look(struct desk *d)
{
	char path[CLIENT_ASK_PATH_MAX];

	snprintf(path, sizeof path, "/v1/service/calls/%s/credentials", d->service.call.id);
	ask(d, SERVICE_LOOKS, "GET", path, SPAN(NULL, 0));
}

static void act(struct desk *d)
{
	static const char *const VERBS[SERVICE_ACT_COUNT] = {[SERVICE_FREEZE] = "freeze",
		[SERVICE_UNFREEZE] = "unfreeze",
		[SERVICE_VOID] = "void",
		[SERVICE_RENEW] = "renewal",
		[SERVICE_SHOW] = "renewal"};
	struct page_service *p = &d->service;
	const struct message_credential *card = page_service_card(p);
	char path[CLIENT_ASK_PATH_MAX], storage[BODY_MAX];
	struct bytes body;

	p->step = SERVICE_CARDS;
	if (card == NULL || p->act >= SERVICE_ACT_COUNT)
		return;
	bytes_init_fixed(&body, storage, sizeof storage);
	snprintf(path, sizeof path, "/v1/credentials/%s/%s", card->id, VERBS[p->act]);
	if (message_act_build(&body, p->call.id, p->act == SERVICE_SHOW) == ERR_OK)
		ask(d, SERVICE_ACTS, "POST", path, bytes_span(&body));
}

/* Nobody waits for it: a call that is not ended runs out. */
static void end_call(struct desk *d)
{
	struct page_service *p = &d->service;
	char path[CLIENT_ASK_PATH_MAX];
	const struct client_ask a = {.method = "DELETE",
		.path = path,
		.bearer = operators_token(&d->operators)};

	client_ask_cancel(d->counter->client, p->ticket);
	p->ticket = 0;
	p->request = SERVICE_NOTHING;
	snprintf(path, sizeof path, "/v1/service/calls/%s", p->call.id);
	if (p->call.id[0] != '\0' && p->call.state <= MESSAGE_CALL_IDENTIFIED && a.bearer.len > 0)
		ERR_IGNORE(client_ask(d->counter->client, NULL, &a, NULL));
	holder_forget(p);
}

/* ---- answers ---- */

static enum err_code take_call(struct desk *d, const struct client_reply *reply, bool first)
{
	struct page_service *p = &d->service;
	int right = p->call.right;
	struct message_call call;
	enum err_code rc =
		message_call_parse(&call, first ? "" : p->call.id, reply->body, NULL);

	if (rc != ERR_OK)
		return rc;
	p->call = call;
	p->step = SERVICE_ASK;
	if (!first)
		p->done = call.state == MESSAGE_CALL_FAILED ? N_("Too many wrong answers: the "
								 "call is over.")
			  : call.right > right		    ? N_("Right.")
							    : N_("That answer is wrong.");
	for (size_t i = 0; i < call.question_count; i++) /* the next one that is open */
		if (call.question[p->question % call.question_count].right)
			p->question = (p->question + 1) % call.question_count;
	if (call.state == MESSAGE_CALL_IDENTIFIED && !(right >= call.needed && !first))
		look(d);
	return ERR_OK;
}

static enum err_code take_cards(struct page_service *p, const struct client_reply *reply)
{
	struct message_credentials cards;
	enum err_code rc = message_credentials_parse(&cards, reply->body, NULL);

	if (rc != ERR_OK)
		return rc;
	p->cards = cards;
	if (p->card >= cards.count)
		p->card = 0;
	p->step = SERVICE_CARDS;
	return ERR_OK;
}

/* The code is drawn at once, and kept nowhere but on the screen. */
static enum err_code take_code(struct desk *d, const struct client_reply *reply, const char *id)
{
	struct page_service *p = &d->service;
	struct message_renewed *renewed;
	enum err_code rc = secret_new(&p->code, sizeof *renewed);

	if (rc != ERR_OK)
		return rc;
	renewed = (struct message_renewed *)(void *)p->code->data;
	rc = message_renewed_parse(renewed, id, true, reply->body, NULL);
	if (rc != ERR_OK) {
		page_service_code_forget(p);
		return rc;
	}
	page_service_pictures_draw(p);
	p->code_until_ms = clock_mono_ms(&d->counter->clock) + SERVICE_CODE_MS;
	p->step = SERVICE_CODE;
	return ERR_OK;
}

static enum err_code take_act(struct desk *d, const struct client_reply *reply)
{
	static const char *const DONE[SERVICE_ACT_COUNT] = {[SERVICE_FREEZE] = N_("Frozen."),
		[SERVICE_UNFREEZE] = N_("It can be used again."),
		[SERVICE_VOID] = N_("Made void."),
		[SERVICE_RENEW] = N_("Renewed. The holder gets a message."),
		[SERVICE_SHOW] = NULL};
	struct page_service *p = &d->service;
	struct message_credential *card = &p->cards.list[p->card];
	struct message_credential now;
	struct message_renewed renewed;
	enum err_code rc;

	if (p->card >= p->cards.count)
		return ERR_PROTOCOL;
	if (p->act == SERVICE_SHOW)
		return take_code(d, reply, card->id);
	if (p->act == SERVICE_RENEW) {
		rc = message_renewed_parse(&renewed, card->id, false, reply->body, NULL);
		if (rc == ERR_OK) {
			card->generation = renewed.generation;
			card->not_after = renewed.not_after;
			card->activated = false;
		}
	} else {
		rc = message_credential_parse(&now, card->id, reply->body, NULL);
		if (rc == ERR_OK)
			*card = now;
	}
	if (rc == ERR_OK)
		p->done = DONE[p->act];
	return rc;
}

static void take(struct desk *d, const struct client_reply *reply, enum service_request request)
{
	struct page_service *p = &d->service;
	enum err_code rc = ERR_OK;

	switch (request) {
	case SERVICE_OPENS:
	case SERVICE_ANSWERS:
		rc = take_call(d, reply, request == SERVICE_OPENS);
		break;
	case SERVICE_LOOKS:
		rc = take_cards(p, reply);
		break;
	case SERVICE_ACTS:
		rc = take_act(d, reply);
		break;
	case SERVICE_NOTHING:
		break;
	}
	if (rc != ERR_OK) {
		p->no_answer = true;
		text_copy(p->words, sizeof p->words, err_words(rc));
	}
}

static void answered(void *ctx, const struct client_reply *reply)
{
	struct desk *d = ctx;
	struct page_service *p = &d->service;
	enum service_request request = p->request;

	p->request = SERVICE_NOTHING;
	p->ticket = 0;
	d->counter->changed = true;
	if (reply->code == ERR_OK && reply->status == 401) {
		operators_expired(&d->operators); /* which closes this page */
		desk_say(d, true, "%s", _("The session is over. Sign in again."));
		return;
	}
	if (reply->code == ERR_OK && reply->word[0] == '\0') {
		take(d, reply, request);
		return;
	}
	p->no_answer = reply->code != ERR_OK;
	text_copy(p->word, sizeof p->word, reply->word);
	text_copy(p->words, sizeof p->words, reply->words);
	if (strcmp(reply->word, "call-ended") == 0) {
		p->call.state = MESSAGE_CALL_ENDED;
		p->call.may_freeze = p->call.may_act = false;
	}
}

/* ---- keys ---- */

static void begin(struct desk *d, enum service_act what)
{
	struct page_service *p = &d->service;

	if (!page_service_may(p, what) || p->request != SERVICE_NOTHING)
		return;
	said_clear(p);
	p->act = what;
	if (what == SERVICE_FREEZE || what == SERVICE_UNFREEZE)
		act(d); /* can be taken back */
	else
		p->step = SERVICE_SURE;
}

static bool find_key(struct desk *d, const struct screen_input *in)
{
	struct page_service *p = &d->service;

	if (in->key == SCREEN_KEY_TAB || in->key == SCREEN_KEY_BACKTAB)
		p->by = p->by == MESSAGE_CALL_ACCOUNT ? MESSAGE_CALL_PHONE : MESSAGE_CALL_ACCOUNT;
	else if (in->key == SCREEN_KEY_ENTER)
		open_call(d);
	else
		return entry_key(&p->find, in);
	return true;
}

static bool ask_key(struct desk *d, const struct screen_input *in)
{
	struct page_service *p = &d->service;
	size_t count = p->call.question_count;

	switch (in->key) {
	case SCREEN_KEY_UP:
	case SCREEN_KEY_DOWN:
		if (count > 0)
			p->question = (p->question + (in->key == SCREEN_KEY_DOWN ? 1 : count - 1)) %
				      count;
		entry_clear(&p->answer);
		return true;
	case SCREEN_KEY_ENTER:
		send_answer(d);
		return true;
	case SCREEN_KEY_TAB:
		if (p->call.may_freeze)
			look(d);
		return true;
	case SCREEN_KEY_ESCAPE:
		end_call(d);
		return true;
	default:
		return entry_key(&p->answer, in);
	}
}

static bool cards_key(struct desk *d, const struct screen_input *in)
{
	struct page_service *p = &d->service;
	size_t count = p->cards.count;

	switch (in->key) {
	case SCREEN_KEY_UP:
	case SCREEN_KEY_DOWN:
		if (count > 0)
			p->card = (p->card + (in->key == SCREEN_KEY_DOWN ? 1 : count - 1)) % count;
		break;
	case SCREEN_KEY_TAB:
		said_clear(p);
		p->step = SERVICE_ASK;
		break;
	case SCREEN_KEY_F2:
		begin(d, SERVICE_FREEZE);
		break;
	case SCREEN_KEY_F3:
		begin(d, SERVICE_UNFREEZE);
		break;
	case SCREEN_KEY_F4:
		begin(d, SERVICE_RENEW);
		break;
	case SCREEN_KEY_F5:
		begin(d, SERVICE_SHOW);
		break;
	case SCREEN_KEY_F8:
		begin(d, SERVICE_VOID);
		break;
	case SCREEN_KEY_ESCAPE:
		end_call(d);
		break;
	default:
		return false;
	}
	return true;
}

static void code_leave(struct desk *d)
{
	page_service_code_forget(&d->service);
	look(d); /* the card is another one now */
	d->service.step = SERVICE_CARDS;
}

/* What a scanner types ends with Enter: that is no yes. */
static bool is_of_scanner(struct desk *d, const struct screen_input *in)
{
	bool text = in->key == SCREEN_KEY_CHARACTER || in->key == SCREEN_KEY_ENTER;

	if (!text || !typing_is_machine(&d->typing, in->at_ms))
		return false;
	desk_say(d, true, "%s", _("A scanner typed something. It was left out."));
	return true;
}

static bool service_key(struct desk *d, const struct screen_input *in)
{
	struct page_service *p = &d->service;

	if (in->key == SCREEN_KEY_F1)
		return false;
	/* while something is asked: only leaving */
	if (p->request != SERVICE_NOTHING && in->key != SCREEN_KEY_ESCAPE)
		return true;
	switch (p->step) {
	case SERVICE_FIND:
		return find_key(d, in);
	case SERVICE_ASK:
		return ask_key(d, in);
	case SERVICE_CARDS:
		return cards_key(d, in);
	case SERVICE_SURE:
		if (is_of_scanner(d, in))
			return true;
		if (in->key == SCREEN_KEY_ENTER)
			act(d);
		else if (in->key == SCREEN_KEY_ESCAPE)
			p->step = SERVICE_CARDS;
		return true;
	case SERVICE_CODE:
		if (in->key == SCREEN_KEY_ENTER || in->key == SCREEN_KEY_ESCAPE)
			code_leave(d);
		return true;
	}
	return false;
}

static size_t key_add(struct page_key *out, size_t count, enum screen_key key, const char *name,
	const char *does)
{
	out[count] = (struct page_key){.key = key, .name = name, .does = does};
	return count + 1;
}

static size_t cards_keys(const struct page_service *p, struct page_key *out)
{
	static const struct {
		enum service_act act;
		enum screen_key key;
		const char *name, *does;
	} ACTS[] = {
		{SERVICE_FREEZE, SCREEN_KEY_F2, "F2", N_("Freeze")},
		{SERVICE_UNFREEZE, SCREEN_KEY_F3, "F3", N_("Unfreeze")},
		{SERVICE_RENEW, SCREEN_KEY_F4, "F4", N_("Renew")},
		{SERVICE_SHOW, SCREEN_KEY_F5, "F5", N_("Renew, show code")},
		{SERVICE_VOID, SCREEN_KEY_F8, "F8", N_("Make void")},
	};
	size_t count = key_add(out, 0, SCREEN_KEY_ESCAPE, "Esc", _("End the call"));

	for (size_t i = 0; i < sizeof ACTS / sizeof ACTS[0]; i++)
		if (page_service_may(p, ACTS[i].act))
			count = key_add(out, count, ACTS[i].key, ACTS[i].name, _(ACTS[i].does));
	return key_add(out, count, SCREEN_KEY_TAB, "Tab", _("Questions"));
}

static size_t service_keys(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX])
{
	const struct page_service *p = &m->desk->service;
	size_t count = 0;

	switch (p->step) {
	case SERVICE_FIND:
		count = key_add(out, count, SCREEN_KEY_ENTER, "Enter", _("Find"));
		count = key_add(out, count, SCREEN_KEY_TAB, "Tab",
			p->by == MESSAGE_CALL_ACCOUNT ? _("By telephone") : _("By account"));
		return key_add(out, count, SCREEN_KEY_ESCAPE, "Esc", _("Back"));
	case SERVICE_ASK:
		count = key_add(out, count, SCREEN_KEY_ENTER, "Enter", _("Send the answer"));
		count = key_add(out, count, SCREEN_KEY_DOWN, "↑↓", _("Question"));
		if (p->call.may_freeze)
			count = key_add(out, count, SCREEN_KEY_TAB, "Tab", _("Cards"));
		return key_add(out, count, SCREEN_KEY_ESCAPE, "Esc", _("End the call"));
	case SERVICE_CARDS:
		return cards_keys(p, out);
	case SERVICE_SURE:
		count = key_add(out, count, SCREEN_KEY_ENTER, "Enter", _("Yes, do it"));
		return key_add(out, count, SCREEN_KEY_ESCAPE, "Esc", _("No"));
	case SERVICE_CODE:
		return key_add(out, count, SCREEN_KEY_ENTER, "Enter", _("Take it away"));
	}
	return count;
}

/* ---- the page ---- */

static void service_open(struct desk *d)
{
	said_clear(&d->service);
	holder_forget(&d->service);
	d->service.request = SERVICE_NOTHING;
}

static void service_close(struct desk *d)
{
	end_call(d);
	said_clear(&d->service);
}

static int64_t code_left_s(const struct page_service *p, int64_t now_ms)
{
	return (p->code_until_ms - now_ms + 999) / 1000;
}

static void service_tick(struct desk *d, int64_t now_ms)
{
	struct page_service *p = &d->service;

	if (p->step != SERVICE_CODE || code_left_s(p, now_ms) == p->code_left_s)
		return;
	p->code_left_s = code_left_s(p, now_ms);
	d->counter->changed = true;
	if (p->code_left_s <= 0)
		code_leave(d);
}

int64_t page_service_next_ms(const struct page_service *p, int64_t now_ms)
{
	if (p->step != SERVICE_CODE)
		return INT64_MAX;
	return p->code_until_ms - (code_left_s(p, now_ms) - 1) * 1000;
}

const struct page page_service = {.title = N_("Service desk"),
	.open = service_open,
	.close = service_close,
	.key = service_key,
	.keys = service_keys,
	.draw = page_service_draw,
	.tick = service_tick};
