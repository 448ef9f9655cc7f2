/* SPDX-License-Identifier: Apache-2.0
 *
 * Declared fields out of JSON. What is right is mostly plain and read at once; words about what is
 * wrong come from the reader that knows all of JSON.
 */
#include "backend/fields.h"

#include <string.h>

#include "backend/http_parse.h"
#include "base/json.h"
#include "base/json_plain.h"
#include "base/text_safe.h"
#include "crypto/crypto.h"

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
	const char *fault;
	size_t len;
	enum err_code e = json_get_text(j, f->name, (char *)at, (size_t)f->max + 1, err);

	if (e)
		return err_set(err, ERR_FORMAT, "member \"%s\" must be text of %d to %d bytes",
			f->name, (int)f->min, (int)f->max);
	len = strlen((const char *)at);
	fault = text_fault(f->type, SPAN(at, len));
	if (len < (size_t)f->min)
		return err_set(err, ERR_FORMAT, "member \"%s\" is too short: at least %d bytes",
			f->name, (int)f->min);
	return fault ? err_set(err, ERR_FORMAT, "member \"%s\" %s", f->name, fault) : ERR_OK;
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

/* Room for a value of this field; a text's NUL included. */
static uint8_t *place_of(const struct field *f, uint8_t *target, size_t target_size)
{
	size_t room = f->type == FIELD_INT ? sizeof(int64_t) : (size_t)f->max + 1;

	ASSERT(f->type == FIELD_INT || (f->min >= 0 && f->max >= f->min));
	ASSERT(f->offset + room <= target_size);
	return target + f->offset;
}

static enum err_code read_one(uint8_t *target, size_t target_size, const struct field *f,
	const struct json *j, struct err *err)
{
	uint8_t *at = place_of(f, target, target_size);

	if (!json_has(j, f->name)) {
		if (!f->required)
			return ERR_OK;
		return err_set(err, ERR_FORMAT, "member \"%s\" is missing", f->name);
	}
	return f->type == FIELD_INT ? read_int(at, f, j, err) : read_text(at, f, j, err);
}

static enum err_code read_any(uint8_t *target, size_t target_size, const struct field *fields,
	size_t count, struct span body, struct err *err)
{
	const char *names[FIELDS_MAX];
	struct json *j = NULL;
	enum err_code e;

	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].name;
	e = json_parse(&j, body.len ? body : span_text("{}"), HTTP_BODY_MAX, err);
	if (!e)
		e = json_only(j, names, count, err);
	for (size_t i = 0; !e && i < count; i++)
		e = read_one(target, target_size, &fields[i], j, err);
	json_free(&j);
	return e;
}

/* ---- the same without a tree, where the body is plain and right ---- */

static bool take_member(uint8_t *at, const struct field *f, const struct json_member *m)
{
	if (m->is_text != (f->type != FIELD_INT))
		return false;
	if (!m->is_text) {
		memcpy(at, &m->number, sizeof(m->number));
		return m->number >= f->min && m->number <= f->max;
	}
	if (m->text.len < (size_t)f->min || m->text.len > (size_t)f->max ||
		text_fault(f->type, m->text))
		return false;
	memcpy(at, m->text.data, m->text.len); /* zeroes follow */
	return true;
}

/* False: something is wrong or not plain, and read_any() finds out what. */
static bool read_plain(uint8_t *target, size_t target_size, const struct field *fields,
	size_t count, struct span body)
{
	struct json_member members[FIELDS_MAX];
	size_t member_count = 0, used = 0;

	if (body.len > HTTP_BODY_MAX || !json_plain(members, FIELDS_MAX, &member_count, body))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct json_member *m = NULL;

		for (size_t k = 0; !m && k < member_count; k++)
			if (span_equal(members[k].name, span_text(fields[i].name)))
				m = &members[k];
		if (m ? !take_member(place_of(&fields[i], target, target_size), &fields[i], m)
		      : fields[i].required)
			return false;
		used += m != NULL;
	}
	return used == member_count; /* each name is there once: none is unknown */
}

enum err_code fields_read(void *target, size_t target_size, const struct field *fields,
	size_t count, struct span body, struct err *err)
{
	ASSERT(count <= FIELDS_MAX);
	memset(target, 0, target_size);
	if (read_plain(target, target_size, fields, count, body))
		return ERR_OK;
	sec_wipe(target, target_size);
	if (read_any(target, target_size, fields, count, body, err)) {
		sec_wipe(target, target_size);
		return ERR_FORMAT;
	}
	return ERR_OK;
}
