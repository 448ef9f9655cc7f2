/* SPDX-License-Identifier: Apache-2.0
 *
 * PIN digits, in secret memory only: the entry that the operator's keys fill, and the list that
 * --pin-file gives. What is shown of an entry is its length.
 */
#ifndef UI_PIN_H
#define UI_PIN_H

#include <stdbool.h>

#include "base/bytes.h"
#include "crypto/crypto.h"
#include "verifier/client.h"

/* ---- one PIN that is typed ---- */

struct pin_entry {
	struct secret *digits; /* CLIENT_PIN_MAX bytes */
	size_t len;
};
ERR_MUST_CHECK enum err_code pin_entry_init(struct pin_entry *p, struct err *err);
void pin_entry_done(struct pin_entry *p); /* wipes; also on a zeroed struct */
void pin_entry_clear(struct pin_entry *p); /* wipes the digits */
/* False when it is no digit or there is no room: nothing changes. */
bool pin_entry_add(struct pin_entry *p, int digit);
void pin_entry_backspace(struct pin_entry *p);
/* True when all of text is a PIN; the entry is then that PIN, else empty. */
bool pin_entry_set(struct pin_entry *p, struct span text);
bool pin_entry_complete(const struct pin_entry *p); /* long enough to send */
struct span pin_entry_span(const struct pin_entry *p); /* borrowed */

/* ---- PINs for the next tries, from a file ---- */

#define PIN_LIST_FILE_MAX 1024 /* bytes */

struct pin_list {
	struct secret *text;
	size_t len;
	size_t at; /* next byte to read */
	size_t given_at; /* where the line was that was given last */
	char given_for[FLOW_ID_TEXT_LEN + 1]; /* and for what */
	int given_try;
};
/* Mode 0600 is asked for. Every line must be a PIN. ERR_FORMAT names the line. */
ERR_MUST_CHECK enum err_code pin_list_read(struct pin_list *l, const char *path, struct err *err);
void pin_list_done(struct pin_list *l); /* wipes; also on a zeroed struct */
/* The PIN for a try of a verification into the entry: the next line, or the same again when this
 * try is asked for again because the one before was lost on its way. False when there is none left.
 */
bool pin_list_next(
	struct pin_list *l, struct pin_entry *to, const char *verification, int pin_try);

#endif
