/* SPDX-License-Identifier: Apache-2.0
 *
 * The customer's terminal: a virtual console, a serial or USB line, or another window. Nothing here
 * waits, and nothing is read: what is typed there is thrown away. A terminal that goes away is
 * looked for again, one that takes no bytes is left alone until it does.
 */
#ifndef UI_CUSTOMER_PORT_H
#define UI_CUSTOMER_PORT_H

#include <termios.h>

#include "base/bytes.h"
#include "ui/ansi.h"

#define CUSTOMER_PORT_AGAIN_MS 1000 /* between two looks for one that is not there */
#define CUSTOMER_PORT_OUT_MAX (4 * ANSI_ROW_MAX)
#define CUSTOMER_PORT_END_MS 300    /* for the last bytes, when the program ends */

struct customer_port {
	const char *path; /* borrowed */
	int speed;        /* of a serial line; 0 = as it is */
	int fd;           /* -1 = not there */
	struct termios before;
	int64_t again_ms;
	uint8_t storage[CUSTOMER_PORT_OUT_MAX];
	struct bytes out; /* what waits to be sent */
	size_t sent;      /* of it */
};

/* Opens nothing yet. path is borrowed. ERR_USAGE: a speed that no line has, or a file that is no
 * terminal, or the terminal that this program runs on. One that is not there is no error.
 */
ERR_MUST_CHECK enum err_code customer_port_init(struct customer_port *p, const char *path,
	int speed, struct err *err);
/* Is it there? Tries again when it is time to. *opened: it came just now, and shows anything.
 * Returns ERR_OK; others with words, also between two tries.
 */
ERR_MUST_CHECK enum err_code customer_port_look(struct customer_port *p, bool *opened,
	int64_t now_ms, struct err *err);
/* The window now; false: it does not say. */
bool customer_port_size(const struct customer_port *p, int *cols, int *rows);
/* Pixels of a cell; 0 x 0 = not known. */
void customer_port_cell(const struct customer_port *p, int *width, int *height);
/* Sends as much as it takes. False: it has gone. */
bool customer_port_flush(struct customer_port *p, int64_t now_ms);
bool customer_port_is_sending(const struct customer_port *p);
/* The last bytes, for at most CUSTOMER_PORT_END_MS; then the line is as it was. Also when it is not
 * there, and on a zeroed struct with fd -1.
 */
void customer_port_close(struct customer_port *p);

#endif
