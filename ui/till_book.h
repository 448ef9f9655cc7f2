/* SPDX-License-Identifier: Apache-2.0
 *
 * The sales that a till started, by the till's own ids, in a file that outlives the program: so
 * that no id starts two verifications, and a till that lost an answer asks by its id and gets it,
 * also after this machine lost its power. Knows nothing of sockets, cards and the backend.
 *
 * The file is appended to, one JSON object a line, and each line is on the disk before what it says
 * is acted on: a start before a card is taken, a verification's id before anybody can answer it, a
 * verdict before the till hears of it. A line that was torn by a loss of power is cut off. When the
 * file has grown, it is written anew with the newest TILL_SALES_MAX sales.
 */
#ifndef UI_TILL_BOOK_H
#define UI_TILL_BOOK_H

#include "ui/command.h"
#include "ui/state.h"

/* Limits, also in docs/limits.md. */
#define TILL_SALES_MAX 2000           /* that are remembered; the oldest are forgotten */
#define TILL_BOOK_FILE_MAX 16777216   /* bytes of the file */
#define TILL_BOOK_LINES_MAX 16000     /* of the file, then it is written anew */
#define TILL_BOOK_LINE_MAX 1024       /* bytes of a line of it */
#define TILL_REASON_MAX 32

enum till_state {
	TILL_WAITING, /* started; no card was taken yet */
	TILL_RUNNING, /* a verification has begun */
	TILL_LOST,    /* this program ended meanwhile: the backend is asked what it recorded */
	TILL_FINISHED
};
const char *till_state_word(enum till_state s);

struct till_sale {
	char id[COMMAND_ID_MAX + 1];
	struct client_sale sale;
	enum till_state state;
	char verification[FLOW_ID_TEXT_LEN + 1]; /* "" = its number was not shown yet */
	char verdict[COMMAND_WORD_MAX];          /* FINISHED: as in docs/events.md; else "" */
	char reason[TILL_REASON_MAX];
	char receipt[FLOW_RECEIPT_MAX];
	int64_t started_unix_ms;
	int64_t finished_unix_ms; /* 0 = it is not */
	bool offline; /* it was about to go into the journal of sales without the backend */
	bool ask; /* FINISHED, but uncertain: the backend may know more */
};

struct till_book {
	char path[STATE_PATH_MAX + 16];
	int fd;        /* -1 = not open */
	int64_t size;  /* of the file, up to the last whole line */
	uint32_t lines;
	struct till_sale *list; /* TILL_SALES_MAX, a ring; heap */
	uint32_t begun;         /* sales that were ever put in */
};

/* Reads folder/till.jsonl, or makes it. What was running when the program ended is LOST, or, where
 * no number can have been shown, FINISHED with nothing decided, which is written at once.
 *
 * Returns: ERR_OK; ERR_BUSY  another terminal writes to it; ERR_PERMISSION  others may read it;
 *          ERR_IO, ERR_TOO_LARGE, ERR_NO_MEMORY; words say what
 */
ERR_MUST_CHECK enum err_code till_book_open(struct till_book *b, const char *folder,
	int64_t now_unix_ms, struct err *err);
void till_book_close(struct till_book *b); /* also on a zeroed struct with fd -1 */

/* NULL: no such id is remembered. Borrowed until the next start. */
struct till_sale *till_book_find(const struct till_book *b, const char *id);
/* The sales from 0, the oldest that is remembered, to till_book_count() - 1. */
uint32_t till_book_count(const struct till_book *b);
struct till_sale *till_book_at(const struct till_book *b, uint32_t index);

/* These four: when the line is not on the disk, nothing was changed in memory either, but that a
 * verdict is kept: it was reached.
 */
ERR_MUST_CHECK enum err_code till_book_start(struct till_book *b, struct till_sale **out,
	const struct command *start, int64_t now_unix_ms, struct err *err);
ERR_MUST_CHECK enum err_code till_book_number(struct till_book *b, struct till_sale *s,
	const char *verification, struct err *err);
ERR_MUST_CHECK enum err_code till_book_offline(struct till_book *b, struct till_sale *s,
	struct err *err);
ERR_MUST_CHECK enum err_code till_book_finish(struct till_book *b, struct till_sale *s,
	const char *verdict, const char *reason, const char *receipt, int64_t now_unix_ms,
	struct err *err);

#endif
