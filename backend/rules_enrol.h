/* SPDX-License-Identifier: Apache-2.0
 *
 * How a terminal gets in and how it is kept out: one-time codes, certificates, revocation. The
 * identity of a terminal is its public key; what its certificate says is for people.
 *
 * As in rules.h: on the store thread, inside a transaction; ERR_OK with a refusal in *problem.
 */
#ifndef BACKEND_RULES_ENROL_H
#define BACKEND_RULES_ENROL_H

#include "backend/authority.h"
#include "backend/rules.h"

struct store_terminal; /* backend/store_rows.h */

/* Whose is this key of a verified client certificate? A key that was revoked is a refusal
 * (terminal-revoked), and so is one that is not known here.
 */
ERR_MUST_CHECK enum err_code rules_authenticate_peer(const struct rules *r,
	struct rules_caller *out, struct rules_problem *problem,
	const uint8_t peer[static SEC_SPKI_LEN], struct err *err);

struct rules_enrolment_out {
	uint8_t terminal[CODE_ID_LEN];
	char name[RULES_NAME_MAX];
	char certificate[AUTHORITY_PEM_MAX]; /* PEM */
	int64_t not_after;
};
/* A code that is used for the first time: the terminal's certificate. A device that had this name
 * before is out.
 */
ERR_MUST_CHECK enum err_code rules_enrolment(const struct rules *r, struct rules_enrolment_out *out,
	struct rules_problem *problem, struct span code, struct span csr, struct err *err);
/* Another certificate for the same key. peer: the key that the caller's connection showed. */
ERR_MUST_CHECK enum err_code rules_terminal_renewal(const struct rules *r,
	struct rules_enrolment_out *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t peer[static SEC_SPKI_LEN],
	struct span csr, struct err *err);

/* Neither its token nor any key it ever had is worth anything from now on. Writes t->token. */
ERR_MUST_CHECK enum err_code rules_terminal_shut_out(const struct rules *r,
	struct store_terminal *t, struct err *err);
/* The digest that is kept of a code; dashes, spaces and lower case do not matter. */
ERR_MUST_CHECK enum err_code rules_enrolment_digest(uint8_t out[static SEC_SHA256_LEN],
	struct span code);

#endif
