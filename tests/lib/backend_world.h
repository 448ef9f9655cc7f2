/* SPDX-License-Identifier: Apache-2.0
 *
 * A backend in a temporary directory with a clock turned by hand, two terminals, and phones: what
 * the tests of the rules play with. Every step is one transaction, as in the server. A failure of
 * the set-up fails the test.
 */
#ifndef TESTS_LIB_BACKEND_WORLD_H
#define TESTS_LIB_BACKEND_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/rules_shared.h"
#include "backend/service.h"
#include "tests/lib/folder.h"
#include "tests/lib/test_store.h"

#define WORLD_NOW 1800000000 /* a multiple of the live step */
#define WORLD_PIN "2468"

struct world {
	char dir[64];
	char db[96];                  /* the store when it is a file */
	char url[TEST_STORE_URL_MAX]; /* or when it is none; else "" */
	struct clock clock;
	struct service *service;
	struct rules rules;
	struct rules_caller till, other; /* two enrolled terminals */
	uint8_t holder[CODE_ID_LEN];
	uint8_t account[CODE_ID_LEN];    /* with WORLD_PIN */
	uint8_t no_pin[CODE_ID_LEN];     /* an account without a PIN */
	struct err err;
	struct rules_problem problem;    /* of the last step */
	struct rules_verification seen;  /* of the last answer, PIN, question or cancel */
	struct rules_start_out started;  /* of the last start */
};

/* What a wallet keeps. */
struct phone {
	uint8_t credential[CODE_ID_LEN];
	struct code_keys keys;
	uint8_t static_body[CODE_STATIC_BODY_LEN];
	char static_code[CODE_TEXT_MAX];
	char host[CODE_HOST_MAX + 1];
	char token[64];
	bool live;
};

#define must(w, call)                                                                              \
	do {                                                                                       \
		enum err_code must_e_ = (call);                                                    \
		if (must_e_)                                                                       \
			fail_msg("%s: %s: %s", #call, err_words(must_e_), (w)->err.text);          \
	} while (0)

static inline void world_enrol(struct world *w, struct rules_caller *out, const char *name)
{
	struct service_terminal t;

	must(w, service_terminal_enrol(w->service, &t, name, NULL, &w->err));
	must(w, rules_authenticate(&w->rules, out, span_text(t.token), &w->err));
	assert_int_equal(out->role, ROLE_TERMINAL);
}

static inline void world_open(struct world *w)
{
	must(w, service_open(&w->service, w->dir, &w->clock, &w->err));
	w->rules = service_rules(w->service);
}

static inline struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	(void)snprintf(w->dir, sizeof(w->dir), "%s", "/tmp/countersign-test-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->db, sizeof(w->db), "%s/countersign.db", w->dir);
	must(w, sec_start(&w->err));
	clock_init_manual(&w->clock, 0, (int64_t)WORLD_NOW * 1000);
	test_store_new(w->url);
	must(w, service_init_on(w->dir, w->url, "Corner Bank", "QR.EXAMPLE.COM", &w->clock,
			&w->err));
	world_open(w);
	world_enrol(w, &w->till, "till");
	world_enrol(w, &w->other, "other till");
	must(w, service_holder_add(w->service, w->holder, "Li Lei", "13800130000", &w->err));
	must(w, service_account_add(w->service, w->account, w->holder, "6222-0000",
			span_text(WORLD_PIN), &w->err));
	must(w, service_account_add(w->service, w->no_pin, w->holder, "6222-0001",
			SPAN(NULL, 0), &w->err));
	return w;
}

static inline void world_free(struct world *w)
{
	if (!w)
		return;
	service_close(&w->service);
	test_store_drop(w->url);
	(void)nftw(w->dir, folder_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(w);
}

static inline void world_pass(struct world *w, int64_t seconds)
{
	clock_set_unix(&w->clock, clock_unix_ms(&w->clock) + seconds * 1000);
}

static inline int64_t world_now(const struct world *w)
{
	return clock_unix_s(&w->clock);
}

/* ---- phones ---- */

static inline struct rules_activation_in activation_of(const char *token, const char *claim)
{
	struct rules_activation_in in;

	(void)snprintf(in.token, sizeof(in.token), "%s", token);
	(void)snprintf(in.claim, sizeof(in.claim), "%s", claim);
	return in;
}

/* In a transaction that is begun. */
static inline enum err_code world_activation(struct world *w, struct rules_activation_out *out,
	const char *token)
{
	const struct rules_activation_in in = activation_of(token, "");

	return rules_activation(&w->rules, out, &w->problem, &in, &w->err);
}

static inline void phone_activate(struct world *w, struct phone *p, const char *token)
{
	struct rules_activation_out out;
	struct code code;

	must(w, store_begin(w->service->store, &w->err));
	must(w, world_activation(w, &out, token));
	must(w, store_commit(w->service->store, &w->err));
	assert_string_equal(w->problem.word, "");
	memset(p, 0, sizeof(*p));
	memcpy(p->credential, out.credential_id, CODE_ID_LEN);
	assert_int_equal(code_keys_derive(&p->keys, SPAN(out.secret, SEC_KEY_LEN)), ERR_OK);
	memcpy(p->static_code, out.first_code, sizeof(p->static_code));
	memcpy(p->host, out.issuer_host, sizeof(p->host));
	memcpy(p->token, out.token, sizeof(p->token));
	p->live = out.live;
	code_parse(&code, span_text(out.first_code));
	assert_int_equal(code.kind, CODE_CREDENTIAL);
	memcpy(p->static_body, code.body, CODE_STATIC_BODY_LEN);
}

static inline void phone_issue(struct world *w, struct phone *p, const struct service_issue *in)
{
	struct service_issued issued;

	must(w, service_credential_issue(w->service, &issued, in, &w->err));
	phone_activate(w, p, issued.token);
}

/* A live credential, without or with the account that has a PIN. */
static inline void phone_new(struct world *w, struct phone *p, bool pin)
{
	struct service_issue in = {.digits = 0};

	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, pin ? w->account : w->no_pin, CODE_ID_LEN);
	phone_issue(w, p, &in);
}

static inline void phone_new_static(struct world *w, struct phone *p, int digits)
{
	struct service_issue in = {.is_static = true, .digits = digits};

	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->no_pin, CODE_ID_LEN);
	phone_issue(w, p, &in);
}

