/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of countersignd: arguments in, one JSON object out. What they do is in
 * backend/service.h; here is only how it is asked for and told. Private to the program.
 */
#ifndef BACKEND_ADMIN_H
#define BACKEND_ADMIN_H

#include "backend/args.h"
#include "backend/program.h"
#include "base/json.h"

#define ADMIN_OUT_MAX 1048576 /* a thousand verifications */

struct admin {
	const char *dir; /* --dir; NULL = not given */
	const char *operator_name; /* --operator after any command; NULL = the system's user */
	struct clock *clock;
	struct service *service; /* open, where the command says so */
	const struct program_hooks *hooks;
	int argc; /* what follows the command's words */
	char **argv;
	struct json_out json; /* printed as one line when the command succeeds */
	struct bytes out;
	bool printed; /* the command printed by itself */
	bool broken; /* the command did its work, and what it found is exit status 1 */
};

struct admin_command {
	const char *words; /* "credential issue" */
	const char *usage; /* arguments */
	const char *help;  /* one line */
	bool opens;        /* needs admin.service */
	/* ERR_USAGE: exit 3; any other fault: exit 1. */
	enum err_code (*run)(struct admin *a, struct err *err);
};

#define ADMIN_COMMAND(name) ERR_MUST_CHECK enum err_code name(struct admin *a, struct err *err)

ADMIN_COMMAND(admin_init);
ADMIN_COMMAND(admin_restore);
ADMIN_COMMAND(admin_backup);
ADMIN_COMMAND(admin_serve);
ADMIN_COMMAND(admin_store_copy);
ADMIN_COMMAND(admin_holder_add);
ADMIN_COMMAND(admin_holder_find);
ADMIN_COMMAND(admin_holder_contact);
ADMIN_COMMAND(admin_account_add);
ADMIN_COMMAND(admin_account_unlock);
ADMIN_COMMAND(admin_credential_issue);
ADMIN_COMMAND(admin_credential_show);
ADMIN_COMMAND(admin_credential_freeze);
ADMIN_COMMAND(admin_credential_unfreeze);
ADMIN_COMMAND(admin_credential_void);
ADMIN_COMMAND(admin_credential_renew);
ADMIN_COMMAND(admin_verification_show);
ADMIN_COMMAND(admin_verification_list);
ADMIN_COMMAND(admin_offline_list);
ADMIN_COMMAND(admin_terminal_enrol);
ADMIN_COMMAND(admin_terminal_list);
ADMIN_COMMAND(admin_terminal_revoke);
ADMIN_COMMAND(admin_terminal_stop);
ADMIN_COMMAND(admin_terminal_allow);
ADMIN_COMMAND(admin_operator_add);
ADMIN_COMMAND(admin_operator_passphrase);
ADMIN_COMMAND(admin_operator_role);
ADMIN_COMMAND(admin_operator_stop);
ADMIN_COMMAND(admin_operator_allow);
ADMIN_COMMAND(admin_operator_list);
ADMIN_COMMAND(admin_holder_questions);
ADMIN_COMMAND(admin_call_open);
ADMIN_COMMAND(admin_call_answer);
ADMIN_COMMAND(admin_call_show);
ADMIN_COMMAND(admin_call_end);
ADMIN_COMMAND(admin_audit_verify);
ADMIN_COMMAND(admin_ca_create);
ADMIN_COMMAND(admin_ca_show);
ADMIN_COMMAND(admin_ca_renew_server);
ADMIN_COMMAND(admin_audit_export);
ADMIN_COMMAND(admin_key_rotate);
ADMIN_COMMAND(admin_key_list);
ADMIN_COMMAND(admin_policy_show);

/* ---- helpers: admin_common.c ---- */

/* 32 hex digits; ERR_USAGE that names what they were for. NULL = missing. */
ERR_MUST_CHECK enum err_code admin_id(uint8_t out[static CODE_ID_LEN], const char *text,
	const char *what, struct err *err);
/* ERR_USAGE when it is NULL (missing), empty, longer than max bytes or not safe text. */
ERR_MUST_CHECK enum err_code admin_text(const char *text, const char *what, size_t max,
	struct err *err);
/* Exactly one word, which is an id. */
ERR_MUST_CHECK enum err_code admin_one_id(struct admin *a, uint8_t out[static CODE_ID_LEN],
	struct err *err);
/* Whatever went wrong is a matter of set-up: exit 3. */
enum err_code admin_setup_fault(struct err *err);

/* ---- the server's certificate: admin_ca.c ---- */

struct admin_server {
	const char *names; /* as given: with commas */
	struct authority_server server;
	int64_t not_after; /* of what was made */
	const char *list[SEC_CERT_NAMES_MAX];
	char room[SEC_CERT_NAMES_MAX * 64];
};
#define ADMIN_SERVER_ARGS(in)                                                                      \
	{.name = "server-name", .text = &(in).names},                                              \
		{.name = "server-cert", .text = &(in).server.certificate},                         \
		{.name = "server-key", .text = &(in).server.key},                                  \
		{.name = "server-ca", .text = &(in).server.ca}
/* After the arguments were parsed. ERR_USAGE. */
ERR_MUST_CHECK enum err_code admin_server_check(struct admin_server *in, struct err *err);
void admin_tell_authority(struct admin *a, const struct admin_server *in);

void admin_json_id(struct admin *a, const char *name, const uint8_t id[static CODE_ID_LEN]);

#endif
