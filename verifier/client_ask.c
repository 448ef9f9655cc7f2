/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests beside the flow's. What belongs to one is made when it begins and wiped when it is over:
 * bodies hold passphrases, answers hold tokens.
 */
#include "verifier/client_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text_safe.h"
#include "verifier/client_curl.h"

#define AUTHORIZATION  "Authorization: Bearer "
#define PROBLEM_PREFIX "https://countersign.invalid/problems/"
#define TYPE_MAX       128  /* bytes of a problem's type */
#define TEXT_IN_MAX    1024 /* bytes of a text before it is made safe and cut */

struct asked {
	struct http_call *call; /* NULL = free */
	uint32_t ticket;
	client_answered *answered;
	void *ctx;
	struct secret *authorization; /* NULL = as the terminal */
	struct secret *secret;        /* body, when it is short */
	struct bytes plain;           /* body, when it is long */
	char url[CLIENT_URL_MAX + CLIENT_ASK_PATH_MAX];
	char time_line[64];
};

struct client_asks {
	struct client_asks_options opt;
	uint32_t last_ticket;
	struct asked list[CLIENT_ASKS_MAX];
};

/* ---- life ---- */

enum err_code client_asks_new(
	struct client_asks **out, const struct client_asks_options *opt, struct err *err)
{
	struct client_asks *a = calloc(1, sizeof *a);

	if (a == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for requests");
	a->opt = *opt;
	*out = a;
	return ERR_OK;
}

/* http_call_free() wipes the answer. */
static void asked_clear(struct asked *q)
{
	http_call_free(&q->call);
	secret_free(&q->authorization);
	secret_free(&q->secret);
	if (q->plain.data != NULL)
		sec_wipe(q->plain.data, q->plain.cap);
	bytes_done(&q->plain);
	memset(q, 0, sizeof *q);
}

void client_asks_free(struct client_asks **a)
{
	size_t i;

	if (*a == NULL)
		return;
	for (i = 0; i < CLIENT_ASKS_MAX; i++)
		asked_clear(&(*a)->list[i]);
	free(*a);
	*a = NULL;
}

/* ---- a request ---- */

static bool method_is_known(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "POST") == 0 ||
	       strcmp(method, "DELETE") == 0;
}

/* Only what our own paths are made of: an id of an answer cannot bend it. */
static bool path_is_right(const char *path)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789/-._~?=&";
	size_t len = strlen(path);

	return len > 1 && len < CLIENT_ASK_PATH_MAX && path[0] == '/' &&
	       strspn(path, letters) == len && strstr(path, "..") == NULL;
}

static enum err_code bearer_take(struct asked *q, struct span token, struct err *err)
{
	size_t head = strlen(AUTHORIZATION);
	size_t i;

	if (token.len == 0)
		return ERR_OK;
	if (token.len > CLIENT_TOKEN_MAX)
		return err_set(err, ERR_INVALID, "the token is too long");
	for (i = 0; i < token.len; i++) /* a line break would begin another header */
		if (token.data[i] <= ' ' || token.data[i] > '~')
			return err_set(err, ERR_INVALID,
				"the token has characters that no token has");
	if (secret_new(&q->authorization, head + token.len + 1) != ERR_OK)
		return err_set(err, ERR_NO_MEMORY, "no locked memory for a token");
	memcpy(q->authorization->data, AUTHORIZATION, head);
	memcpy(q->authorization->data + head, token.data, token.len);
	return ERR_OK;
}

static enum err_code body_take(struct asked *q, struct span *out, struct span body, struct err *err)
{
	*out = SPAN(NULL, 0);
	if (body.len == 0)
		return ERR_OK;
	if (body.len > CLIENT_ASK_SECRET_MAX) {
		bytes_init(&q->plain, CLIENT_ASK_BODY_MAX);
		bytes_add(&q->plain, body.data, body.len);
		*out = bytes_span(&q->plain);
		return q->plain.full ? err_set(err, ERR_NO_MEMORY, "no memory for a request")
				     : ERR_OK;
	}
	if (secret_new(&q->secret, body.len) != ERR_OK)
		return err_set(err, ERR_NO_MEMORY, "no locked memory for a request");
	memcpy(q->secret->data, body.data, body.len);
	*out = SPAN(q->secret->data, q->secret->len);
	return ERR_OK;
}

