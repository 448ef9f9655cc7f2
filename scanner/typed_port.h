/* SPDX-License-Identifier: Apache-2.0
 *
 * The device of a hand-held reader, opened and taken for ourselves: a keyboard is grabbed, so that
 * what it types goes nowhere else; a serial line is set up and exclusive. The terminal does this
 * and passes the descriptor on; while it holds the port the grab lasts, also between two lives of
 * the scanner process.
 */
#ifndef SCANNER_TYPED_PORT_H
#define SCANNER_TYPED_PORT_H

#include <termios.h>

#include "scanner/typed_spec.h"

enum typed_kind {
	TYPED_KEYS,  /* /dev/input/eventN: types like a keyboard */
	TYPED_HID,   /* /dev/hidrawN: reports of the HID Point of Sale usages */
	TYPED_SERIAL
};

struct typed_port {
	int fd; /* -1 = closed */
	enum typed_kind kind;
	struct termios before; /* of a serial line: given back by typed_port_close() */
};

/* A hidraw device whose kernel driver types what it reads is opened as that keyboard: only there
 * can the typing be held back.
 *
 * Returns: ERR_NOT_FOUND; ERR_PERMISSION; ERR_BUSY: somebody else has it; ERR_UNSUPPORTED: no
 * reader, or the machine's own keyboard; ERR_IO
 */
ERR_MUST_CHECK enum err_code typed_port_open(struct typed_port *out, const struct typed_spec *spec,
	struct err *err);
void typed_port_close(struct typed_port *p);
/* Of a descriptor that another process opened. ERR_UNSUPPORTED: no reader. */
ERR_MUST_CHECK enum err_code typed_port_kind(enum typed_kind *out, int fd, struct err *err);
/* Nothing else on this machine types, as far as the kernel's list says: worth a warning. */
bool typed_port_is_only_keyboard(void);

#endif
