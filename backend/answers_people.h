/* SPDX-License-Identifier: Apache-2.0
 *
 * Outcomes about people and their credentials as JSON. Private to the handlers.
 */
#ifndef BACKEND_ANSWERS_PEOPLE_H
#define BACKEND_ANSWERS_PEOPLE_H

#include "backend/answers.h"
#include "backend/rules_credential.h"
#include "backend/rules_issuer.h"
#include "backend/rules_people.h"

void answer_issuer(struct answer *a, const struct keyring *keys, const struct policy *policy,
	const struct rules_issuer *list);
void answer_session(struct answer *a, const struct rules_session *out);
void answer_session_ended(struct answer *a);
void answer_call(struct answer *a, int status, const struct rules_call *call);
void answer_credential(struct answer *a, const struct rules_credential_seen *c);
/* To its own wallet: nothing that the wallet has not got, but for what became of it. */
void answer_wallet_credential(struct answer *a, const struct rules_credential_seen *c);
/* Of one holder; more: there are further ones that are not told. */
void answer_credentials(struct answer *a, const struct store_holder *holder,
	const struct rules_credential_seen *list, size_t count, bool more);
/* token: whether the caller is told the activation token; link: with it and its code, "" = not. */
void answer_renewed(struct answer *a, const struct rules_issued *out, bool token,
	const char *link);

#endif
