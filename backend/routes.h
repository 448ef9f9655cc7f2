/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of what the backend serves: method, path, who may, fields, handler. A request that
 * is not in it is refused; a handler sees only who asks and declared, validated fields.
 *
 * Three steps, so that each runs on its thread: route_find() and route_prepare() on the I/O thread,
 * route_run() on the store thread inside the savepoint of the request. A PIN, a passphrase or the
 * answer to a question takes a detour over a hashing thread: route_run() says ROUTE_HASH, then
 * route_hash(), then route_finish().
 */
#ifndef BACKEND_ROUTES_H
#define BACKEND_ROUTES_H

#include "backend/answers.h"
#include "backend/fields.h"
#include "backend/http_parse.h"
#include "backend/limiter.h"
#include "backend/metrics.h"
#include "backend/rules_enrol.h"
#include "backend/rules_offline.h"
#include "backend/rules_people.h"

#define ROUTE_TOKEN_MAX 64 /* characters of a bearer token, with NUL */
#define ROUTE_ALLOW_MAX 32

/* Who may call: bits. */
enum route_who {
	ROUTE_ANYBODY = 0, /* no token is looked at */
	ROUTE_TERMINAL = 1 << 0,
	ROUTE_WALLET = 1 << 1,
	ROUTE_OPERATOR = 1 << 2,
	ROUTE_ADMIN = 1 << 3,
	ROUTE_LOCAL = 1 << 4, /* any program of this machine, by a loopback address */
	ROUTE_CASHIER = 1 << 5,
	ROUTE_SUPERVISOR = 1 << 6,
	ROUTE_ENROLLED = ROUTE_TERMINAL | ROUTE_WALLET,
	ROUTE_STAFF = ROUTE_OPERATOR | ROUTE_SUPERVISOR | ROUTE_ADMIN, /* customer service */
	ROUTE_SIGNED_IN = ROUTE_STAFF | ROUTE_CASHIER,
	ROUTE_EVERYBODY = ROUTE_ENROLLED | ROUTE_SIGNED_IN, /* with a token */
	ROUTE_RENEWERS = ROUTE_WALLET | ROUTE_STAFF
};

enum route_next {
	ROUTE_DONE = 0, /* the answer is there */
	ROUTE_HASH      /* route_hash() elsewhere, then route_finish() here */
};

union route_in {
	struct rules_start_in start;
	struct rules_offline_in offline;
	struct {
		char code[CODE_TEXT_MAX];
	} answer;
	struct {
		char pin[RULES_PIN_MAX + 1];
		int64_t pin_try;
	} pin;
	struct rules_activation_in activation;
	struct {
		char code[AUTHORITY_CODE_TEXT_MAX];
		char csr[SEC_CSR_MAX + 1];
	} enrolment;
	struct {
		char name[RULES_NAME_MAX];
		char passphrase[RULES_PASSPHRASE_MAX + 1];
	} session;
	struct rules_call_in call_open;
	struct {
		int64_t question;
		char answer[RULES_ANSWER_MAX + 1];
	} call_answer;
	struct {
		char call[2 * CODE_ID_LEN + 1];
		int64_t show; /* renewal: the activation code is wanted where it is asked from */
	} act;
	struct {
		int64_t wait_s; /* of a long poll; -1 = a stream */
		int64_t after;  /* number of the last event that the caller has; -1 = none */
	} events;
};

/* What the handler of events leaves to the I/O thread: the answer is not over yet. */
struct route_events {
	bool held;        /* the rest of this is meant, and answer.body holds the events so far */
	bool more;        /* there are more than fit: the caller asks again */
	bool urgent;      /* a long poll has something to say at once */
	int64_t position; /* number of the last event that was looked at */
};

struct route_call;
struct route {
	enum http_method method;
	const char *path; /* "{id}" stands for 32 lower-case hex digits */
	enum route_who who;
	const struct field *fields;
	size_t field_count;
	enum metrics_stage stage; /* where its time is counted */
	bool health;  /* its answer names what is wrong, also when nothing can be decided */
	bool figures; /* the I/O thread puts the figures in when the caller may see them */
	bool guessed; /* anybody may send it, and guess: tries are limited for each address */
	bool events; /* takes ?wait= and ?after=, and nothing else takes a query */
	/* ERR_OK: call->answer is filled, or *next says ROUTE_HASH. Else nothing was decided. */
	enum err_code (*run)(const struct rules *r, struct route_call *call, enum route_next *next,
		struct err *err);
	/* After ROUTE_HASH: call->hash_right says what came out. */
	enum err_code (*finish)(const struct rules *r, struct route_call *call, struct err *err);
};

struct route_call {
	const struct route *route;
	char token[ROUTE_TOKEN_MAX]; /* as sent; "" = none or impossible */
	bool tls;
	bool local;                  /* the connection is from this machine, and that counts */
	bool has_peer;               /* a verified client certificate with this key */
	uint8_t peer[SEC_SPKI_LEN];
	bool has_origin;             /* where it came from is known, and tells callers apart */
	uint8_t origin[LIMITER_ORIGIN_LEN];
	uint8_t id[CODE_ID_LEN];     /* of the path */
	union route_in in;
	struct rules_problem fault;  /* of the fields; told to a caller who may */
	struct rules_caller caller;
	struct rules_caller terminal; /* whose connection it is; ROLE_NOBODY = no terminal's */
	struct rules_hash hash;      /* after ROUTE_HASH */
	bool hash_right;
	bool is_try;                 /* good, and a try all the same: it must not be had for ever */
	bool deterministic;          /* set by the server: the test build asks to be told apart */
	int64_t certificate_ends_at; /* set by the server: soon, or 0; for `health` */
	struct route_events events;
	struct answer answer;
};

/* The table, for tests and documentation. */
const struct route *route_table(size_t *count);

/* True: *route and, where the path has one, id are filled. False: *problem is 404 or 405, and then
 * *allow, else NULL, lists the methods of the path (static).
 */
bool route_find(const struct route **route, uint8_t id[static CODE_ID_LEN],
	struct rules_problem *problem, const char **allow, enum http_method method,
	struct span target);

/* What can be said of a head before its body is read: a token where one is needed, the content
 * type. False: *problem says why.
 */
bool route_admit(const struct route *route, struct rules_problem *problem,
	const struct http_head *head);

/* Token and fields; never fails, what is wrong is kept in call->fault. */
void route_prepare(struct route_call *call, const struct route *route,
	const uint8_t id[static CODE_ID_LEN], const struct http_head *head, struct span body);

/* Any code but ERR_OK: nothing was decided, roll back and answer store-failed. */
ERR_MUST_CHECK enum err_code route_run(const struct rules *r, struct route_call *call,
	enum route_next *next, struct err *err);
ERR_MUST_CHECK enum err_code route_hash(struct route_call *call, struct err *err);
ERR_MUST_CHECK enum err_code route_finish(const struct rules *r, struct route_call *call,
	struct err *err);

/* Before route_run() or route_finish(): takes away what an earlier one left, whose transaction was
 * undone.
 */
void route_anew(struct route_call *call, bool finish);

/* PIN, tokens and keys out of memory. */
void route_wipe(struct route_call *call);

#endif
