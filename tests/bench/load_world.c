/* SPDX-License-Identifier: Apache-2.0
 *
 * A backend directory with its terminals, made by the backend's own verbs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/rules_enrol.h"
#include "base/file.h"
#include "tests/bench/load.h"
#include "tests/lib/folder.h"

#define VALID_S (365 * 86400)

static void check(enum err_code e, const struct err *err)
{
	if (e)
		load_fail("the backend directory", err->text[0] ? err->text : err_words(e));
}

/* As `countersign enrol` does it, without the wire: a key, a code, a certificate. */
static void enrol(struct load_world *w, struct service *s, const char *name, SSL_CTX **out)
{
	struct rules rules = service_rules(s);
	struct rules_enrolment_out enrolled;
	struct rules_problem problem = {.status = 0};
	struct service_enrolment e;
	struct sec_key *key = NULL;
	char storage[SEC_CSR_MAX], key_file[LOAD_PATH_MAX + 32];
	char cert_file[LOAD_PATH_MAX + 32], ca_file[LOAD_PATH_MAX + 32];
	struct bytes csr;
	struct err err = {0};

	(void)snprintf(key_file, sizeof(key_file), "%s/client.key", w->dir);
	(void)snprintf(cert_file, sizeof(cert_file), "%s/client.pem", w->dir);
	(void)snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", w->dir);
	bytes_init_fixed(&csr, storage, sizeof(storage));
	check(service_enrolment_new(s, &e, name, NULL, &err), &err);
	check(sec_key_new(&key, &err), &err);
	check(sec_csr_build(&csr, key, name, &err), &err);
	check(store_begin(s->store, &err), &err);
	check(rules_enrolment(&rules, &enrolled, &problem, span_text(e.code), bytes_span(&csr),
		      &err), &err);
	check(store_commit(s->store, &err), &err);
	if (problem.word[0])
		load_fail("enrolment", problem.word);
	(void)unlink(key_file); /* of the terminal before */
	check(sec_key_write(key, key_file, &err), &err);
	check(file_replace(cert_file, span_text(enrolled.certificate), 0600, &err), &err);
	*out = SSL_CTX_new(TLS_client_method());
	if (!*out || SSL_CTX_use_certificate_file(*out, cert_file, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_use_PrivateKey_file(*out, key_file, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_load_verify_file(*out, ca_file) != 1)
		load_fail("TLS", "no context");
	SSL_CTX_set_verify(*out, SSL_VERIFY_PEER, NULL);
	sec_key_free(&key);
}

static void add_terminals(struct load_world *w, struct service *s, unsigned from)
{
	struct err err = {0};

	for (unsigned i = from; i < w->terminal_count; i++) {
		struct service_terminal t;
		char name[32];

		(void)snprintf(name, sizeof(name), "till %u", i + 1);
		if (w->tls) {
			enrol(w, s, name, &w->terminals[i].tls);
			continue;
		}
		check(service_terminal_enrol(s, &t, name, NULL, &err), &err);
		memcpy(w->terminals[i].token, t.token, sizeof(t.token));
	}
}

void load_world_configure(const struct load_world *w, const char *text)
{
	char path[LOAD_PATH_MAX + 32];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/countersignd.conf", w->dir);
	f = fopen(path, "a");
	if (!f || fputs(text, f) < 0 || fclose(f))
		load_fail(path, "cannot be written");
}

static void make_folder(struct load_world *w, const char *where)
{
	int n = snprintf(w->dir, sizeof(w->dir), "%s/world-XXXXXX", where);

	if (n >= (int)sizeof(w->dir) || !mkdtemp(w->dir))
		load_fail(where, "no folder can be made there");
}

/* Or the first seconds of a run would be the disk's with what was made before. */
static void settle(const struct load_world *w)
{
	int fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd))
		load_fail(w->dir, "cannot be synced");
	(void)close(fd);
}

