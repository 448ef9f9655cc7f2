/* SPDX-License-Identifier: Apache-2.0
 *
 * The customer's display: a second terminal with the customer's side of what happens at the counter
 * (view_customer.h), in the customer's language. It looks at the counter and changes nothing there;
 * when it goes away, stands still or comes back, nobody else notices more than a line of words.
 */
#ifndef UI_CUSTOMER_H
#define UI_CUSTOMER_H

#include "ui/counter.h"
#include "ui/customer_port.h"
#include "ui/qr.h"
#include "ui/settings.h"
#include "ui/view_customer.h"

#define CUSTOMER_LOOK_MS 1000 /* is it there, has it another size, is another minute */
#define CUSTOMER_FRAME_MS 80  /* shortest time between two pictures */

/* What a picture depends on; with the same of all it is the same. */
struct customer_seen {
	enum flow_phase phase;
	enum flow_reason notice, barred, reason;
	enum verdict verdict;
	char number[CODE_DIGITS_MAX + 1];
	enum view_scanner scanner;
	enum scan_hint hint;
	unsigned closed;
	bool held_in_view;
	struct client_sale sale;
	size_t pin_len;
	int cols, rows;
};

struct customer {
	bool wanted; /* there is a device in the settings */
	const struct settings *settings;
	bool replay;
	char language[16]; /* "" = the operator's */
	int32_t utc_offset_s;
	struct customer_port port;
	struct ansi ansi;
	struct grid grid;
	struct view_model model;
	struct qr_kept challenge;
	struct customer_seen seen; /* of the last picture */
	bool whole;                /* it was sent, all of it */
	int64_t next_ms;           /* of the counter's clock: the picture changes by itself */
	int64_t look_ms, drawn_ms; /* real clock */
	char fault[ERR_TEXT_MAX];  /* why it is not there; "" = it is, or is not wanted */
};

/* device NULL: what the settings say; neither: not wanted, ERR_OK. ERR_USAGE with words when the
 * device is no terminal or the operator's own. One that is not there may come later. Both are
 * borrowed.
 */
ERR_MUST_CHECK enum err_code customer_open(struct customer *cu, const struct settings *settings,
	const char *device, bool replay, struct err *err);
void customer_close(struct customer *cu); /* also when not wanted, and on a zeroed struct */

/* Draws and sends what is due. */
void customer_turn(struct customer *cu, const struct counter *c, int64_t real_ms);
/* Milliseconds of waiting until there is something to do; INT64_MAX = nothing. */
int64_t customer_wait_ms(const struct customer *cu, const struct counter *c, int64_t real_ms);
/* To poll for writing; -1 = not now. */
int customer_fd(const struct customer *cu);

#endif
