/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines of a till.
 */
#include "ui/command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/amount.h"
#include "base/json.h"
#include "base/json_plain.h"
#include "base/text_safe.h"

#define PIN_MEMBERS_MAX 4 /* of a line with a PIN; one more than there are */
#define AMOUNT_IN_MAX 32  /* bytes of an amount, with NUL */
#define TEXT_IN_MAX 256   /* bytes of a text before it is looked at */

/* ---- words ---- */

static const char *const words[] = {
#define COMMAND_WORD(name, word) [name] = (word),
	COMMAND_LIST(COMMAND_WORD)
#undef COMMAND_WORD
};

const char *command_word(enum command_kind kind)
{
	return (size_t)kind < COMMAND_KIND_COUNT ? words[kind] : "";
}

static bool kind_find(enum command_kind *out, const char *word)
{
	for (size_t i = 0; i < COMMAND_KIND_COUNT; i++)
		if (strcmp(words[i], word) == 0) {
			*out = (enum command_kind)i;
			return true;
		}
	return false;
}

/* ---- one line ---- */

/* What a parser of one kind needs. */
struct source {
	const struct json *json;
	struct command *out;
	struct command_fault *fault;
	struct err *err;
};

static enum err_code bad(const struct source *s, const char *member, const char *why)
{
	s->fault->word = "bad-member";
	return err_set(s->err, ERR_FORMAT, "%s: %s", member, why);
}

/* Absent: ERR_OK and out is "", unless it is needed. */
static enum err_code text_get(
	const struct source *s, const char *name, char *out, size_t cap, bool needed)
{
	out[0] = '\0';
	switch (json_get_text(s->json, name, out, cap, NULL)) {
	case ERR_OK:
		return ERR_OK;
	case ERR_NOT_FOUND:
		if (!needed)
			return ERR_OK;
		s->fault->word = "missing-member";
		return err_set(s->err, ERR_FORMAT, "%s is missing", name);
	case ERR_RANGE:
	case ERR_TOO_LARGE:
		s->fault->word = "bad-member";
		return err_set(s->err, ERR_FORMAT, "%s: at most %zu bytes", name, cap - 1);
	default:
		return bad(s, name, "is no text");
	}
}

static enum err_code int_get(
	const struct source *s, const char *name, int64_t *out, int64_t min, int64_t max)
{
	if (!json_has(s->json, name) || json_get_int(s->json, name, out, min, max, NULL) == ERR_OK)
		return ERR_OK;
	s->fault->word = "bad-member";
	return err_set(s->err, ERR_FORMAT, "%s: a whole number from %lld to %lld", name,
		(long long)min, (long long)max);
}

static enum err_code id_get(const struct source *s, bool needed)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._:-";
	enum err_code rc = text_get(s, "id", s->out->id, sizeof s->out->id, needed);

	if (rc != ERR_OK)
		return rc;
	if (json_has(s->json, "id") && (s->out->id[0] == '\0' ||
		strspn(s->out->id, letters) != strlen(s->out->id)))
		return bad(s, "id", "letters, digits and . _ : - only, at least one");
	return ERR_OK;
}

/* Texts that are shown and sent. */
static enum err_code words_get(const struct source *s, const char *name, char *out, size_t cap)
{
	enum err_code rc = text_get(s, name, out, cap, false);

	if (rc == ERR_OK && !text_is_safe(span_text(out)))
		return bad(s, name, "characters that cannot be shown");
	return rc;
}

/* As text: a number of JSON is a fraction of two to many who read it. */
static enum err_code amount_get(const struct source *s)
{
	struct client_sale *sale = &s->out->sale;
	char text[AMOUNT_IN_MAX];
	struct err why = {0};
	enum err_code rc;

	rc = text_get(s, "currency", sale->currency, sizeof sale->currency, false);
	if (rc == ERR_OK && json_has(s->json, "currency") &&
		!amount_currency_is_valid(sale->currency))
		return bad(s, "currency",
			"one of ISO 4217 in capital letters, for example \"EUR\"");
	if (rc != ERR_OK)
		return rc;
	if (!json_has(s->json, "amount"))
		return sale->currency[0] == '\0'
			       ? ERR_OK
			       : bad(s, "currency", "without an amount");
	rc = text_get(s, "amount", text, sizeof text, true);
	if (rc != ERR_OK)
		return bad(s, "amount", "a text such as \"12.80\", no number");
	if (sale->currency[0] == '\0')
		return bad(s, "amount", "needs a currency, for example \"EUR\"");
	if (amount_parse(&sale->amount, text, sale->currency, &why) != ERR_OK)
		return bad(s, "amount", why.text);
	if (sale->amount == 0) /* it would be sold as one without an amount */
		return bad(s, "amount", "is nothing; leave it out where nothing is paid");
	return ERR_OK;
}

