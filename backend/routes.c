/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of routes, and how a request finds its row.
 */
#include "backend/routes.h"

#include <stdio.h>
#include <string.h>

#include "backend/handlers.h"
#include "backend/query.h"

#define AMOUNT_MAX  9007199254740991 /* 2^53 - 1: what every JSON reader can hold */
#define ID_TEXT_LEN ((size_t)2 * CODE_ID_LEN)

#define TEXT_OF(target, member, kind, needed, least)                                               \
	.type = (kind), .required = (needed), .offset = offsetof(target, member), .min = (least), \
	.max = sizeof(((target *)0)->member) - 1

static const struct field START_FIELDS[] = {
	{.name = "code", TEXT_OF(struct rules_start_in, code, FIELD_VISIBLE, true, 1)},
	{.name = "amount",
		.type = FIELD_INT,
		.offset = offsetof(struct rules_start_in, amount),
		.min = 0,
		.max = AMOUNT_MAX},
	{.name = "currency", TEXT_OF(struct rules_start_in, currency, FIELD_CURRENCY, false, 3)},
	{.name = "reference", TEXT_OF(struct rules_start_in, reference, FIELD_TEXT, false, 0)},
	{.name = "operator", TEXT_OF(struct rules_start_in, operator_name, FIELD_TEXT, false, 0)},
};
static const struct field ANSWER_FIELDS[] = {
	{.name = "code", TEXT_OF(union route_in, answer.code, FIELD_VISIBLE, true, 1)},
};
static const struct field OFFLINE_FIELDS[] = {
	{.name = "id", TEXT_OF(struct rules_offline_in, id, FIELD_ID, true, 32)},
	{.name = "code", TEXT_OF(struct rules_offline_in, code, FIELD_VISIBLE, true, 1)},
	{.name = "at",
		.type = FIELD_INT,
		.required = true,
		.offset = offsetof(struct rules_offline_in, at),
		.min = 0,
		.max = UINT32_MAX},
	{.name = "amount",
		.type = FIELD_INT,
		.required = true,
		.offset = offsetof(struct rules_offline_in, amount),
		.min = 1,
		.max = AMOUNT_MAX},
	{.name = "currency", TEXT_OF(struct rules_offline_in, currency, FIELD_CURRENCY, true, 3)},
	{.name = "reference", TEXT_OF(struct rules_offline_in, reference, FIELD_TEXT, false, 0)},
	{.name = "operator",
		TEXT_OF(struct rules_offline_in, operator_name, FIELD_TEXT, false, 0)},
};
static const struct field PIN_FIELDS[] = {
	{.name = "pin", TEXT_OF(union route_in, pin.pin, FIELD_DIGITS, true, RULES_PIN_MIN)},
	{.name = "try",
		.type = FIELD_INT,
		.required = true,
		.offset = offsetof(union route_in, pin.pin_try),
		.min = 1,
		.max = RULES_PIN_TRIES},
};
static const struct field ACTIVATION_FIELDS[] = {
	{.name = "token", TEXT_OF(struct rules_activation_in, token, FIELD_TEXT, true, 1)},
	{.name = "claim", TEXT_OF(struct rules_activation_in, claim, FIELD_ID, false, 32)},
};
static const struct field LOOK_FIELDS[] = {
	{.name = "token", TEXT_OF(struct rules_activation_in, token, FIELD_TEXT, true, 1)},
};
static const struct field ENROLMENT_FIELDS[] = {
	{.name = "code", TEXT_OF(union route_in, enrolment.code, FIELD_TEXT, true, 1)},
	{.name = "csr", TEXT_OF(union route_in, enrolment.csr, FIELD_LINES, true, 1)},
};
static const struct field RENEWAL_FIELDS[] = {
	{.name = "csr", TEXT_OF(union route_in, enrolment.csr, FIELD_LINES, true, 1)},
};

