/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl is entered here and nowhere else.
 */
#include "verifier/client_curl.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/crypto.h"

#define CONNECTIONS_MAX 4
#define HOST_MAX 64 /* with NUL; a longer one is cut */

struct http_call {
	CURL *easy;
	struct http_pool *pool; /* while it runs in one */
	/* Our own list nodes: curl would copy the lines, and one of them holds the token. */
	struct curl_slist lines[HTTP_HEADERS_MAX];
	char host[HOST_MAX]; /* host:port of the request, for the words of a fault */
	size_t header_len;
	struct bytes answer;
	void (*piece)(void *ctx, struct span piece);
	void *piece_ctx;
	bool event_stream; /* content type of the answer */
	char tls_fault[CURL_ERROR_SIZE]; /* curl's own words: they hold the alert of a server */
	struct http_result result;
};

struct http_pool {
	CURLM *multi;
};

/* ---- memory that is wiped when curl gives it back ---- */

static void wipe_free(void *p)
{
	if (p != NULL)
		sec_wipe(p, malloc_usable_size(p));
	free(p);
}

static void *wipe_realloc(void *p, size_t len)
{
	void *q;
	size_t old = p != NULL ? malloc_usable_size(p) : 0;

	if (p != NULL && len <= old && len > 0)
		return p;
	q = malloc(len > 0 ? len : 1);
	if (q == NULL)
		return NULL;
	if (p != NULL)
		memcpy(q, p, old < len ? old : len);
	wipe_free(p);
	return q;
}

static char *plain_strdup(const char *text)
{
	return strdup(text);
}

static enum err_code start_once(struct err *err)
{
	static bool started;

	if (started)
		return ERR_OK;
	if (curl_global_init_mem(CURL_GLOBAL_ALL, malloc, wipe_free, wipe_realloc, plain_strdup,
		    calloc) != CURLE_OK)
		return err_set(err, ERR_NO_MEMORY, "libcurl did not start");
	started = true;
	return ERR_OK;
}

/* ---- what comes in ---- */

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct http_call *c = ctx;
	size_t len = size * count;
	long status = 0;

	if (c->piece != NULL && c->event_stream &&
		curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
		status == 200) {
		c->piece(c->piece_ctx, SPAN(data, len));
		return len;
	}
	bytes_add(&c->answer, data, len);
	return c->answer.full ? 0 : len; /* less than len ends the transfer */
}

/* The value of a header line when it has this name. */
static bool header_is(struct span line, const char *name, struct span *value)
{
	size_t len = strlen(name);
	size_t end = line.len;

	if (line.len <= len || strncasecmp((const char *)line.data, name, len) != 0 ||
		line.data[len] != ':')
		return false;
	len++;
	while (len < end && (line.data[len] == ' ' || line.data[len] == '\t'))
		len++;
	while (end > len && strchr(" \t\r\n", line.data[end - 1]) != NULL)
		end--;
	*value = SPAN(line.data + len, end - len);
	return true;
}

/* A media type without its parameters. */
static bool type_is(struct span value, const char *type)
{
	size_t len = strlen(type);

	return value.len >= len && strncasecmp((const char *)value.data, type, len) == 0 &&
	       (value.len == len || value.data[len] == ';' || value.data[len] == ' ');
}

static int64_t date_of(struct span value)
{
	char text[64];
	time_t t;

	if (value.len >= sizeof text)
		return 0;
	memcpy(text, value.data, value.len);
	text[value.len] = '\0';
	t = curl_getdate(text, NULL);
	return t > 0 ? (int64_t)t : 0;
}

static size_t on_header(char *data, size_t size, size_t count, void *ctx)
{
	struct http_call *c = ctx;
	size_t len = size * count;
	struct span line = SPAN(data, len);
	struct span value;

	c->header_len += len;
	if (c->header_len > CLIENT_HEADER_MAX)
		return 0;
	if (len > 5 && memcmp(data, "HTTP/", 5) == 0) { /* interim answers have headers too */
		c->result.date_unix_s = 0;
		c->result.json = c->result.problem = c->event_stream = false;
	} else if (header_is(line, "date", &value)) {
		c->result.date_unix_s = date_of(value);
		c->result.date_heard_ms = clock_machine_ms();
	} else if (header_is(line, "content-type", &value)) {
		c->result.json = type_is(value, "application/json");
		c->result.problem = type_is(value, "application/problem+json");
		c->event_stream = type_is(value, "text/event-stream");
	}
	return len;
}