static enum err_code start_take(const struct source *s)
{
	struct client_sale *sale = &s->out->sale;
	enum err_code rc = id_get(s, true);

	s->out->wait_s = COMMAND_WAIT_S;
	if (rc == ERR_OK)
		rc = amount_get(s);
	if (rc == ERR_OK)
		rc = words_get(s, "reference", sale->reference, sizeof sale->reference);
	if (rc == ERR_OK)
		rc = words_get(s, "operator", sale->operator_name, sizeof sale->operator_name);
	if (rc == ERR_OK)
		rc = int_get(s, "wait_s", &s->out->wait_s, COMMAND_WAIT_S_MIN, COMMAND_WAIT_S_MAX);
	return rc;
}

static enum err_code subscribe_take(const struct source *s)
{
	char text[TEXT_IN_MAX];
	enum err_code rc = text_get(s, "events", text, sizeof text, false);

	if (rc != ERR_OK)
		return rc;
	s->out->events = COMMAND_EVENTS_ALL;
	if (!json_has(s->json, "events") || strcmp(text, "all") == 0)
		return ERR_OK;
	s->out->events = COMMAND_EVENTS_SALES;
	if (strcmp(text, "sales") == 0)
		return ERR_OK;
	s->out->events = COMMAND_EVENTS_NONE;
	return strcmp(text, "none") == 0 ? ERR_OK
					 : bad(s, "events", "\"all\", \"sales\" or \"none\"");
}

#define MEMBERS_MAX 8

static const char *const members[COMMAND_KIND_COUNT][MEMBERS_MAX] = {
	[COMMAND_HELLO] = {"version"},
	[COMMAND_START] = {"id", "amount", "currency", "reference", "operator", "wait_s"},
	[COMMAND_CANCEL] = {"id"},
	[COMMAND_PIN] = {"pin"},
	[COMMAND_VERDICT] = {"id"},
	[COMMAND_TODAY] = {"from"},
	[COMMAND_SUBSCRIBE] = {"events"},
};

static enum err_code names_check(const struct source *s)
{
	const char *names[MEMBERS_MAX + 1] = {"command"};
	size_t count = 1;
	struct err why = {0};

	for (size_t i = 0; i < MEMBERS_MAX && members[s->out->kind][i] != NULL; i++)
		names[count++] = members[s->out->kind][i];
	if (json_only(s->json, names, count, &why) == ERR_OK)
		return ERR_OK;
	s->fault->word = "unknown-member";
	return err_set(s->err, ERR_FORMAT, "%s", why.text);
}

static enum err_code kind_take(const struct source *s)
{
	struct command *c = s->out;

	switch (c->kind) {
	case COMMAND_HELLO:
		c->version = COMMAND_PROTOCOL;
		return int_get(s, "version", &c->version, 1, INT32_MAX);
	case COMMAND_START:
		return start_take(s);
	case COMMAND_CANCEL:
		return id_get(s, false);
	case COMMAND_VERDICT:
		return id_get(s, true);
	case COMMAND_TODAY:
		return int_get(s, "from", &c->from, 0, INT32_MAX);
	case COMMAND_SUBSCRIBE:
		return subscribe_take(s);
	case COMMAND_PIN: /* a plain one never comes here */
		return bad(s, "pin", "a text of digits, without escapes");
	default:
		return ERR_OK;
	}
}

static enum err_code command_take(const struct source *s)
{
	char word[TEXT_IN_MAX];
	char safe[TEXT_IN_MAX];
	enum err_code rc = text_get(s, "command", word, sizeof word, true);

