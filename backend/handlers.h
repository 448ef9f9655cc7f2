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

#define HEALTH_CLOCK_BACK_S 10 /* the wall clock may be so much before the newest audit record */
HANDLER(handle_health); /* handlers_operation.c */
HANDLER(handle_metrics);
HANDLER(handle_issuer);
HANDLER(handle_activation);
HANDLER(handle_activation_look);
HANDLER(handle_authority); /* these three: handlers_enrol.c */
HANDLER(handle_enrolment);
HANDLER(handle_terminal_renewal);
HANDLER(handle_events); /* handlers_events.c */
HANDLER(handle_start);
HANDLER(handle_state);
HANDLER(handle_cancel);
HANDLER(handle_answer);
HANDLER(handle_pin);
HANDLER(handle_offline); /* handlers_offline.c */

/* handlers_people.c */
HANDLER(handle_sign_in);
HANDLER(handle_sign_out);
HANDLER(handle_call_open);
HANDLER(handle_call_state);
HANDLER(handle_call_end);
HANDLER(handle_call_answer);
HANDLER(handle_call_credentials);
HANDLER(handle_credential);
HANDLER(handle_freeze);
HANDLER(handle_unfreeze);
HANDLER(handle_void);
HANDLER(handle_renewal);

#define FINISHER(name)                                                                             \
	ERR_MUST_CHECK enum err_code name(                                                         \
		const struct rules *r, struct route_call *call, struct err *err)

FINISHER(handle_pin_finish);
FINISHER(handle_sign_in_finish);
FINISHER(handle_call_answer_finish);

#endif
