/* SPDX-License-Identifier: Apache-2.0
 *
 * A counter with its desk and what it has sold, in a folder of its own, for the tests of both.
 */
#ifndef TESTS_LIB_HISTORY_KIT_H
#define TESTS_LIB_HISTORY_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "tests/lib/folder.h"
#include "ui/desk.h"
#include "ui/transactions.h"

#define NOON 1795262400 /* 2026-11-21 12:00 UTC */
#define CODE "HTTPS://BANK.EXAMPLE/X/AEAAAAAA"

static struct counter counter;
static struct settings settings;
static struct desk desk;
static struct transactions transactions;
static struct view_model model;
static char text[65536];

static inline void sink(void *ctx, enum events_to to, struct span line)
{
	(void)ctx;
	(void)to;
	(void)line;
}

static inline void end(void)
{
	desk_done(&desk);
	transactions_done(&transactions);
	memset(&desk, 0, sizeof desk);
}

/* Again, where it has begun already. */
static inline void begin(bool stepped)
{
	struct err err;

	end();
	counter_init(&counter, 0);
	clock_init_manual(&counter.clock, 1000, NOON * 1000LL);
	counter.stepped = stepped;
	events_init(&counter.events, 1000);
	counter.events.sink = sink;
	assert_int_equal(desk_init(&desk, &counter, &settings, NULL), ERR_OK);
	desk.transactions = &transactions;
	assert_int_equal(transactions_start(&transactions, &settings, &counter, &err), ERR_OK);
	model = (struct view_model){.flow = &counter.flow, .desk = &desk};
}

static inline int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	memset(&settings, 0, sizeof settings);
	text_copy(settings.sales_folder, sizeof settings.sales_folder, folder_path);
	text_copy(settings.terminal_name, sizeof settings.terminal_name, "Counter 2");
	begin(false);
	return 0;
}

static inline int tear_down(void **state)
{
	end();
	return folder_tear_down(state);
}

static inline void tick(void)
{
	int64_t now = clock_mono_ms(&counter.clock);

	transactions_tick(&transactions, now);
	desk_tick(&desk, now);
}

/* A verdict is reached, as the counter's watches are told it. */
static inline void decided(enum verdict verdict, uint64_t amount, const char *reference,
	const char *holder)
{
	struct flow *f = &counter.flow;
	static unsigned number;

	f->phase = FLOW_RESULT;
	f->verdict = verdict;
	f->reason = verdict == VERDICT_REFUSED ? REASON_FROZEN : REASON_NONE;
	counter.sale = (struct client_sale){.amount = amount, .currency = "EUR"};
	text_copy(counter.sale.reference, sizeof counter.sale.reference, reference);
	text_copy(f->credential.holder, sizeof f->credential.holder, holder);
	snprintf(f->receipt, sizeof f->receipt, "20261121-%06u", ++number);
	for (size_t i = 0; i < counter.watch_count; i++)
		counter.watch[i].stepped(counter.watch[i].ctx, &counter, FLOW_ANSWERING);
	f->phase = FLOW_WAITING;
	clock_set_unix(&counter.clock, clock_unix_ms(&counter.clock) + 60000);
	tick();
}

static inline void key(enum screen_key k)
{
	desk_key(&desk, &(struct screen_input){.key = k});
}

static inline void type(const char *characters)
{
	for (; *characters; characters++)
		desk_key(&desk, &(struct screen_input){.key = SCREEN_KEY_CHARACTER,
					.character = (unsigned char)*characters});
}

static inline const char *screen(int cols, int rows)
{
	struct grid g;
	struct bytes b;
	struct err err;

	assert_int_equal(grid_init(&g, cols, rows, &err), ERR_OK);
	view_draw(&g, &model);
	bytes_init_fixed(&b, text, sizeof text);
	grid_dump(&g, &b);
	grid_done(&g);
	return bytes_text(&b);
}

#endif