static const char *time_line_make(const struct client_asks *a, struct asked *q)
{
	if (!a->opt.send_replay_time)
		return NULL;
	snprintf(q->time_line, sizeof q->time_line, "Countersign-Test-Time: %lld",
		(long long)clock_unix_ms(a->opt.clock));
	return q->time_line;
}

static enum err_code call_begin(struct client_asks *a, struct asked *q,
	const struct client_ask *ask, struct span body, struct err *err)
{
	bool post = strcmp(ask->method, "POST") == 0;
	const struct http_request r = {
		.method = ask->method,
		.url = q->url,
		.loopback = a->opt.loopback,
		.user_agent = a->opt.user_agent,
		.tls = a->opt.tls,
		.headers = {q->authorization != NULL ? (const char *)q->authorization->data
						     : a->opt.authorization,
			"Accept: application/json, application/problem+json",
			post ? "Content-Type: application/json" : NULL, post ? "Expect:" : NULL,
			time_line_make(a, q)},
		.body = body,
		.total_ms = ask->total_ms > 0 ? ask->total_ms : a->opt.total_ms,
	};
	enum err_code rc = http_call_new(&q->call, CLIENT_ANSWER_MAX, err);

	return rc == ERR_OK ? http_call_begin(q->call, a->opt.pool, &r, err) : rc;
}

static enum err_code ask_check(const struct client_ask *ask, struct err *err)
{
	if (!method_is_known(ask->method))
		return err_set(err, ERR_INVALID, "an unknown method");
	if (!path_is_right(ask->path))
		return err_set(err, ERR_INVALID, "a path that no request has");
	if (ask->body.len > CLIENT_ASK_BODY_MAX)
		return err_set(err, ERR_INVALID, "a request of more than %d bytes",
			CLIENT_ASK_BODY_MAX);
	if (ask->body.len > 0 && strcmp(ask->method, "POST") != 0)
		return err_set(err, ERR_INVALID, "only POST has a body");
	if (ask->total_ms < 0 || ask->total_ms > CLIENT_ASK_TOTAL_MS_MAX)
		return err_set(err, ERR_INVALID, "a time limit that no request has");
	return ERR_OK;
}

static struct asked *room(struct client_asks *a)
{
	size_t i;

	for (i = 0; i < CLIENT_ASKS_MAX; i++)
		if (a->list[i].call == NULL)
			return &a->list[i];
	return NULL;
}

enum err_code client_asks_begin(
	struct client_asks *a, uint32_t *ticket, const struct client_ask *ask, struct err *err)
{
	struct asked *q = room(a);
	struct span body;
	enum err_code rc = ask_check(ask, err);

	if (rc != ERR_OK)
		return rc;
	if (q == NULL)
		return err_set(err, ERR_BUSY, "too many requests at once");
	snprintf(q->url, sizeof q->url, "%s%s", a->opt.base, ask->path);
	rc = bearer_take(q, ask->bearer, err);
	if (rc == ERR_OK)
		rc = body_take(q, &body, ask->body, err);
	if (rc == ERR_OK)
		rc = call_begin(a, q, ask, body, err);
	if (rc != ERR_OK) {
		asked_clear(q);
		return rc;
	}
	if (++a->last_ticket == 0) /* 0 is nobody's */
		a->last_ticket = 1;
	q->ticket = a->last_ticket;
	q->answered = ask->answered;
	q->ctx = ask->ctx;
	if (ticket != NULL)
		*ticket = q->ticket;
	return ERR_OK;
}

void client_asks_cancel(struct client_asks *a, uint32_t ticket)
{
	size_t i;

	for (i = 0; i < CLIENT_ASKS_MAX; i++)
		if (a->list[i].call != NULL && a->list[i].ticket == ticket)
			asked_clear(&a->list[i]);
}

