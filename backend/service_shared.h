/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the service's files.
 */
#ifndef BACKEND_SERVICE_SHARED_H
#define BACKEND_SERVICE_SHARED_H

#include "backend/rules_shared.h"
#include "backend/service.h"

#define SERVICE_RESTORED_AT "restored_at" /* a setting: Unix seconds, 8 bytes */
#define SERVICE_FILE_MASTER "master.key"
#define SERVICE_FILE_NEXT "master.next" /* while values are sealed anew */
#define SERVICE_PATH_MAX (STORE_PATH_MAX + 32)

/* Where the master key is: the configuration, a credential of systemd, or the directory. */
ERR_MUST_CHECK enum err_code service_master_path(const struct service *s,
	char out[static SERVICE_PATH_MAX], struct err *err);

/* Ends the transaction of a verb: commits when e is ERR_OK, else rolls back and returns e. */
ERR_MUST_CHECK enum err_code service_finish(struct service *s, enum err_code e, struct err *err);
/* The audit record of a verb. id: of the credential or the terminal, either may be NULL. */
ERR_MUST_CHECK enum err_code service_record(struct service *s, const char *kind,
	const uint8_t *credential, const uint8_t *terminal, int64_t until, struct err *err);
/* Text that will be stored and shown: safe characters, at most cap - 1 bytes; copies it. */
/* The parts of rotations that are in a transaction of somebody else. */
ERR_MUST_CHECK enum err_code service_number_rotate(struct service *s, struct err *err);
ERR_MUST_CHECK enum err_code service_issuer_rotate(struct service *s, struct err *err);
ERR_MUST_CHECK enum err_code service_text(char *out, size_t cap, const char *text, const char *what,
	bool may_be_empty, struct err *err);

/* A terminal's name, and the merchant's as wallets show it (NULL or "" = the name), checked. */
ERR_MUST_CHECK enum err_code service_terminal_names(char name_out[static STORE_NAME_MAX],
	char merchant_out[static STORE_NAME_MAX], const char *name, const char *merchant,
	struct err *err);

/* The part of service_restore() that is one transaction of its own. Paths of the two files. */
ERR_MUST_CHECK enum err_code service_restore_rules(struct service *s, const char *guard,
	const char *head, bool without_guard, struct service_restored *told, struct err *err);

/* ---- what has to be done again: service_restored.c; r may be NULL, nobody asks then ---- */

struct guard_line;
ERR_MUST_CHECK enum err_code service_restored_begin(struct service *s, struct service_restored *r,
	struct err *err);
void service_restored_line(struct service_restored *r, const struct guard_line *l);
ERR_MUST_CHECK enum err_code service_restored_end(struct service *s, struct service_restored *r,
	struct err *err);

#endif
