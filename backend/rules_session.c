/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators and administrators sign in and out. A wrong passphrase is counted for its name, whether
 * somebody has it or not, and for all names together: nobody can guess fast, and neither words nor
 * work nor waiting tell which names there are. Where a name has signed in before, its wrong ones
 * are counted apart, and the others' do not hold it up: no stranger locks an administrator out.
 */
#include "backend/rules_people.h"
#include "backend/rules_shared.h"

#include <stdio.h>
#include <string.h>

#define MINUTE_S 60
#define DAY_S    86400

#define TEXT_OF_(x) #x
#define TEXT_OF(x)  TEXT_OF_(x)

/* A hash that nothing has, compared for names that nobody has: the same memory and passes. */
#define HASH_OF_NOBODY                                                                             \
	"$argon2id$v=19$m=" TEXT_OF(SEC_PASSWORD_MEMORY_KIB) ",t=" TEXT_OF(SEC_PASSWORD_PASSES)    \
	",p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

#define KNOWN_S ((int64_t)30 * DAY_S) /* an address is known so long after it signed in */

static const uint8_t everybody[CODE_ID_LEN]; /* the slot of all names together */

const char *rules_staff_role(enum staff_role role)
{
	switch (role) {
	case STAFF_ADMIN:
		return "administrator";
	case STAFF_SUPERVISOR:
		return "supervisor";
	case STAFF_OPERATOR:
		return "teller";
	case STAFF_CASHIER:
		break;
	}
	return "cashier";
}

enum rules_role rules_role_of(enum staff_role role)
{
	switch (role) {
	case STAFF_ADMIN:
		return ROLE_ADMIN;
	case STAFF_SUPERVISOR:
		return ROLE_SUPERVISOR;
	case STAFF_OPERATOR:
		return ROLE_OPERATOR;
	case STAFF_CASHIER:
		break;
	}
	return ROLE_CASHIER; /* who may least */
}

enum err_code rules_passphrase_pepper(const struct rules *r, uint8_t out[static SEC_KEY_LEN],
	const uint8_t staff[static CODE_ID_LEN], struct span passphrase)
{
	return keyring_pepper(r->keys, out, "passphrase", SPAN(staff, CODE_ID_LEN), passphrase);
}

/* ---- who it would be ---- */

struct sign_in {
	struct store_staff staff; /* zero but for its id when nobody has the name */
	bool known;
	bool placed;         /* it has signed in from this address */
	struct store_try own; /* of the name, or of the name at a place where it signed in */
	struct store_try all;
	uint8_t place[CODE_ID_LEN];
};

/* A slot of its own for each kind, so that none can be taken for another. */
static enum err_code slot_of(const struct rules *r, uint8_t out[static CODE_ID_LEN],
	const char *kind, const uint8_t id[static CODE_ID_LEN], struct span of, struct err *err)
{
	uint8_t mark[SEC_KEY_LEN];

	if (keyring_pepper(r->keys, mark, kind, SPAN(id, CODE_ID_LEN), of))
		return err_set(err, ERR_CRYPTO, "a name could not be prepared");
	memcpy(out, mark, CODE_ID_LEN);
	return ERR_OK;
}

/* A place has a row that says until when it is known, counted from the last sign-in there, and one
 * of the tries: who fails there cannot keep it known.
 */
static enum err_code find_place(const struct rules *r, struct sign_in *s, struct span from,
	struct err *err)
{
	struct store_try known = {.failures = 0}, own = {.failures = 0};
	enum err_code e;

	if (from.len == 0)
		return ERR_OK;
	e = slot_of(r, s->place, "place", s->staff.id, from, err);
	memcpy(known.slot, s->place, CODE_ID_LEN);
	if (!e)
		e = store_try_get(r->store, &known, err);
	s->placed = !e && s->known && known.at > clock_unix_s(r->clock);
	if (e || !s->placed)
		return e;
	e = slot_of(r, own.slot, "place tries", s->staff.id, from, err);
	if (!e)
		e = store_try_get(r->store, &own, err);
	s->own = own;
	return e;
}

static enum err_code find(const struct rules *r, struct sign_in *s, const char *name,
	struct span from, struct err *err)
{
	uint8_t mark[CODE_ID_LEN] = {0};
	enum err_code e = slot_of(r, mark, "name", everybody, span_text(name), err);