/* ---- one call ---- */

static enum err_code options_constant(struct http_call *c)
{
	CURL *e = c->easy;
	bool ok = true;

#define SET(option, value) ok = ok && curl_easy_setopt(e, option, value) == CURLE_OK
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PRIVATE, (void *)c);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, (void *)c);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, (void *)c);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_NOPROXY, "*"); /* also against http_proxy in the environment */
	SET(CURLOPT_TCP_NODELAY, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CLIENT_CONNECT_MS);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->answer.max);
	SET(CURLOPT_ERRORBUFFER, c->tls_fault);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
#undef SET
	return ok ? ERR_OK : ERR_UNSUPPORTED;
}

enum err_code http_call_new(struct http_call **out, size_t answer_max, struct err *err)
{
	struct http_call *c;
	enum err_code rc = start_once(err);

	if (rc != ERR_OK)
		return rc;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for a request");
	bytes_init(&c->answer, answer_max);
	c->easy = curl_easy_init();
	rc = c->easy != NULL ? options_constant(c) : ERR_NO_MEMORY;
	if (rc != ERR_OK) {
		http_call_free(&c);
		return err_set(err, rc, "libcurl lacks an option that is needed here");
	}
	*out = c;
	return ERR_OK;
}

void http_call_cancel(struct http_call *c)
{
	if (c->pool != NULL)
		curl_multi_remove_handle(c->pool->multi, c->easy);
	c->pool = NULL;
}

void http_call_free(struct http_call **c)
{
	if (*c == NULL)
		return;
	http_call_cancel(*c);
	curl_easy_cleanup((*c)->easy);
	if ((*c)->answer.data != NULL) /* the answer to an activation carries keys */
		sec_wipe((*c)->answer.data, (*c)->answer.cap);
	bytes_done(&(*c)->answer);
	free(*c);
	*c = NULL;
}

/* The list is rebuilt in place; curl only reads it. */
static struct curl_slist *lines_link(struct http_call *c, const struct http_request *r)
{
	struct curl_slist *head = NULL;
	size_t i = HTTP_HEADERS_MAX;

	while (i-- > 0) {
		if (r->headers[i] == NULL)
			continue;
		c->lines[i].data = (char *)(uintptr_t)r->headers[i]; /* not const in curl */
		c->lines[i].next = head;
		head = &c->lines[i];
	}
	return head;
}

/* What curl does not set by itself is set back, because a call is used again. */
static bool options_tls(CURL *e, const struct client_tls *t)
{
	static const struct client_tls nobody = {.ca = NULL};
	struct curl_blob pem;
	bool ok = true;
	bool pinned;

	if (t == NULL)
		t = &nobody;
	pinned = t->ca != NULL || t->ca_pem.len > 0;
	pem = (struct curl_blob){.data = (void *)(uintptr_t)t->ca_pem.data,
		.len = t->ca_pem.len,
		.flags = CURL_BLOB_NOCOPY};
#define SET(option, value) ok = ok && curl_easy_setopt(e, option, value) == CURLE_OK
	SET(CURLOPT_SSL_VERIFYPEER, t->stranger ? 0L : 1L);
	SET(CURLOPT_SSL_VERIFYHOST, t->stranger ? 0L : 2L);
	if (pinned) {
		SET(CURLOPT_CAPATH, NULL); /* the system's list is a second one otherwise */
		SET(CURLOPT_CAINFO, t->ca);
		SET(CURLOPT_CAINFO_BLOB, t->ca_pem.len > 0 ? &pem : NULL);
	}
	SET(CURLOPT_SSLCERT, t->certificate);
	SET(CURLOPT_SSLKEY, t->key);
#undef SET
	return ok;
}

static enum err_code options_request(struct http_call *c, const struct http_request *r,
	struct err *err)
{
	CURL *e = c->easy;
	bool post = strcmp(r->method, "POST") == 0;
	bool ok = true;

#define SET(option, value) ok = ok && curl_easy_setopt(e, option, value) == CURLE_OK
	SET(CURLOPT_URL, r->url);
	SET(CURLOPT_PROTOCOLS_STR, r->loopback ? "http,https" : "https");
	SET(CURLOPT_USERAGENT, r->user_agent);
	SET(CURLOPT_TIMEOUT_MS, (long)r->total_ms);
	SET(CURLOPT_HTTPHEADER, lines_link(c, r));
	SET(CURLOPT_HTTPGET, 1L); /* forgets the body of the call before */
	if (post) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
		SET(CURLOPT_POSTFIELDS, r->body.data); /* not copied */
	}
	SET(CURLOPT_CUSTOMREQUEST, post ? NULL : r->method);
