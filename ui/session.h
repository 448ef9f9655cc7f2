/* SPDX-License-Identifier: Apache-2.0
 *
 * DIR/session.jsonl of a recording: a header line, then every event in order. The frames beside it
 * are the scanner's business. A recording that is replayed may come from anybody: lines, file and
 * figures have limits.
 */
#ifndef UI_SESSION_H
#define UI_SESSION_H

#include "ui/events.h"
#include "verifier/client.h"

#define SESSION_VERSION    1
#define SESSION_FILE       "session.jsonl"
#define SESSION_PINS_FILE  "pins"
#define SESSION_PATH_MAX   4096
#define SESSION_LINE_MAX   65536      /* bytes of a line that is read */
#define SESSION_FILE_MAX   (16 << 20) /* bytes of a file that is read */
#define SESSION_SOURCE_MAX 1024
#define SESSION_RESULT_MS_MAX 3600000

struct session_header {
	int64_t started_unix_ms; /* wall clock when the frames' own time was 0 */
	bool stepped;       /* virtual time: then at_ms is compared too */
	bool continuous;
	bool all_symbologies; /* codes other than QR were told, too */
	int fps;
	int64_t result_ms;  /* a verdict stayed so long; when it is not said FLOW_RESULT_MS */
	char source[SESSION_SOURCE_MAX];
	struct client_sale sale;
};

/* DIR/name into out; ERR_TOO_LARGE when it does not fit. */
ERR_MUST_CHECK enum err_code session_path(
	char out[static SESSION_PATH_MAX], const char *dir, const char *name, struct err *err);

/* ---- writing ---- */

struct session_writer {
	int fd; /* -1 = not recording */
};
/* Makes dir with mode 0700, or takes an empty one; ERR_EXISTS when there is something in it. */
ERR_MUST_CHECK enum err_code session_folder_make(const char *dir, struct err *err);
ERR_MUST_CHECK enum err_code session_write_open(
	struct session_writer *w, const char *dir, const struct session_header *h, struct err *err);
/* On error the recording has ended: the descriptor is closed. */
ERR_MUST_CHECK enum err_code session_write_line(
	struct session_writer *w, struct span line, struct err *err);
void session_write_close(struct session_writer *w);

/* ---- reading and comparing ---- */

/* What the operator or the till did: the same happens in a replay. */
enum session_command_kind {
	SESSION_COMMAND_NONE,
	SESSION_COMMAND_CANCEL,
	SESSION_COMMAND_SALE, /* another sale is next */
	SESSION_COMMAND_CARDS /* cards are taken now, or not */
};
struct session_command {
	enum session_command_kind kind;
	int64_t at_ms;
	struct client_sale sale; /* SALE */
	bool taken;              /* CARDS */
};

struct session_reader {
	int fd;
	bool stepped;
	bool have; /* `next` holds an expected event that was not met yet */
	bool ended;
	int line_number; /* of `next` */
	size_t total;
	size_t len, taken;
	struct bytes next; /* canonical */
	int64_t next_at_ms;
	struct session_command next_command; /* NONE: it is no command */
	bool differs; /* the first difference was found: nothing is compared after it */
	char buffer[SESSION_LINE_MAX];
};
ERR_MUST_CHECK enum err_code session_read_open(
	struct session_reader *r, struct session_header *h, const char *dir, struct err *err);
void session_read_close(struct session_reader *r);

/* One event that happened now, against the next one that is expected.
 * Returns: ERR_OK       the same, or of a kind that is not compared (ready, scanner, backend,
 * stats) ERR_CORRUPT  the first difference; err says line, expected and got, in full to stderr by
 *                       the caller: see session_expected()
 *          others       the recording cannot be read further
 */
ERR_MUST_CHECK enum err_code session_compare(
	struct session_reader *r, struct span line, struct err *err);
/* After the last event: ERR_CORRUPT when the recording has more. */
ERR_MUST_CHECK enum err_code session_compare_end(struct session_reader *r, struct err *err);
/* The event that was expected at the difference, canonical JSON; empty = none. */
struct span session_expected(const struct session_reader *r);
/* The command that comes next and was given at or before this time; NULL = none. */
const struct session_command *session_command_due(const struct session_reader *r, int64_t at_ms);

#endif
