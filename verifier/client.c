/* SPDX-License-Identifier: Apache-2.0
 *
 * Flow actions become requests, answers become flow events. One request at a time is the flow's; a
 * cancellation runs beside it and nobody waits for its answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_safe.h"
#include "verifier/client.h"
#include "verifier/client_ask.h"
#include "verifier/client_listen.h"
#include "verifier/client_post.h"
#include "verifier/client_renew.h"
#include "verifier/client_url.h"

#define AUTHORIZATION "Authorization: Bearer "
#define PIN_BODY_MAX  64
#define CALL_URL_MAX  (CLIENT_URL_MAX + 96)

enum slot_name {
	SLOT_FLOW, /* the request that the flow waits for */
	SLOT_CANCEL,
	SLOT_CANCEL_MORE,
	SLOT_WAITED_FOR, /* those before it are waited for at the end */
	SLOT_LOOK = SLOT_WAITED_FOR,
	SLOT_COUNT
};

struct slot {
	struct http_call *call;
	bool busy; /* runs */
	bool over; /* has an event that was not fetched */
	uint32_t serial;
	struct message_request request;
	enum err_code began;
	char url[CALL_URL_MAX];
	char time_line[64];
	uint8_t body[CLIENT_BODY_MAX];
};

struct client {
	struct http_pool *pool;
	struct client_listen *listen; /* NULL = not subscribed */
	struct client_renew *renew;   /* NULL = no certificate, or virtual time */
	struct client_asks *asks;
	struct client_post *post;     /* NULL = none; it frees itself */
	struct slot slot[SLOT_COUNT];
	struct secret *authorization; /* whole header line; NULL = a certificate says it */
	struct secret *pin_body;
	const struct client_tls *tls;
	bool loopback;
	bool clock_known;
	int64_t clock_ahead_s;
	bool send_replay_time;
	int total_ms;
	const struct clock *clock;
	char base[CLIENT_URL_MAX];
	char user_agent[64];
	char fault[CLIENT_FAULT_MAX];
};

/* ---- life ---- */

static enum err_code token_check(const char *token, struct err *err)
{
	size_t len = token != NULL ? strlen(token) : 0;
	size_t i;

	if (len == 0)
		return err_set(err, ERR_INVALID, "no backend token is configured");
	if (len > CLIENT_TOKEN_MAX)
		return err_set(err, ERR_INVALID, "the backend token has more than %d characters",
			CLIENT_TOKEN_MAX);
	for (i = 0; i < len; i++) /* a line break would begin another header */
		if (token[i] <= ' ' || token[i] > '~')
			return err_set(err, ERR_INVALID,
				"the backend token has characters that no token has");
	return ERR_OK;
}

static enum err_code authorization_make(struct secret **out, const char *token, struct err *err)
{
	size_t head = strlen(AUTHORIZATION);
	size_t len;
	enum err_code rc = token_check(token, err);

	if (rc != ERR_OK)
		return rc;
	len = strlen(token);
	rc = secret_new(out, head + len + 1);
	if (rc != ERR_OK)
		return err_set(err, rc, "no locked memory for the backend token");
	memcpy((*out)->data, AUTHORIZATION, head);
	memcpy((*out)->data + head, token, len);
	return ERR_OK;
}

static const char *authorization_line(const struct secret *s)
{
	return s != NULL ? (const char *)s->data : NULL;
}

static void base_copy(struct client *c, const char *url)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	memcpy(c->base, url, len);
	c->base[len] = '\0';
}

static enum err_code client_fill(
	struct client *c, const struct client_options *opt, struct err *err)
{
	bool by_certificate = opt->tls != NULL && opt->tls->certificate != NULL;
	bool has_token = opt->token != NULL && opt->token[0] != '\0';
	size_t i;
	enum err_code rc = ERR_OK;

	if (has_token || !by_certificate)
		rc = authorization_make(&c->authorization, opt->token, err);
	if (rc == ERR_OK && secret_new(&c->pin_body, PIN_BODY_MAX) != ERR_OK)
		rc = err_set(err, ERR_NO_MEMORY, "no locked memory for a PIN");
	if (rc == ERR_OK)
		rc = http_pool_new(&c->pool, err);
	for (i = 0; i < SLOT_COUNT && rc == ERR_OK; i++)
		rc = http_call_new(&c->slot[i].call, CLIENT_ANSWER_MAX, err);
	return rc;
}

static enum err_code renewal_start(struct client *c, struct err *err)
{
	const struct client_renew_options opt = {
		.pool = c->pool,
		.base = c->base,
		.tls = c->tls,
		.user_agent = c->user_agent,
		.clock = c->clock,
	};

	return client_renew_new(&c->renew, &opt, err);
}

