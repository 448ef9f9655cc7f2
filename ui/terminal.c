/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop, and the way out. One thread; the loop waits in one place.
 */
#include "ui/terminal_private.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text_safe.h"
#include "ui/memory.h"
#include "ui/screen.h"
#include "ui/stats.h"

static int64_t real_ms(void)
{
	struct clock real;

	clock_init_real(&real);
	return clock_mono_ms(&real);
}

/* ---- the loop ---- */

/* In the loop, not in a handler: nothing is being drawn. Goes on here after SIGCONT. */
static void stop(struct terminal *t)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	screen_pause();
	signal(SIGTSTP, SIG_DFL); /* curses has a handler of its own */
	raise(SIGTSTP);           /* blocked so far: it stops us when it is not */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	screen_resume();
	display_resize(&t->display, &t->counter);
}

static void signals_take(struct terminal *t)
{
	struct signalfd_siginfo info;

	while (read(t->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM ||
			info.ssi_signo == SIGHUP)
			t->counter.quit = true;
		if (info.ssi_signo == SIGTSTP)
			stop(t);
		if (info.ssi_signo == SIGWINCH)
			display_resize(&t->display, &t->counter);
	}
}

static bool is_over(const struct terminal *t)
{
	const struct counter *c = &t->counter;

	if (c->quit || c->outlet.broken)
		return true;
	if (t->opt->replay != NULL || t->opt->headless)
		return (c->once && c->finished) || counter_settled(c) || till_is_over(&t->till);
	return false;
}

/* Decides when to leave; true when now. */
static bool leave(struct terminal *t)
{
	struct counter *c = &t->counter;
	int64_t now = real_ms();

	if (t->end_ms == INT64_MAX && is_over(t)) {
		if (counter_is_running(c))
			counter_cancel(c);
		t->end_ms = now + TERMINAL_GRACE_MS;
	} else if (t->end_ms == INT64_MAX && c->once && c->finished) {
		t->end_ms = now + c->flow.result_ms; /* on the screen the verdict is read first */
	}
	if (t->end_ms == INT64_MAX)
		return false;
	if (now >= t->end_ms) {
		if (is_over(t) && counter_is_running(c))
			counter_cancel(c); /* what was recorded is still unknown: uncertain */
		return true;
	}
	return is_over(t) ? client_in_flight(c->client) == 0 && !counter_is_running(c) &&
				    !webhook_is_busy(&t->till.webhook)
			  : c->flow.phase == FLOW_WAITING; /* a key ended the display */
}

static int wait_ms(const struct terminal *t)
{
	int64_t now = real_ms();
	int64_t next = counter_next_ms(&t->counter);
	int64_t wait = TERMINAL_WAIT_MAX_MS;
	int64_t till = till_next_ms(&t->till);
	int64_t draw = display_wait_ms(&t->display, &t->counter, now);
	int64_t customer = customer_wait_ms(&t->customer, &t->counter, now);

	if (t->end_ms < next)
		next = t->end_ms;
	if (!t->counter.stepped && till < next)
		next = till;
	if (t->display.open && screen_next_ms() < next)
		next = screen_next_ms();
	if (sound_next_ms(&t->sound) < next)
		next = sound_next_ms(&t->sound);
	if (transactions_next_ms(&t->transactions) < next)
		next = transactions_next_ms(&t->transactions);
	if (!t->counter.stepped && offline_next_ms(t->counter.offline) < next)
		next = offline_next_ms(t->counter.offline);
	if (speech_next_ms(&t->speech) < next)
		next = speech_next_ms(&t->speech);
	if (next != INT64_MAX && next - now < wait)
		wait = next - now;
	if (draw < wait)
		wait = draw;
	if (customer < wait)
		wait = customer;
	return wait > 0 ? (int)wait : 0;
}

