/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands of a till, one JSON object a line: docs/till.md is the reference.
 *
 *   {"command":"start","id":"17","amount":"12.80","currency":"EUR"}
 *   {"command":"pin","pin":"2468"}   only after pin_wanted
 *   {"command":"cancel"}             also ends the display of a result
 *
 * A line with a PIN is taken apart where it stands: a PIN must not be copied by a JSON library. So
 * it is a plain one, without escapes; everything else is any JSON. What is not known is refused, so
 * that a member with a wrong name is no sale without an amount.
 */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

#include <stdbool.h>

#include "base/bytes.h"
#include "crypto/crypto.h"
#include "verifier/client.h"

#define COMMAND_PROTOCOL 1    /* version of what is said here and of the answers */
#define COMMAND_LINE_MAX 2048 /* bytes of a line, its break included */
#define COMMAND_ID_MAX 64     /* characters of a till's own id of a sale */
#define COMMAND_WORD_MAX 16
#define COMMAND_WAIT_S 300    /* a sale waits so long for a card when the till says nothing else */
#define COMMAND_WAIT_S_MIN 1
#define COMMAND_WAIT_S_MAX 3600

#define COMMAND_LIST(X)                                                                            \
	X(COMMAND_HELLO, "hello")                                                                  \
	X(COMMAND_START, "start")                                                                  \
	X(COMMAND_CANCEL, "cancel")                                                                \
	X(COMMAND_PIN, "pin")                                                                      \
	X(COMMAND_VERDICT, "verdict")                                                              \
	X(COMMAND_STATUS, "status")                                                                \
	X(COMMAND_TODAY, "today")                                                                  \
	X(COMMAND_SUBSCRIBE, "subscribe")

enum command_kind {
#define COMMAND_ENUM(name, word) name,
	COMMAND_LIST(COMMAND_ENUM)
#undef COMMAND_ENUM
	COMMAND_KIND_COUNT
};
const char *command_word(enum command_kind kind);

enum command_events { /* what a client is told without asking */
	COMMAND_EVENTS_NONE,
	COMMAND_EVENTS_SALES, /* how sales go on */
	COMMAND_EVENTS_ALL    /* docs/events.md, too */
};

struct command {
	enum command_kind kind;
	struct span pin;              /* PIN: inside the line, not yet checked to be digits */
	char id[COMMAND_ID_MAX + 1];  /* START, VERDICT: the sale's; CANCEL: "" = whatever runs */
	struct client_sale sale;      /* START: checked */
	int64_t wait_s;               /* START */
	int64_t version;              /* HELLO */
	int64_t from;                 /* TODAY: the first that is wanted, from 0 on */
	enum command_events events;   /* SUBSCRIBE */
};

/* What was wrong with a line, for the answer. */
struct command_fault {
	const char *word;              /* static: "bad-json" "unknown-command" "missing-member"
					* "unknown-member" "bad-member" */
	char command[COMMAND_WORD_MAX]; /* as it was sent, where it is one that we know; "" = not */
};

/* ERR_FORMAT with words for a person, and fault (NULL = not wanted) filled: it is no command. */
ERR_MUST_CHECK enum err_code command_parse(struct command *out, struct command_fault *fault,
	struct span line, struct err *err);

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