size_t client_asks_count(const struct client_asks *a)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < CLIENT_ASKS_MAX; i++)
		n += a->list[i].call != NULL ? 1 : 0;
	return n;
}

/* ---- an answer ---- */

static bool word_is_right(const char *word)
{
	size_t len = strlen(word);

	return len > 0 && len < CLIENT_WORD_MAX &&
	       strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* The words for the screen: what the backend says about this one, else what the kind is called. */
static void problem_words(struct client_reply *r, const struct json *j)
{
	char raw[TEXT_IN_MAX];

	if (json_get_text(j, "detail", raw, sizeof raw, NULL) == ERR_OK ||
		json_get_text(j, "title", raw, sizeof raw, NULL) == ERR_OK)
		text_safe(r->words, sizeof r->words, span_text(raw));
}

static enum err_code problem_read(struct client_reply *r, const struct json *j)
{
	char type[TYPE_MAX];
	int64_t status = 0;
	const char *word;
	enum err_code rc = json_get_text(j, "type", type, sizeof type, NULL);

	if (rc == ERR_OK)
		rc = json_get_int(j, "status", &status, 400, 599, NULL);
	if (rc == ERR_OK && json_has(j, "until"))
		rc = json_get_int(j, "until", &r->until_unix_s, 0, UINT32_MAX, NULL);
	if (rc != ERR_OK)
		return rc;
	if (status != r->status || strncmp(type, PROBLEM_PREFIX, strlen(PROBLEM_PREFIX)) != 0)
		return ERR_PROTOCOL;
	word = type + strlen(PROBLEM_PREFIX);
	if (!word_is_right(word))
		return ERR_PROTOCOL;
	text_copy(r->word, sizeof r->word, word);
	problem_words(r, j);
	return ERR_OK;
}

static enum err_code reply_check(
	struct client_reply *r, bool json, bool problem, struct span body, struct err *err)
{
	bool good = r->status >= 200 && r->status <= 299;
	bool refused = r->status >= 400 && r->status <= 599;
	struct json *j = NULL;
	enum err_code rc;

	if ((!good && !refused) || (good ? !json || problem : !problem))
		return err_set(err, ERR_PROTOCOL,
			"the backend answered %d with something else than JSON", r->status);
	rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);
	if (rc == ERR_OK && refused)
		rc = problem_read(r, j);
	json_free(&j);
	if (rc != ERR_OK)
		return err_set(err, ERR_PROTOCOL, "the backend answered %d with what is no answer",
			r->status);
	return ERR_OK;
}

void client_reply_read(
	struct client_reply *reply, int status, bool json, bool problem, struct span body)
{
	struct err err = {0};

	*reply = (struct client_reply){.status = status};
	reply->code = reply_check(reply, json, problem, body, &err);
	if (reply->code == ERR_OK) {
		reply->body = body;
		return;
	}
	*reply = (struct client_reply){.code = reply->code, .status = status};
	text_safe(reply->words, sizeof reply->words, span_text(err.text));
}

static void reply_of(struct client_reply *reply, const struct http_result *r)
{
	if (r->code == ERR_OK) {
		client_reply_read(reply, r->status, r->json, r->problem, r->body);
	} else {
		*reply = (struct client_reply){.code = r->code};
		text_safe(reply->words, sizeof reply->words, span_text(r->fault));
	}
	reply->date_unix_s = r->date_unix_s;
}

bool client_asks_done(struct client_asks *a, const struct http_call *call)
{
	struct client_reply reply;
	struct asked over;
	size_t i = 0;

	while (i < CLIENT_ASKS_MAX && a->list[i].call != call)
		i++;
	if (i == CLIENT_ASKS_MAX)
		return false;
	over = a->list[i]; /* its place is free: the callback may ask again */
	memset(&a->list[i], 0, sizeof a->list[i]);
	reply_of(&reply, http_call_result(over.call));
	if (over.answered != NULL)
		over.answered(over.ctx, &reply);
	sec_wipe(&reply, sizeof reply);
	asked_clear(&over);
	return true;
}