static enum err_code wait_once(struct terminal *t, struct err *err)
{
	enum {
		KEYS,
		COMMANDS,
		TILLS,
		SCANNER,
		SIGNALS,
		CUSTOMER,
		COUNT
	};
	struct client_fd fds[COUNT] = {
		[KEYS] = {.fd = t->display.open ? screen_fd() : -1, .events = POLLIN},
		[COMMANDS] = {.fd = till_input_fd(&t->till), .events = POLLIN},
		[TILLS] = {.fd = till_fd(&t->till), .events = POLLIN},
		[SCANNER] = {.fd = t->counter.quit ? -1 : scan_process_fd(t->counter.scanner),
			.events = POLLIN},
		[SIGNALS] = {.fd = t->signal_fd, .events = POLLIN},
		[CUSTOMER] = {.fd = customer_fd(&t->customer), .events = POLLOUT},
	};
	enum err_code rc = client_poll(t->counter.client, fds, COUNT, wait_ms(t), err);

	if (rc != ERR_OK)
		return rc;
	if (fds[KEYS].revents != 0)
		display_keys(&t->display, &t->counter);
	if (fds[COMMANDS].revents != 0)
		till_input_fill(&t->till);
	return ERR_OK;
}

static enum err_code loop(struct terminal *t, struct err *err)
{
	struct counter *c = &t->counter;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK) {
		/* First: a signal to the whole group ends the scanner too, no fault. */
		signals_take(t);
		c->pin_typed_elsewhere =
			t->display.open || (till_listens(&t->till) && c->pins.text == NULL);
		if (!c->quit)
			counter_scanner(c);
		counter_answers(c);
		counter_told(c);
		till_turn(&t->till);
		counter_time(c);
		counter_camera_look(c);
		counter_advance(c);
		counter_recording_look(c);
		stats_sample(c);
		transactions_tick(&t->transactions, real_ms()); /* the display tells of it */
		display_tick(&t->display, clock_mono_ms(&c->clock));
		sound_tick(&t->sound, real_ms());
		speech_tick(&t->speech, real_ms());
		offline_tick(c->offline);
		if (leave(t))
			break;
		display_draw(&t->display, c, real_ms());
		customer_turn(&t->customer, c, real_ms());
		rc = wait_once(t, err);
	}
	return rc;
}

/* ---- the way out ---- */

static void fault_print(const struct err *err)
{
	char text[2 * ERR_TEXT_MAX];

	text_safe(text, sizeof text, span_text(err->text));
	fprintf(stderr, "countersign: %s\n", text);
}

static void tear_down(struct terminal *t)
{
	struct counter *c = &t->counter;

	display_close(&t->display);
	customer_close(&t->customer);
	assert_set_hook(NULL);
	sound_done(&t->sound);
	speech_done(&t->speech);
	transactions_done(&t->transactions);
	c->outlet.scanner = NULL;
	scan_process_free(&c->scanner);
	till_close(&t->till); /* it sends by the client */
	offline_free(&c->offline);
	client_free(&c->client);
	pin_entry_done(&c->pin);
	pin_list_done(&c->pins);
	outlet_done(&c->outlet);
	if (c->outlet.reader != NULL)
		session_read_close(&t->reader);
	settings_wipe(&t->settings);
	if (t->signal_fd >= 0)
		close(t->signal_fd);
	sec_stop();
}

int terminal_run(const struct options *opt)
{
	static struct terminal t; /* large; the program has one */
	struct err err = {0};
	int status = EXIT_USAGE;
	enum err_code rc;

	t.opt = opt;
	t.signal_fd = -1;
	till_init(&t.till);
	t.end_ms = INT64_MAX;
	t.began_ms = real_ms();
	counter_init(&t.counter, t.began_ms);
	rc = terminal_set_up(&t, &err);
	if (rc == ERR_OK) {
		memory_trim();
		terminal_counter_start(&t);
		rc = loop(&t, &err);
		display_close(&t.display);
		if (opt->stats)
			stats_print(&t.counter, opt->json);
		counter_finish(&t.counter);
		status = counter_exit_status(&t.counter);
	}
	display_close(&t.display);
	if (rc != ERR_OK) {
		fault_print(&err);
		status = EXIT_USAGE;
	}
	tear_down(&t);
	return status;
}