#undef SET
	ok = ok && options_tls(e, r->tls);
	return ok ? ERR_OK : err_set(err, ERR_NETWORK, "libcurl did not take the request");
}

/* What stands between "//" and the path. */
static void host_keep(struct http_call *c, const char *url)
{
	const char *start = strstr(url, "//");

	start = start != NULL ? start + 2 : url;
	snprintf(c->host, sizeof c->host, "%.*s", (int)strcspn(start, "/"), start);
}

static enum err_code call_prepare(struct http_call *c, const struct http_request *r,
	struct err *err)
{
	http_call_cancel(c);
	bytes_clear(&c->answer);
	memset(&c->result, 0, sizeof c->result);
	c->result.code = ERR_NETWORK;
	c->piece = r->piece;
	c->piece_ctx = r->piece_ctx;
	c->event_stream = false;
	c->header_len = 0;
	c->tls_fault[0] = '\0';
	host_keep(c, r->url);
	return options_request(c, r, err);
}

/* curl's codes end here. */
static enum err_code code_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return ERR_OK;
	case CURLE_OPERATION_TIMEDOUT:
		return ERR_TIMEOUT;
	case CURLE_FILESIZE_EXCEEDED:
	case CURLE_WRITE_ERROR:
		return ERR_TOO_LARGE;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return ERR_PROTOCOL;
	case CURLE_OUT_OF_MEMORY:
		return ERR_NO_MEMORY;
	default:
		return ERR_NETWORK;
	}
}

static const char *connect_words(CURL *easy)
{
	long number = 0;

	if (curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number) != CURLE_OK)
		number = 0;
	switch (number) {
	case ECONNREFUSED:
		return "connection refused";
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
		return "no way to this address";
	case ETIMEDOUT:
		return "no answer in time";
	default:
		return "no connection";
	}
}

/* What the other side, or we, did not like of a certificate. Shown translated: ui/words_fault.c
 * knows each of these.
 */
static const char *tls_words(const struct http_call *c)
{
	static const struct {
		const char *sign, *words;
	} SIGNS[] = {
		{"alert certificate expired", "this terminal's certificate has expired"},
		{"alert unknown ca", "this terminal's certificate is of another backend"},
		{"alert bad certificate",
			"the backend does not take this terminal's certificate: is the clock "
			"right?"},
		{"alert unsupported certificate", "this terminal's certificate is for another use"},
		{"alert certificate revoked", "this terminal's certificate was revoked"},
		{"certificate has expired", "the backend's certificate has expired"},
		{"certificate is not yet valid",
			"the backend's certificate is not valid yet: is the clock right?"},
		{"subject name", "the backend's certificate is for another address"},
		{"unable to get local issuer", "this is another backend: certificate not trusted"},
		{"self-signed certificate", "this is another backend: certificate not trusted"},
		{"certificate signature failure",
			"this is another backend: certificate not trusted"},
	};

	for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++)
		if (strstr(c->tls_fault, SIGNS[i].sign) != NULL)
			return SIGNS[i].words;
	return NULL;
}

/* Short, because they share a line of the screen; curl's own say how long it took and which
 * function failed.
 */
static const char *fault_words(const struct http_call *c, CURLcode code)
{
	const char *words = tls_words(c);

	if (words != NULL)
		return words;
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		return connect_words(c->easy);
	case CURLE_COULDNT_RESOLVE_HOST:
		return "name not found";
	case CURLE_OPERATION_TIMEDOUT:
		return "no answer in time";
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return "certificate not trusted";
	case CURLE_SSL_CACERT_BADFILE:
		return "no list of trusted certificates";
	case CURLE_SSL_CERTPROBLEM:
		return "this terminal's certificate or key cannot be read";
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
		return "no secure connection";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		return "connection broken";
	case CURLE_GOT_NOTHING:
		return "closed without an answer";
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return "the answer is not HTTP";
	case CURLE_FILESIZE_EXCEEDED:
	case CURLE_WRITE_ERROR:
		return "the answer is too large";
	default:
		return curl_easy_strerror(code);
	}
}

static bool is_nobody(const struct http_call *c, CURLcode code)
{
	return tls_words(c) == NULL && c->result.status == 0 &&
	       (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
		       code == CURLE_OPERATION_TIMEDOUT || code == CURLE_SEND_ERROR ||
		       code == CURLE_RECV_ERROR);
}

