/* SPDX-License-Identifier: Apache-2.0
 *
 * The address of a backend: what is let through. For the client, its tests, and the
 * backend, which writes addresses into the configuration of terminals. Includes nothing of curl.
 */
#ifndef VERIFIER_CLIENT_URL_H
#define VERIFIER_CLIENT_URL_H

#include <stdbool.h>

#include "base/err.h"

struct client_url {
	bool tls;
	bool loopback; /* 127.0.0.0/8, [::1] or localhost, so that no name server is asked */
};

/* Accepts http:// or https://, a host or a bracketed IPv6 address, an optional port, an optional
 * path of unreserved characters. Refuses user names, queries, fragments, escapes, and plain http to
 * anything but loopback. ERR_INVALID says what is wrong and never repeats the address: it may hold
 * a password that was put there by mistake.
 */
ERR_MUST_CHECK enum err_code client_url_check(struct client_url *out, const char *url,
	struct err *err);

#endif
