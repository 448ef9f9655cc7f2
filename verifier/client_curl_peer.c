/* SPDX-License-Identifier: Apache-2.0
 *
 * A handshake for its certificate.
 */
#include "verifier/client_curl_peer.h"

#include <curl/curl.h>
#include <string.h>

#include "verifier/client_curl.h"
#include "verifier/client_url.h"

#define PEM_FIELD "Cert:" /* what libcurl writes before it */

/* The first certificate of the chain is the backend's own. */
static enum err_code certificate_take(struct bytes *out, CURL *e, struct err *err)
{
	struct curl_certinfo *info = NULL;
	const struct curl_slist *field;

	if (curl_easy_getinfo(e, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL ||
		info->num_of_certs < 1)
		return err_set(err, ERR_UNSUPPORTED, "libcurl does not tell certificates");
	for (field = info->certinfo[0]; field != NULL; field = field->next)
		if (strncmp(field->data, PEM_FIELD, strlen(PEM_FIELD)) == 0)
			bytes_add_text(out, field->data + strlen(PEM_FIELD));
	return out->len > 0 && !out->full
		       ? ERR_OK
		       : err_set(err, ERR_UNSUPPORTED, "libcurl does not tell certificates");
}

static bool options_set(CURL *e, const char *url, const struct client_tls *tls)
{
	bool ok = true;

#define SET(option, value) ok = ok && curl_easy_setopt(e, option, value) == CURLE_OK
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_NOPROXY, "*"); /* also against https_proxy in the environment */
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECT_ONLY, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CLIENT_CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)CLIENT_TOTAL_MS);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CERTINFO, 1L);
	if (tls != NULL && tls->ca != NULL) {
		SET(CURLOPT_CAINFO, tls->ca);
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_SSLCERT, tls != NULL ? tls->certificate : NULL);
	SET(CURLOPT_SSLKEY, tls != NULL ? tls->key : NULL);
#undef SET
	return ok;
}

enum err_code http_peer_certificate(struct bytes *out, const char *url,
	const struct client_tls *tls, struct err *err)
{
	struct client_url checked;
	struct http_call *started = NULL; /* sets libcurl up as every request does */
	enum err_code rc = client_url_check(&checked, url, err);
	CURL *e;

	if (rc == ERR_OK && !checked.tls)
		rc = err_set(err, ERR_INVALID, "this address has no certificate");
	if (rc == ERR_OK)
		rc = http_call_new(&started, 0, err);
	http_call_free(&started);
	if (rc != ERR_OK)
		return rc;
	e = curl_easy_init();
	if (e == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for a connection");
	if (!options_set(e, url, tls))
		rc = err_set(err, ERR_UNSUPPORTED, "libcurl lacks an option that is needed here");
	else if (curl_easy_perform(e) != CURLE_OK)
		rc = err_set(err, ERR_NETWORK, "no connection");
	else
		rc = certificate_take(out, e, err);
	curl_easy_cleanup(e);
	return rc;
}
