/* SPDX-License-Identifier: Apache-2.0
 *
 * Renewal of the terminal's certificate, and the messages of enrolment.
 */
#include "verifier/client_renew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text_safe.h"

#define URL_MAX  (CLIENT_URL_MAX + 32)
#define BODY_MAX 4096
#define WORDS_MAX 160

struct client_renew {
	struct client_renew_options opt;
	struct http_call *call;
	bool busy;
	int64_t next_ms;
	struct log_fault fault;
	char url[URL_MAX];
	uint8_t body[BODY_MAX];
	struct message_enrolled answer;
};

bool client_renew_is_due(int64_t not_before, int64_t not_after, int64_t now)
{
	return not_after <= not_before || not_after - now < (not_after - not_before) / 3;
}

/* ---- messages ---- */

enum err_code message_enrol_build(struct bytes *out, const char *code, struct span csr,
	struct err *err)
{
	char text[SEC_CSR_MAX + 1];
	struct json_out w;

	if (csr.len >= sizeof text)
		return err_set(err, ERR_TOO_LARGE, "the certificate request is too large");
	memcpy(text, csr.data, csr.len);
	text[csr.len] = '\0';
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	if (code != NULL)
		json_out_text(&w, "code", code);
	json_out_text(&w, "csr", text);
	json_out_end(&w);
	return out->full ? err_set(err, ERR_TOO_LARGE, "the request is too large") : ERR_OK;
}

/* The backend's own words about a refusal, made safe: they are shown as they are. */
static enum err_code refused(const struct json *j, int status, struct err *err)
{
	char detail[1024];
	char safe[WORDS_MAX];

	if (json_get_text(j, "detail", detail, sizeof detail, NULL) != ERR_OK)
		snprintf(detail, sizeof detail, "status %d", status);
	text_safe(safe, sizeof safe, span_text(detail));
	return err_set(err, ERR_PERMISSION, "the backend refuses: %s", safe);
}

static enum err_code parse(struct json **out, int status, int wanted, struct span body,
	struct err *err)
{
	enum err_code rc;

	if (json_parse(out, body, CLIENT_ANSWER_MAX, NULL) != ERR_OK)
		return err_set(err, ERR_PROTOCOL, "the answer is not one of a backend");
	if (status == wanted)
		return ERR_OK;
	rc = refused(*out, status, err);
	json_free(out);
	return rc;
}

static enum err_code issuer_read(struct message_enrolled *out, const struct json *j)
{
	const struct json *issuer = NULL;
	char key[2 * SEC_ED25519_PUBLIC_LEN + 1];
	enum err_code rc = json_get_object(j, "issuer", &issuer, NULL);

	if (rc == ERR_OK)
		rc = json_get_text(issuer, "name", out->issuer_name, sizeof out->issuer_name, NULL);
	if (rc == ERR_OK)
		rc = json_get_text(issuer, "host", out->issuer_host, sizeof out->issuer_host, NULL);
	if (rc == ERR_OK)
		rc = json_get_text(issuer, "key", key, sizeof key, NULL);
	if (rc == ERR_OK)
		rc = hex_decode(out->issuer_key, sizeof out->issuer_key, span_text(key));
	if (rc == ERR_OK && (!text_is_safe(span_text(out->issuer_name)) ||
				    !text_is_safe(span_text(out->issuer_host))))
		rc = ERR_FORMAT;
	return rc;
}

enum err_code message_enrolled_parse(struct message_enrolled *out, int status, struct span body,
	struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = parse(&j, status, 201, body, err);

	memset(out, 0, sizeof *out);
	if (rc != ERR_OK)
		return rc;
	rc = json_get_text(j, "name", out->name, sizeof out->name, NULL);
	if (rc == ERR_OK)
		rc = json_get_text(j, "certificate", out->certificate, sizeof out->certificate,
			NULL);
	if (rc == ERR_OK && !text_is_safe(span_text(out->name)))
		rc = ERR_FORMAT;
	if (rc == ERR_OK)
		rc = issuer_read(out, j);
	json_free(&j);
	return rc == ERR_OK ? ERR_OK
			    : err_set(err, ERR_PROTOCOL, "the answer is not one to an enrolment");
}

enum err_code message_authority_parse(char out[static SEC_PEM_MAX], int status, struct span body,
	struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = parse(&j, status, 200, body, err);

	out[0] = '\0';
	if (rc != ERR_OK)
		return rc;
	rc = json_get_text(j, "ca", out, SEC_PEM_MAX, NULL);
	json_free(&j);
	return rc == ERR_OK ? ERR_OK
			    : err_set(err, ERR_PROTOCOL, "the answer names no authority");
}

/* ---- renewal ---- */

enum err_code client_renew_new(struct client_renew **out, const struct client_renew_options *opt,
	struct err *err)
{
	struct client_renew *r = calloc(1, sizeof *r);
	enum err_code rc;