void load_world_make(struct load_world *w, const char *where, unsigned credentials,
	unsigned terminals)
{
	static const char *const names[] = {"127.0.0.1"};
	const struct authority_server server = {.names = names, .name_count = 1};
	struct service *s = NULL;
	struct clock clock;
	int64_t server_end;
	struct err err = {0};

	make_folder(w, where);
	w->credentials = credentials;
	w->terminal_count = terminals;
	w->terminals = calloc(terminals, sizeof(*w->terminals));
	if (!w->terminals)
		load_fail("memory", "not enough");
	check(sec_start(&err), &err);
	clock_init_real(&clock);
	w->not_after = (uint32_t)(clock_unix_s(&clock) + VALID_S);
	check(service_init(w->dir, "Bench Bank", LOAD_HOST, &clock, &err), &err);
	check(authority_create(w->dir, "Bench Bank", &server, clock_unix_s(&clock), &server_end,
		      &err), &err);
	/* a phone comes again sooner than at a counter: there are not enough of them */
	load_world_configure(w, "\n[policy]\nstarts_per_tag = 100\n");
	check(service_open(&s, w->dir, &clock, &err), &err);
	memcpy(w->key_id, keyring_issuer_at(s->keys, 0)->key_id, CODE_KEY_ID_LEN);
	load_rows_make(w, &s, &clock);
	add_terminals(w, s, 0);
	service_close(&s);
	settle(w);
}

void load_world_copy(struct load_world *w, const struct load_world *from, const char *where)
{
	char all[LOAD_PATH_MAX + 4];

	*w = *from;
	w->borrowed = true;
	make_folder(w, where);
	(void)snprintf(all, sizeof(all), "%s/.", from->dir);
	load_command((const char *const[]){"cp", "-a", all, w->dir, NULL});
	settle(w);
}

void load_world_enrol(struct load_world *w, unsigned terminals)
{
	unsigned from = w->terminal_count;
	struct load_terminal *all = calloc(terminals, sizeof(*all));
	struct service *s = NULL;
	struct clock clock;
	struct err err = {0};

	ASSERT(w->borrowed && !w->more && terminals > from);
	if (!all)
		load_fail("memory", "not enough");
	memcpy(all, w->terminals, from * sizeof(*all));
	w->terminals = all;
	w->terminal_count = terminals;
	w->more = terminals - from;
	clock_init_real(&clock);
	check(service_open(&s, w->dir, &clock, &err), &err);
	add_terminals(w, s, from);
	service_close(&s);
}

void load_world_done(struct load_world *w)
{
	(void)nftw(w->dir, folder_remove, 8, FTW_DEPTH | FTW_PHYS);
	if (w->borrowed) {
		for (unsigned i = w->terminal_count - w->more; i < w->terminal_count; i++)
			SSL_CTX_free(w->terminals[i].tls);
		if (w->more)
			free(w->terminals);
		return;
	}
	for (unsigned i = 0; i < w->terminal_count; i++)
		SSL_CTX_free(w->terminals[i].tls);
	free(w->terminals);
	free(w->phone);
}

static unsigned common_divisor(unsigned a, unsigned b)
{
	return b ? common_divisor(b, a % b) : a;
}

unsigned load_phone_of(const struct load_world *w, unsigned terminal, unsigned turn)
{
	unsigned share = w->phones / w->terminal_count, stride = share * 5 / 8 + 1;

	while (common_divisor(stride, share) != 1)
		stride++;
	return (unsigned)((uint64_t)turn * stride % share) * w->terminal_count + terminal;
}

void load_phone(const struct load_world *w, struct test_wallet *out, unsigned number)
{
	unsigned index = load_rows_index(w, number);
	uint8_t secret[SEC_KEY_LEN];

	load_rows_secret(secret, index);
	TEST_MUST(code_keys_derive(&out->keys, SPAN(secret, sizeof(secret))));
	load_rows_static_body(w, out->static_body, index, w->phone[number].signature);
	memcpy(out->id, out->static_body + 2 + CODE_KEY_ID_LEN, CODE_ID_LEN);
	memcpy(out->host, LOAD_HOST, sizeof(LOAD_HOST));
}
