/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys in, pictures out.
 */
#include "ui/display.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/local.h"
#include "base/text.h"
#include "ui/qr.h"
#include "ui/transactions.h"
#include "ui/screen.h"

/* ---- life ---- */

static int32_t utc_offset_s(void)
{
	time_t now = time(NULL);
	struct tm tm;

	return localtime_r(&now, &tm) != NULL ? (int32_t)tm.tm_gmtoff : 0;
}

enum err_code display_open(struct display *d, const struct display_options *opt,
	struct counter *c, const struct settings *settings, struct err *err)
{
	const struct screen_options screen = {
		.no_colour = opt->no_colour, .no_bell = opt->no_bell, .theme = opt->theme};
	int cols;
	int rows;
	enum err_code rc;

	memset(d, 0, sizeof *d);
	d->settings = settings;
	d->replay = opt->replay;
	d->drawn_ms = INT64_MIN / 2;
	d->next_ms = INT64_MAX;
	d->model.utc_offset_s = utc_offset_s();
	rc = screen_open(&screen, err);
	if (rc != ERR_OK)
		return rc;
	d->open = true;
	screen_size(&cols, &rows);
	rc = grid_init(&d->grid, cols, rows, err);
	if (rc == ERR_OK)
		rc = desk_init(&d->desk, c, settings, err);
	if (rc != ERR_OK)
		display_close(d);
	return rc;
}

void display_close(struct display *d)
{
	if (!d->open)
		return;
	d->open = false;
	screen_close();
	desk_done(&d->desk);
	grid_done(&d->grid);
}

/* ---- keys ---- */

void display_resize(struct display *d, struct counter *c)
{
	int cols;
	int rows;

	if (!d->open)
		return;
	c->changed = true;
	screen_size(&cols, &rows);
	/* Without memory for the larger picture the smaller one stays. */
	ERR_IGNORE(grid_resize(&d->grid, cols, rows, NULL));
}

/* A click on a key of the bar is that key; elsewhere it is nothing. */
static bool click(const struct display *d, struct screen_input *in)
{
	struct page_key key;

	if (in->key != SCREEN_KEY_CLICK)
		return true;
	if (!view_key_at(&d->grid, &d->model, in->col, in->row, &key))
		return false;
	*in = (struct screen_input){.key = key.key, .character = key.character};
	return in->key != SCREEN_KEY_NONE;
}

static void input_take(struct display *d, struct counter *c, struct screen_input *in)
{
	switch (in->key) {
	case SCREEN_KEY_RESIZE:
		display_resize(d, c);
		break;
	case SCREEN_KEY_CLOSED:
		c->quit = true;
		break;
	default:
		if (click(d, in))
			desk_key(&d->desk, in);
	}
	c->changed = true;
	d->typed = true;
}

void display_keys(struct display *d, struct counter *c)
{
	struct screen_input in;
	struct clock real;

	clock_init_real(&real);
	while (d->open && !c->quit && (in = screen_read()).key != SCREEN_KEY_NONE) {
		in.at_ms = clock_mono_ms(&real);
		input_take(d, c, &in);
	}
}

/* ---- pictures ---- */

/* The usual cause in the operator's language, the others as they were told. */
static const char *record_fault_words(const char *ended)
{
	if (ended[0] == '\0')
		return NULL;
	if (strstr(ended, "disk full") != NULL || strstr(ended, strerror(ENOSPC)) != NULL)
		return _("Recording stopped: the disk is full");
	return ended;
}

static void model_fill(struct display *d, const struct counter *c)
{
	struct view_model *m = &d->model;

	qr_keep(&d->challenge, c->flow.challenge_code);
	d->amount[0] = '\0';
	if (c->sale.amount > 0)
		local_amount(d->amount, c->sale.amount, c->sale.currency);
	m->flow = &c->flow;
	m->now_ms = clock_mono_ms(&c->clock);
	m->now_unix_s = clock_unix_s(&c->clock);
	m->amount = d->amount;
	m->currency = c->sale.currency;
	m->reference = c->sale.reference;
	m->operator_name = c->sale.operator_name;
	m->terminal_name = d->settings->terminal_name;
	m->issuer_name = d->settings->issuer_name;
	m->backend_fault = c->backend_fault ? client_last_fault(c->client) : NULL;
	m->barred = c->barred;
	offline_look(c->offline, &m->offline);
	m->scanner = c->scanner_state;
	m->scanner_words = c->scanner_words;
	m->scanner_code = c->scanner_code;
	m->hint = c->hint;
	m->symbologies_lost = c->symbologies_lost;
	m->reader = scan_process_is_reader(c->scanner);
	m->simulator = scan_process_is_simulator(c->scanner);
	m->replay = d->replay;
	m->recording = c->outlet.writer.fd >= 0;
	m->record_fault = record_fault_words(c->outlet.record_ended);
	m->desk = &d->desk;
	m->closed = c->closed;
	m->server_heard = c->stepped || client_is_connected(c->client);
	m->clock_known = client_clock_skew_s(c->client, &m->clock_ahead_s);
	m->today = d->desk.transactions != NULL ? (int)transactions_today(d->desk.transactions)
						: -1;
	m->pin_length_wrong = d->desk.pin_length_wrong && counter_pin_wanted(c);
	m->colours = screen_colours();
	m->preview = c->preview_there ? c->preview.grey : NULL;
	m->marks = c->marks;
	m->marks_count = c->marks_count;
	m->pin_len = (int)c->pin.len;
	m->challenge = d->challenge.modules;
	m->challenge_side = d->challenge.side;
	m->display_lost = d->customer != NULL && d->customer->fault[0] != '\0';
	m->challenge_whole = d->desk.code_whole;
	screen_cell(&m->cell.width, &m->cell.height);
}

void display_tick(struct display *d, int64_t now_ms)
{
	if (d->open)
		desk_tick(&d->desk, now_ms);
}

void display_draw(struct display *d, struct counter *c, int64_t real_ms)
{
	if (!d->open)
		return;
	screen_tick(real_ms);
	if (display_wait_ms(d, c, real_ms) > 0)
		return;
	model_fill(d, c);
	view_draw(&d->grid, &d->model);
	screen_draw(&d->grid);
	d->drawn_ms = real_ms;
	d->next_ms = view_next_ms(&d->model);
	c->changed = c->picture_new = false;
	d->typed = false;
}

static bool picture_is_seen(const struct display *d, const struct counter *c)
{
	return d->desk.page == DESK_SALE &&
	       (c->flow.phase == FLOW_WAITING || c->flow.phase == FLOW_STARTING);
}

int64_t display_wait_ms(const struct display *d, const struct counter *c, int64_t real_ms)
{
	int64_t rest = d->drawn_ms + DISPLAY_FRAME_MS - real_ms;
	int64_t wait = d->next_ms == INT64_MAX ? INT64_MAX : d->next_ms - clock_mono_ms(&c->clock);

	if (!d->open)
		return INT64_MAX;
	if (desk_next_ms(&d->desk) != INT64_MAX &&
		desk_next_ms(&d->desk) - clock_mono_ms(&c->clock) < wait)
		wait = desk_next_ms(&d->desk) - clock_mono_ms(&c->clock);
	if (c->changed || (c->picture_new && picture_is_seen(d, c)))
		wait = 0;
	if (wait < rest && !d->typed) /* who types sees it at once */
		wait = rest;
	return wait > 0 ? wait : 0;
}
