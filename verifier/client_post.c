/* SPDX-License-Identifier: Apache-2.0
 *
 * Posts to an address of the shop.
 */
#include "verifier/client_post.h"

#include <stdlib.h>
#include <string.h>

#include "base/text_safe.h"
#include "verifier/client_curl.h"
#include "verifier/client_url.h"

struct client_post {
	struct client *client;
	struct http_call *call;
	struct client_tls tls;
	bool loopback;
	char url[CLIENT_URL_MAX];
	void (*answered)(void *ctx, const struct client_post_result *result); /* NULL = none runs */
	void *ctx;
};

enum err_code client_post_new(struct client_post **out, struct client *c,
	const struct client_post_options *opt, struct err *err)
{
	struct client_url url;
	struct client_post *p;
	enum err_code rc = client_url_check(&url, opt->url, err);

	if (rc != ERR_OK)
		return rc;
	if (strlen(opt->url) >= sizeof p->url)
		return err_set(err, ERR_INVALID, "the address has more than %zu bytes",
			sizeof p->url - 1);
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for a request");
	p->client = c;
	p->loopback = url.loopback;
	p->tls.ca = opt->ca;
	text_copy(p->url, sizeof p->url, opt->url);
	rc = http_call_new(&p->call, CLIENT_POST_ANSWER_MAX, err);
	if (rc != ERR_OK) {
		free(p);
		return rc;
	}
	client_post_attach(c, p);
	*out = p;
	return ERR_OK;
}

void client_post_free(struct client_post **p)
{
	if (*p == NULL)
		return;
	client_post_attach((*p)->client, NULL);
	http_call_free(&(*p)->call);
	free(*p);
	*p = NULL;
}

enum err_code client_post_send(struct client_post *p, struct span body, const char *header,
	void (*answered)(void *ctx, const struct client_post_result *result), void *ctx,
	struct err *err)
{
	const struct http_request r = {
		.method = "POST",
		.url = p->url,
		.loopback = p->loopback,
		.user_agent = "countersign/" COUNTERSIGN_VERSION,
		.tls = &p->tls,
		.headers = {"Content-Type: application/json", "Expect:", header},
		.body = body,
		.total_ms = CLIENT_TOTAL_MS,
	};
	enum err_code rc;

	p->answered = NULL;
	rc = http_call_begin(p->call, client_pool(p->client), &r, err);
	if (rc != ERR_OK)
		return rc;
	p->answered = answered;
	p->ctx = ctx;
	return ERR_OK;
}

/* Words of a fault are about the backend where they are about a certificate. */
static void fault_copy(struct client_post_result *out, const char *fault)
{
	static const char about[] = "this is another backend: ";
	char *at;

	text_safe(out->fault, sizeof out->fault, span_text(fault));
	at = strstr(out->fault, about);
	if (at != NULL)
		memmove(at, at + strlen(about), strlen(at + strlen(about)) + 1);
}

/* Too much of an answer is an answer, too: its status came before. */
bool client_post_done(struct client_post *p, const struct http_call *call)
{
	const struct http_result *r = http_call_result(call);
	void (*answered)(void *ctx, const struct client_post_result *result);
	struct client_post_result result = {.answered = false};

	if (call != p->call)
		return false;
	answered = p->answered;
	p->answered = NULL;
	result.status = r->status;
	result.answered = r->status != 0 && (r->code == ERR_OK || r->code == ERR_TOO_LARGE);
	if (!result.answered)
		fault_copy(&result, r->fault);
	if (answered != NULL)
		answered(p->ctx, &result);
	return true;
}
