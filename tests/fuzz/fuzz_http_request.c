/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of a connection: where the head ends does not depend on how they were cut, what is accepted
 * is a request that can be read in one way only, and it finds its route or a refusal.
 */
#include <stdint.h>
#include <string.h>

#include "backend/routes.h"
#include "backend/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct span part, struct span whole)
{
	ASSERT(part.len == 0 ||
		(part.data >= whole.data && part.data + part.len <= whole.data + whole.len));
}

static void check_value(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		ASSERT((value.data[i] >= ' ' && value.data[i] != 0x7f) || value.data[i] == '\t');
	ASSERT(value.len == 0 || (value.data[0] != ' ' && value.data[value.len - 1] != ' '));
}

static void check_head(const struct http_head *h, struct span whole)
{
	check_inside(h->target, whole);
	check_inside(h->authorization, whole);
	check_inside(h->extra, whole);
	check_inside(h->none_match, whole);
	check_value(h->none_match);
	check_value(h->authorization);
	check_value(h->extra);
	ASSERT(h->target.len > 0 && h->target.data[0] == '/' && h->target.len <= HTTP_TARGET_MAX);
	for (size_t i = 0; i < h->target.len; i++)
		ASSERT(h->target.data[i] > ' ' && h->target.data[i] < 0x7f);
	ASSERT(h->content_length <= HTTP_BODY_MAX);
	ASSERT(h->has_length || h->content_length == 0);
	ASSERT(h->method != HTTP_POST || h->has_length);
	ASSERT(h->content_length == 0 || h->method == HTTP_POST || h->method == HTTP_OTHER);
}

/* A path is a route's or the page's, never both; and the page is what it is. */
static void ask_site(const struct http_head *h, bool routed)
{
	static const struct site_file PAGE = {"/", "text/html", {(const uint8_t *)"page", 4},
		{(const uint8_t *)"pag", 3}, "\"plain\"", "\"packed\""};
	static const struct site SITE = {&PAGE, 1};
	const struct site_file *file = site_find(&SITE, h->target);
	struct http_answer a;

	ASSERT(!file || (file == &PAGE && !routed));
	if (!file)
		return;
	site_answer(&a, file, h);
	ASSERT(a.status == 304 ? a.body.len == 0 && h->none_match.len > 0
			       : a.status == 200 && a.body.len == (h->gzip ? 3 : 4));
}

static void ask_routes(const struct http_head *h, struct span body)
{
	static struct route_call call;
	const struct route *route;
	struct rules_problem problem;
	const char *allow;
	uint8_t id[CODE_ID_LEN];

	if (!route_find(&route, id, &problem, &allow, h->method, h->target)) {
		ASSERT(problem.status == 404 || problem.status == 405);
		ASSERT((allow != NULL) == (problem.status == 405));
		ask_site(h, problem.status == 405);
		return;
	}
	ask_site(h, true);
	if (!route_admit(route, &problem, h)) {
		ASSERT(problem.status == 401 || problem.status == 415);
		return;
	}
	route_prepare(&call, route, id, h, body);
	ASSERT(strnlen(call.token, sizeof(call.token)) < sizeof(call.token));
	ASSERT(call.fault.word[0] == '\0' || call.fault.status == 400);
	route_wipe(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t head_len = http_head_len(SPAN(data, size), 0);
	struct http_refusal refusal = {0};
	struct http_head head;
	struct span body;

	ASSERT(head_len <= size);
	/* looked at in two pieces it ends at the same place */
	if (head_len > 0)
		for (size_t cut = 0; cut < head_len; cut += 1 + cut / 3) {
			ASSERT(http_head_len(SPAN(data, cut), 0) == 0);
			ASSERT(http_head_len(SPAN(data, size), cut) == head_len);
		}
	if (head_len == 0)
		head_len = size; /* never asked like this by the server */
	if (http_head_parse(&head, &refusal, SPAN(data, head_len), "X-Extra")) {
		ASSERT(refusal.status >= 400 && refusal.status < 600);
		ASSERT(refusal.word && refusal.detail && head.target.len == 0);
		return 0;
	}
	ASSERT(http_start_plausible(SPAN(data, size)) || head.method == HTTP_OTHER);
	check_head(&head, SPAN(data, head_len));
	body = SPAN(data + head_len, size - head_len);
	body.len = body.len < head.content_length ? body.len : head.content_length;
	ask_routes(&head, body);
	return 0;
}
