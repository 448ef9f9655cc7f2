/* SPDX-License-Identifier: Apache-2.0
 *
 * Today's sales: every verdict of this terminal, in a file for each day that only its owner may
 * read. Appended to, never changed; one JSON object a line, in the words of docs/sales.md. Knows
 * nothing of screens, printers and the backend, and decides nothing.
 *
 * What may happen to it, and what comes of that:
 * - power lost in the middle of a line: the next line begins on its own, the torn one is counted as
 *   damaged and left out;
 * - several programs at once: they take turns (flock), each lists what all have written;
 * - the disk is full or gone: what cannot be written waits in memory, is listed all the same, and
 *   is written when it can be; `fault` has the words meanwhile;
 * - midnight: the next sale begins the file of its day. Lines of a time that was set back come
 *   after those of the time before.
 * Writing is synced in the background, so that a slow disk does not hold the counter.
 *
 * PIN digits, codes that were scanned and numbers that were shown are never in it.
 */
#ifndef UI_SALES_H
#define UI_SALES_H

#include <aio.h>

#include "base/bytes.h"
#include "ui/state.h"
#include "verifier/client.h"

/* Limits, also in docs/limits.md. */
#define SALES_LISTED_MAX  20000 /* of one day; of more the newest are listed, all are kept */
#define SALES_LINE_MAX    4096  /* bytes of a line with its break; longer ones are damaged */
#define SALES_WAITING_MAX 32    /* that wait to be written; of more the oldest are given up */
#define SALES_AGAIN_MS    5000  /* pause before writing is tried again */

#define SALES_DAY_LEN 10       /* 2026-11-21 */
#define SALES_CURRENCIES_MAX 8 /* whose sums are kept */

enum sale_verdict { /* words: sale_verdict_word() */
	SALE_NONE = 0,    /* nothing was decided */
	SALE_ACCEPTED,
	SALE_AUTHORISED,  /* accepted, with a PIN */
	SALE_REFUSED,
	SALE_UNCERTAIN,
	SALE_UNCONFIRMED, /* taken without the backend; it has not decided yet */
	SALE_VERDICT_COUNT
};

struct sale {
	enum sale_verdict verdict;
	enum flow_reason reason;
	int64_t at_unix_s;
	int32_t utc_offset_s;    /* of this terminal at that time */
	struct client_sale sold; /* amount, currency, reference, operator */
	char terminal[FLOW_LABEL_MAX];
	char id[FLOW_ID_TEXT_LEN + 1]; /* of the verification; "" = it was never begun */
	char receipt[FLOW_RECEIPT_MAX];
	char receipt_code[CODE_TEXT_MAX]; /* checked with the issuer's key; "" = none */
	struct flow_credential credential;
};

struct sales_sum {
	char currency[4];
	uint64_t amount; /* minor units, of what was accepted or authorised; stops at UINT64_MAX */
};

struct sales_figures {
	uint32_t verdicts[SALE_VERDICT_COUNT];
	struct sales_sum sums[SALES_CURRENCIES_MAX];
	int sum_count;
};

struct sales {
	const char *configured;      /* borrowed */
	char folder[STATE_PATH_MAX]; /* "" = there is none yet */
	char day[SALES_DAY_LEN + 1]; /* of the file */
	int fd;                      /* -1 = none yet, or it cannot be opened */
	bool reads_only;
	int64_t read_to;             /* bytes of the file; the lines before are listed */
	bool skipping;               /* in a line that is too long */
	uint32_t lines;              /* sales in them */
	uint32_t damaged;            /* lines that are none */
	int64_t at[SALES_LISTED_MAX]; /* where each begins; the oldest are overwritten */
	struct sales_figures written; /* of the lines */

	struct sale waiting[SALES_WAITING_MAX]; /* not written yet, the oldest first */
	uint32_t waiting_count;
	uint32_t given_up;
	int64_t again_ms;
	struct aiocb sync;
	bool syncing, sync_again;
	char fault[ERR_TEXT_MAX]; /* why the last one is not written for good; "" = it is */

	char buffer[4 * SALES_LINE_MAX];
};

const char *sale_verdict_word(enum sale_verdict v); /* "none" for a number out of range */
/* Money or goods may be handed out: ACCEPTED, AUTHORISED. */
bool sale_is_accepted(const struct sale *sale);
enum sale_verdict sale_verdict_of(enum verdict v, bool pin_done);
/* The day at this terminal, and how far its clocks are ahead of UTC. */
void sale_day(char out[static SALES_DAY_LEN + 1], int32_t *utc_offset_s, int64_t unix_s);
/* Is it a day as it is written in a file's name? */
bool sale_day_is_valid(const char *day);

/* Zeroes everything, then opens today's file and reads it. folder as for state_folder(); it has to
 * stay. On error nothing is kept on disk, `fault` says so, sales_add() works in memory, and the
 * same folder is tried again.
 */
ERR_MUST_CHECK enum err_code sales_open(struct sales *s, const char *folder, int64_t unix_s,
	struct err *err);
/* A day's file for reading alone; makes nothing. ERR_NOT_FOUND: nothing was sold on that day. */
ERR_MUST_CHECK enum err_code sales_open_day(struct sales *s, const char *folder, const char *day,
	struct err *err);
/* Waits until what was written is on the disk. Also on a zeroed struct. */
void sales_close(struct sales *s);

/* In the list at once; written with the next sales_tick(). */
void sales_add(struct sales *s, const struct sale *sale);
/* Writes, syncs, begins the next day, and lists what another program has written. Returns true when
 * the list is another than before. Milliseconds of the machine's monotonic clock.
 */
bool sales_tick(struct sales *s, int64_t unix_s, int64_t now_ms);
int64_t sales_next_ms(const struct sales *s); /* INT64_MAX = nothing is due */
/* Waits until what was given is on the disk. False: it is not. */
bool sales_sync(struct sales *s, int64_t unix_s);

/* All of the day, also those that are not listed any more. */
uint32_t sales_total(const struct sales *s);
void sales_figures(struct sales_figures *out, const struct sales *s);
/* The oldest first; the newest is sales_count() - 1. */
uint32_t sales_count(const struct sales *s);
/* ERR_NOT_FOUND: it is not there (any more); ERR_CORRUPT: its line was changed. */
ERR_MUST_CHECK enum err_code sales_get(struct sales *s, uint32_t index, struct sale *out);

/* One line with its break, and back. ERR_CORRUPT: it is none. */
void sale_write(struct bytes *out, const struct sale *sale);
ERR_MUST_CHECK enum err_code sale_read(struct sale *out, struct span line, struct err *err);

#endif