static enum err_code asks_start(struct client *c, struct err *err)
{
	const struct client_asks_options opt = {
		.pool = c->pool,
		.base = c->base,
		.authorization = authorization_line(c->authorization),
		.user_agent = c->user_agent,
		.loopback = c->loopback,
		.tls = c->tls,
		.clock = c->clock,
		.send_replay_time = c->send_replay_time,
		.total_ms = c->total_ms,
	};

	return client_asks_new(&c->asks, &opt, err);
}

enum err_code client_new(struct client **out, const struct client_options *opt, struct err *err)
{
	struct client_url url;
	struct client *c;
	enum err_code rc = client_url_check(&url, opt->url, err);

	if (rc != ERR_OK)
		return rc;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for the client");
	c->tls = opt->tls;
	c->loopback = url.loopback;
	c->send_replay_time = opt->send_replay_time;
	c->total_ms = opt->total_ms > 0 ? opt->total_ms : CLIENT_TOTAL_MS;
	c->clock = opt->clock;
	base_copy(c, opt->url);
	snprintf(c->user_agent, sizeof c->user_agent, "%s",
		opt->user_agent != NULL ? opt->user_agent : "countersign/" COUNTERSIGN_VERSION);
	rc = client_fill(c, opt, err);
	if (rc == ERR_OK)
		rc = asks_start(c, err);
	if (rc == ERR_OK && c->tls != NULL && c->tls->certificate != NULL && !c->send_replay_time)
		rc = renewal_start(c, err);
	if (rc != ERR_OK) {
		client_free(&c);
		return rc;
	}
	*out = c;
	return ERR_OK;
}

void client_free(struct client **c)
{
	size_t i;

	if (*c == NULL)
		return;
	client_listen_free(&(*c)->listen);
	client_renew_free(&(*c)->renew);
	client_asks_free(&(*c)->asks);
	for (i = 0; i < SLOT_COUNT; i++)
		http_call_free(&(*c)->slot[i].call);
	http_pool_free(&(*c)->pool);
	secret_free(&(*c)->authorization);
	secret_free(&(*c)->pin_body);
	free(*c);
	*c = NULL;
}

/* ---- requests ---- */

static const char *method_of(enum flow_action_kind kind)
{
	if (kind == FLOW_DO_ASK || kind == FLOW_DO_LOOK)
		return "GET";
	return kind == FLOW_DO_CANCEL ? "DELETE" : "POST";
}

static const char *tail_of(enum flow_action_kind kind)
{
	if (kind == FLOW_DO_ANSWER)
		return "/response";
	return kind == FLOW_DO_PIN ? "/pin" : "";
}

static void url_make(const struct client *c, struct slot *s)
{
	snprintf(s->url, sizeof s->url, "%s/v1/verifications%s%s%s", c->base,
		s->request.id[0] != '\0' ? "/" : "", s->request.id, tail_of(s->request.kind));
}

static enum err_code body_make(struct client *c, struct slot *s, struct bytes *body,
	const struct flow *flow, const struct client_sale *sale, struct span pin)
{
	bytes_init_fixed(body, s->body, sizeof s->body);
	switch (s->request.kind) {
	case FLOW_DO_START:
		return message_start_build(body, flow, sale);
	case FLOW_DO_ANSWER:
		return message_answer_build(body, flow);
	case FLOW_DO_PIN:
		bytes_init_fixed(body, c->pin_body->data, c->pin_body->len);
		return message_pin_build(body, pin, flow->pin_try);
	default:
		return ERR_OK;
	}
}

static const char *time_line_make(const struct client *c, struct slot *s)
{
	if (!c->send_replay_time)
		return NULL;
	snprintf(s->time_line, sizeof s->time_line, "Countersign-Test-Time: %lld",
		(long long)clock_unix_ms(c->clock));
	return s->time_line;
}

static enum err_code slot_begin(struct client *c, struct slot *s, struct span body, struct err *err)
{
	bool post = body.len > 0;
	const struct http_request r = {
		.method = method_of(s->request.kind),
		.url = s->url,
		.loopback = c->loopback,
		.user_agent = c->user_agent,
		.tls = c->tls,
		.headers = {authorization_line(c->authorization),
			"Accept: application/json, application/problem+json",
			post ? "Content-Type: application/json" : NULL, post ? "Expect:" : NULL,
			time_line_make(c, s)},
		.body = body,
		.total_ms = c->total_ms,
	};

	url_make(c, s);
	return http_call_begin(s->call, c->pool, &r, err);
}

