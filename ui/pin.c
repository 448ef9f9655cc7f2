/* SPDX-License-Identifier: Apache-2.0
 *
 * PIN digits in secret memory.
 */
#include "ui/pin.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

/* ---- entry ---- */

enum err_code pin_entry_init(struct pin_entry *p, struct err *err)
{
	p->len = 0;
	if (secret_new(&p->digits, CLIENT_PIN_MAX) != ERR_OK)
		return err_set(err, ERR_NO_MEMORY, "no locked memory for a PIN");
	return ERR_OK;
}

void pin_entry_done(struct pin_entry *p)
{
	secret_free(&p->digits);
	p->len = 0;
}

void pin_entry_clear(struct pin_entry *p)
{
	sec_wipe(p->digits->data, p->digits->len);
	p->len = 0;
}

bool pin_entry_add(struct pin_entry *p, int digit)
{
	if (digit < 0 || digit > 9 || p->len >= CLIENT_PIN_MAX)
		return false;
	p->digits->data[p->len++] = (uint8_t)('0' + digit);
	return true;
}

void pin_entry_backspace(struct pin_entry *p)
{
	if (p->len > 0)
		p->digits->data[--p->len] = 0;
}

static bool is_pin(struct span text)
{
	size_t i;

	if (text.len < CLIENT_PIN_MIN || text.len > CLIENT_PIN_MAX)
		return false;
	for (i = 0; i < text.len; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return true;
}

bool pin_entry_set(struct pin_entry *p, struct span text)
{
	pin_entry_clear(p);
	if (!is_pin(text))
		return false;
	memcpy(p->digits->data, text.data, text.len);
	p->len = text.len;
	return true;
}

bool pin_entry_complete(const struct pin_entry *p)
{
	return p->len >= CLIENT_PIN_MIN;
}

struct span pin_entry_span(const struct pin_entry *p)
{
	return SPAN(p->digits->data, p->len);
}

/* ---- list ---- */

/* The next line without its break; false at the end. */
static bool line_next(struct pin_list *l, struct span *line)
{
	const uint8_t *start;
	const uint8_t *end;

	if (l->at >= l->len)
		return false;
	start = l->text->data + l->at;
	end = memchr(start, '\n', l->len - l->at);
	*line = SPAN(start, end != NULL ? (size_t)(end - start) : l->len - l->at);
	l->at += line->len + 1;
	return true;
}

static enum err_code lines_check(struct pin_list *l, const char *path, struct err *err)
{
	struct span line;
	int number = 0;

	while (line_next(l, &line)) {
		number++;
		if (!is_pin(line))
			return err_set(err, ERR_FORMAT, "%s: line %d: a PIN is %d to %d digits",
				path, number, CLIENT_PIN_MIN, CLIENT_PIN_MAX);
	}
	l->at = 0;
	return ERR_OK;
}

enum err_code pin_list_read(struct pin_list *l, const char *path, struct err *err)
{
	struct bytes text;
	enum err_code rc;

	memset(l, 0, sizeof *l);
	if (secret_new(&l->text, PIN_LIST_FILE_MAX) != ERR_OK)
		return err_set(err, ERR_NO_MEMORY, "no locked memory for PINs");
	bytes_init_fixed(&text, l->text->data, l->text->len);
	rc = file_read(&text, path, true, err);
	l->len = text.len;
	if (rc == ERR_OK)
		rc = lines_check(l, path, err);
	if (rc != ERR_OK)
		pin_list_done(l);
	return rc;
}

void pin_list_done(struct pin_list *l)
{
	secret_free(&l->text);
	l->len = l->at = 0;
	l->given_try = 0;
}

bool pin_list_next(struct pin_list *l, struct pin_entry *to, const char *verification, int pin_try)
{
	struct span line;

	if (l->given_try == pin_try && strcmp(l->given_for, verification) == 0)
		l->at = l->given_at;
	l->given_at = l->at;
	l->given_try = pin_try;
	snprintf(l->given_for, sizeof l->given_for, "%s", verification);
	return l->text != NULL && line_next(l, &line) && pin_entry_set(to, line);
}