	if (rc != ERR_OK)
		return rc;
	if (!kind_find(&s->out->kind, word)) {
		text_safe(safe, sizeof safe, span_text(word));
		s->fault->word = "unknown-command";
		return err_set(s->err, ERR_FORMAT,
			"not a command: %.40s; there are hello, start, cancel, pin, verdict, "
			"status, today and subscribe",
			safe);
	}
	text_copy(s->fault->command, sizeof s->fault->command, word);
	rc = names_check(s);
	return rc == ERR_OK ? kind_take(s) : rc;
}

static const struct json_member *member_find(
	const struct json_member *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal(list[i].name, span_text(name)))
			return list[i].is_text ? &list[i] : NULL;
	return NULL;
}

/* True: a line with a PIN, and nothing of it was copied. */
static bool pin_take(struct command *out, struct span line)
{
	struct json_member list[PIN_MEMBERS_MAX];
	const struct json_member *command;
	const struct json_member *pin;
	size_t count = 0;

	if (!json_plain(list, PIN_MEMBERS_MAX, &count, line) || count != 2)
		return false;
	command = member_find(list, count, "command");
	pin = member_find(list, count, "pin");
	if (command == NULL || pin == NULL || !span_equal(command->text, span_text("pin")))
		return false;
	*out = (struct command){.kind = COMMAND_PIN, .pin = pin->text};
	return true;
}

enum err_code command_parse(
	struct command *out, struct command_fault *fault, struct span line, struct err *err)
{
	struct command_fault unwanted = {.word = ""};
	struct command c = {.kind = COMMAND_CANCEL};
	struct json *j = NULL;
	struct err why = {0};
	struct source s = {.out = &c, .fault = fault != NULL ? fault : &unwanted, .err = err};
	enum err_code rc;

	*s.fault = (struct command_fault){.word = ""};
	if (pin_take(out, line))
		return ERR_OK;
	rc = json_parse(&j, line, COMMAND_LINE_MAX, &why);
	if (rc != ERR_OK) {
		s.fault->word = "bad-json";
		return err_set(err, ERR_FORMAT, "not a command: %s; one JSON object a line, such "
			"as {\"command\":\"status\"}", why.text);
	}
	s.json = j;
	rc = command_take(&s);
	json_free(&j);
	if (rc == ERR_OK)
		*out = c;
	return rc;
}

/* ---- lines ---- */

enum err_code command_input_init(struct command_input *in, int fd, struct err *err)
{
	*in = (struct command_input){.fd = fd};
	if (secret_new(&in->buffer, COMMAND_LINE_MAX) != ERR_OK)
		return err_set(err, ERR_NO_MEMORY, "no locked memory for commands");
	return ERR_OK;
}

void command_input_done(struct command_input *in)
{
	secret_free(&in->buffer);
	*in = (struct command_input){.fd = -1};
}

/* The line given out last goes, what is behind it moves up, the rest is wiped. */
static void taken_drop(struct command_input *in)
{
	uint8_t *data = in->buffer->data;

	memmove(data, data + in->taken, in->len - in->taken);
	in->len -= in->taken;
	in->taken = 0;
	sec_wipe(data + in->len, in->buffer->len - in->len);
}

void command_input_fill(struct command_input *in)
{
	ssize_t n;

	taken_drop(in);
	if (in->fd < 0 || in->len == in->buffer->len)
		return;
	n = read(in->fd, in->buffer->data + in->len, in->buffer->len - in->len);
	if (n > 0)
		in->len += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		in->fd = -1;
}

enum err_code command_input_line(struct command_input *in, struct span *line, struct err *err)
{
	const uint8_t *end;

	taken_drop(in);
	end = memchr(in->buffer->data, '\n', in->len);
	if (end == NULL && in->len == in->buffer->len) {
		in->skipping = true;
		in->taken = in->len;
		taken_drop(in);
		return ERR_NOT_FOUND;
	}
	if (end == NULL && in->fd < 0 && in->len > 0 && !in->skipping) {
		*line = SPAN(in->buffer->data, in->len); /* a last line without its break */
		in->taken = in->len;
		return ERR_OK;
	}
	if (end == NULL)
		return ERR_NOT_FOUND;
	in->taken = (size_t)(end - in->buffer->data) + 1;
	if (in->skipping) {
		in->skipping = false;
		return err_set(err, ERR_TOO_LARGE, "a command line of more than %d bytes",
			COMMAND_LINE_MAX);
	}
	*line = SPAN(in->buffer->data, in->taken - 1);
	return ERR_OK;
}
