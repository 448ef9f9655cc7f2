/* SPDX-License-Identifier: Apache-2.0
 *
 * From the counter to the customer's terminal.
 */
#include "ui/customer.h"

#include <string.h>
#include <time.h>

#include "base/local.h"
#include "base/log.h"
#include "base/text.h"

/* ---- life ---- */

enum err_code customer_open(struct customer *cu, const struct settings *settings,
	const char *device, bool replay, struct err *err)
{
	const struct settings_display *s = &settings->display;
	const char *path = device != NULL ? device : s->device;
	enum err_code rc;

	memset(cu, 0, sizeof *cu);
	cu->port.fd = -1;
	if (path[0] == '\0')
		return ERR_OK;
	cu->settings = settings;
	cu->replay = replay;
	cu->ansi.colours = (int)s->colours;
	text_copy(cu->language, sizeof cu->language,
		s->language[0] != '\0' ? s->language : text_language());
	rc = customer_port_init(&cu->port, path, (int)s->speed, err);
	if (rc == ERR_OK)
		rc = grid_init(&cu->grid, (int)s->columns, (int)s->rows, err);
	if (rc != ERR_OK)
		return rc;
	cu->wanted = true;
	cu->look_ms = cu->drawn_ms = INT64_MIN / 2;
	cu->next_ms = INT64_MAX;
	return ERR_OK;
}

void customer_close(struct customer *cu)
{
	if (cu->wanted && cu->port.fd >= 0) {
		/* what was half sent is ended by the sequences themselves: nothing is cut */
		if (!customer_port_is_sending(&cu->port))
			ansi_end(&cu->port.out);
		customer_port_close(&cu->port);
	}
	cu->wanted = false;
	ansi_done(&cu->ansi);
	grid_done(&cu->grid);
}

/* ---- there or not ---- */

/* A fault that lasts is told when it begins and when it ends. */
static void tell(struct customer *cu, const char *fault)
{
	if (strcmp(cu->fault, fault) == 0)
		return;
	if (fault[0] != '\0')
		log_line(LOG_WARNING, "display", "%s", fault);
	else
		log_line(LOG_INFO, "display", "%s is there again", cu->port.path);
	text_copy(cu->fault, sizeof cu->fault, fault);
}

static bool begin(struct customer *cu, int cols, int rows)
{
	struct err err = {0};

	if (grid_resize(&cu->grid, cols, rows, &err) != ERR_OK ||
		ansi_begin(&cu->ansi, &cu->port.out, cu->grid.cols, cu->grid.rows, &err) !=
			ERR_OK) {
		tell(cu, err.text);
		return false;
	}
	cu->whole = false;
	return true;
}

/* Returns false when there is nothing to draw on. */
static bool look(struct customer *cu, int64_t real_ms)
{
	const struct settings_display *s = &cu->settings->display;
	int cols = (int)s->columns, rows = (int)s->rows;
	struct err err = {0};
	bool opened;

	cu->look_ms = real_ms;
	if (customer_port_look(&cu->port, &opened, real_ms, &err) != ERR_OK) {
		tell(cu, err.text);
		return false;
	}
	tell(cu, "");
	if (customer_port_is_sending(&cu->port))
		return true;
	customer_port_size(&cu->port, &cols, &rows);
	if (opened || cols != cu->grid.cols || rows != cu->grid.rows)
		return begin(cu, cols, rows);
	return true;
}

/* ---- pictures ---- */

static struct customer_seen seen_now(const struct customer *cu, const struct counter *c)
{
	struct customer_seen s;

	memset(&s, 0, sizeof s); /* compared as bytes */
	s.phase = c->flow.phase;
	s.notice = c->flow.notice;
	s.reason = c->flow.reason;
	s.verdict = c->flow.verdict;
	memcpy(s.number, c->flow.number, sizeof s.number);
	s.barred = c->barred;
	s.scanner = c->scanner_state;
	s.hint = c->hint;
	s.closed = c->closed;
	s.held_in_view = c->flow.held_in_view;
	memcpy(&s.sale, &c->sale, sizeof s.sale);
	s.pin_len = c->pin.len;
	s.cols = cu->grid.cols;
	s.rows = cu->grid.rows;
	return s;
}

