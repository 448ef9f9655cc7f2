/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the service's files.
 */
#ifndef BACKEND_SERVICE_SHARED_H
#define BACKEND_SERVICE_SHARED_H

#include "backend/rules_shared.h"
#include "backend/service.h"

/* Ends the transaction of a verb: commits when e is ERR_OK, else rolls back and returns e. */
ERR_MUST_CHECK enum err_code service_finish(struct service *s, enum err_code e, struct err *err);
/* The audit record of a verb. id: of the credential or the terminal, either may be NULL. */
ERR_MUST_CHECK enum err_code service_record(struct service *s, const char *kind,
	const uint8_t *credential, const uint8_t *terminal, int64_t until, struct err *err);
/* Text that will be stored and shown: safe characters, at most cap - 1 bytes; copies it. */
ERR_MUST_CHECK enum err_code service_text(char *out, size_t cap, const char *text, const char *what,
	bool may_be_empty, struct err *err);

/* The part of service_restore() that is one transaction of its own. Paths of the two files. */
ERR_MUST_CHECK enum err_code service_restore_rules(struct service *s, const char *guard,
	const char *head, bool without_guard, struct err *err);

#endif
