/* SPDX-License-Identifier: Apache-2.0
 *
 * Set-up, the loop, and the way out. One thread; the loop waits in one place.
 */
#include "ui/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "ui/command.h"
#include "ui/counter.h"
#include "ui/display.h"
#include "ui/memory.h"
#include "ui/replay.h"
#include "ui/screen.h"
#include "ui/stats.h"
#include "ui/transactions.h"

struct terminal {
	const struct options *opt;
	struct settings settings;
	struct client_sale sale;
	struct counter counter;
	struct display display;
	struct transactions transactions;
	struct command_input input;
	struct session_header header;
	struct session_reader reader;
	char source[SCAN_SOURCE_MAX + 16];
	char camera[SCAN_CAMERA_WORDS_MAX];
	int signal_fd;
	int64_t began_ms;
	int64_t end_ms; /* real clock: leave at the latest; INT64_MAX = not leaving */
};

static int64_t real_ms(void)
{
	struct clock real;

	clock_init_real(&real);
	return clock_mono_ms(&real);
}

/* ---- set-up ---- */

/* The configuration's words, then the command line's: of a name that comes twice the last one. */
static enum err_code camera_choose(struct terminal *t, struct err *err)
{
	const char *more = t->opt->camera != NULL ? t->opt->camera : "";
	const char *gap = t->settings.camera[0] != '\0' && more[0] != '\0' ? " " : "";
	int n = snprintf(t->camera, sizeof t->camera, "%s%s%s", t->settings.camera, gap, more);

	if (n < 0 || (size_t)n >= sizeof t->camera)
		return err_set(err, ERR_USAGE,
			"--camera and [camera] in %s: together at most %zu bytes",
			t->settings.path, sizeof t->camera - 2);
	return ERR_OK;
}

/* The source, and in a replay what the recording says of its run. */
static enum err_code source_choose(struct terminal *t, struct err *err)
{
	const struct options *o = t->opt;
	bool sale_given = o->amount_text != NULL || o->currency_text != NULL ||
			  o->reference_text != NULL || o->operator_text != NULL;
	enum err_code rc;

	t->sale = o->sale;
	t->header.stepped = o->step;
	t->header.continuous = o->continuous || (!o->once && !o->headless);
	t->header.fps = (int)o->fps;
	t->header.all_symbologies = o->all_symbologies || t->settings.all_symbologies;
	t->header.started_unix_ms = o->start_unix_ms;
	if (o->replay == NULL) {
		bool said = o->source_default && t->settings.source[0] != '\0';

		snprintf(t->source, sizeof t->source, "%s",
			said ? t->settings.source : o->source);
		return camera_choose(t, err);
	}
	rc = session_read_open(&t->reader, &t->header, o->replay, err);
	if (rc != ERR_OK)
		return rc;
	t->header.all_symbologies = t->header.all_symbologies || o->all_symbologies;
	t->counter.outlet.reader = &t->reader;
	if (o->continuous || o->once)
		t->header.continuous = o->continuous;
	if (!sale_given)
		t->sale = t->header.sale;
	if (snprintf(t->source, sizeof t->source, "replay:%s", o->replay) >= SCAN_SOURCE_MAX)
		return err_set(err, ERR_USAGE, "--replay: the folder's name is too long");
	return ERR_OK;
}

static void clock_choose(struct terminal *t)
{
	struct counter *c = &t->counter;
	struct clock real;

	clock_init_real(&real);
	clock_init_real(&c->clock);
	c->stepped = t->opt->step || t->opt->replay != NULL;
	c->once = !t->header.continuous;
	if (t->header.started_unix_ms == 0)
		t->header.started_unix_ms = clock_unix_ms(&real);
	if (c->stepped)
		clock_init_manual(&c->clock, 0, t->header.started_unix_ms);
}

static enum err_code recording_start(struct terminal *t, struct err *err)
{
	const char *dir = t->opt->record;
	enum err_code rc;

	if (dir == NULL)
		return ERR_OK;
	rc = session_folder_make(dir, err);
	if (rc != ERR_OK)
		return rc;
	memcpy(t->header.source, t->source, sizeof t->header.source - 1);
	t->header.sale = t->sale;
	return session_write_open(&t->counter.outlet.writer, dir, &t->header, err);
}

/* Before everything that takes time: the first frame is decoded while the rest is set up. */
static enum err_code scanner_start(struct terminal *t, struct err *err)
{
	const struct scan_options scan = {
		.source = t->source,
		.fps = t->opt->fps > 0 ? (int)t->opt->fps : t->header.fps,
		.stepped = t->counter.stepped,
		.loop = t->opt->loop,
		.record_dir = t->opt->record,
		.all_symbologies = t->header.all_symbologies,
		.camera = t->camera[0] != '\0' ? t->camera : NULL,
	};

	return scan_process_new(&t->counter.scanner, &scan, err);
}

