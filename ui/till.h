/* SPDX-License-Identifier: Apache-2.0
 *
 * The till: commands of cash registers at a socket and on standard input, and what they are told.
 * docs/till.md is the reference. One sale at a time, each by an id that the till made: an id starts
 * one verification at most, whatever is lost on the way, and whoever lost an answer asks by it.
 *
 * Watches the counter and works it as the operator's keys do; decides nothing. A verdict that it
 * tells is the flow's, or what the backend says it recorded.
 */
#ifndef UI_TILL_H
#define UI_TILL_H

#include "ui/counter.h"
#include "ui/sales.h"
#include "ui/till_book.h"
#include "ui/till_socket.h"
#include "ui/webhook.h"

/* Limits, also in docs/limits.md. */
#define TILL_TODAY_MAX 8       /* sales in one answer to `today` */
#define TILL_ASK_AGAIN_MS 2000 /* pause before the backend is asked again for a lost verdict */
#define TILL_ASK_AGAIN_MAX_MS 60000 /* doubles up to this */

/* What is around it: the screen's desk, or nothing. All may be NULL. */
struct till_host {
	/* This is sold now; false: the operator must do something first, words say what. */
	bool (*take)(void *ctx, const struct client_sale *sale, const char **words);
	void (*clear)(void *ctx); /* the sale is over: what the operator sells comes next */
	void *ctx;
};

struct till_options { /* borrowed */
	const char *socket; /* NULL or "" = none */
	const char *group;
	bool only;
	const char *folder; /* as for state_folder() */
	const char *terminal_name;
	const char *issuer_name;
	const struct settings_till *settings; /* NULL = no webhook */
	struct sales *sales; /* NULL = nobody keeps them */
	struct till_host host;
};

struct till {
	struct till_options opt;
	struct counter *counter;
	struct till_book book; /* opened with the first sale, or with the socket */
	struct till_socket socket;
	struct client_sale first; /* of the command line: what is sold when no till sells */

	struct till_sale *active; /* started and not finished; in the book; NULL = none */
	bool begun;               /* its verification is the one that runs */
	int64_t give_up_ms;       /* it waits so long for a card */
	bool number_lost;         /* its id could not be written down: it may not go on */
	bool clear_due;           /* a sale is over, and its verdict still shown */

	/* A verdict that was lost with the program's last run, asked for one after another. */
	uint32_t asked; /* ticket; 0 = none */
	char asked_id[COMMAND_ID_MAX + 1];
	int64_t ask_ms; /* when; 0 = there is nothing to ask for */
	int64_t ask_pause_ms;

	struct command_input input; /* standard input */
	struct webhook webhook;
};

/* Also with nothing configured: then standard input alone. Watches the counter from now on.
 * ERR_INVALID, ERR_BUSY, ...: the socket or the book cannot be had, with words.
 */
ERR_MUST_CHECK enum err_code till_open(struct till *t, struct counter *c,
	const struct till_options *opt, struct err *err);
void till_init(struct till *t);
void till_close(struct till *t); /* after till_init() */
/* Lines of standard input, too; answers to them go to standard output. */
ERR_MUST_CHECK enum err_code till_input_open(struct till *t, int fd, struct err *err);

/* Somebody may give a PIN or start a sale: there is a socket, or standard input goes on. */
bool till_listens(const struct till *t);
/* Nobody can start a sale any more, and none runs. */
bool till_is_over(const struct till *t);
/* For poll(2), POLLIN; -1 = none. */
int till_fd(const struct till *t);
int till_input_fd(const struct till *t);
void till_input_fill(struct till *t); /* there is something to read */
void till_turn(struct till *t);
int64_t till_next_ms(const struct till *t); /* the counter's clock; INT64_MAX = nothing is due */

/* ---- private to till*.c ---- */

/* Whom an answer is for; NULL = standard output. */
struct till_asker {
	struct till *till;
	struct till_client *client;
	const char *command; /* its word; "" = it was none */
};
void till_answer_done(const struct till_asker *a);
void till_answer_fault(const struct till_asker *a, const char *word, const char *text);
void till_answer_hello(const struct till_asker *a);
void till_answer_status(const struct till_asker *a);
void till_answer_today(const struct till_asker *a, int64_t from);
/* again: the sale was known already. word NULL = no error. */
void till_answer_sale(const struct till_asker *a, const struct till_sale *s, bool again,
	const char *word, const char *text);
void till_tell_sale(struct till *t, const struct till_sale *s);
struct span till_words_full(void *ctx);
void till_tap(void *ctx, struct span line);

void till_finish(struct till *t, struct till_sale *s, const char *verdict, const char *reason,
	const char *receipt);
/* The backend is asked for what it recorded of sales that were lost. */
void till_lost_look(struct till *t);

#endif
