/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons as sentences for the customer, in the language that is in force: what it means for him
 * and what he can do. What is wrong with the terminal, the network or the issuer is not his
 * business.
 */
#ifndef UI_WORDS_CUSTOMER_H
#define UI_WORDS_CUSTOMER_H

#include "verifier/flow.h"

/* Never NULL, never "", also for a number out of range. Contains no printf directive. */
const char *words_customer_reason(enum flow_reason r);
/* While something else goes on; "" = not for the customer. */
const char *words_customer_notice(enum flow_reason r);

#endif
