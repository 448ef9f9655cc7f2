/* SPDX-License-Identifier: Apache-2.0
 *
 * Set-up of the terminal, one thing after another.
 */
#include "ui/terminal_private.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "ui/replay.h"
#include "ui/screen.h"

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

/* Without a screen nobody but a till can say what is sold. */
static bool tills_sell(const struct terminal *t)
{
	const struct options *o = t->opt;
	bool socket = o->socket != NULL || t->settings.till.socket[0] != '\0';

	return o->replay == NULL && (o->till || t->settings.till.only || (o->headless && socket));
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
	t->header.continuous = o->continuous || (!o->once && (!o->headless || tills_sell(t)));
	t->header.fps = (int)o->fps;
	t->header.all_symbologies = o->all_symbologies || t->settings.all_symbologies;
	t->header.started_unix_ms = o->start_unix_ms;
	t->header.result_ms = t->settings.result_s * 1000;
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

/* ---- the till ---- */

static bool till_sale_take(void *ctx, const struct client_sale *sale, const char **words)
{
	struct terminal *t = ctx;

	return t->display.open ? desk_sale_take(&t->display.desk, sale, words)
			       : counter_sale_set(&t->counter, sale);
}

static void till_sale_clear(void *ctx)
{
	struct terminal *t = ctx;

	if (t->display.open)
		desk_sale_clear(&t->display.desk);
	else
		ERR_IGNORE(counter_sale_set(&t->counter, &t->sale));
}

/* Standard input: keys of the screen, commands of a till, or the scanner's frames. A replay depends
 * on nothing but the recording.
 */
static enum err_code till_start(struct terminal *t, struct err *err)
{
	const struct options *o = t->opt;
	const struct settings_till *s = &t->settings.till;
	const char *socket = o->socket != NULL ? o->socket : s->socket;
	bool replay = o->replay != NULL;
	const struct till_options till = {
		.socket = replay ? NULL : socket,
		.group = s->group,
		.only = tills_sell(t),
		.folder = t->settings.sales_folder,
		.settings = t->counter.stepped ? NULL : s,
		.sales = t->counter.stepped ? NULL : &t->transactions.sales,
		.terminal_name = t->settings.terminal_name,
		.issuer_name = t->settings.issuer_name,
		.host = {.take = till_sale_take, .clear = till_sale_clear, .ctx = t},
	};
	enum err_code rc = till_open(&t->till, &t->counter, &till, err);

	if (rc == ERR_OK && o->headless && !replay && strcmp(t->source, "replay:-") != 0)
		rc = till_input_open(&t->till, STDIN_FILENO, err);
	return rc;
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
	if (!t->opt->headless) /* Ctrl-Z: the screen is given back first */
		sigaddset(&set, SIGTSTP);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file limit is a write error, told in words */
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return err_set(err, ERR_INTERNAL, "signals cannot be blocked");
	t->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return t->signal_fd >= 0 ? ERR_OK : err_set(err, ERR_INTERNAL, "no signal descriptor");
}

static enum err_code customer_start(struct terminal *t, struct err *err)
{
	bool film = strncmp(t->source, "replay:", 7) == 0;

	return customer_open(&t->customer, &t->settings, t->opt->display, film, err);
}

static enum err_code screen_start(struct terminal *t, struct err *err)
{
	const struct display_options display = {
		.no_colour = t->opt->no_colour,
		.no_bell = t->opt->no_bell,
		.theme = t->opt->theme != SCREEN_THEME_USUAL ? t->opt->theme
							      : t->settings.theme,
		.replay = strncmp(t->source, "replay:", 7) == 0, /* a film is no camera */
	};
	enum err_code rc;

	if (t->opt->headless)
		return ERR_OK;
	assert_set_hook(screen_close);
	rc = display_open(&t->display, &display, &t->counter, &t->settings, err);
	if (rc != ERR_OK)
		return err_prefix(err, "no screen (--headless runs without one)");
	t->display.customer = &t->customer;
	if (isatty(STDERR_FILENO))
		log_set_fd(-1); /* the screen owns this terminal */
	t->counter.outlet.hold_difference = true;
	scan_process_command(t->counter.scanner, SCAN_CMD_PREVIEW, 1);
	return ERR_OK;
}

/* Without a screen there is nobody who could: that is said at once instead of taking no card. */
static enum err_code operators_check(const struct terminal *t, struct err *err)
{
	if (!t->settings.operators.required || !t->opt->headless || t->opt->replay != NULL)
		return ERR_OK;
	return err_set(err, ERR_USAGE,
		"[operators] required = yes in %s: without a screen nobody can sign in; leave out "
		"--headless, or set it to no",
		t->settings.path);
}

enum err_code terminal_set_up(struct terminal *t, struct err *err)
{
	enum err_code rc = settings_read(&t->settings, t->opt->config, err);

	if (rc == ERR_OK)
		rc = operators_check(t, err);
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
		rc = client_start(t, err);
	if (rc == ERR_OK && !t->counter.stepped) /* in virtual time there is nobody to lose */
		rc = offline_new(&t->counter.offline, &t->settings.offline, t->settings.path,
			&t->counter, err);
	if (rc == ERR_OK)
		rc = replay_allow(t, err);
	if (rc == ERR_OK)
		rc = till_start(t, err);
	if (rc == ERR_OK)
		rc = signals_start(t, err);
	if (rc == ERR_OK)
		rc = customer_start(t, err);
	if (rc == ERR_OK)
		rc = screen_start(t, err);
	return rc;
}

void terminal_counter_start(struct terminal *t)
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
	c->gives_up = t->opt->headless && c->once;
	if (t->opt->json)
		c->outlet.json_fd = STDOUT_FILENO;
	c->flow.result_ms = t->header.result_ms;
	sound_init(&t->sound, &t->settings.sound, c);
	speech_init(&t->speech, &t->settings.speech, c);
	if (!c->stepped)
		t->display.desk.transactions = &t->transactions;
	if (transactions_start(&t->transactions, &t->settings, c, &err) != ERR_OK)
		log_line(LOG_WARNING, "printer", "%s", err.text);
	counter_start(c, &ready);
}