	*out = NULL;
	ASSERT(opt->tls->certificate != NULL && opt->tls->key != NULL);
	if (r == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for renewal");
	r->opt = *opt;
	snprintf(r->url, sizeof r->url, "%s/v1/terminals/renewal", opt->base);
	r->opt.base = NULL;
	rc = http_call_new(&r->call, CLIENT_ANSWER_MAX, err);
	if (rc != ERR_OK)
		client_renew_free(&r);
	*out = r;
	return rc;
}

void client_renew_free(struct client_renew **r)
{
	if (*r == NULL)
		return;
	http_call_free(&(*r)->call);
	free(*r);
	*r = NULL;
}

static void failed(struct client_renew *r, const struct err *why)
{
	log_fault_begin(&r->fault, "backend", "this terminal's certificate is not renewed: %s",
		why->text);
}

/* ERR_EXISTS without words: it is not time yet. */
static enum err_code request_make(struct client_renew *r, struct bytes *body, struct err *err)
{
	char storage[SEC_CSR_MAX];
	struct bytes csr;
	struct sec_key *key = NULL;
	struct sec_cert *cert = NULL;
	int64_t not_before;
	int64_t not_after;
	enum err_code rc = sec_cert_read(&cert, r->opt.tls->certificate, err);

	if (rc != ERR_OK)
		return rc;
	sec_cert_times(cert, &not_before, &not_after);
	sec_cert_free(&cert);
	if (!client_renew_is_due(not_before, not_after, clock_unix_s(r->opt.clock)))
		return ERR_EXISTS;
	bytes_init_fixed(&csr, storage, sizeof storage);
	rc = sec_key_read(&key, r->opt.tls->key, err);
	if (rc == ERR_OK)
		rc = sec_csr_build(&csr, key, "countersign terminal", err);
	sec_key_free(&key);
	return rc == ERR_OK ? message_enrol_build(body, NULL, bytes_span(&csr), err) : rc;
}

void client_renew_tick(struct client_renew *r)
{
	struct err err = {0};
	struct bytes body;
	int64_t now = clock_mono_ms(r->opt.clock);
	enum err_code rc;

	if (r->busy || now < r->next_ms)
		return;
	r->next_ms = now + CLIENT_RENEW_LOOK_MS;
	bytes_init_fixed(&body, r->body, sizeof r->body);
	rc = request_make(r, &body, &err);
	if (rc == ERR_OK) {
		const struct http_request request = {
			.method = "POST",
			.url = r->url,
			.user_agent = r->opt.user_agent,
			.tls = r->opt.tls,
			.headers = {"Accept: application/json, application/problem+json",
				"Content-Type: application/json", "Expect:"},
			.body = bytes_span(&body),
			.total_ms = CLIENT_TOTAL_MS,
		};

		rc = http_call_begin(r->call, r->opt.pool, &request, &err);
		r->busy = rc == ERR_OK;
	}
	if (rc != ERR_OK && rc != ERR_EXISTS)
		failed(r, &err);
}

/* Only a certificate of our own key that ends later replaces the one that is there. */
static enum err_code take(const struct client_renew *r, struct err *err)
{
	struct sec_key *key = NULL;
	struct sec_cert *old = NULL;
	struct sec_cert *cert = NULL;
	int64_t not_before;
	int64_t old_end = 0;
	int64_t end = 0;
	enum err_code rc = sec_cert_parse(&cert, span_text(r->answer.certificate), err);

	if (rc == ERR_OK)
		rc = sec_key_read(&key, r->opt.tls->key, err);
	if (rc == ERR_OK)
		rc = sec_cert_read(&old, r->opt.tls->certificate, err);
	if (rc == ERR_OK) {
		sec_cert_times(old, &not_before, &old_end);
		sec_cert_times(cert, &not_before, &end);
		if (!sec_cert_has_key(cert, key) || end <= old_end)
			rc = err_set(err, ERR_PROTOCOL, "the new certificate is not one for us");
	}
	if (rc == ERR_OK)
		rc = sec_cert_write(cert, r->opt.tls->certificate, err);
	sec_cert_free(&old);
	sec_cert_free(&cert);
	sec_key_free(&key);
	return rc;
}

bool client_renew_done(struct client_renew *r, const struct http_call *call)
{
	const struct http_result *result = http_call_result(call);
	struct err err = {0};
	enum err_code rc = result->code;

	if (call != r->call)
		return false;
	r->busy = false;
	if (rc != ERR_OK)
		rc = err_set(&err, rc, "%s", result->fault);
	else
		rc = message_enrolled_parse(&r->answer, result->status, result->body, &err);
	if (rc == ERR_OK)
		rc = take(r, &err);
	if (rc != ERR_OK) {
		failed(r, &err);
		return true;
	}
	log_fault_end(&r->fault, "backend", "this terminal's certificate can be renewed again");
	log_line(LOG_INFO, "backend", "this terminal's certificate was renewed");
	return true;
}
