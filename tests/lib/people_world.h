/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators and calls in a backend_world: each step is one transaction, as in the server, with the
 * hash computed in between. For test programs only.
 */
#ifndef TESTS_LIB_PEOPLE_WORLD_H
#define TESTS_LIB_PEOPLE_WORLD_H

#include "backend/rules_credential.h"
#include "backend/service_people.h"
#include "tests/lib/backend_world.h"

#define PASSPHRASE "correct horse battery"

struct people {
	struct world *w;
	struct rules_caller ann, bob, root; /* two operators, one administrator */
	struct rules_session session;       /* of the last sign-in */
	struct rules_call call;             /* of the last step in a call */
};

static inline void people_add(struct people *p, struct rules_caller *out, const char *name,
	enum staff_role role)
{
	struct service_operator o;

	must(p->w, service_operator_add(p->w->service, &o, name, role, span_text(PASSPHRASE),
			&p->w->err));
	out->role = rules_role_of(role);
	memcpy(out->id, o.id, CODE_ID_LEN);
}

static inline void people_set_up(struct people *p)
{
	memset(p, 0, sizeof(*p));
	p->w = world_new();
	people_add(p, &p->ann, "Ann", STAFF_OPERATOR);
	people_add(p, &p->bob, "Bob", STAFF_OPERATOR);
	people_add(p, &p->root, "Root", STAFF_ADMIN);
}

static inline void begin(struct people *p)
{
	must(p->w, store_begin(p->w->service->store, &p->w->err));
}

static inline void commit(struct people *p)
{
	must(p->w, store_commit(p->w->service->store, &p->w->err));
}

/* The word of the refusal; "" = signed in. from: an address as text, NULL = not known. */
static inline const char *people_sign_in_from(struct people *p, const char *from,
	const char *name, const char *passphrase)
{
	struct world *w = p->w;
	struct span origin = from ? span_text(from) : SPAN(NULL, 0);
	struct rules_hash hash;
	bool right = false;

	begin(p);
	must(w, rules_sign_in_begin(&w->rules, &hash, &w->problem, name, origin,
			span_text(passphrase), &w->err));
	commit(p);
	if (!hash.wanted)
		return w->problem.word;
	must(w, rules_hash_compare(&right, &hash, &w->err));
	begin(p);
	must(w, rules_sign_in_finish(&w->rules, &p->session, &w->problem, name, origin, &hash,
			right, &w->err));
	commit(p);
	return w->problem.word;
}

static inline const char *people_sign_in(struct people *p, const char *name,
	const char *passphrase)
{
	return people_sign_in_from(p, NULL, name, passphrase);
}

static inline enum rules_role people_role(struct people *p, const char *token)
{
	struct rules_caller caller;

	must(p->w, rules_authenticate(&p->w->rules, &caller, span_text(token), &p->w->err));
	return caller.role;
}

/* ---- calls ---- */

static inline void people_question(struct people *p, const char *kind, const char *words,
	const char *answer)
{
	int place = 0;

	must(p->w, service_question_set(p->w->service, &place, p->w->holder, kind, words,
			span_text(answer), &p->w->err));
}

static inline const char *people_call(struct people *p, const struct rules_caller *who,
	const struct rules_call_in *in)
{
	begin(p);
	must(p->w, rules_call_open(&p->w->rules, &p->call, &p->w->problem, who, in, &p->w->err));
	commit(p);
	return p->w->problem.word;
}

static inline const char *people_call_phone(struct people *p, const struct rules_caller *who)
{
	return people_call(p, who, &(struct rules_call_in){.phone = "13800130000"});
}

/* The state afterwards, or the word of the refusal. */
static inline const char *people_answer(struct people *p, const struct rules_caller *who,
	int question, const char *answer)
{
	struct world *w = p->w;
	struct rules_hash hash;
	uint8_t id[CODE_ID_LEN];
	bool right = false;

	memcpy(id, p->call.id, CODE_ID_LEN);
	begin(p);
	must(w, rules_call_answer_begin(&w->rules, &hash, &p->call, &w->problem, who, id,
			question, span_text(answer), &w->err));
	commit(p);
	memcpy(p->call.id, id, CODE_ID_LEN);
	if (!hash.wanted)
		return w->problem.word[0] ? w->problem.word : p->call.state;
	must(w, rules_hash_compare(&right, &hash, &w->err));
	begin(p);
	must(w, rules_call_answer_finish(&w->rules, &p->call, &w->problem, who, id, question,
			&hash, right, &w->err));
	commit(p);
	memcpy(p->call.id, id, CODE_ID_LEN);
	return w->problem.word[0] ? w->problem.word : p->call.state;
}

/* "" = allowed. call: whether the last call is named. */
static inline const char *people_may(struct people *p, const struct rules_caller *who, bool call,
	const uint8_t credential[static CODE_ID_LEN], enum rules_call_act act)
{
	char id[2 * CODE_ID_LEN + 1] = "";

	if (call)
		hex_encode(id, SPAN(p->call.id, CODE_ID_LEN));
	begin(p);
	must(p->w, rules_call_allows(
			&p->w->rules, &p->w->problem, who, id, credential, act, &p->w->err));
	commit(p);
	return p->w->problem.word;
}

#endif
