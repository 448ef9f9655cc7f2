/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client of PROTOCOL.md section 9 on libcurl's multi interface. Turns flow actions into
 * requests and answers into flow events. Knows nothing of screens; never blocks.
 *
 * client_curl.c is the only file that includes curl; client.c ties requests to answers; message.c
 * reads and writes the JSON and is tested and fuzzed without a network.
 */
#ifndef VERIFIER_CLIENT_H
#define VERIFIER_CLIENT_H

#include "base/clock.h"
#include "verifier/flow.h"

#define CLIENT_URL_MAX 256
#define CLIENT_TOKEN_MAX 128
#define CLIENT_ANSWER_MAX 16384     /* bytes of an answer; more ends the transfer: no answer */
#define CLIENT_CONNECT_MS 3000
#define CLIENT_TOTAL_MS 8000        /* of one request, hard */
#define CLIENT_EXTRA_FDS_MAX 8
#define CLIENT_HEADER_MAX 16384     /* bytes of all header lines of an answer */
#define CLIENT_BODY_MAX 4096        /* bytes of a request */
#define CLIENT_FAULT_MAX 200
#define CLIENT_ISSUER_KEYS_MAX 8    /* keys of an issuer that are known at a time */
#define CLIENT_ISSUER_SPREAD_MS 5000 /* within it the terminals fetch changed keys */
#define CLIENT_LISTEN_AGAIN_MS 1000 /* first pause before subscribing again; doubles up to */
#define CLIENT_LISTEN_AGAIN_MAX_MS 60000
#define CLIENT_LISTEN_SILENT_MS 25000 /* an event stream without a sign of life is dead; they
                                       * come every 15 s */
#define CLIENT_PIN_MIN 4            /* digits */
#define CLIENT_PIN_MAX 12

struct client; /* heap: client_new() / client_free() */

/* Whom to trust and who we are. Files are read anew for each connection, so that a renewed
 * certificate needs no restart. Borrowed for the life of whatever it is given to.
 */
struct client_tls {
	const char *ca;          /* PEM file: only what it signed is trusted, no system list;
	                          * NULL = the system's list */
	const char *certificate; /* PEM files of this terminal; NULL = none */
	const char *key;
	struct span ca_pem;      /* instead of ca, for one exchange */
	bool stranger;           /* trust nobody and speak all the same: to ask who is there */
};

struct client_options {
	const char *url;     /* http://127.0.0.1:8080 (loopback only) or https://... */
	const char *token;   /* bearer; copied into secret memory; "" or NULL: tls says it */
	const struct client_tls *tls; /* NULL = the system's list, no certificate */
	const char *user_agent;
	bool send_replay_time; /* virtual time: header Countersign-Test-Time tells it; only the
	                        * deterministic test backend looks at it */
	int total_ms;        /* 0 = CLIENT_TOTAL_MS; tests give less */
	const struct clock *clock;
};

/* ERR_INVALID names what is wrong with the URL; plain http to anything but loopback is refused. */
ERR_MUST_CHECK enum err_code client_new(struct client **out, const struct client_options *opt,
	struct err *err);
void client_free(struct client **c);

/* What a request needs besides the flow's own texts. */
struct client_sale {
	uint64_t amount;      /* minor units, 0 = none */
	char currency[4];     /* "" = none */
	char reference[CODE_REFERENCE_MAX + 1];
	char operator_name[FLOW_LABEL_MAX];
};

/* Begins the request of an action (START, ANSWER, PIN, ASK, CANCEL, LOOK). pin: for PIN; copied to
 * secret memory and wiped after sending. A request that cannot begin produces a NO_ANSWER event.
 */
void client_request(struct client *c, const struct flow_action *action, const struct flow *flow,
	const struct client_sale *sale, struct span pin);

struct client_fd {
	int fd;
	short events;  /* POLLIN, POLLOUT */
	short revents; /* out */
};
/* One wait: transfers and the caller's descriptors, at most timeout_ms. */
ERR_MUST_CHECK enum err_code client_poll(struct client *c, struct client_fd *fds, size_t fd_count,
	int timeout_ms, struct err *err);

/* Next finished answer as an event (now_ms is the caller's to fill); false when there is none. */
bool client_next_event(struct client *c, struct flow_event *out);
size_t client_in_flight(const struct client *c);
/* Words about the last transport failure, for the service line and the log; "" = none. */
const char *client_last_fault(const struct client *c);
/* How far this machine's clock is ahead of the backend's, by the last answer that had a Date;
 * negative: behind. A second more or less says nothing. False: no answer has told it yet.
 */