static const struct field SESSION_FIELDS[] = {
	{.name = "name", TEXT_OF(union route_in, session.name, FIELD_TEXT, true, 1)},
	{.name = "passphrase", TEXT_OF(union route_in, session.passphrase, FIELD_TEXT, true, 1)},
};
static const struct field CALL_FIELDS[] = {
	{.name = "credential", TEXT_OF(struct rules_call_in, credential, FIELD_ID, false, 32)},
	{.name = "account", TEXT_OF(struct rules_call_in, account, FIELD_TEXT, false, 1)},
	{.name = "phone", TEXT_OF(struct rules_call_in, phone, FIELD_TEXT, false, 1)},
};
static const struct field CALL_ANSWER_FIELDS[] = {
	{.name = "question",
		.type = FIELD_INT,
		.required = true,
		.offset = offsetof(union route_in, call_answer.question),
		.min = 1,
		.max = STORE_QUESTIONS_MAX},
	{.name = "answer", TEXT_OF(union route_in, call_answer.answer, FIELD_TEXT, true, 1)},
};
static const struct field ACT_FIELDS[] = {
	{.name = "call", TEXT_OF(union route_in, act.call, FIELD_ID, false, 32)},
};

static const struct field RENEW_FIELDS[] = {
	{.name = "call", TEXT_OF(union route_in, act.call, FIELD_ID, false, 32)},
	{.name = "show",
		.type = FIELD_INT,
		.offset = offsetof(union route_in, act.show),
		.min = 0,
		.max = 1},
};

#define FIELDS(list) .fields = (list), .field_count = sizeof(list) / sizeof((list)[0])

static const struct route ROUTES[] = {
	{HTTP_GET, "/healthz", ROUTE_ANYBODY, .health = true, .run = handle_health},
	{HTTP_GET, "/metrics", ROUTE_LOCAL | ROUTE_ADMIN, .figures = true, .run = handle_metrics},
	{HTTP_GET, "/v1/issuer", ROUTE_EVERYBODY, .run = handle_issuer},
	{HTTP_GET, "/v1/events", ROUTE_ENROLLED, .events = true, .run = handle_events},
	{HTTP_POST, "/v1/activations", ROUTE_ANYBODY, FIELDS(ACTIVATION_FIELDS),
		.run = handle_activation, .guessed = true},
	{HTTP_POST, "/v1/activations/look", ROUTE_ANYBODY, FIELDS(LOOK_FIELDS),
		.run = handle_activation_look, .guessed = true},
	{HTTP_GET, "/v1/ca", ROUTE_ANYBODY, .run = handle_authority},
	{HTTP_POST, "/v1/enrolments", ROUTE_ANYBODY, FIELDS(ENROLMENT_FIELDS),
		.run = handle_enrolment, .guessed = true},
	{HTTP_POST, "/v1/terminals/renewal", ROUTE_TERMINAL, FIELDS(RENEWAL_FIELDS),
		.run = handle_terminal_renewal},
	{HTTP_POST, "/v1/verifications", ROUTE_TERMINAL, FIELDS(START_FIELDS), .run = handle_start,
		.stage = METRICS_START},
	{HTTP_POST, "/v1/offline", ROUTE_TERMINAL, FIELDS(OFFLINE_FIELDS), .run = handle_offline},
	{HTTP_GET, "/v1/verifications/{id}", ROUTE_ENROLLED, .run = handle_state},
	{HTTP_DELETE, "/v1/verifications/{id}", ROUTE_TERMINAL, .run = handle_cancel},
	{HTTP_POST, "/v1/verifications/{id}/response", ROUTE_TERMINAL, FIELDS(ANSWER_FIELDS),
		.run = handle_answer, .stage = METRICS_ANSWER},
	{HTTP_POST, "/v1/verifications/{id}/pin", ROUTE_TERMINAL, FIELDS(PIN_FIELDS),
		.run = handle_pin, .finish = handle_pin_finish, .stage = METRICS_PIN},
	{HTTP_POST, "/v1/sessions", ROUTE_ANYBODY, FIELDS(SESSION_FIELDS), .run = handle_sign_in,
		.finish = handle_sign_in_finish, .guessed = true},
	{HTTP_DELETE, "/v1/sessions", ROUTE_SIGNED_IN, .run = handle_sign_out},
	{HTTP_POST, "/v1/service/calls", ROUTE_STAFF, FIELDS(CALL_FIELDS), .run = handle_call_open},
	{HTTP_GET, "/v1/service/calls/{id}", ROUTE_STAFF, .run = handle_call_state},
	{HTTP_DELETE, "/v1/service/calls/{id}", ROUTE_STAFF, .run = handle_call_end},
	{HTTP_POST, "/v1/service/calls/{id}/answers", ROUTE_STAFF, FIELDS(CALL_ANSWER_FIELDS),
		.run = handle_call_answer, .finish = handle_call_answer_finish},
	{HTTP_GET, "/v1/service/calls/{id}/credentials", ROUTE_STAFF,
		.run = handle_call_credentials},
	{HTTP_GET, "/v1/credentials/{id}", ROUTE_ADMIN | ROUTE_WALLET, .run = handle_credential},
	{HTTP_POST, "/v1/credentials/{id}/freeze", ROUTE_STAFF, FIELDS(ACT_FIELDS),
		.run = handle_freeze},
	{HTTP_POST, "/v1/credentials/{id}/unfreeze", ROUTE_STAFF, FIELDS(ACT_FIELDS),
		.run = handle_unfreeze},
	{HTTP_POST, "/v1/credentials/{id}/void", ROUTE_STAFF, FIELDS(ACT_FIELDS),
		.run = handle_void},
	{HTTP_POST, "/v1/credentials/{id}/renewal", ROUTE_RENEWERS, FIELDS(RENEW_FIELDS),
		.run = handle_renewal},
};
#define ROUTE_COUNT (sizeof(ROUTES) / sizeof(ROUTES[0]))

