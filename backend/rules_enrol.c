/* SPDX-License-Identifier: Apache-2.0
 *
 * Enrolment of terminals.
 */
#include "backend/rules_enrol.h"

#include <string.h>

#include "backend/rules_shared.h"
#include "backend/store_enrol.h"
#include "base/base32.h"

#define DAY_S ((int64_t)86400)
#define NO_AUTHORITY "this backend has no authority for terminals; see countersignd ca"

/* ---- who asks ---- */

enum err_code rules_authenticate_peer(const struct rules *r, struct rules_caller *out,
	struct rules_problem *problem, const uint8_t peer[static SEC_SPKI_LEN], struct err *err)
{
	struct store_terminal_key key;
	enum err_code e = store_terminal_key_get(r->store, &key, peer, err);

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	if (e == ERR_NOT_FOUND) {
		rules_refuse(problem, 401, "unauthorised",
			"this terminal's certificate is not known here; enrol it again");
		return ERR_OK;
	}
	if (e)
		return e;
	if (key.revoked) {
		rules_refuse(problem, 403, "terminal-revoked",
			"this terminal was revoked or enrolled anew; the administrator can enrol "
			"it again");
		return ERR_OK;
	}
	out->role = ROLE_TERMINAL;
	memcpy(out->id, key.terminal, CODE_ID_LEN);
	text_copy(out->name, sizeof(out->name), key.terminal_name);
	return ERR_OK;
}

enum err_code rules_terminal_shut_out(const struct rules *r, struct store_terminal *t,
	struct err *err)
{
	int count;
	enum err_code e = sec_random(t->token, STORE_DIGEST_LEN, err); /* the digest of none */

	if (!e)
		e = store_terminal_enrol(r->store, t, err);
	return e ? e : store_terminal_key_revoke(r->store, &count, t->id, err);
}

/* ---- codes ---- */

enum err_code rules_enrolment_digest(uint8_t out[static SEC_SHA256_LEN], struct span code)
{
	uint8_t raw[AUTHORITY_SECRET_LEN + AUTHORITY_MARK_LEN];
	struct bytes decoded;
	enum err_code e;

	bytes_init_fixed(&decoded, raw, sizeof(raw));
	e = base32_decode_typed(&decoded, code);
	if (!e && decoded.len != sizeof(raw))
		e = ERR_FORMAT;
	if (!e)
		e = sec_sha256(out, &SPAN(raw, sizeof(raw)), 1);
	sec_wipe(raw, sizeof(raw));
	return e;
}

static enum err_code find_code(const struct rules *r, struct store_enrolment *out,
	struct rules_problem *problem, struct span code, struct err *err)
{
	uint8_t digest[STORE_DIGEST_LEN];
	enum err_code e = ERR_NOT_FOUND;

	if (!rules_enrolment_digest(digest, code))
		e = store_enrolment_get(r->store, out, digest, clock_unix_s(r->clock), err);
	if (e == ERR_NOT_FOUND) {
		rules_refuse(problem, 403, "bad-enrolment-code",
			"this code was used, is over, or never existed; ask for a new one");
		return ERR_OK;
	}
	return e;
}

/* ---- certificates ---- */

/* Once the caller has shown that he may: a stranger must not make us compute. */
static enum err_code read_request(struct sec_csr **out, uint8_t spki[static SEC_SPKI_LEN],
	struct rules_problem *problem, struct span csr, struct err *err)
{
	struct err why = {0};
	enum err_code e = sec_csr_parse(out, csr, &why);

	if (e == ERR_NO_MEMORY || e == ERR_CRYPTO)
		return err_set(err, e, "%s", why.text);
	if (e) {
		rules_refuse(problem, 400, "bad-request", why.text);
		return ERR_OK;
	}
	return sec_csr_spki(spki, *out);
}

static enum err_code sign(const struct rules *r, struct rules_enrolment_out *out,
	const struct sec_csr *csr, struct err *err)
{
	struct bytes pem;
	enum err_code e;

	bytes_init_fixed(&pem, out->certificate, sizeof(out->certificate) - 1);
	e = authority_sign_terminal(r->authority, &pem, &out->not_after, csr, out->name,
		clock_unix_s(r->clock), r->policy->certificate_days, err);
	out->certificate[pem.len] = '\0';
	return e;
}

