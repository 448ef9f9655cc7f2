/* SPDX-License-Identifier: Apache-2.0
 *
 * One message to an SMTP relay or to an HTTP gateway, by libcurl, with every limit set: no
 * redirects, no proxy, no other protocol than the configured one, TLS 1.2 or newer with the peer
 * checked, one time limit for the whole, and an answer whose text nobody keeps.
 *
 * The library is loaded when the first message needs it (3 MB resident): docs/decisions.md.
 */
#include "backend/messenger.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text_safe.h"

#define CURL_LIBRARY "libcurl.so.4"
#define SECRET_MAX 512
#define ANSWER_MAX 65536 /* bytes of a gateway's answer; more, and the try has failed */

/* Names of the library that are used; the pointers go where curl.h says the functions are. */
#define CURL_CALLS(X)                                                                              \
	X(curl_global_init)                                                                        \
	X(curl_easy_init)                                                                          \
	X(curl_easy_setopt)                                                                        \
	X(curl_easy_perform)                                                                       \
	X(curl_easy_getinfo)                                                                       \
	X(curl_easy_strerror)                                                                      \
	X(curl_easy_cleanup)                                                                       \
	X(curl_slist_append)                                                                       \
	X(curl_slist_free_all)

#undef curl_easy_setopt /* macros that check types; they name the functions themselves */
#undef curl_easy_getinfo

static struct {
#define CALL_POINTER(name) __typeof__(&name) name;
	CURL_CALLS(CALL_POINTER)
#undef CALL_POINTER
	bool loaded;
} lib;

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* POSIX says that what dlsym() returns can be a function; C does not. */
static bool find(void *handle, const char *name, void *to)
{
	void *at = dlsym(handle, name);

	memcpy(to, &at, sizeof(at));
	return at != NULL;
}

static void load_library(void)
{
	void *handle = dlopen(CURL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	bool all = handle != NULL;

#define CALL_FIND(name) all = all && find(handle, #name, &lib.name);
	CURL_CALLS(CALL_FIND)
#undef CALL_FIND
	lib.loaded = all && lib.curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK;
}

struct transfer {
	CURL *easy;
	struct curl_slist *lines; /* header of http, recipients of smtp */
	struct bytes out;
	size_t sent, answered;
	char secret[SECRET_MAX];
	const atomic_bool *stop;
};

static size_t on_read(char *to, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t room = size * count, left = t->out.len - t->sent;
	size_t n = left < room ? left : room;

	memcpy(to, t->out.data + t->sent, n);
	t->sent += n;
	return n;
}

static size_t on_answer(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;

	(void)data;
	t->answered += size * count;
	return t->answered > ANSWER_MAX ? 0 : size * count;
}

static int on_progress(
	void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct transfer *t = ctx;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(t->stop) ? 1 : 0; /* other than 0 ends it */
}

static enum err_code read_secret(struct transfer *t, const char *path, struct err *err)
{
	struct bytes text;
	enum err_code e;

	if (!path[0])
		return ERR_OK;
	bytes_init(&text, SECRET_MAX - 1);
	e = file_read(&text, path, true, err);
	if (!e) {
		memcpy(t->secret, text.data, text.len);
		t->secret[text.len] = '\0';
		t->secret[strcspn(t->secret, "\r\n")] = '\0';
		sec_wipe(text.data, text.len);
	}
	bytes_done(&text);
	return e;
}

#define SET(option, value) ok = ok && lib.curl_easy_setopt(t->easy, option, value) == CURLE_OK

static bool set_common(struct transfer *t, const struct policy *p)
{
	bool mail = policy_messenger(p) == MESSENGER_SMTP, ok = true;

	SET(CURLOPT_URL, p->messenger_url);
	SET(CURLOPT_PROTOCOLS_STR, mail ? "smtp,smtps" : "http,https");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_TIMEOUT_MS, (long)(p->timeout_s * 1000));
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_WRITEFUNCTION, on_answer);
	SET(CURLOPT_WRITEDATA, (void *)t);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, (void *)t);
	if (p->messenger_ca[0])
		SET(CURLOPT_CAINFO, p->messenger_ca);
	return ok;
}

