/* SPDX-License-Identifier: Apache-2.0
 *
 * One question to the backend tells most: it is there, its certificate is right, it takes this
 * terminal, whose codes it verifies, and what time it is there.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/local.h"
#include "base/text.h"
#include "crypto/x509.h"
#include "ui/check.h"
#include "ui/check_parts.h"
#include "ui/words.h"
#include "verifier/client_ask.h"
#include "verifier/client_curl_peer.h"

#define DAY_S 86400
#define URL_MAX (CLIENT_URL_MAX + 32)

static int64_t unix_now(void)
{
	struct clock real;

	clock_init_real(&real);
	return clock_unix_s(&real);
}

/* ---- this terminal's certificate ---- */

static void days_words(char *out, size_t cap, int64_t days)
{
	snprintf(out, cap, ngettext("%d day", "%d days", (unsigned long)days), (int)days);
}

static void times_tell(struct check *c, const struct sec_cert *cert)
{
	int64_t not_before, not_after, now = unix_now();
	int64_t left;
	char date[LOCAL_DATE_MAX], days[64];

	sec_cert_times(cert, &not_before, &not_after);
	local_date(date, not_after);
	left = not_after > now ? (not_after - now) / DAY_S : 0;
	days_words(days, sizeof days, left);
	if (now < not_before)
		check_tell(c, "certificate", CHECK_FAULT, _("Set the clock of this machine."), "%s",
			_("it is not valid yet"));
	else if (now >= not_after)
		check_tell(c, "certificate", CHECK_FAULT,
			_("Enrol this terminal again: countersign enrol URL CODE --force"),
			_("it was valid until %s"), date);
	else if (left < CHECK_CERTIFICATE_DAYS)
		check_tell(c, "certificate", CHECK_WARNING,
			_("A terminal that runs renews it; when it does not, enrol again."),
			_("valid until %s, %s from now, and not renewed"), date, days);
	else
		check_tell(c, "certificate", CHECK_GOOD, NULL, _("valid until %s, %s from now"),
			date, days);
}

/* True: there is nothing wrong with the files, and the backend can be asked. */
static bool certificate_look(struct check *c)
{
	struct sec_cert *cert = NULL;
	struct err err = {0};

	if (settings_tls_check(&c->settings, &err) != ERR_OK) {
		check_tell(c, "certificate", CHECK_FAULT,
			_("Enrol this terminal again: countersign enrol URL CODE --force"), "%s",
			err.text);
		return false;
	}
	if (c->settings.tls.certificate == NULL) {
		check_tell(c, "certificate", CHECK_UNUSED, NULL, "%s",
			_("a token says who this terminal is"));
	} else if (sec_cert_read(&cert, c->settings.tls.certificate, &err) == ERR_OK) {
		times_tell(c, cert);
		sec_cert_free(&cert);
	}
	return true;
}

/* ---- the backend ---- */

/* What to do about an answer that did not come. */
static const char *todo_of(const char *fault)
{
	if (words_certificate(fault)[0] != '\0')
		return _("Look at the clock and at [backend] url, ca and certificate; when they "
			 "are right, enrol again.");
	return _("Look whether the server runs, at the network and at [backend] url.");
}

static void refusal_tell(struct check *c, int status, struct span body)
{
	struct client_reply reply;
	const char *words = "";

	client_reply_read(&reply, status, false, true, body);
	if (reply.word[0] != '\0' && flow_reason_of(reply.word) != REASON_BAD_ANSWER)
		words = words_reason(flow_reason_of(reply.word));
	check_tell(c, "backend", CHECK_FAULT,
		status == 401 || status == 403
			? _("Enrol this terminal again, with a code of whoever runs the server.")
			: _("Ask whoever runs the server."),
		"%s: %d %s", c->settings.url, status, words[0] != '\0' ? words : reply.words);
}

static bool issuer_is_ours(const struct settings *s, const struct client_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		if (memcmp(keys->list[i].public_key, s->issuer.public_key,
			    sizeof s->issuer.public_key) == 0)
			return true;
	return false;
}

static void answer_tell(struct check *c, struct span body, int64_t date_s, int64_t took_ms)
{
	struct client_keys keys;
	struct err err = {0};

	if (message_issuer_parse(&keys, body, date_s > 0 ? date_s : unix_now(), &err) != ERR_OK)
		check_tell(c, "backend", CHECK_FAULT,
			_("Look at [backend] url: is this the server of this terminal?"), "%s: %s",
			c->settings.url, err.text);
	else if (!issuer_is_ours(&c->settings, &keys))
		check_tell(c, "backend", CHECK_WARNING,
			_("Enrol this terminal again, so that it knows the issuer's key of now."),
			_("%s answers, but [issuer] key is none of the issuer's keys"),
			c->settings.url);
	else
		check_tell(c, "backend", CHECK_GOOD, NULL, _("%s answers in %d ms"),
			c->settings.url, (int)took_ms);
}

