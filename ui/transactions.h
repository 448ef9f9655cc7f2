/* SPDX-License-Identifier: Apache-2.0
 *
 * What was sold at this counter: watches it, writes each verdict down as it is reached, prints
 * receipts by themselves where that is configured, and prints them again when somebody asks. What
 * fails here is told and tried again; it never changes a verdict.
 */
#ifndef UI_TRANSACTIONS_H
#define UI_TRANSACTIONS_H

#include "ui/counter.h"
#include "ui/printer.h"
#include "ui/settings.h"

struct transactions {
	const struct settings *settings;
	struct counter *counter;
	struct sales sales;
	struct printer printer;
	bool off; /* virtual time: a replay sells nothing */
	uint32_t changes; /* of the list: another figure, another list */
	struct sale last; /* that was decided here since the start */
	bool last_there, last_printed;
	uint32_t last_job; /* of the printer: its first one, no copy; 0 = none */
	uint32_t notices; /* likewise of the words below */
	char notice[RUNNER_WORDS_OF_FAULT_MAX]; /* what was not printed, and why */
};

/* Adds a watch to the counter. Faults are told through t->sales.fault, and logged. */
ERR_MUST_CHECK enum err_code transactions_start(struct transactions *t,
	const struct settings *settings, struct counter *c, struct err *err);
void transactions_done(struct transactions *t); /* also on a zeroed struct */

/* After every turn of the loop. */
void transactions_tick(struct transactions *t, int64_t now_ms);
int64_t transactions_next_ms(const struct transactions *t);

/* How many verifications came to a verdict today. */
uint32_t transactions_today(const struct transactions *t);

/* ERR_NOT_FOUND: no printer, or nothing was decided yet. A second one is a copy. */
ERR_MUST_CHECK enum err_code transactions_print_last(struct transactions *t, struct err *err);
/* One of the list: always a copy. */
ERR_MUST_CHECK enum err_code transactions_print(struct transactions *t, const struct sale *sale,
	struct err *err);

/* The sale that the counter's verdict is about. */
void transactions_sale(struct sale *out, const struct counter *c, const char *terminal_name);

#endif