	if (e)
		return e;
	e = store_staff_by_name(r->store, &s->staff, name, err);
	s->known = !e;
	if (e == ERR_NOT_FOUND)
		memcpy(s->staff.id, mark, CODE_ID_LEN);
	else if (e)
		return e;
	memcpy(s->own.slot, s->staff.id, CODE_ID_LEN);
	memcpy(s->all.slot, everybody, CODE_ID_LEN);
	e = store_try_get(r->store, &s->own, err);
	if (!e)
		e = store_try_get(r->store, &s->all, err);
	return e ? e : find_place(r, s, from, err);
}

/* ---- waiting ---- */

static int64_t own_wait(const struct policy *p, int failures)
{
	int64_t wait = p->sign_in_wait_s;

	if (failures < p->sign_in_tries)
		return 0;
	for (int64_t i = p->sign_in_tries; i < failures && wait < p->sign_in_wait_max_s; i++)
		wait *= 2;
	return wait < p->sign_in_wait_max_s ? wait : p->sign_in_wait_max_s;
}

static void throttle(const struct rules *r, struct sign_in *s, struct rules_problem *problem)
{
	int64_t now = clock_unix_s(r->clock), minute = now - now % MINUTE_S, until;

	if (s->own.at <= now - DAY_S)
		s->own.failures = 0;
	if (s->own.at > now) /* the clock was set back */
		s->own.at = now;
	if (s->all.at != minute)
		s->all.failures = 0;
	s->all.at = minute;
	until = s->own.at + own_wait(r->policy, s->own.failures);
	if (!s->placed && s->all.failures >= r->policy->sign_in_wrong_minute &&
		until < minute + MINUTE_S)
		until = minute + MINUTE_S;
	if (until <= now)
		return;
	rules_refuse(problem, 429, "too-many-attempts",
		"too many wrong passphrases; wait, then try again");
	problem->until_unix_s = until;
}

static enum err_code count(const struct rules *r, struct sign_in *s, int by, struct err *err)
{
	struct store_try own = s->own;
	enum err_code e;

	own.failures = own.failures + by > 0 ? own.failures + by : 0;
	if (by > 0)
		own.at = clock_unix_s(r->clock);
	s->all.failures += by;
	if (s->all.failures < 0) /* another minute began */
		s->all.failures = 0;
	e = store_try_put(r->store, &own, err);
	return e || s->placed ? e : store_try_put(r->store, &s->all, err);
}

enum err_code rules_sign_in_begin(const struct rules *r, struct rules_hash *hash,
	struct rules_problem *problem, const char *name, struct span from, struct span passphrase,
	struct err *err)
{
	struct sign_in s = {.known = false};
	enum err_code e = find(r, &s, name, from, err);

	memset(hash, 0, sizeof(*hash));
	rules_problem_clear(problem);
	if (e)
		return e;
	throttle(r, &s, problem);
	if (rules_refused(problem))
		return ERR_OK;
	e = count(r, &s, 1, err); /* taken back when it is right */
	if (!e && rules_passphrase_pepper(r, hash->secret, s.staff.id, passphrase))
		e = err_set(err, ERR_CRYPTO, "the passphrase could not be prepared");
	if (e)
		return e;
	hash->wanted = true;
	(void)snprintf(hash->encoded, sizeof(hash->encoded), "%s",
		s.known && !s.staff.stopped ? s.staff.pass_hash : HASH_OF_NOBODY);
	return ERR_OK;
}

/* ---- afterwards ---- */

static enum err_code record(const struct rules *r, const char *kind, const struct store_staff *who,
	int times, struct err *err)
{
	struct rules_caller caller = {.role = ROLE_OPERATOR};
	char actor[RULES_ACTOR_MAX] = "";
	const struct rules_act act = {.kind = kind, .operator_mark = actor, .times = times};

	if (who) {
		memcpy(caller.id, who->id, CODE_ID_LEN);
		rules_actor(actor, &caller);
	}
	return rules_record(r, &act, err);
}

static enum err_code open_session(const struct rules *r, struct rules_session *out,
	const struct sign_in *s, struct err *err)
{
	uint8_t digest[SEC_SHA256_LEN];
	int64_t now = clock_unix_s(r->clock);
	enum err_code e = keyring_token_new(out->token, digest, err);

	memcpy(out->id, s->staff.id, CODE_ID_LEN);
	(void)snprintf(out->name, sizeof(out->name), "%s", s->staff.name);
	out->role = rules_staff_role(s->staff.role);
	out->expires_at = now + r->policy->session_lifetime_s;
	if (!e)
		e = store_session_insert(r->store, digest, s->staff.id, now, out->expires_at, err);
	return e ? e : record(r, "signed-in", &s->staff, 0, err);
}