static enum err_code client_start(struct terminal *t, struct err *err)
{
	const struct client_options client = {
		.url = t->settings.url,
		.token = t->settings.token,
		.tls = settings_tls(&t->settings),
		.send_replay_time = t->counter.stepped,
		.clock = &t->counter.clock,
	};
	enum err_code rc = client_new(&t->counter.client, &client, err);

	settings_wipe(&t->settings);
	if (rc == ERR_OK && !t->counter.stepped) /* a replay depends on the recording alone */
		return client_listen(t->counter.client, err);
	return rc == ERR_OK ? rc : err_prefix(err, "%s: [backend] url", t->settings.path);
}

/* A replay sends what was sent then. To the server of a bank that would be a real verification. */
static enum err_code replay_allow(struct terminal *t, struct err *err)
{
	if (t->opt->replay == NULL)
		return ERR_OK;
	return replay_backend_check(t->settings.url, err);
}

static enum err_code pins_start(struct terminal *t, struct err *err)
{
	char path[SESSION_PATH_MAX];
	const char *file = t->opt->pin_file;
	enum err_code rc = pin_entry_init(&t->counter.pin, err);

	if (rc != ERR_OK)
		return rc;
	if (file == NULL && t->opt->replay != NULL) {
		rc = session_path(path, t->opt->replay, SESSION_PINS_FILE, err);
		if (rc == ERR_OK && access(path, F_OK) == 0)
			file = path;
	}
	return rc == ERR_OK && file != NULL ? pin_list_read(&t->counter.pins, file, err) : rc;
}

/* Standard input: keys of the screen, commands of a till, or the scanner's frames. A replay depends
 * on nothing but the recording.
 */
static enum err_code input_start(struct terminal *t, struct err *err)
{
	bool taken = !t->opt->headless || t->opt->replay != NULL ||
		     strcmp(t->source, "replay:-") == 0;

	return command_input_init(&t->input, taken ? -1 : STDIN_FILENO, err);
}

static enum err_code signals_start(struct terminal *t, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file limit is a write error, told in words */
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return err_set(err, ERR_INTERNAL, "signals cannot be blocked");
	t->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return t->signal_fd >= 0 ? ERR_OK : err_set(err, ERR_INTERNAL, "no signal descriptor");
}

static enum err_code screen_start(struct terminal *t, struct err *err)
{
	const struct display_options display = {
		.no_colour = t->opt->no_colour,
		.no_bell = t->opt->no_bell,
		.replay = strncmp(t->source, "replay:", 7) == 0, /* a film is no camera */
	};
	enum err_code rc;

	if (t->opt->headless)
		return ERR_OK;
	assert_set_hook(screen_close);
	rc = display_open(&t->display, &display, &t->counter, &t->settings, err);
	if (rc != ERR_OK)
		return err_prefix(err, "no screen (--headless runs without one)");
	if (isatty(STDERR_FILENO))
		log_set_fd(-1); /* the screen owns this terminal */
	t->counter.outlet.hold_difference = true;
	scan_process_command(t->counter.scanner, SCAN_CMD_PREVIEW, 1);
	return ERR_OK;
}

static enum err_code set_up(struct terminal *t, struct err *err)
{
	enum err_code rc = settings_read(&t->settings, t->opt->config, err);

	if (rc == ERR_OK)
		rc = source_choose(t, err);
	if (rc != ERR_OK)
		return rc;
	t->counter.sale = t->sale;
	if (t->opt->language == NULL && t->settings.language[0] != '\0')
		text_init(t->settings.language);
	clock_choose(t);
	rc = recording_start(t, err);
	if (rc == ERR_OK)
		rc = scanner_start(t, err);
	if (rc == ERR_OK)
		rc = sec_start(err);
	if (rc == ERR_OK)
		rc = settings_issuer_finish(&t->settings, err);
	if (rc == ERR_OK)
		rc = settings_tls_check(&t->settings, err);
	if (rc == ERR_OK)
		rc = pins_start(t, err);
	if (rc == ERR_OK)
		rc = input_start(t, err);
	if (rc == ERR_OK)
		rc = client_start(t, err);
	if (rc == ERR_OK)
		rc = replay_allow(t, err);
	if (rc == ERR_OK)
		rc = signals_start(t, err);
	if (rc == ERR_OK)
		rc = screen_start(t, err);
	return rc;
}

static void counter_set_up(struct terminal *t)
{
	struct counter *c = &t->counter;
	struct err err = {0};
	struct events_ready ready = {
		.source = t->source,
		.backend = t->settings.url,
		.simulator = scan_process_is_simulator(c->scanner),
		.stepped = c->stepped,
		.unix_ms = clock_unix_ms(&c->clock),
	};

	c->issuer = &t->settings.issuer;
	c->plain = t->opt->headless && !t->opt->json;
	if (t->opt->json)
		c->outlet.json_fd = STDOUT_FILENO;
	if (transactions_start(&t->transactions, &t->settings, c, &err) != ERR_OK)
		log_line(LOG_WARNING, "printer", "%s", err.text);
	counter_start(c, &ready);
}

