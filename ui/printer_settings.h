/* SPDX-License-Identifier: Apache-2.0
 *
 * [receipt] of terminal.conf.
 */
#ifndef UI_PRINTER_SETTINGS_H
#define UI_PRINTER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/receipt.h"
#include "ui/runner.h"

#define PRINTER_DEVICE_MAX 128 /* bytes with NUL */
#define PRINTER_WORD_MAX   16
#define PRINTER_COLUMNS    42  /* unless it is said */
#define PRINTER_COPIES_MAX 5

enum printer_automatic { /* without being asked */
	PRINTER_NEVER = 0,
	PRINTER_ACCEPTED, /* what was accepted or authorised */
	PRINTER_ALL       /* every verdict */
};

struct printer_settings {
	/* As they stand in the file. */
	char command[RUNNER_LINE_MAX];
	char device[PRINTER_DEVICE_MAX];
	int64_t speed;   /* of a serial device, bits a second; 0 = as it is */
	char format[PRINTER_WORD_MAX];   /* "" "text" "escpos" */
	char encoding[PRINTER_WORD_MAX]; /* of ESC/POS; "" = by the language */
	int64_t columns; /* 0 = PRINTER_COLUMNS */
	int64_t copies;  /* 0 = 1 */
	bool cut;
	char print[PRINTER_WORD_MAX];    /* "" "never" "accepted" "all" */
	char language[PRINTER_WORD_MAX]; /* of the receipt; "" = the screen's */
	char header[RECEIPT_WORDS_MAX + 1];
	char footer[RECEIPT_WORDS_MAX + 1];

	enum printer_automatic automatic; /* by printer_settings_check() */
};

/* ERR_FORMAT names the key and what it may be. */
ERR_MUST_CHECK enum err_code printer_settings_check(struct printer_settings *s, const char *path,
	struct err *err);

#endif
