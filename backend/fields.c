/* SPDX-License-Identifier: Apache-2.0
 *
 * Declared fields out of JSON.
 */
#include "backend/fields.h"

#include <string.h>

#include "backend/http_parse.h"
#include "base/json.h"
#include "base/text_safe.h"
#include "crypto/crypto.h"

#define FIELD_ROOM_MAX 4096 /* of one text, with NUL */

static bool all_between(struct span s, uint8_t low, uint8_t high)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < low || s.data[i] > high)
			return false;
	return true;
}

/* NULL when the text is one of its type, else what it must be. */
static const char *text_fault(enum field_type type, struct span text)
{
	switch (type) {
	case FIELD_TEXT:
		return text_is_safe(text) ? NULL : "must not have control or format characters";
	case FIELD_VISIBLE:
		return all_between(text, '!', '~') ? NULL : "must be visible ASCII without spaces";
	case FIELD_LINES:
		for (size_t i = 0; i < text.len; i++)
			if (text.data[i] != '\n' && !all_between(SPAN(text.data + i, 1), ' ', '~'))
				return "must be lines of printable ASCII";
		return NULL;
	case FIELD_DIGITS:
		return all_between(text, '0', '9') ? NULL : "must be digits";
	case FIELD_ID:
		for (size_t i = 0; i < text.len; i++)
			if (!strchr("0123456789abcdef", text.data[i]))
				return "must be 32 lower-case hex digits";
		return text.len == 32 ? NULL : "must be 32 lower-case hex digits";
	case FIELD_CURRENCY:
		return text.len == 3 && all_between(text, 'A', 'Z') ? NULL
								    : "must be three letters A-Z";
	case FIELD_INT:
		break;
	}
	return "is not declared as text";
}

static enum err_code read_text(
	uint8_t *at, const struct field *f, const struct json *j, struct err *err)
{
	char room[FIELD_ROOM_MAX];
	const char *fault;
	size_t len;
	enum err_code e;

	ASSERT(f->min >= 0 && f->max >= f->min && f->max < FIELD_ROOM_MAX);
	e = json_get_text(j, f->name, room, (size_t)f->max + 1, err);
	if (e)
		return err_set(err, ERR_FORMAT, "member \"%s\" must be text of %d to %d bytes",
			f->name, (int)f->min, (int)f->max);
	len = strlen(room);
	fault = text_fault(f->type, SPAN(room, len));
	if (len < (size_t)f->min)
		e = err_set(err, ERR_FORMAT, "member \"%s\" is too short: at least %d bytes",
			f->name, (int)f->min);
	else if (fault)
		e = err_set(err, ERR_FORMAT, "member \"%s\" %s", f->name, fault);
	else
		memcpy(at, room, len + 1);
	sec_wipe(room, sizeof(room));
	return e;
}

static enum err_code read_int(
	uint8_t *at, const struct field *f, const struct json *j, struct err *err)
{
	int64_t v;

	if (json_get_int(j, f->name, &v, f->min, f->max, err))
		return err_set(err, ERR_FORMAT,
			"member \"%s\" must be a whole number from %lld to %lld", f->name,
			(long long)f->min, (long long)f->max);
	memcpy(at, &v, sizeof(v));
	return ERR_OK;
}

static enum err_code read_one(uint8_t *target, size_t target_size, const struct field *f,
	const struct json *j, struct err *err)
{
	size_t room = f->type == FIELD_INT ? sizeof(int64_t) : (size_t)f->max + 1;

	ASSERT(f->offset + room <= target_size);
	if (!json_has(j, f->name)) {
		if (!f->required)
			return ERR_OK;
		return err_set(err, ERR_FORMAT, "member \"%s\" is missing", f->name);
	}
	if (f->type == FIELD_INT)
		return read_int(target + f->offset, f, j, err);
	return read_text(target + f->offset, f, j, err);
}

enum err_code fields_read(void *target, size_t target_size, const struct field *fields,
	size_t count, struct span body, struct err *err)
{
	const char *names[FIELDS_MAX];
	struct json *j = NULL;
	enum err_code e;

	ASSERT(count <= FIELDS_MAX);
	memset(target, 0, target_size);
	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].name;
	e = json_parse(&j, body.len ? body : span_text("{}"), HTTP_BODY_MAX, err);
	if (!e)
		e = json_only(j, names, count, err);
	for (size_t i = 0; !e && i < count; i++)
		e = read_one(target, target_size, &fields[i], j, err);
	json_free(&j);
	if (e) {
		sec_wipe(target, target_size);
		return ERR_FORMAT;
	}
	return ERR_OK;
}
