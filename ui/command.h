/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands of a till on standard input, one JSON object a line:
 *
 *   {"command":"pin","pin":"2468"}   only after pin_wanted
 *   {"command":"cancel"}             also ends the display of a result
 *
 * Read by hand, not by a JSON library: a PIN must not stay behind in memory that nobody wipes. So
 * only what the two lines need is understood: an object of text members without escapes.
 */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

#include <stdbool.h>

#include "base/bytes.h"
#include "crypto/crypto.h"

#define COMMAND_LINE_MAX 512 /* bytes of a line, its break included */

enum command_kind {
	COMMAND_PIN,
	COMMAND_CANCEL
};

struct command {
	enum command_kind kind;
	struct span pin; /* COMMAND_PIN: inside the line, not yet checked to be digits */
};

/* ERR_FORMAT with words when it is none of the two lines. */
ERR_MUST_CHECK enum err_code command_parse(struct command *out, struct span line, struct err *err);

/* Bytes from a descriptor, taken apart into lines, in secret memory. */
struct command_input {
	int fd; /* -1 = ended */
	struct secret *buffer;
	size_t len;
	size_t taken; /* bytes of the line that was given out last */
	bool skipping; /* inside a line that is too long */
};
ERR_MUST_CHECK enum err_code command_input_init(struct command_input *in, int fd, struct err *err);
void command_input_done(struct command_input *in); /* wipes; also on a zeroed struct */
/* Call when the descriptor is readable: one read(2). */
void command_input_fill(struct command_input *in);
/* The next whole line, borrowed until the next call: ERR_OK. ERR_NOT_FOUND: none yet.
 * ERR_TOO_LARGE: one that is longer than COMMAND_LINE_MAX was left out.
 */
ERR_MUST_CHECK enum err_code command_input_line(struct command_input *in, struct span *line,
	struct err *err);

#endif
