/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts to the printer.
 */
#include "ui/printer.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

#define OURSELVES "/proc/self/exe" /* the program that runs, wherever it is installed */

static void ended(void *ctx, const struct runner_end *end)
{
	struct printer *p = ctx;

	if (end->ending == RUNNER_DROPPED)
		log_line(LOG_WARNING, "printer",
			"a receipt is not printed: the program ended while it waited");
	if (end->ending == RUNNER_WELL)
		p->printed++;
	else
		p->failed++;
	text_copy(p->fault, sizeof p->fault, end->words);
	/* To who stands at the printer the process between is nothing. */
	if (p->settings->device[0] != '\0' && end->said[0] != '\0')
		snprintf(p->fault, sizeof p->fault, _("is the printer on and connected? %s"),
			end->said);
	if (end->ending == RUNNER_TOO_LONG)
		text_copy(p->fault, sizeof p->fault,
			_("the printer takes nothing: paper, cover, cable?"));
	p->ended = true;
	if (p->told != NULL)
		p->told(p->ctx, end->id, p->fault);
}

static void word_add(struct runner_command *c, size_t *len, const char *word)
{
	size_t n = strlen(word) + 1;

	ASSERT(n <= sizeof c->words - *len);
	memcpy(c->words + *len, word, n);
	*len += n;
	c->count++;
}

/* A device is written to by a process of this program, which may wait for it. */
static void device_command(struct runner_command *c, const struct printer_settings *s)
{
	char speed[24];
	size_t len = 0;

	memset(c, 0, sizeof *c);
	word_add(c, &len, OURSELVES);
	word_add(c, &len, PRINTER_DEVICE_COMMAND);
	word_add(c, &len, s->device);
	snprintf(speed, sizeof speed, "%lld", (long long)s->speed);
	if (s->speed > 0)
		word_add(c, &len, speed);
}

static const struct escpos_encoding *encoding_of(const struct printer_settings *s)
{
	const char *language = s->language[0] != '\0' ? s->language : text_language();

	if (s->encoding[0] != '\0')
		return escpos_encoding(s->encoding);
	return escpos_encoding(strncmp(language, "zh", 2) == 0 ? "gb18030" : "cp858");
}

enum err_code printer_init(struct printer *p, const struct printer_settings *settings,
	struct err *err)
{
	const struct runner_options opt = {
		.area = "printer",
		.limit_ms = PRINTER_LIMIT_MS,
		.outlives = true,
		.ended = ended,
		.ctx = p,
	};

	memset(p, 0, sizeof *p);
	p->settings = settings;
	runner_init(&p->runner, &opt);
	p->escpos = settings->format[0] != '\0' ? strcmp(settings->format, "escpos") == 0
						: settings->device[0] != '\0';
	if (settings->device[0] != '\0')
		device_command(&p->command, settings);
	else if (settings->command[0] != '\0')
		return runner_command_parse(&p->command, settings->command, NULL, err);
	return ERR_OK;
}

void printer_done(struct printer *p)
{
	if (p->settings != NULL) {
		runner_tick(&p->runner, 0); /* what was taken last is begun */
		runner_done(&p->runner);
	}
	memset(p, 0, sizeof *p);
}

bool printer_is_there(const struct printer *p)
{
	return runner_command_is_set(&p->command);
}

/* ---- printing ---- */

static enum err_code receipt_add(struct printer *p, struct bytes *out, unsigned *lost,
	const struct receipt *r, struct err *err)
{
	const struct printer_settings *s = p->settings;
	int cols = s->columns > 0 ? (int)s->columns : PRINTER_COLUMNS;
	struct escpos_options opt = {.encoding = encoding_of(s), .cols = cols, .cut = s->cut};

	*lost = 0;
	if (p->escpos)
		return escpos_receipt(out, lost, r, &opt, err);
	return receipt_text(out, r, cols, err);
}

enum err_code printer_print(struct printer *p, unsigned *lost, const struct sale *sale, bool copy,
	int64_t unix_s, struct err *err)
{
	const struct printer_settings *s = p->settings;
	const struct receipt r = {.sale = sale, .header = s->header, .footer = s->footer,
		.copy = copy, .printed_unix_s = unix_s};
	struct runner_job job = {.command = &p->command};
	char screen_language[PRINTER_WORD_MAX];
	unsigned missing = 0;
	struct bytes out;
	enum err_code rc = ERR_OK;

	if (!printer_is_there(p))
		return err_set(err, ERR_NOT_FOUND, "no printer is configured");
	bytes_init_fixed(&out, p->data, sizeof p->data);
	text_copy(screen_language, sizeof screen_language, text_language());
	if (s->language[0] != '\0' && strcmp(s->language, screen_language) != 0)
		text_init(s->language);
	for (int64_t i = 0; rc == ERR_OK && i < (s->copies > 0 ? s->copies : 1); i++)
		rc = receipt_add(p, &out, &missing, &r, err);
	if (s->language[0] != '\0' && strcmp(s->language, screen_language) != 0)
		text_init(screen_language);
	job.text = bytes_span(&out);
	if (rc == ERR_OK)
		rc = runner_run(&p->runner, &p->last_id, &job, err);
	if (rc == ERR_BUSY)
		(void)err_set(err, rc, "%s",
			_("others still wait: paper, cover, cable?"));
	if (lost != NULL)
		*lost = missing;
	return rc;
}

void printer_tick(struct printer *p, int64_t now_ms)
{
	runner_tick(&p->runner, now_ms);
}

int64_t printer_next_ms(const struct printer *p)
{
	return runner_next_ms(&p->runner);
}

bool printer_is_busy(const struct printer *p)
{
	return runner_is_busy(&p->runner);
}
