/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/message.h"

#include <string.h>

#include "base/text_safe.h"

#define AT_MS_MAX INT64_C(4102444800000)

static enum err_code check_geometry(const struct scan_msg *m, struct err *err)
{
	if (m->width == 0 && m->height == 0)
		return ERR_OK; /* codes without a picture have no corners: check_code() */
	if (m->width < SCAN_SIDE_MIN || m->width > SCAN_WIDTH_MAX || m->height < SCAN_SIDE_MIN ||
		m->height > SCAN_HEIGHT_MAX)
		return err_set(err, ERR_PROTOCOL, "scanner: picture of %u x %u", m->width,
			m->height);
	return ERR_OK;
}

static enum err_code check_code(const struct scan_msg *m, const struct scan_code *c,
	struct err *err)
{
	if (c->text_len < 1 || c->text_len > SCAN_TEXT_MAX || c->cut > 1 ||
		c->symbology >= SCAN_SYMBOLOGY_COUNT ||
		(c->cut && c->text_len != SCAN_TEXT_MAX))
		return err_set(err, ERR_PROTOCOL, "scanner: code of %u bytes", c->text_len);
	for (unsigned i = 0; i < 4; i++)
		if (c->corner[i][0] < 0 || c->corner[i][0] > m->width || c->corner[i][1] < 0 ||
			c->corner[i][1] > m->height)
			return err_set(err, ERR_PROTOCOL, "scanner: code outside its picture");
	return ERR_OK;
}

static enum err_code check_codes(const struct scan_msg *m, struct err *err)
{
	if (m->code_count > SCAN_CODES_MAX)
		return err_set(err, ERR_PROTOCOL, "scanner: %u codes in a frame", m->code_count);
	for (unsigned i = 0; i < m->code_count; i++) {
		enum err_code code = check_code(m, &m->codes[i], err);
		if (code)
			return code;
	}
	return ERR_OK;
}

static enum err_code check_words(const struct scan_msg *m, struct err *err)
{
	const char *end = memchr(m->fault, '\0', sizeof m->fault);
	if (!end || !text_is_safe(SPAN(m->fault, (size_t)(end - m->fault))))
		return err_set(err, ERR_PROTOCOL, "scanner: words that are no text");
	return ERR_OK;
}

static enum err_code check_kind(const struct scan_msg *m, struct err *err)
{
	if (m->kind == SCAN_MSG_FRAME)
		return check_codes(m, err);
	if (m->code_count > (m->kind == SCAN_MSG_ALIVE ? 1 : 0))
		return err_set(err, ERR_PROTOCOL, "scanner: codes in message %u", m->kind);
	switch (m->kind) {
	case SCAN_MSG_HELLO:
	case SCAN_MSG_FAULT:
	case SCAN_MSG_RECORD_FAULT:
		return check_words(m, err);
	case SCAN_MSG_PREVIEW:
	case SCAN_MSG_END:
	case SCAN_MSG_ALIVE:
		return ERR_OK;
	default:
		return err_set(err, ERR_PROTOCOL, "scanner: message of kind %u", m->kind);
	}
}

enum err_code scan_msg_check(const struct scan_msg *m, size_t len, struct err *err)
{
	if (len != sizeof *m)
		return err_set(err, ERR_PROTOCOL, "scanner: message of %zu bytes", len);
	if (m->version != SCAN_MSG_VERSION)
		return err_set(err, ERR_PROTOCOL, "scanner: version %u of messages is not %d: "
			"countersign and countersign-scanner are of different builds",
			m->version, SCAN_MSG_VERSION);
	if (m->at_ms < 0 || m->at_ms > AT_MS_MAX || m->fatal > 1 ||
		(m->fatal && m->kind != SCAN_MSG_FAULT))
		return err_set(err, ERR_PROTOCOL, "scanner: impossible time or flag");
	if (m->hint >= SCAN_HINT_COUNT || (m->hint && m->kind != SCAN_MSG_FRAME) ||
		m->code >= ERR_CODE_COUNT || (m->code && m->kind != SCAN_MSG_FAULT) ||
		m->reserved[0] || m->reserved[1])
		return err_set(err, ERR_PROTOCOL, "scanner: hint %u or code %u in message %u",
			m->hint, m->code, m->kind);
	if (m->kind == SCAN_MSG_ALIVE && (m->width || m->height))
		return err_set(err, ERR_PROTOCOL, "scanner: sign of life with a picture");
	enum err_code code = m->kind == SCAN_MSG_ALIVE ? ERR_OK : check_geometry(m, err);
	return code ? code : check_kind(m, err);
}

void scan_msg_init(struct scan_msg *m, enum scan_msg_kind kind)
{
	memset(m, 0, sizeof *m);
	m->version = SCAN_MSG_VERSION;
	m->kind = kind;
}

const char *scan_hint_word(unsigned hint)
{
	static const char *const words[] = {
#define HINT_WORD(name, word) word,
		SCAN_HINT_LIST(HINT_WORD)
#undef HINT_WORD
	};
	return words[hint < SCAN_HINT_COUNT ? hint : SCAN_HINT_NONE];
}

void scan_msg_set_fault(struct scan_msg *m, const char *words)
{
	text_safe(m->fault, sizeof m->fault, span_text(words));
}

enum err_code scan_command_check(const struct scan_command *c, size_t len, struct err *err)
{
	if (len != sizeof *c || c->version != SCAN_MSG_VERSION)
		return err_set(err, ERR_PROTOCOL, "command of another build");
	if (c->kind < SCAN_CMD_STEP || c->kind > SCAN_CMD_STOP)
		return err_set(err, ERR_PROTOCOL, "command of kind %u", c->kind);
	return ERR_OK;
}