/* The row of the terminal; a device that had the name before is out. */
static enum err_code take_terminal(const struct rules *r, struct store_terminal *t,
	const struct store_enrolment *code, struct err *err)
{
	enum err_code e = store_terminal_by_name(r->store, t, code->name, err);

	text_copy(t->merchant, sizeof(t->merchant), code->merchant);
	if (!e) {
		e = rules_terminal_shut_out(r, t, err);
		return e ? e : rules_event_terminal(r, t->id, "enrolled", err);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	text_copy(t->name, sizeof(t->name), code->name);
	t->created_at = clock_unix_s(r->clock);
	e = sec_random(t->id, CODE_ID_LEN, err);
	if (!e)
		e = sec_random(t->token, STORE_DIGEST_LEN, err); /* the digest of none */
	return e ? e : store_terminal_insert(r->store, t, err);
}

static enum err_code let_in(const struct rules *r, struct rules_enrolment_out *out,
	const struct store_enrolment *code, struct store_terminal_key *key,
	const struct sec_csr *csr, struct err *err)
{
	struct rules_act act = {
		.kind = "terminal-enrolled", .terminal = out->terminal, .code = code->code};
	struct store_terminal t = {.stopped = false};
	enum err_code e = take_terminal(r, &t, code, err);

	memcpy(out->terminal, t.id, CODE_ID_LEN);
	memcpy(key->terminal, t.id, CODE_ID_LEN);
	text_copy(out->name, sizeof(out->name), code->name);
	if (!e)
		e = sign(r, out, csr, err);
	key->not_after = out->not_after;
	key->created_at = clock_unix_s(r->clock);
	if (!e)
		e = store_terminal_key_insert(r->store, key, err);
	if (!e)
		e = store_enrolment_forget(r->store, code->name, clock_unix_s(r->clock), err);
	return e ? e : rules_record(r, &act, err);
}

/* A key belongs to one terminal for ever: what was revoked does not come back by another code. */
static enum err_code key_is_new(const struct rules *r, const struct store_terminal_key *key,
	struct rules_problem *problem, struct err *err)
{
	struct store_terminal_key old;
	enum err_code e = store_terminal_key_get(r->store, &old, key->spki, err);

	if (!e)
		rules_refuse(problem, 400, "bad-request",
			"this key was used before; a terminal makes a new one when it is enrolled");
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code rules_enrolment(const struct rules *r, struct rules_enrolment_out *out,
	struct rules_problem *problem, struct span code, struct span csr_text, struct err *err)
{
	struct store_terminal_key key = {.revoked = false};
	struct store_enrolment row = {.expires_at = 0};
	struct sec_csr *csr = NULL;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	if (!r->authority) {
		rules_refuse(problem, 403, "not-allowed", NO_AUTHORITY);
		return ERR_OK;
	}
	e = find_code(r, &row, problem, code, err);
	if (!e && !rules_refused(problem))
		e = read_request(&csr, key.spki, problem, csr_text, err);
	if (!e && !rules_refused(problem))
		e = key_is_new(r, &key, problem, err);
	if (!e && !rules_refused(problem))
		e = let_in(r, out, &row, &key, csr, err);
	sec_csr_free(&csr);
	return e;
}

/* A new certificate must bring at least a tenth of a certificate's life: else whoever has a
 * terminal could have us sign, and fill the audit, as often as he asks.
 */
static enum err_code check_gain(const struct rules *r, struct rules_problem *problem,
	const uint8_t spki[static SEC_SPKI_LEN], struct err *err)
{
	int64_t life = r->policy->certificate_days * DAY_S, now = clock_unix_s(r->clock);
	int64_t last = authority_not_after(r->authority);
	struct store_terminal_key key;
	enum err_code e = store_terminal_key_get(r->store, &key, spki, err);

	if (e)
		return e == ERR_NOT_FOUND ? err_set(err, ERR_INTERNAL, "a terminal's key vanished")
					  : e;
	if ((now + life < last ? now + life : last) - key.not_after >= life / 10)
		return ERR_OK;
	rules_refuse(problem, 429, "too-many-attempts",
		"this certificate is as good as a new one; renew it when it has grown older");
	if (key.not_after + life / 10 <= last)
		problem->until_unix_s = key.not_after - life + life / 10;
	return ERR_OK;
}

enum err_code rules_terminal_renewal(const struct rules *r, struct rules_enrolment_out *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t peer[static SEC_SPKI_LEN], struct span csr_text, struct err *err)
{
	struct rules_act act = {.kind = "certificate-renewed", .terminal = caller->id};
	uint8_t spki[SEC_SPKI_LEN];
	struct sec_csr *csr = NULL;
	bool done = false;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	if (!r->authority) {
		rules_refuse(problem, 403, "not-allowed", NO_AUTHORITY);
		return ERR_OK;
	}
	e = read_request(&csr, spki, problem, csr_text, err);
	if (!e && !rules_refused(problem) && !sec_equal(spki, peer, SEC_SPKI_LEN))
		rules_refuse(problem, 400, "bad-request",
			"the request is not for the key of this connection");
	if (!e && !rules_refused(problem))
		e = check_gain(r, problem, spki, err);
	if (!e && !rules_refused(problem)) {
		memcpy(out->terminal, caller->id, CODE_ID_LEN);
		text_copy(out->name, sizeof(out->name), caller->name);
		e = sign(r, out, csr, err);
		if (!e)
			e = store_terminal_key_renew(r->store, &done, spki, out->not_after, err);
		if (!e && !done) /* it was read in this transaction */
			e = err_set(err, ERR_INTERNAL, "a terminal's key vanished");
		if (!e)
			e = rules_record(r, &act, err);
	}
	sec_csr_free(&csr);
	return e;
}