static bool set_mail(struct transfer *t, const struct messenger_item *item,
	const struct policy *p)
{
	char *password = strchr(t->secret, ':');
	bool ok = true;

	t->lines = lib.curl_slist_append(NULL, item->body.email);
	SET(CURLOPT_MAIL_FROM, p->messenger_from);
	SET(CURLOPT_MAIL_RCPT, t->lines);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, (void *)t);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->out.len);
	SET(CURLOPT_USE_SSL,
		(long)(policy_url_is_local(p->messenger_url) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	if (password) {
		*password++ = '\0';
		SET(CURLOPT_USERNAME, t->secret);
		SET(CURLOPT_PASSWORD, password);
	}
	return ok && t->lines;
}

static bool set_post(struct transfer *t, const struct messenger_item *item)
{
	char line[SECRET_MAX + 32], id[2 * CODE_ID_LEN + 1];
	struct curl_slist *more;
	bool ok = true;

	hex_encode(id, SPAN(item->id, CODE_ID_LEN));
	t->lines = lib.curl_slist_append(NULL, "Content-Type: application/json");
	(void)snprintf(line, sizeof(line), "Idempotency-Key: %s", id);
	more = t->lines ? lib.curl_slist_append(t->lines, line) : NULL;
	if (more && t->secret[0]) {
		(void)snprintf(line, sizeof(line), "Authorization: Bearer %s", t->secret);
		more = lib.curl_slist_append(t->lines, line);
	}
	sec_wipe(line, sizeof(line));
	SET(CURLOPT_HTTPHEADER, t->lines);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDS, (const char *)t->out.data);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->out.len);
	return ok && more;
}

static void post_body(struct bytes *out, const struct messenger_item *item)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_hex(&w, "id", SPAN(item->id, CODE_ID_LEN));
	json_out_text(&w, "kind", item->kind);
	json_out_text(&w, "to", item->body.phone);
	json_out_text(&w, "language", item->body.language);
	json_out_text(&w, "text", item->body.text);
	json_out_end(&w);
}

static enum err_code perform(struct transfer *t, bool mail, struct err *err)
{
	char fault[CURL_ERROR_SIZE] = "", safe[MESSENGER_FAULT_MAX / 2];
	long status = 0;
	bool ok = true;
	CURLcode code;

	SET(CURLOPT_ERRORBUFFER, fault);
	code = lib.curl_easy_perform(t->easy);
	(void)lib.curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, (char *)NULL);
	(void)lib.curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!ok || code != CURLE_OK) {
		/* words of the library, without what a server said: that may name the holder */
		(void)text_safe(safe, sizeof(safe), span_text(lib.curl_easy_strerror(code)));
		return err_set(err, ERR_NETWORK, "%s (status %ld)", safe, status);
	}
	if (!mail && (status < 200 || status > 299))
		return err_set(err, ERR_NETWORK, "the gateway answered %ld", status);
	return ERR_OK;
}

#undef SET

/* What we hold of the secret is wiped, and the lists that the library made for us. Its own copies
 * of user and password it frees as they are: docs/threats.md.
 */
static void transfer_done(struct transfer *t)
{
	if (t->easy)
		lib.curl_easy_cleanup(t->easy);
	for (struct curl_slist *line = t->lines; line; line = line->next)
		sec_wipe(line->data, strlen(line->data));
	lib.curl_slist_free_all(t->lines);
	sec_wipe(t->out.data, t->out.len);
	sec_wipe(t->secret, sizeof(t->secret));
}

enum err_code messenger_send(const struct messenger_item *item, const struct policy *policy,
	const atomic_bool *stop, struct err *err)
{
	bool mail = policy_messenger(policy) == MESSENGER_SMTP;
	struct transfer t = {.stop = stop};
	uint8_t room[MAIL_MAX];
	struct clock clock;
	enum err_code e = ERR_OK;

	pthread_once(&once, load_library);
	if (!lib.loaded)
		return err_set(err, ERR_UNSUPPORTED, CURL_LIBRARY " is not there: install it");
	clock_init_real(&clock);
	bytes_init_fixed(&t.out, room, sizeof(room));
	if (mail)
		e = messenger_mail(
			&t.out, item, policy->messenger_from, clock_unix_s(&clock), err);
	else
		post_body(&t.out, item);
	if (!e)
		e = read_secret(&t, policy->messenger_secret, err);
	t.easy = e ? NULL : lib.curl_easy_init();
	if (!e && (!t.easy || !set_common(&t, policy) ||
			  !(mail ? set_mail(&t, item, policy) : set_post(&t, item))))
		e = err_set(err, ERR_NO_MEMORY, "libcurl refused an option");
	if (!e)
		e = perform(&t, mail, err);
	transfer_done(&t);
	return e;
}