const struct route *route_table(size_t *count)
{
	*count = ROUTE_COUNT;
	return ROUTES;
}

/* Exact: no other spelling of an id, no query, no slash at the end. */
static bool path_matches(const char *path, struct span target, uint8_t id[static CODE_ID_LEN])
{
	const char *hole = strstr(path, "{id}");
	size_t before = hole ? (size_t)(hole - path) : strlen(path);
	const char *after = hole ? hole + 4 : "";
	struct span digits;

	if (!hole)
		return span_equal(target, span_text(path));
	if (target.len != before + ID_TEXT_LEN + strlen(after) ||
		!span_equal(SPAN(target.data, before), SPAN(path, before)) ||
		!span_equal(
			SPAN(target.data + before + ID_TEXT_LEN, strlen(after)), span_text(after)))
		return false;
	digits = SPAN(target.data + before, ID_TEXT_LEN);
	for (size_t i = 0; i < digits.len; i++)
		if (digits.data[i] >= 'A' && digits.data[i] <= 'F')
			return false;
	return hex_decode(id, CODE_ID_LEN, digits) == ERR_OK;
}

/* The methods of a path for Allow; every set there is, so that the text can be static. */
static const char *allow_text(unsigned methods)
{
	static const struct {
		unsigned methods;
		const char *text;
	} SETS[] = {
		{1u << HTTP_GET, "GET"},
		{1u << HTTP_POST, "POST"},
		{1u << HTTP_DELETE, "DELETE"},
		{1u << HTTP_GET | 1u << HTTP_DELETE, "GET, DELETE"},
		{1u << HTTP_GET | 1u << HTTP_POST, "GET, POST"},
		{1u << HTTP_POST | 1u << HTTP_DELETE, "POST, DELETE"},
	};

	for (size_t i = 0; i < sizeof(SETS) / sizeof(SETS[0]); i++)
		if (SETS[i].methods == methods)
			return SETS[i].text;
	return "GET, POST, DELETE";
}

