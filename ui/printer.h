/* SPDX-License-Identifier: Apache-2.0
 *
 * The printer of receipts: a program of the configuration that gets the receipt on its standard
 * input, or a device that speaks ESC/POS. Printing is done by a process of its own (runner.h), so
 * that a printer without paper holds nobody; what comes of it is told afterwards.
 */
#ifndef UI_PRINTER_H
#define UI_PRINTER_H

#include "ui/escpos.h"
#include "ui/printer_settings.h"
#include "ui/runner.h"

#define PRINTER_LIMIT_MS 20000 /* for one receipt; then the printer is given up */
#define PRINTER_ALONE_S  30    /* for its process, when the terminal has ended meanwhile */

struct printer {
	const struct printer_settings *settings; /* borrowed */
	struct runner_command command; /* count 0 = there is no printer */
	const struct escpos_encoding *encoding;
	bool escpos;
	struct runner runner;
	unsigned printed, failed;       /* jobs that ended */
	char fault[RUNNER_WORDS_OF_FAULT_MAX]; /* of the last one; "" = it went well */
	bool ended;                     /* one did since this was set to false */
	uint32_t last_id;               /* of the job that printer_print() took last */
	/* For each job that ended; fault: "" = it went well. NULL = nobody. */
	void (*told)(void *ctx, uint32_t id, const char *fault);
	void *ctx;
	char data[RECEIPT_TEXT_MAX];
};

/* settings: checked by printer_settings_check(). */
ERR_MUST_CHECK enum err_code printer_init(struct printer *p,
	const struct printer_settings *settings, struct err *err);
void printer_done(struct printer *p); /* what is being printed is printed; also on a zeroed one */
bool printer_is_there(const struct printer *p); /* it is configured */
/* As many copies as are configured. *lost: characters that the printer cannot print, may be NULL.
 * ERR_NOT_FOUND: there is no printer; ERR_BUSY: too many wait.
 */
ERR_MUST_CHECK enum err_code printer_print(struct printer *p, unsigned *lost,
	const struct sale *sale, bool copy, int64_t unix_s, struct err *err);

/* After every wait of the loop. */
void printer_tick(struct printer *p, int64_t now_ms);
int64_t printer_next_ms(const struct printer *p);
bool printer_is_busy(const struct printer *p);

#define PRINTER_DEVICE_COMMAND "print-to"
/* `countersign print-to DEVICE [SPEED]`, which printer_print() starts: standard input to a device.
 * Returns the exit status.
 */
int printer_device_main(int argc, char **argv);

#endif
