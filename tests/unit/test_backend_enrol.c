/* SPDX-License-Identifier: Apache-2.0
 *
 * Enrolment of terminals: one-time codes, keys, revocation, what a backup put back does not undo;
 * and a terminal that is revoked while its connection is open.
 */
#include <pthread.h>

#include "backend/rules_enrol.h"
#include "backend/server.h"
#include "base/file.h"
#include "base/log.h"
#include "tests/lib/backend_world.h"
#include "tests/lib/tls_client.h"

static struct world *w;
static struct rules_enrolment_out out;

static const char *const NAMES[] = {"localhost", "127.0.0.1"};

static int set_up(void **state)
{
	const struct authority_server server = {.names = NAMES, .name_count = 2};
	int64_t not_after;

	(void)state;
	w = world_new();
	must(w, authority_create(w->dir, "Corner Bank", &server, world_now(w), &not_after,
			&w->err));
	service_close(&w->service);
	world_open(w);
	log_set_fd(-1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	log_set_fd(2);
	world_free(w);
	w = NULL;
	return 0;
}

struct device {
	struct sec_key *key;
	char csr[SEC_CSR_MAX];
	size_t csr_len;
	uint8_t spki[SEC_SPKI_LEN];
};

static void device_new(struct device *d)
{
	struct bytes pem;

	must(w, sec_key_new(&d->key, &w->err));
	bytes_init_fixed(&pem, d->csr, sizeof(d->csr));
	must(w, sec_csr_build(&pem, d->key, "till", &w->err));
	d->csr_len = pem.len;
	must(w, sec_key_spki(d->spki, d->key));
}

static struct service_enrolment code_new(const char *name)
{
	struct service_enrolment code;

	must(w, service_enrolment_new(w->service, &code, name, NULL, &w->err));
	return code;
}

/* The word of the refusal; "" = enrolled. */
static const char *enrol(const struct device *d, const char *code)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_enrolment(&w->rules, &out, &w->problem, span_text(code),
			SPAN(d->csr, d->csr_len), &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
}

static const char *who(const struct device *d, struct rules_caller *caller)
{
	must(w, rules_authenticate_peer(&w->rules, caller, &w->problem, d->spki, &w->err));
	return w->problem.word;
}

static const char *renew(const struct device *d, const struct device *shown)
{
	struct rules_caller caller;

	assert_string_equal(who(d, &caller), "");
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_terminal_renewal(&w->rules, &out, &w->problem, &caller, d->spki,
			SPAN(shown->csr, shown->csr_len), &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
}

static void a_code_lets_one_device_in_once(void **state)
{
	struct device d, second;
	struct rules_caller caller;
	struct sec_cert *cert = NULL;
	struct service_enrolment code = code_new("counter 7");

	(void)state;
	device_new(&d);
	device_new(&second);
	assert_string_equal(who(&d, &caller), "unauthorised");
	assert_string_equal(enrol(&d, code.code), "");
	assert_string_equal(out.name, "counter 7");
	assert_int_equal(out.not_after, world_now(w) + 365 * 86400);
	must(w, sec_cert_parse(&cert, span_text(out.certificate), &w->err));
	assert_true(sec_cert_has_key(cert, d.key));
	sec_cert_free(&cert);
	assert_string_equal(who(&d, &caller), "");
	assert_int_equal(caller.role, ROLE_TERMINAL);
	assert_string_equal(caller.name, "counter 7");
	assert_memory_equal(caller.id, out.terminal, CODE_ID_LEN);
	assert_string_equal(enrol(&second, code.code), "bad-enrolment-code");
	assert_string_equal(who(&second, &caller), "unauthorised");
	sec_key_free(&d.key);
	sec_key_free(&second.key);
}

/* Which code let which device in, and for which terminal it was made. */
static void the_audit_tells_which_code_was_used(void **state)
{
	struct device d;
	struct service_enrolment code;
	struct store_audit made, used;
	char mark[32];

	(void)state;
	device_new(&d);
	code = code_new("a");
	made = world_last_audit(w);
	assert_string_equal(made.kind, "enrolment-code");
	assert_int_equal(made.terminal_len, 0); /* there is none of this name */
	assert_non_null(strstr(made.detail, "\"code\":\""));
	(void)snprintf(mark, sizeof(mark), "%.25s", strstr(made.detail, "\"code\":\""));
	assert_string_equal(enrol(&d, code.code), "");
	used = world_last_audit(w);
	assert_string_equal(used.kind, "terminal-enrolled");
	assert_non_null(strstr(used.detail, mark));
	code = code_new("a");
	made = world_last_audit(w);
	assert_int_equal(made.terminal_len, CODE_ID_LEN);
	assert_memory_equal(made.terminal, used.terminal, CODE_ID_LEN);
	assert_null(strstr(made.detail, mark));
	assert_null(strstr(made.detail, code.code));
	sec_key_free(&d.key);
}

static void codes_that_are_not_good(void **state)
{
	struct device d;
	struct service_enrolment code = code_new("a"), other;
	char text[AUTHORITY_CODE_TEXT_MAX];

	(void)state;
	device_new(&d);
	assert_int_equal(code.expires_at, world_now(w) + 86400);
	for (size_t i = 0; code.code[i]; i++) { /* every letter of it, the authority's too */
		memcpy(text, code.code, sizeof(text));
		if (text[i] == '-')
			continue;
		text[i] = text[i] == 'A' ? 'B' : 'A';
		assert_string_equal(enrol(&d, text), "bad-enrolment-code");
	}
	assert_string_equal(enrol(&d, ""), "bad-enrolment-code");
	memcpy(text, code.code, sizeof(text));
	text[strlen(text) - 1] = '\0';
	assert_string_equal(enrol(&d, text), "bad-enrolment-code");
	snprintf(text, sizeof(text), "%.37sAA", code.code);
	assert_string_equal(enrol(&d, text), "bad-enrolment-code");
	other = code_new("a"); /* the same name: the first is withdrawn */
	assert_string_equal(enrol(&d, code.code), "bad-enrolment-code");
	world_pass(w, 86400);
	assert_string_equal(enrol(&d, other.code), "bad-enrolment-code");
	other = code_new("a");
	world_pass(w, 86399);
	assert_string_equal(enrol(&d, other.code), "");
	sec_key_free(&d.key);
}

static void a_bad_request_does_not_use_the_code_up(void **state)
{
	struct device d, nonsense;
	struct service_enrolment code = code_new("a");

	(void)state;
	device_new(&d);
	nonsense = d;
	nonsense.csr_len--;
	assert_string_equal(enrol(&nonsense, code.code), "bad-request");
	assert_string_equal(enrol(&d, code.code), "");
	sec_key_free(&d.key);
}

static void a_new_device_puts_the_old_one_out(void **state)
{
	struct device old, fresh;
	struct rules_caller caller, first;
	struct service_terminal t;

	(void)state;
	device_new(&old);
	device_new(&fresh);
	must(w, service_terminal_enrol(w->service, &t, "a", NULL, &w->err));
	assert_string_equal(enrol(&old, code_new("a").code), "");
	must(w, rules_authenticate(&w->rules, &caller, span_text(t.token), &w->err));
	assert_int_equal(caller.role, ROLE_NOBODY); /* its token ended */
	struct service_enrolment code = code_new("a");
	assert_string_equal(who(&old, &first), ""); /* not before the code is used */
	assert_string_equal(enrol(&fresh, code.code), "");
	assert_string_equal(who(&old, &caller), "terminal-revoked");
	assert_string_equal(who(&fresh, &caller), "");
	assert_memory_equal(first.id, caller.id, CODE_ID_LEN); /* the terminal is the same */
	/* and a key does not come back */
	assert_string_equal(enrol(&old, code_new("b").code), "bad-request");
	assert_string_equal(who(&old, &caller), "terminal-revoked");
	/* nor does a certificate outlive a token */
	must(w, service_terminal_enrol(w->service, &t, "a", NULL, &w->err));
	assert_string_equal(who(&fresh, &caller), "terminal-revoked");
	sec_key_free(&old.key);
	sec_key_free(&fresh.key);
}

static void a_revoked_terminal_is_out_with_all_it_has(void **state)
{
	struct device d, thief;
	struct rules_caller caller;
	struct service_terminal t;

	(void)state;
	device_new(&d);
	device_new(&thief);
	assert_string_equal(enrol(&d, code_new("a").code), "");
	struct service_enrolment code = code_new("a");
	must(w, service_terminal_revoke(w->service, "a", &w->err));
	assert_string_equal(who(&d, &caller), "terminal-revoked");
	assert_int_equal(caller.role, ROLE_NOBODY);
	assert_string_equal(enrol(&thief, code.code), "bad-enrolment-code");
	must(w, service_terminal_enrol(w->service, &t, "b", NULL, &w->err));
	must(w, service_terminal_revoke(w->service, "b", &w->err));
	must(w, rules_authenticate(&w->rules, &caller, span_text(t.token), &w->err));
	assert_int_equal(caller.role, ROLE_NOBODY);
	assert_int_equal(service_terminal_revoke(w->service, "nobody", &w->err), ERR_NOT_FOUND);
	sec_key_free(&d.key);
	sec_key_free(&thief.key);
}

static void a_renewal_is_for_the_key_of_the_connection(void **state)
{
	struct device d, other;

	(void)state;
	device_new(&d);
	device_new(&other);
	assert_string_equal(enrol(&d, code_new("a").code), "");
	world_pass(w, 300 * 86400);
	assert_string_equal(renew(&d, &other), "bad-request");
	assert_string_equal(renew(&d, &d), "");
	assert_int_equal(out.not_after, world_now(w) + 365 * 86400);
	/* at once again it would bring nothing but work */
	for (int i = 0; i < 3; i++)
		assert_string_equal(renew(&d, &d), "too-many-attempts");
	assert_int_equal(w->problem.status, 429);
	assert_int_equal(w->problem.until_unix_s, world_now(w) + 365 * 8640);
	world_pass(w, 365 * 8640 - 1);
	assert_string_equal(renew(&d, &d), "too-many-attempts");
	world_pass(w, 1);
	assert_string_equal(renew(&d, &d), "");
	assert_int_equal(world_audit_count(w, "certificate-renewed"), 2);
	sec_key_free(&d.key);
	sec_key_free(&other.key);
}

static void copy(const char *from, const char *to)
{
	struct bytes file;

	bytes_init(&file, 10000000);
	must(w, file_read(&file, from, false, &w->err));
	must(w, file_replace(to, bytes_span(&file), 0600, &w->err));
	bytes_done(&file);
}

static void a_backup_put_back_lets_nobody_in_again(void **state)
{
	struct device stolen, later, thief;
	struct rules_caller caller;
	struct service_enrolment code, unused;
	char saved[96];

	(void)state;
	if (w->url[0])
		skip(); /* backups of a file */
	snprintf(saved, sizeof(saved), "%s/saved", w->dir);
	device_new(&stolen);
	device_new(&later);
	device_new(&thief);
	assert_string_equal(enrol(&stolen, code_new("stolen").code), "");
	code = code_new("later");
	unused = code_new("unused");
	service_close(&w->service);
	copy(w->db, saved);
	world_open(w);
	must(w, service_terminal_revoke(w->service, "stolen", &w->err));
	assert_string_equal(enrol(&later, code.code), "");
	service_close(&w->service);
	copy(saved, w->db);
	must(w, service_restore(w->dir, false, &w->clock, &w->err));
	world_open(w);
	assert_string_equal(who(&stolen, &caller), "terminal-revoked");
	assert_string_equal(who(&later, &caller), "unauthorised"); /* enrol it once more */
	assert_string_equal(enrol(&thief, code.code), "bad-enrolment-code");
	assert_string_equal(enrol(&thief, unused.code), "bad-enrolment-code");
	sec_key_free(&stolen.key);
	sec_key_free(&later.key);
	sec_key_free(&thief.key);
}

static void without_an_authority_nobody_is_enrolled(void **state)
{
	struct device d;
	struct service_enrolment code = code_new("a"), none;
	struct authority_files f;

	(void)state;
	device_new(&d);
	authority_files(&f, w->dir);
	assert_int_equal(unlink(f.ca), 0);
	service_close(&w->service);
	world_open(w);
	assert_int_equal(
		service_enrolment_new(w->service, &none, "b", NULL, &w->err), ERR_NOT_FOUND);
	assert_string_equal(enrol(&d, code.code), "not-allowed");
	sec_key_free(&d.key);
}

/* ---- the real server ---- */

#define ASK "GET /v1/issuer HTTP/1.1\r\nHost: localhost\r\n%s\r\n"

static void *serve(void *server)
{
	struct err err = {0};

	return server_run(server, &err) ? server : NULL;
}

static int ask(struct tls_client *c, struct raw_answer *a, const char *token)
{
	char text[256], header[128] = "";

	if (token)
		snprintf(header, sizeof(header), "Authorization: Bearer %s\r\n", token);
	snprintf(text, sizeof(text), ASK, header);
	return tls_ask(c, a, text) ? a->status : 0;
}

/* Another process revokes; here another handle on the same store. */
static void revoked_on_its_open_connection(void **state)
{
	struct authority_files f;
	struct http_tls_files files;
	struct server_options opt = {.address = "127.0.0.1"};
	struct service *beside = NULL;
	struct service_terminal t;
	struct server *server = NULL;
	struct tls_client till, wallet;
	struct raw_answer a;
	struct device d;
	pthread_t thread;
	void *failed;

	(void)state;
	clock_init_real(&w->clock); /* TLS looks at no other */
	device_new(&d);
	must(w, service_terminal_enrol(w->service, &t, "by token", NULL, &w->err));
	assert_int_equal(folder_set_up(NULL), 0);
	authority_files(&f, w->dir);
	struct authority *authority = NULL;
	/* as of now: the world's clock was somewhere else */
	assert_int_equal(unlink(f.ca) | unlink(f.ca_key), 0);
	const struct authority_server names = {.names = NAMES, .name_count = 2};
	int64_t end;
	must(w, authority_create(w->dir, "Corner Bank", &names, world_now(w), &end, &w->err));
	service_close(&w->service);
	world_open(w);
	must(w, authority_open(&authority, w->dir, &w->err));
	assert_string_equal(enrol(&d, code_new("a").code), "");
	must(w, file_replace(in_folder("ca.pem"), authority_anchor(authority), 0644, &w->err));
	must(w, file_replace(in_folder("till.pem"), span_text(out.certificate), 0644, &w->err));
	must(w, sec_key_write(d.key, in_folder("till.key"), &w->err));
	authority_free(&authority);
	files = (struct http_tls_files){f.server, f.server_key, f.ca};
	opt.service = w->service;
	opt.clock = &w->clock;
	opt.tls = &files;
	must(w, server_new(&server, &opt, &w->err));
	assert_int_equal(pthread_create(&thread, NULL, serve, server), 0);

	assert_true(tls_connect(&till, server_port(server), &(struct tls_how){"till", 0, 0}));
	assert_true(tls_connect(&wallet, server_port(server), &(struct tls_how){NULL, 0, 0}));
	assert_int_equal(ask(&till, &a, NULL), 200);
	assert_int_equal(ask(&wallet, &a, NULL), 401);
	assert_int_equal(ask(&wallet, &a, t.token), 401); /* a terminal's token is for plain HTTP */
	must(w, service_open(&beside, w->dir, &w->clock, &w->err));
	must(w, service_terminal_revoke(beside, "a", &w->err));
	assert_int_equal(ask(&till, &a, NULL), 403);
	assert_non_null(strstr(a.body, "terminal-revoked"));
	assert_int_equal(ask(&till, &a, t.token), 403); /* whatever else it knows */
	assert_non_null(strstr(a.body, "terminal-revoked"));
	service_close(&beside);
	tls_end(&till);
	tls_end(&wallet);
	server_stop(server);
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	server_free(&server);
	sec_key_free(&d.key);
	assert_int_equal(folder_tear_down(NULL), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_code_lets_one_device_in_once),
		CASE(the_audit_tells_which_code_was_used),
		CASE(codes_that_are_not_good),
		CASE(a_bad_request_does_not_use_the_code_up),
		CASE(a_new_device_puts_the_old_one_out),
		CASE(a_revoked_terminal_is_out_with_all_it_has),
		CASE(a_renewal_is_for_the_key_of_the_connection),
		CASE(a_backup_put_back_lets_nobody_in_again),
		CASE(without_an_authority_nobody_is_enrolled),
		CASE(revoked_on_its_open_connection),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