static struct slot *slot_for(struct client *c, enum flow_action_kind kind)
{
	if (kind == FLOW_DO_LOOK)
		return &c->slot[SLOT_LOOK];
	if (kind != FLOW_DO_CANCEL)
		return &c->slot[SLOT_FLOW];
	return &c->slot[c->slot[SLOT_CANCEL].busy ? SLOT_CANCEL_MORE : SLOT_CANCEL];
}

static void fault_set(struct client *c, const char *text)
{
	text_safe(c->fault, sizeof c->fault, span_text(text));
}

void client_request(struct client *c, const struct flow_action *action, const struct flow *flow,
	const struct client_sale *sale, struct span pin)
{
	struct slot *s = slot_for(c, action->kind);
	struct bytes body;
	struct err err = {0};
	enum err_code rc;

	/* The flow has one running request: an older one no longer has a reader. */
	http_call_cancel(s->call);
	if (s == &c->slot[SLOT_FLOW])
		sec_wipe(c->pin_body->data, c->pin_body->len);
	message_request_init(&s->request, action->kind, flow, sale);
	s->serial = action->serial;
	rc = body_make(c, s, &body, flow, sale, pin);
	if (rc != ERR_OK)
		rc = err_set(&err, rc, "the request cannot be written: %s", err_words(rc));
	else
		rc = slot_begin(c, s, bytes_span(&body), &err);
	s->began = rc;
	s->busy = rc == ERR_OK;
	s->over = rc != ERR_OK && s == &c->slot[SLOT_FLOW];
	if (rc != ERR_OK && s != &c->slot[SLOT_LOOK])
		fault_set(c, err.text);
}

/* ---- answers ---- */

static void slot_done(struct client *c, struct slot *s)
{
	s->busy = false;
	s->over = s->request.kind != FLOW_DO_CANCEL;
	if (s->request.kind == FLOW_DO_PIN)
		sec_wipe(c->pin_body->data, c->pin_body->len);
}

/* Of every answer, whoever asked. An event stream is over long after its Date came. */
static void clock_look(struct client *c, const struct http_call *call)
{
	const struct http_result *r = http_call_result(call);
	int64_t since_ms = clock_machine_ms() - r->date_heard_ms;

	if (r->date_unix_s <= 0)
		return;
	c->clock_known = true;
	c->clock_ahead_s = clock_unix_s(c->clock) - since_ms / 1000 - r->date_unix_s;
}

bool client_clock_skew_s(const struct client *c, int64_t *ahead_s)
{
	*ahead_s = c->clock_ahead_s;
	return c->clock_known;
}

enum err_code client_poll(
	struct client *c, struct client_fd *fds, size_t fd_count, int timeout_ms, struct err *err)
{
	struct http_call *call;
	size_t i;
	enum err_code rc = http_pool_wait(c->pool, fds, fd_count, timeout_ms, err);

	if (rc != ERR_OK)
		return rc;
	while ((call = http_pool_done(c->pool)) != NULL) {
		if (c->post != NULL && client_post_done(c->post, call))
			continue; /* another server: its clock is none to go by */
		clock_look(c, call);
		if (c->listen != NULL && client_listen_done(c->listen, call))
			continue;
		if (c->renew != NULL && client_renew_done(c->renew, call))
			continue;
		if (client_asks_done(c->asks, call))
			continue;
		for (i = 0; i < SLOT_COUNT; i++)
			if (c->slot[i].call == call)
				slot_done(c, &c->slot[i]);
	}
	if (c->listen != NULL)
		client_listen_tick(c->listen);
	if (c->renew != NULL)
		client_renew_tick(c->renew);
	return ERR_OK;
}

static enum err_code slot_parse(
	const struct client *c, struct flow_event *out, const struct slot *s, struct err *err)
{
	const struct http_result *r = http_call_result(s->call);
	struct message_answer answer;

	if (s->began != ERR_OK || r->code != ERR_OK)
		return err_set(err, ERR_NETWORK, "%s", s->began != ERR_OK ? c->fault : r->fault);
	if (!r->json && !r->problem)
		return err_set(err, ERR_PROTOCOL,
			"the backend answered %d with something else than JSON", r->status);
	answer = (struct message_answer){
		.status = r->status,
		.date_unix_s = r->date_unix_s > 0 ? r->date_unix_s : clock_unix_s(c->clock),
		.problem = r->problem,
		.body = r->body,
	};
	message_answer_parse(out, &s->request, &answer, err);
	return out->kind == FLOW_EV_NO_ANSWER ? ERR_PROTOCOL : ERR_OK;
}

/* A look that shows nothing is as good as none: no fault, no event. */
static bool look_event(struct client *c, struct flow_event *out)
{
	struct slot *s = &c->slot[SLOT_LOOK];
	struct err err = {0};

	if (!s->over)
		return false;
	s->over = false;
	if (slot_parse(c, out, s, &err) != ERR_OK || out->kind != FLOW_EV_STATE)
		return false;
	out->kind = FLOW_EV_LOOKED;
	out->serial = 0;
	memcpy(out->about, s->request.id, sizeof out->about);
	return true;
}