static inline void code_of(char out[static CODE_TEXT_MAX], const char *host, char kind,
	struct span body)
{
	struct bytes text;

	bytes_init_fixed(&text, out, CODE_TEXT_MAX - 1);
	assert_int_equal(code_text_build(&text, host, kind, body), ERR_OK);
	assert_false(text.full);
	out[text.len] = '\0';
}

/* What the phone shows at a time. */
static inline void phone_first_code(const struct phone *p, char out[static CODE_TEXT_MAX],
	int64_t at)
{
	uint8_t body[CODE_LIVE_BODY_LEN];

	if (!p->live) {
		memcpy(out, p->static_code, CODE_TEXT_MAX);
		return;
	}
	assert_int_equal(code_credential_live(body, p->static_body,
				 SPAN(p->keys.live, SEC_KEY_LEN), code_step(at)), ERR_OK);
	code_of(out, p->host, CODE_CREDENTIAL, SPAN(body, sizeof(body)));
}

struct how { /* the holder's answer */
	enum code_binding binding;
	bool untimed;        /* although the credential is live */
	bool wrong;          /* one bit of the response flipped */
	int64_t at;          /* Unix seconds; 0 = now */
	const char *number;  /* NULL = the one shown */
};

static inline void phone_answer(const struct world *w, const struct phone *p,
	char out[static CODE_TEXT_MAX], const struct how *how)
{
	struct code challenge;
	struct code_response r = {.binding = how->binding};
	uint8_t amount[CODE_BINDING_AMOUNT_LEN], body[CODE_RESPONSE_BODY_LEN];
	struct code_response_input in = {
		.k_response = SPAN(p->keys.response, SEC_KEY_LEN),
		.static_body = p->static_body,
		.number = how->number ? how->number : w->started.number,
	};

	code_parse(&challenge, span_text(w->started.challenge_code));
	assert_int_equal(challenge.kind, CODE_CHALLENGE);
	if (how->binding == CODE_BINDING_AMOUNT) {
		code_binding_amount(amount, challenge.challenge.amount,
			challenge.challenge.currency);
		in.binding_data = SPAN(amount, sizeof(amount));
	} else if (how->binding == CODE_BINDING_CHALLENGE) {
		in.binding_data = SPAN(challenge.body,
			challenge.body_len - CODE_CHALLENGE_TAG_LEN);
	}
	in.timed = r.timed = p->live && !how->untimed;
	in.step = code_step(how->at ? how->at : world_now(w));
	assert_int_equal(code_response_compute(r.response, &in), ERR_OK);
	memcpy(r.credential_short, p->credential, CODE_ID_SHORT_LEN);
	r.response[7] ^= how->wrong ? 0x20 : 0;
	code_response_build(body, &r);
	code_of(out, p->host, CODE_RESPONSE, SPAN(body, sizeof(body)));
}