bool route_find(const struct route **route, uint8_t id[static CODE_ID_LEN],
	struct rules_problem *problem, const char **allow, enum http_method method,
	struct span target)
{
	unsigned methods = 0;
	struct span query;
	struct span path = query_split(target, &query);

	*allow = NULL;
	memset(id, 0, CODE_ID_LEN);
	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		if (!path_matches(ROUTES[i].path, ROUTES[i].events ? path : target, id))
			continue;
		if (ROUTES[i].method == method) {
			*route = &ROUTES[i];
			return true;
		}
		methods |= 1u << ROUTES[i].method;
	}
	if (methods == 0) {
		problem_set(problem, 404, "not-found", "no such path");
		return false;
	}
	problem_set(problem, 405, "method-not-allowed", "this path takes other methods: see Allow");
	*allow = allow_text(methods);
	return false;
}

static bool has_fields(const struct route *route)
{
	return route->method == HTTP_POST;
}

bool route_admit(
	const struct route *route, struct rules_problem *problem, const struct http_head *head)
{
	if (route->who != ROUTE_ANYBODY && head->authorization.len == 0 && !head->peer_key &&
		!((unsigned)route->who & ROUTE_LOCAL && head->local)) {
		problem_set(problem, 401, "unauthorised", "send Authorization: Bearer TOKEN");
		return false;
	}
	if (has_fields(route) && !head->json) {
		problem_set(problem, 415, "bad-request", "send Content-Type: application/json");
		return false;
	}
	return true;
}

/* RFC 6750 section 2.1; the scheme in any case, RFC 9110 section 11.1. */
static void take_token(char out[static ROUTE_TOKEN_MAX], struct span authorization)
{
	static const char SCHEME[] = "bearer ";
	size_t n = sizeof(SCHEME) - 1;

	out[0] = '\0';
	if (authorization.len <= n || authorization.len - n >= ROUTE_TOKEN_MAX)
		return;
	for (size_t i = 0; i < n; i++)
		if ((authorization.data[i] | 0x20) != SCHEME[i])
			return;
	for (size_t i = n; i < authorization.len; i++)
		if (authorization.data[i] <= ' ' || authorization.data[i] >= 0x7f)
			return;
	memcpy(out, authorization.data + n, authorization.len - n);
	out[authorization.len - n] = '\0';
}

/* Last-Event-ID is what a browser sends by itself when it connects again: it is newer than what the
 * page once wrote into the query.
 */
static enum err_code take_query(struct route_call *call, const struct http_head *head,
	struct err *err)
{
	int64_t *after = &call->in.events.after;
	struct span query;
	enum err_code e;

	(void)query_split(head->target, &query);
	e = query_read(&call->in.events.wait_s, after, query, err);
	if (!e && head->has_event_id && query_number(after, head->event_id, EVENTS_NUMBER_MAX))
		e = err_set(err, ERR_FORMAT, "Last-Event-ID is not a number that was given out");
	return e;
}

void route_prepare(struct route_call *call, const struct route *route,
	const uint8_t id[static CODE_ID_LEN], const struct http_head *head, struct span body)
{
	struct err err = {0};

	_Static_assert(offsetof(struct route_call, answer.storage) + ANSWER_BODY_MAX +
			_Alignof(struct route_call) > sizeof(*call), "what is left out is last");
	/* all but the room for the answer, which says itself how much of it is filled */
	memset(call, 0, offsetof(struct route_call, answer.storage));
	call->route = route;
	memcpy(call->id, id, CODE_ID_LEN);
	answer_init(&call->answer);
	take_token(call->token, head->authorization);
	call->tls = head->tls;
	call->local = head->local;
	call->has_peer = head->peer_key != NULL;
	if (call->has_peer)
		memcpy(call->peer, head->peer_key, SEC_SPKI_LEN);
	if (has_fields(route) && fields_read(&call->in, sizeof(call->in), route->fields,
					 route->field_count, body, &err))
		problem_set(&call->fault, 400, "bad-request", err.text);
	if (route->events && take_query(call, head, &err))
		problem_set(&call->fault, 400, "bad-request", err.text);
}

