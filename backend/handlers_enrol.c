/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers of enrolment: the authority, a terminal's first certificate, the next ones.
 */
#include <string.h>

#include "backend/handlers.h"

enum err_code handle_authority(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem;

	(void)next;
	(void)err;
	if (r->authority) {
		answer_authority(&call->answer, authority_anchor(r->authority));
		return ERR_OK;
	}
	problem_set(&problem, 404, "not-found", "this backend has no authority for terminals");
	answer_problem(&call->answer, &problem);
	return ERR_OK;
}

/* A certificate is only worth something over TLS, and a code must not be shown to everybody. */
static bool is_plain(struct route_call *call)
{
	struct rules_problem problem;

	if (call->tls)
		return false;
	problem_set(&problem, 403, "forbidden", "terminals are enrolled over TLS: use https://");
	answer_problem(&call->answer, &problem);
	return true;
}

static void tell(struct route_call *call, const struct rules *r,
	const struct rules_enrolment_out *out, const struct rules_problem *problem)
{
	if (problem->word[0])
		answer_problem(&call->answer, problem);
	else
		answer_enrolment(&call->answer, out, r->keys);
}

enum err_code handle_enrolment(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_enrolment_out out;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e;

	(void)next;
	if (is_plain(call))
		return ERR_OK;
	e = rules_enrolment(r, &out, &problem, span_text(call->in.enrolment.code),
		span_text(call->in.enrolment.csr), err);
	if (!e)
		tell(call, r, &out, &problem);
	return e;
}

enum err_code handle_terminal_renewal(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_enrolment_out out;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e;

	(void)next;
	if (is_plain(call))
		return ERR_OK;
	if (!call->has_peer) { /* over TLS a terminal has no other way to say who it is */
		problem_set(&problem, 403, "forbidden",
			"show the certificate that is to be renewed");
		answer_problem(&call->answer, &problem);
		return ERR_OK;
	}
	e = rules_terminal_renewal(r, &out, &problem, &call->caller, call->peer,
		span_text(call->in.enrolment.csr), err);
	if (!e)
		tell(call, r, &out, &problem);
	return e;
}