/* ---- steps at the counter: each is a transaction; the word of the refusal, or "" ---- */

static inline const char *world_start_code(struct world *w, const struct rules_caller *who,
	const char *code, uint64_t amount)
{
	struct rules_start_in in = {.amount = amount};

	(void)snprintf(in.code, sizeof(in.code), "%s", code);
	if (amount)
		memcpy(in.currency, "EUR", 4);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_verification_start(&w->rules, &w->started, &w->problem, who, &in, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
}

static inline const char *world_start(struct world *w, const struct phone *p, uint64_t amount)
{
	char code[CODE_TEXT_MAX];

	phone_first_code(p, code, world_now(w));
	return world_start_code(w, &w->till, code, amount);
}

/* Starts; then says what is wanted, like "pin", "pin+challenge", "-" or the refusal. */
static inline const char *world_wants(struct world *w, const struct phone *of, uint64_t amount)
{
	static char words[64];
	struct store_verification v;
	const char *word;

	world_pass(w, 31);
	word = world_start(w, of, amount);
	if (word[0])
		return word;
	must(w, store_verification_get(w->service->store, &v, w->started.id, &w->err));
	assert_int_equal(v.pin, w->started.pin_required);
	(void)snprintf(words, sizeof(words), "%s%s", v.pin ? "pin" : "-",
		v.min_binding == CODE_BINDING_CHALLENGE ? "+challenge" : "");
	return words;
}

static inline const char *world_answer_code(struct world *w, const struct rules_caller *who,
	const char *code)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_verification_answer(&w->rules, &w->seen, &w->problem, who, w->started.id,
			code, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
}

static inline const char *world_answer(struct world *w, const struct phone *p,
	const struct how *how)
{
	char code[CODE_TEXT_MAX];

	phone_answer(w, p, code, how);
	return world_answer_code(w, &w->till, code);
}

/* The state in words after a right or a wrong answer; the refusal's word when it was refused. */
static inline const char *world_right(struct world *w, const struct phone *p)
{
	const char *word = world_answer(w, p, &(struct how){.wrong = false});

	return word[0] ? word : rules_state_word(w->seen.state);
}

static inline const char *world_wrong(struct world *w, const struct phone *p)
{
	const char *word = world_answer(w, p, &(struct how){.wrong = true});

	return word[0] ? word : rules_state_word(w->seen.state);
}

static inline const char *world_pin(struct world *w, const char *pin, int pin_try)
{
	struct rules_hash hash;
	bool right = false;

	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_pin_begin(&w->rules, &hash, &w->seen, &w->problem, &w->till, w->started.id,
			pin_try, span_text(pin), &w->err));
	must(w, store_commit(w->service->store, &w->err));
	if (w->problem.word[0] || !hash.wanted)
		return w->problem.word[0] ? w->problem.word : rules_state_word(w->seen.state);
	must(w, rules_hash_compare(&right, &hash, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_pin_finish(&w->rules, &w->seen, &w->problem, &w->till, w->started.id,
			pin_try, &hash, right, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word[0] ? w->problem.word : rules_state_word(w->seen.state);
}

static inline const char *world_state(struct world *w)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_verification_state(&w->rules, &w->seen, &w->problem, &w->till,
			w->started.id, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word[0] ? w->problem.word : rules_state_word(w->seen.state);
}

static inline const char *world_cancel(struct world *w)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_verification_cancel(&w->rules, &w->seen, &w->problem, &w->till,
			w->started.id, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word[0] ? w->problem.word : rules_state_word(w->seen.state);
}

/* The last audit record. */
static inline struct store_audit world_last_audit(struct world *w)
{
	struct store_audit a;

	must(w, store_audit_last(w->service->store, &a, &w->err));
	return a;
}

/* How many records of a kind there are. */
static inline int world_audit_count(struct world *w, const char *kind)
{
	struct store_audit a = {.seq = 0};
	int n = 0;

	while (store_audit_next(w->service->store, &a, a.seq, &w->err) == ERR_OK)
		n += strcmp(a.kind, kind) == 0;
	return n;
}

static inline void world_audit_is_whole(struct world *w)
{
	struct audit_report report;

	must(w, service_audit_verify(w->service, &report, &w->err));
	assert_int_equal(report.bad_seq, 0);
	assert_string_equal(report.words, "");
}

#endif