bool client_next_event(struct client *c, struct flow_event *out)
{
	struct slot *s = &c->slot[SLOT_FLOW];
	struct err err = {0};

	if (!s->over)
		return look_event(c, out);
	s->over = false;
	if (slot_parse(c, out, s, &err) != ERR_OK) {
		memset(out, 0, sizeof *out);
		out->kind = FLOW_EV_NO_ANSWER;
		out->nobody = s->began == ERR_OK && http_call_result(s->call)->nobody;
		fault_set(c, err.text);
	} else {
		c->fault[0] = '\0';
	}
	out->serial = s->serial;
	return true;
}

size_t client_in_flight(const struct client *c)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < SLOT_WAITED_FOR; i++)
		n += c->slot[i].busy || c->slot[i].over ? 1 : 0;
	return n;
}

const char *client_last_fault(const struct client *c)
{
	return c->fault;
}

/* ---- what the backend tells unasked ---- */

enum err_code client_listen(struct client *c, struct err *err)
{
	const struct client_listen_options opt = {
		.pool = c->pool,
		.base = c->base,
		.authorization = authorization_line(c->authorization),
		.tls = c->tls,
		.user_agent = c->user_agent,
		.loopback = c->loopback,
		.clock = c->clock,
	};

	ASSERT(c->listen == NULL && !c->send_replay_time);
	return client_listen_new(&c->listen, &opt, err);
}

bool client_next_told(struct client *c, struct client_told *out)
{
	if (c->listen == NULL || !client_listen_next(c->listen, out))
		return false;
	if (out->kind == CLIENT_TOLD_LOST)
		fault_set(c, client_listen_fault(c->listen));
	return true;
}

bool client_is_connected(const struct client *c)
{
	return c->listen != NULL && client_listen_hears(c->listen);
}

bool client_issuer_is_current(const struct client *c)
{
	return c->listen != NULL && client_listen_is_current(c->listen);
}

void client_issuer_ask(struct client *c)
{
	if (c->listen != NULL)
		client_listen_ask(c->listen);
}

struct http_pool *client_pool(struct client *c)
{
	return c->pool;
}

void client_post_attach(struct client *c, struct client_post *p)
{
	c->post = p;
}

/* ---- requests beside the flow's ---- */

enum err_code client_ask(
	struct client *c, uint32_t *ticket, const struct client_ask *ask, struct err *err)
{
	return client_asks_begin(c->asks, ticket, ask, err);
}

void client_ask_cancel(struct client *c, uint32_t ticket)
{
	client_asks_cancel(c->asks, ticket);
}

size_t client_asks_running(const struct client *c)
{
	return client_asks_count(c->asks);
}

/* ---- one plain exchange ---- */

static enum err_code exchange_run(struct http_exchange *x, struct http_call *call,
	const struct secret *authorization, bool loopback, struct err *err)
{
	const struct http_result *r;
	const struct http_request request = {
		.method = x->method,
		.url = x->url,
		.loopback = loopback,
		.user_agent = "countersign/" COUNTERSIGN_VERSION,
		.tls = x->tls,
		.headers = {authorization_line(authorization),
			"Accept: application/json, application/problem+json",
			"Content-Type: application/json", "Expect:"},
		.body = x->body,
		.total_ms = CLIENT_TOTAL_MS,
	};
	enum err_code rc = http_call_run(call, &request, err);

	if (rc != ERR_OK)
		return rc;
	r = http_call_result(call);
	if (!r->json && !r->problem)
		return err_set(err, ERR_PROTOCOL,
			"the backend answered %d with something else than JSON", r->status);
	x->status = r->status;
	x->date_unix_s = r->date_unix_s;
	bytes_clear(x->answer);
	bytes_add(x->answer, r->body.data, r->body.len);
	return x->answer->full ? err_set(err, ERR_TOO_LARGE, "the answer is too large") : ERR_OK;
}

enum err_code http_exchange(struct http_exchange *x, struct err *err)
{
	struct client_url url;
	struct http_call *call = NULL;
	struct secret *authorization = NULL;
	enum err_code rc = client_url_check(&url, x->url, err);

	if (rc == ERR_OK && x->token != NULL)
		rc = authorization_make(&authorization, x->token, err);
	if (rc == ERR_OK)
		rc = http_call_new(&call, x->answer->max, err);
	if (rc == ERR_OK)
		rc = exchange_run(x, call, authorization, url.loopback, err);
	http_call_free(&call);
	secret_free(&authorization);
	return rc;
}