/* ---- the loop ---- */

static void command_take(struct terminal *t, struct span line)
{
	struct counter *c = &t->counter;
	struct command command;
	struct err err = {0};

	if (command_parse(&command, NULL, line, &err) != ERR_OK) {
		counter_command_fault(c, err.text);
	} else if (command.kind == COMMAND_CANCEL) {
		counter_cancel_told(c);
	} else if (!counter_pin_wanted(c)) {
		counter_command_fault(c, "no PIN is wanted now");
	} else if (!pin_entry_set(&c->pin, command.pin)) {
		counter_command_fault(c, "a PIN is 4 to 12 digits");
	} else {
		counter_pin_send(c);
	}
}

static void commands_take(struct terminal *t)
{
	struct span line;
	struct err err = {0};
	enum err_code rc;

	while ((rc = command_input_line(&t->input, &line, &err)) != ERR_NOT_FOUND) {
		if (rc == ERR_OK)
			command_take(t, line);
		else
			counter_command_fault(&t->counter, err.text);
	}
}

static void signals_take(struct terminal *t)
{
	struct signalfd_siginfo info;

	while (read(t->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM ||
			info.ssi_signo == SIGHUP)
			t->counter.quit = true;
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
		return (c->once && c->finished) || counter_settled(c);
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
		t->end_ms = now + FLOW_RESULT_MS; /* on the screen the verdict is read first */
	}
	if (t->end_ms == INT64_MAX)
		return false;
	if (now >= t->end_ms) {
		if (is_over(t) && counter_is_running(c))
			counter_cancel(c); /* what was recorded is still unknown: uncertain */
		return true;
	}
	return is_over(t) ? client_in_flight(c->client) == 0 && !counter_is_running(c)
			  : c->flow.phase == FLOW_WAITING; /* a key ended the display */
}

static int wait_ms(const struct terminal *t)
{
	int64_t now = real_ms();
	int64_t next = counter_next_ms(&t->counter);
	int64_t wait = TERMINAL_WAIT_MAX_MS;
	int64_t draw = display_wait_ms(&t->display, &t->counter, now);

	if (t->end_ms < next)
		next = t->end_ms;
	if (t->display.open && screen_next_ms() < next)
		next = screen_next_ms();
	if (transactions_next_ms(&t->transactions) < next)
		next = transactions_next_ms(&t->transactions);
	if (next != INT64_MAX && next - now < wait)
		wait = next - now;
	if (draw < wait)
		wait = draw;
	return wait > 0 ? (int)wait : 0;
}

static enum err_code wait_once(struct terminal *t, struct err *err)
{
	enum {
		KEYS,
		COMMANDS,
		SCANNER,
		SIGNALS,
		COUNT
	};
	struct client_fd fds[COUNT] = {
		[KEYS] = {.fd = t->display.open ? screen_fd() : -1, .events = POLLIN},
		[COMMANDS] = {.fd = t->input.fd, .events = POLLIN},
		[SCANNER] = {.fd = t->counter.quit ? -1 : scan_process_fd(t->counter.scanner),
			.events = POLLIN},
		[SIGNALS] = {.fd = t->signal_fd, .events = POLLIN},
	};
	enum err_code rc = client_poll(t->counter.client, fds, COUNT, wait_ms(t), err);

	if (rc != ERR_OK)
		return rc;
	if (fds[KEYS].revents != 0)
		display_keys(&t->display, &t->counter);
	if (fds[COMMANDS].revents != 0)
		command_input_fill(&t->input);
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
			t->display.open || (t->input.fd >= 0 && c->pins.text == NULL);
		if (!c->quit)
			counter_scanner(c);
		counter_answers(c);
		counter_told(c);
		commands_take(t);
		counter_time(c);
		counter_advance(c);
		counter_recording_look(c);
		stats_sample(c);
		display_tick(&t->display, clock_mono_ms(&c->clock));
		transactions_tick(&t->transactions, real_ms());
		if (leave(t))
			break;
		display_draw(&t->display, c, real_ms());
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
	assert_set_hook(NULL);
	transactions_done(&t->transactions);
	c->outlet.scanner = NULL;
	scan_process_free(&c->scanner);
	client_free(&c->client);
	pin_entry_done(&c->pin);
	pin_list_done(&c->pins);
	command_input_done(&t->input);
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
	t.input.fd = -1;
	t.end_ms = INT64_MAX;
	t.began_ms = real_ms();
	counter_init(&t.counter, t.began_ms);
	rc = set_up(&t, &err);
	if (rc == ERR_OK) {
		memory_trim();
		counter_set_up(&t);
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