/* One record for each doubling: 1, 2, 4, 8 ... of a day, and of all names that nobody has together,
 * so that whoever guesses cannot fill the audit.
 */
static enum err_code record_refused(const struct rules *r, const struct sign_in *s,
	struct err *err)
{
	int64_t now = clock_unix_s(r->clock), day = now - now % DAY_S;
	struct store_try t = {.failures = 0};
	enum err_code e = slot_of(r, t.slot, "refused", s->known ? s->staff.id : everybody,
		SPAN(NULL, 0), err);

	if (!e)
		e = store_try_get(r->store, &t, err);
	if (e)
		return e;
	if (t.at < day)
		t.failures = 0;
	t.at = now;
	if (t.failures < INT32_MAX)
		t.failures++;
	e = store_try_put(r->store, &t, err);
	if (e || (t.failures & (t.failures - 1)) != 0)
		return e;
	return record(r, "sign-in-refused", s->known ? &s->staff : NULL, t.failures, err);
}

/* What was counted in begin is taken back; where it was is remembered. */
static enum err_code let_in(const struct rules *r, struct rules_session *out, struct sign_in *s,
	struct span from, struct err *err)
{
	struct store_try place = {.failures = 0, .at = clock_unix_s(r->clock) + KNOWN_S};
	enum err_code e = s->placed ? ERR_OK : count(r, s, -1, err);

	memcpy(place.slot, s->place, CODE_ID_LEN);
	if (!e)
		e = store_try_forget(r->store, s->own.slot, err);
	if (!e && from.len)
		e = store_try_put(r->store, &place, err);
	return e ? e : open_session(r, out, s, err);
}

enum err_code rules_sign_in_finish(const struct rules *r, struct rules_session *out,
	struct rules_problem *problem, const char *name, struct span from,
	const struct rules_hash *hash, bool right, struct err *err)
{
	struct sign_in s = {.known = false};
	enum err_code e = find(r, &s, name, from, err);

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	if (e)
		return e;
	/* what was compared must still be what is stored */
	if (!right || !s.known || s.staff.stopped || strcmp(hash->encoded, s.staff.pass_hash)) {
		rules_refuse(problem, 403, "wrong-passphrase",
			"name and passphrase are not those of an operator");
		return record_refused(r, &s, err);
	}
	e = let_in(r, out, &s, from, err);
	if (e)
		sec_wipe(out, sizeof(*out));
	return e;
}

enum err_code rules_sign_out(const struct rules *r, const struct rules_caller *caller,
	struct span token, struct err *err)
{
	struct store_staff who = {.role = STAFF_OPERATOR};
	uint8_t digest[SEC_SHA256_LEN];
	enum err_code e = ERR_OK;

	if (keyring_token_digest(digest, token)) /* it was good a moment ago */
		return err_set(err, ERR_INTERNAL, "a session's token is none");
	memcpy(who.id, caller->id, CODE_ID_LEN);
	e = store_session_end(r->store, digest, err);
	return e ? e : record(r, "signed-out", &who, 0, err);
}

enum err_code rules_session_caller(const struct rules *r, struct rules_caller *out,
	const uint8_t digest[static SEC_SHA256_LEN], struct err *err)
{
	struct store_staff staff;
	enum err_code e =
		store_session_staff(r->store, &staff, digest, clock_unix_s(r->clock), err);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	out->role = rules_role_of(staff.role);
	memcpy(out->id, staff.id, CODE_ID_LEN);
	(void)snprintf(out->name, sizeof(out->name), "%s", staff.name);
	return ERR_OK;
}

#define CALLS_KEPT_S (90 * DAY_S)

enum err_code rules_people_sweep(const struct rules *r, struct err *err)
{
	int64_t now = clock_unix_s(r->clock);
	enum err_code e = store_session_prune(r->store, now, err);

	if (!e)
		e = store_try_prune(r->store, now - DAY_S, err);
	return e ? e : store_call_prune(r->store, now - CALLS_KEPT_S, err);
}