static void draw(struct customer *cu, const struct counter *c)
{
	struct view_model *m = &cu->model;
	struct view_customer v = {.m = m,
		.title = cu->settings->display.title[0] != '\0' ? cu->settings->display.title
								: cu->settings->issuer_name,
		.closed = c->closed != 0};
	char amount[LOCAL_AMOUNT_MAX] = "", operators[16];

	text_copy(operators, sizeof operators, text_language());
	if (strcmp(operators, cu->language) != 0)
		text_init(cu->language);
	qr_keep(&cu->challenge, c->flow.challenge_code);
	if (c->sale.amount > 0)
		local_amount(amount, c->sale.amount, c->sale.currency);
	m->flow = &c->flow;
	m->now_ms = clock_mono_ms(&c->clock);
	m->amount = amount;
	m->currency = c->sale.currency;
	m->reference = c->sale.reference;
	m->barred = c->barred;
	m->scanner = c->scanner_state;
	m->hint = c->hint;
	m->reader = c->scanner != NULL && scan_process_is_reader(c->scanner);
	m->simulator = c->scanner != NULL && scan_process_is_simulator(c->scanner);
	m->replay = cu->replay;
	m->pin_len = (int)c->pin.len;
	m->challenge = cu->challenge.modules;
	m->challenge_side = cu->challenge.side;
	customer_port_cell(&cu->port, &m->cell.width, &m->cell.height);
	view_customer_draw(&cu->grid, &v);
	cu->next_ms = view_next_ms(m);
	m->amount = NULL;
	if (strcmp(operators, cu->language) != 0)
		text_init(operators);
}

/* The picture is another one than the last. */
static bool is_due(const struct customer *cu, const struct counter *c)
{
	struct customer_seen now = seen_now(cu, c);

	return memcmp(&now, &cu->seen, sizeof now) != 0 ||
		clock_mono_ms(&c->clock) >= cu->next_ms;
}

void customer_turn(struct customer *cu, const struct counter *c, int64_t real_ms)
{
	if (!cu->wanted)
		return;
	if (real_ms - cu->look_ms >= CUSTOMER_LOOK_MS && !look(cu, real_ms))
		return;
	if (cu->port.fd < 0)
		return;
	if (!customer_port_flush(&cu->port, real_ms) || customer_port_is_sending(&cu->port))
		return;
	if (real_ms - cu->drawn_ms >= CUSTOMER_FRAME_MS && (!cu->whole || is_due(cu, c))) {
		cu->seen = seen_now(cu, c);
		draw(cu, c);
		cu->whole = ansi_draw(&cu->ansi, &cu->port.out, &cu->grid);
		/* a picture in parts goes on without a pause */
		cu->drawn_ms = cu->whole ? real_ms : cu->drawn_ms;
		customer_port_flush(&cu->port, real_ms);
	}
}

int64_t customer_wait_ms(const struct customer *cu, const struct counter *c, int64_t real_ms)
{
	int64_t wait = cu->look_ms + CUSTOMER_LOOK_MS - real_ms, frame;

	if (!cu->wanted)
		return INT64_MAX;
	if (cu->port.fd >= 0 && !customer_port_is_sending(&cu->port)) {
		frame = cu->drawn_ms + CUSTOMER_FRAME_MS - real_ms;
		if (cu->whole && !is_due(cu, c)) {
			int64_t by_itself = cu->next_ms == INT64_MAX
						    ? INT64_MAX
						    : cu->next_ms - clock_mono_ms(&c->clock);

			frame = frame > by_itself ? frame : by_itself;
		}
		wait = wait < frame ? wait : frame;
	}
	return wait > 0 ? wait : 0;
}

int customer_fd(const struct customer *cu)
{
	return cu->wanted && customer_port_is_sending(&cu->port) ? cu->port.fd : -1;
}