bool client_clock_skew_s(const struct client *c, int64_t *ahead_s);

/* ---- what the backend tells unasked ---- */

struct client_keys { /* of the issuer, valid now */
	size_t count;
	struct flow_issuer list[CLIENT_ISSUER_KEYS_MAX];
};

enum client_told_kind {
	CLIENT_TOLD_AGAIN = 0,    /* something may have been missed: look at what runs */
	CLIENT_TOLD_VERIFICATION, /* it has changed */
	CLIENT_TOLD_TERMINAL,     /* this terminal was stopped or revoked, or may go on */
	CLIENT_TOLD_ISSUER,       /* the issuer's keys, fetched as every request is */
	CLIENT_TOLD_LOST          /* the backend is out of reach: client_last_fault() says why. Told
	                           * once, before AGAIN says that it is heard again */
};
struct client_told {
	enum client_told_kind kind;
	char about[FLOW_ID_TEXT_LEN + 1]; /* VERIFICATION */
	enum flow_reason barred;          /* TERMINAL: why nothing is taken from it; NONE = it is */
	struct client_keys keys;          /* ISSUER */
};
/* Fetches the issuer's keys, and subscribes to the backend's events from now on, again and again;
 * client_poll() drives it. Not in virtual time: a replay hears nothing.
 */
ERR_MUST_CHECK enum err_code client_listen(struct client *c, struct err *err);
bool client_next_told(struct client *c, struct client_told *out);
/* The issuer's keys that were told last are those of now: the backend is heard, and it would have
 * said that they changed.
 */
bool client_issuer_is_current(const struct client *c);
/* The backend's events are heard now: it would tell what happens. */
bool client_is_connected(const struct client *c);
/* Fetches them now, whatever the pauses say. What comes of it is told, or nothing. */
void client_issuer_ask(struct client *c);

/* ---- one plain exchange, for programs without an event loop (holder activate) ---- */

struct http_exchange {
	const char *method; /* "GET" "POST" */
	const char *url;
	const char *token;  /* NULL = none */
	const struct client_tls *tls; /* NULL = the system's list, no certificate */
	struct span body;   /* JSON */
	struct bytes *answer; /* its max is the limit */
	int status;           /* out: HTTP status */
	int64_t date_unix_s;  /* out: Date header, 0 = none */
};
ERR_MUST_CHECK enum err_code http_exchange(struct http_exchange *x, struct err *err);

/* ---- messages (message.c), pure ---- */

ERR_MUST_CHECK enum err_code message_start_build(struct bytes *out, const struct flow *flow,
	const struct client_sale *sale);
ERR_MUST_CHECK enum err_code message_answer_build(struct bytes *out, const struct flow *flow);
ERR_MUST_CHECK enum err_code message_pin_build(struct bytes *out, struct span pin, int pin_try);

/* What was asked, to hold the answer against. */
struct message_request {
	enum flow_action_kind kind;
	char id[FLOW_ID_TEXT_LEN + 1];               /* of the verification; "" in stage one */
	uint8_t credential_short[CODE_ID_SHORT_LEN]; /* stage one: of the first code */
	struct client_sale sale;                     /* stage one */
};
void message_request_init(struct message_request *out, enum flow_action_kind kind,
	const struct flow *flow, const struct client_sale *sale);

/* The keys of GET /v1/issuer that are valid now; ERR_FORMAT when it has none. */
ERR_MUST_CHECK enum err_code message_issuer_parse(struct client_keys *out, struct span body,
	int64_t now_unix_s, struct err *err);

struct message_answer { /* one whole HTTP answer */
	int status;
	int64_t date_unix_s; /* its Date, or our own clock when it has none; 0 = unknown */
	bool problem;        /* content type: application/problem+json, else application/json */
	struct span body;
};
#define MESSAGE_NUMBER_MS 60000 /* lifetime of a number when no date is known */

/* Any answer to a request -> event (without now_ms and serial). Members that we do not know are
 * let pass, so that a newer backend can say more; those that we know must be there with the right
 * type and range. Whatever is not exactly an answer of the protocol to this request becomes
 * FLOW_EV_NO_ANSWER with detail in err: 5xx, another content type, another verification's id, a
 * number that is not `digits` digits, a challenge code that does not carry id, number, credential
 * and sale. A 4xx problem is a refusal, with REASON_BAD_ANSWER when its word is unknown.
 */
void message_answer_parse(struct flow_event *out, const struct message_request *request,
	const struct message_answer *answer, struct err *err);

#endif