static void call_finish(struct http_call *c, CURLcode code)
{
	struct http_result *r = &c->result;
	long status = 0;

	r->code = code_of(code);
	r->body = bytes_span(&c->answer);
	if (curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		r->status = (int)status;
	r->nobody = is_nobody(c, code);
	if (r->code != ERR_OK)
		snprintf(r->fault, sizeof r->fault, "%s: %s", c->host, fault_words(c, code));
}

enum err_code http_call_begin(struct http_call *c, struct http_pool *p,
	const struct http_request *r, struct err *err)
{
	int running;
	enum err_code rc = call_prepare(c, r, err);

	if (rc != ERR_OK)
		return rc;
	if (curl_multi_add_handle(p->multi, c->easy) != CURLM_OK)
		return err_set(err, ERR_NETWORK, "libcurl did not begin the request");
	c->pool = p;
	if (curl_multi_perform(p->multi, &running) != CURLM_OK)
		return err_set(err, ERR_NETWORK, "libcurl did not begin the request");
	return ERR_OK;
}

enum err_code http_call_run(struct http_call *c, const struct http_request *r, struct err *err)
{
	enum err_code rc = call_prepare(c, r, err);

	if (rc != ERR_OK)
		return rc;
	call_finish(c, curl_easy_perform(c->easy));
	if (c->result.code != ERR_OK)
		return err_set(err, c->result.code, "%s", c->result.fault);
	return ERR_OK;
}

const struct http_result *http_call_result(const struct http_call *c)
{
	return &c->result;
}

/* ---- many calls ---- */

enum err_code http_pool_new(struct http_pool **out, struct err *err)
{
	struct http_pool *p;
	enum err_code rc = start_once(err);

	if (rc != ERR_OK)
		return rc;
	p = calloc(1, sizeof *p);
	if (p != NULL)
		p->multi = curl_multi_init();
	if (p == NULL || p->multi == NULL) {
		free(p);
		return err_set(err, ERR_NO_MEMORY, "no memory for requests");
	}
	if (curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX) != CURLM_OK) {
		http_pool_free(&p);
		return err_set(err, ERR_UNSUPPORTED, "libcurl lacks an option that is needed here");
	}
	*out = p;
	return ERR_OK;
}

void http_pool_free(struct http_pool **p)
{
	if (*p == NULL)
		return;
	curl_multi_cleanup((*p)->multi);
	free(*p);
	*p = NULL;
}

static unsigned fds_fill(struct curl_waitfd *to, const struct client_fd *fds, size_t count)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (fds[i].fd < 0)
			continue;
		to[n].fd = fds[i].fd;
		to[n].events = (short)((fds[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
				       (fds[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
		to[n++].revents = 0;
	}
	return n;
}

static void fds_report(struct client_fd *fds, const struct curl_waitfd *from, size_t count)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		fds[i].revents = 0;
		if (fds[i].fd < 0)
			continue;
		if (from[n].revents & CURL_WAIT_POLLIN)
			fds[i].revents |= POLLIN;
		if (from[n].revents & CURL_WAIT_POLLOUT)
			fds[i].revents |= POLLOUT;
		n++;
	}
}

enum err_code http_pool_wait(struct http_pool *p, struct client_fd *fds, size_t fd_count,
	int timeout_ms, struct err *err)
{
	struct curl_waitfd extra[CLIENT_EXTRA_FDS_MAX];
	int running;
	unsigned n;

	ASSERT(fd_count <= CLIENT_EXTRA_FDS_MAX);
	n = fds_fill(extra, fds, fd_count);
	if (curl_multi_poll(p->multi, extra, n, timeout_ms, NULL) != CURLM_OK)
		return err_set(err, ERR_IO, "waiting for the network failed");
	fds_report(fds, extra, fd_count);
	if (curl_multi_perform(p->multi, &running) != CURLM_OK)
		return err_set(err, ERR_NETWORK, "libcurl failed");
	return ERR_OK;
}

struct http_call *http_pool_done(struct http_pool *p)
{
	CURLMsg *m;
	int left;
	void *call = NULL;

	while ((m = curl_multi_info_read(p->multi, &left)) != NULL) {
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE ||
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call) != CURLE_OK)
			continue;
		http_call_cancel(call); /* m is gone after this */
		call_finish(call, code);
		return call;
	}
	return NULL;
}
