/* SPDX-License-Identifier: Apache-2.0
 *
 * A terminal's certificate is renewed over the connection that it proves: from the last third of
 * its life on, now and then, until it worked. The key stays; the file is replaced whole, and new
 * connections read it. Private to client.c, enrolment and tests.
 */
#ifndef VERIFIER_CLIENT_RENEW_H
#define VERIFIER_CLIENT_RENEW_H

#include "crypto/x509.h"
#include "verifier/client_curl.h"

#define CLIENT_RENEW_LOOK_MS 3600000 /* between two looks at the certificate */

struct client_renew;

struct client_renew_options { /* borrowed for its life, but for base, which is copied */
	struct http_pool *pool;
	const char *base;
	const struct client_tls *tls; /* with certificate and key */
	const char *user_agent;
	const struct clock *clock;
};
ERR_MUST_CHECK enum err_code client_renew_new(struct client_renew **out,
	const struct client_renew_options *opt, struct err *err);
void client_renew_free(struct client_renew **r); /* NULL-safe */
/* Looks at the certificate when it is time to. What goes wrong is logged, never more. */
void client_renew_tick(struct client_renew *r);
/* A call that is over: false when it was not one of ours. */
bool client_renew_done(struct client_renew *r, const struct http_call *call);

/* In the last third of its life, or over. */
bool client_renew_is_due(int64_t not_before, int64_t not_after, int64_t now);

/* ---- messages of enrolment and renewal, pure ---- */

/* {"code": ..., "csr": ...}; code NULL for a renewal. */
ERR_MUST_CHECK enum err_code message_enrol_build(struct bytes *out, const char *code,
	struct span csr, struct err *err);

struct message_enrolled {
	char name[FLOW_LABEL_MAX]; /* of the terminal */
	char certificate[SEC_PEM_MAX];
	char issuer_name[FLOW_LABEL_MAX];
	char issuer_host[CODE_HOST_MAX + 1];
	uint8_t issuer_key[SEC_ED25519_PUBLIC_LEN];
};
/* ERR_PROTOCOL: not such an answer; ERR_PERMISSION: refused, err has the backend's words. */
ERR_MUST_CHECK enum err_code message_enrolled_parse(struct message_enrolled *out, int status,
	struct span body, struct err *err);
/* {"ca": PEM} */
ERR_MUST_CHECK enum err_code message_authority_parse(char out[static SEC_PEM_MAX], int status,
	struct span body, struct err *err);

#endif