static unsigned role_bit(enum rules_role role)
{
	switch (role) {
	case ROLE_TERMINAL:
		return ROUTE_TERMINAL;
	case ROLE_WALLET:
		return ROUTE_WALLET;
	case ROLE_OPERATOR:
		return ROUTE_OPERATOR;
	case ROLE_ADMIN:
		return ROUTE_ADMIN;
	case ROLE_CASHIER:
		return ROUTE_CASHIER;
	case ROLE_SUPERVISOR:
		return ROUTE_SUPERVISOR;
	case ROLE_NOBODY:
		break;
	}
	return 0;
}

/* By the key of the connection, or by a token, which then counts: somebody signs in at a terminal.
 * Nothing is taken from a terminal that was revoked, whatever else it knows. A terminal's token is
 * for connections without TLS: whoever copied one from there must not get further with it.
 */
static enum err_code identify(const struct rules *r, struct route_call *call,
	struct rules_problem *problem, struct err *err)
{
	struct rules_caller of_peer = {.role = ROLE_NOBODY};
	enum err_code e = ERR_OK;

	if (call->has_peer)
		e = rules_authenticate_peer(r, &of_peer, problem, call->peer, err);
	if (e || problem->word[0])
		return e;
	call->caller = call->terminal = of_peer;
	if (call->token[0] == '\0')
		return ERR_OK;
	e = rules_authenticate(r, &call->caller, span_text(call->token), err);
	if (!e && call->tls && call->caller.role == ROLE_TERMINAL)
		problem_set(problem, 401, "unauthorised",
			"over TLS a terminal shows its certificate, not a token");
	return e;
}

/* Who asks, and may they? problem->word stays empty when they may. */
static enum err_code authorise(const struct rules *r, struct route_call *call,
	struct rules_problem *problem, struct err *err)
{
	enum err_code e;

	if (call->route->who == ROUTE_ANYBODY ||
		((unsigned)call->route->who & ROUTE_LOCAL && call->local))
		return ERR_OK;
	e = identify(r, call, problem, err);
	if (e || problem->word[0])
		return e;
	if (call->caller.role == ROLE_NOBODY)
		problem_set(problem, 401, "unauthorised", "this token is not known, or has ended");
	else if (!(role_bit(call->caller.role) & (unsigned)call->route->who))
		problem_set(problem, 403, "forbidden", "this token is for something else");
	return ERR_OK;
}

enum err_code route_run(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e = authorise(r, call, &problem, err);

	*next = ROUTE_DONE;
	if (e)
		return e;
	if (problem.word[0] == '\0' && call->fault.word[0] != '\0')
		problem = call->fault;
	if (problem.word[0] != '\0') {
		answer_problem(&call->answer, &problem);
		return ERR_OK;
	}
	return call->route->run(r, call, next, err);
}

enum err_code route_hash(struct route_call *call, struct err *err)
{
	return rules_hash_compare(&call->hash_right, &call->hash, err);
}

enum err_code route_finish(const struct rules *r, struct route_call *call, struct err *err)
{
	return call->route->finish(r, call, err);
}

void route_anew(struct route_call *call, bool finish)
{
	answer_wipe(&call->answer);
	answer_init(&call->answer);
	call->events = (struct route_events){.held = false};
	if (finish)
		return; /* who asks and what was compared are what it goes on from */
	call->caller = call->terminal = (struct rules_caller){.role = ROLE_NOBODY};
	sec_wipe(&call->hash, sizeof(call->hash));
}

void route_wipe(struct route_call *call)
{
	answer_wipe(&call->answer);
	sec_wipe(call->token, sizeof(call->token));
	sec_wipe(&call->in, sizeof(call->in));
	sec_wipe(&call->hash, sizeof(call->hash));
}