/* How long the server's own certificate is valid: when it ends, no terminal reaches it any more. */
static void server_certificate_look(struct check *c)
{
	char pem[SEC_PEM_MAX], date[LOCAL_DATE_MAX], days[64];
	struct bytes out;
	struct sec_cert *cert = NULL;
	int64_t not_before, not_after, left;
	bool soon;

	bytes_init_fixed(&out, pem, sizeof pem);
	if (http_peer_certificate(&out, c->settings.url, settings_tls(&c->settings), NULL) !=
			ERR_OK ||
		sec_cert_parse(&cert, bytes_span(&out), NULL) != ERR_OK)
		return; /* plain HTTP has none, and of any other fault the server's line tells */
	sec_cert_times(cert, &not_before, &not_after);
	sec_cert_free(&cert);
	left = (not_after - unix_now()) / DAY_S;
	soon = left < CHECK_CERTIFICATE_DAYS;
	local_date(date, not_after);
	days_words(days, sizeof days, left > 0 ? left : 0);
	check_tell(c, "server-certificate",
		soon ? CHECK_WARNING : CHECK_GOOD,
		soon ? _("Tell whoever runs the server to renew it.") : NULL,
		_("valid until %s, %s from now"), date, days);
}

/* ---- the clock ---- */

static void clock_tell(struct check *c, int64_t date_s, int64_t now_s)
{
	int64_t ahead_s = now_s - date_s;
	int64_t off_s = ahead_s < 0 ? -ahead_s : ahead_s;
	char text[128];

	if (date_s == 0) {
		check_tell(c, "clock", CHECK_UNUSED,
			_("Compare it with another clock; timedatectl set-ntp true keeps it "
			  "right."), "%s", _("only the server could tell whether it is right"));
		return;
	}
	if (off_s < CHECK_CLOCK_WARN_S) {
		check_tell(c, "clock", CHECK_GOOD, NULL, "%s", _("as the server's"));
		return;
	}
	if (off_s > INT32_MAX)
		off_s = INT32_MAX;
	snprintf(text, sizeof text,
		ahead_s > 0 ? ngettext("%d second ahead of the server's",
				      "%d seconds ahead of the server's", (unsigned long)off_s)
			    : ngettext("%d second behind the server's",
				      "%d seconds behind the server's", (unsigned long)off_s),
		(int)off_s);
	check_tell(c, "clock", off_s < CHECK_CLOCK_FAULT_S ? CHECK_WARNING : CHECK_FAULT,
		_("Run as root: timedatectl set-ntp true"), "%s", text);
}

static void ask(struct check *c)
{
	char url[URL_MAX];
	size_t len = strlen(c->settings.url);
	const char *token = c->settings.token;
	struct bytes answer;
	struct clock real;
	struct http_exchange x = {.method = "GET", .url = url, .answer = &answer,
		.token = token[0] != '\0' ? token : NULL, .tls = settings_tls(&c->settings)};
	struct err err = {0};
	int64_t began_ms, now_s;
	enum err_code rc;

	while (len > 0 && c->settings.url[len - 1] == '/')
		len--;
	snprintf(url, sizeof url, "%.*s/v1/issuer", (int)len, c->settings.url);
	bytes_init(&answer, CLIENT_ANSWER_MAX);
	clock_init_real(&real);
	began_ms = clock_mono_ms(&real);
	rc = http_exchange(&x, &err);
	now_s = clock_unix_s(&real);
	if (rc != ERR_OK)
		check_tell(c, "backend", CHECK_FAULT, todo_of(err.text), "%s %s",
			words_certificate(err.text), err.text);
	else if (x.status != 200)
		refusal_tell(c, x.status, bytes_span(&answer));
	else
		answer_tell(c, bytes_span(&answer), x.date_unix_s,
			clock_mono_ms(&real) - began_ms);
	if (rc == ERR_OK)
		server_certificate_look(c);
	clock_tell(c, rc == ERR_OK ? x.date_unix_s : 0, now_s);
	bytes_done(&answer);
}

void check_backend(struct check *c)
{
	if (!c->settings_there)
		check_tell(c, "backend", CHECK_UNUSED, NULL, "%s",
			_("cannot be asked without a configuration"));
	else if (certificate_look(c))
		ask(c);
}
