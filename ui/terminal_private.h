/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to terminal*.c: everything that a run has.
 */
#ifndef UI_TERMINAL_PRIVATE_H
#define UI_TERMINAL_PRIVATE_H

#include "ui/counter.h"
#include "ui/customer.h"
#include "ui/display.h"
#include "ui/sound.h"
#include "ui/speech.h"
#include "ui/till.h"
#include "ui/transactions.h"
#include "ui/terminal.h"

struct terminal {
	const struct options *opt;
	struct settings settings;
	struct client_sale sale;
	struct counter counter;
	struct display display;
	struct customer customer;
	struct transactions transactions;
	struct sound sound;
	struct speech speech;
	struct till till;
	struct session_header header;
	struct session_reader reader;
	char source[SCAN_SOURCE_MAX + 16];
	char camera[SCAN_CAMERA_WORDS_MAX];
	int signal_fd;
	int64_t began_ms;
	int64_t end_ms; /* real clock: leave at the latest; INT64_MAX = not leaving */
};

/* In the order of what depends on what. On error terminal_tear_down() gives everything back. */
ERR_MUST_CHECK enum err_code terminal_set_up(struct terminal *t, struct err *err);
/* The counter begins: its first event. */
void terminal_counter_start(struct terminal *t);

#endif
