/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the authority: key, certificate and signer of the server are replaced together. They
 * are written beside the old ones first; then server.next says that they count, and they take their
 * places. Whatever ends a program in between, the old ones are whole before that, and afterwards
 * whoever opens the authority next finishes it.
 */
#ifndef BACKEND_AUTHORITY_SERVER_H
#define BACKEND_AUTHORITY_SERVER_H

#include "backend/authority.h"

/* Either made here, or given as files that are copied as they are. */
struct authority_pair {
	const struct sec_key *key;
	const struct sec_cert *cert;
	const char *key_path, *cert_path;
	const struct sec_cert *signer; /* server-ca.pem; NULL = our own authority */
};
/* ERR_INVALID: the key is not the certificate's. Then, and on any other error before they count,
 * nothing has changed.
 */
ERR_MUST_CHECK enum err_code authority_server_put(const struct authority_files *f,
	const struct authority_pair *pair, struct err *err);
/* Finishes what was begun, if something was. */
ERR_MUST_CHECK enum err_code authority_server_finish(const struct authority_files *f,
	struct err *err);

#endif
