/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate that a backend shows: for whoever wants to know how long it is valid.
 */
#ifndef VERIFIER_CLIENT_CURL_PEER_H
#define VERIFIER_CLIENT_CURL_PEER_H

#include "verifier/client.h"

/* Connects, and speaks no HTTP. out: room for SEC_PEM_MAX bytes; the backend's own certificate as
 * PEM. It is not checked here beyond what tls says.
 *
 * Returns: ERR_OK; ERR_INVALID url is none with https://; ERR_NETWORK no connection;
 *          ERR_UNSUPPORTED this libcurl does not tell
 */
ERR_MUST_CHECK enum err_code http_peer_certificate(struct bytes *out, const char *url,
	const struct client_tls *tls, struct err *err);

#endif
