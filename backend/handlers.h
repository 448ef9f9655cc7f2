/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers of the route table: fields -> rules -> answer. Each runs on the store thread inside the
 * savepoint of its request. Private to routes.c.
 */
#ifndef BACKEND_HANDLERS_H
#define BACKEND_HANDLERS_H

#include "backend/routes.h"

#define HANDLER(name)                                                                              \
	ERR_MUST_CHECK enum err_code name(const struct rules *r, struct route_call *call,         \
		enum route_next *next, struct err *err)

HANDLER(handle_health);
HANDLER(handle_issuer);
HANDLER(handle_activation);
HANDLER(handle_authority); /* these three: handlers_enrol.c */
HANDLER(handle_enrolment);
HANDLER(handle_renewal);
HANDLER(handle_events); /* handlers_events.c */
HANDLER(handle_start);
HANDLER(handle_state);
HANDLER(handle_cancel);
HANDLER(handle_answer);
HANDLER(handle_pin);

ERR_MUST_CHECK enum err_code handle_pin_finish(
	const struct rules *r, struct route_call *call, struct err *err);

#endif
