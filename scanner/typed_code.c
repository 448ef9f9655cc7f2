/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/typed_code.h"

#include <string.h>

void typed_code_init(struct typed_code *c, const struct typed_spec *spec)
{
	*c = (struct typed_code){.end = spec->end, .idle_ms = spec->idle_ms};
}

/* ---- symbology identifiers ---- */

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* UPC-A and EAN-13 have the same identifier; some readers leave the first zero out. */
static uint8_t of_retail(uint8_t modifier, size_t text_len)
{
	if (modifier == '4')
		return SCAN_EAN_8;
	return text_len == 8 ? SCAN_UPC_E : text_len == 12 ? SCAN_UPC_A : SCAN_EAN_13;
}

bool typed_aim(uint8_t *symbology, const uint8_t aim[static TYPED_AIM_LEN], size_t text_len)
{
	static const struct {
		char letter;
		uint8_t symbology;
	} table[] = {{'A', SCAN_CODE_39}, {'C', SCAN_CODE_128}, {'F', SCAN_CODABAR},
		{'G', SCAN_CODE_93}, {'I', SCAN_ITF}, {'L', SCAN_PDF417}, {'Q', SCAN_QR},
		{'U', SCAN_MAXICODE}, {'d', SCAN_DATA_MATRIX}, {'e', SCAN_DATABAR},
		{'z', SCAN_AZTEC}};
	if (aim[0] != ']' || !is_letter(aim[1]) ||
		!(is_letter(aim[2]) || (aim[2] >= '0' && aim[2] <= '9')))
		return false;
	*symbology = aim[1] == 'E' ? of_retail(aim[2], text_len) : SCAN_OTHER;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].letter == (char)aim[1])
			*symbology = table[i].symbology;
	return true;
}

/* ---- a code ---- */

static void forget(struct typed_code *c)
{
	c->len = 0;
	c->open = false;
	c->cut = false;
	c->bad = NULL;
	c->unwanted = false;
}

/* The end that the reader adds for all the same; what it reports is whole without it. */
static void trim(struct typed_code *c)
{
	if (c->len && c->bytes[c->len - 1] == '\n')
		c->len--;
	if (c->len && c->bytes[c->len - 1] == '\r')
		c->len--;
}

static void fill(struct scan_code *out, const struct typed_code *c)
{
	const uint8_t *text = c->bytes;
	size_t len = c->len;
	memset(out, 0, sizeof *out);
	out->symbology = SCAN_UNTOLD;
	if (len >= TYPED_AIM_LEN && typed_aim(&out->symbology, text, len - TYPED_AIM_LEN)) {
		text += TYPED_AIM_LEN;
		len -= TYPED_AIM_LEN;
	}
	out->cut = c->cut || len > SCAN_TEXT_MAX;
	if (len > SCAN_TEXT_MAX)
		len = SCAN_TEXT_MAX;
	out->text_len = (uint16_t)len;
	memcpy(out->text, text, len);
}

enum typed_code_result typed_code_end(struct typed_code *c, struct scan_code *out, struct err *err)
{
	enum typed_code_result result = TYPED_CODE_NONE;
	if (c->unwanted || (!c->len && !c->bad)) {
		forget(c);
		return TYPED_CODE_NONE;
	}
	if (c->bad) {
		ERR_IGNORE(err_set(err, ERR_FORMAT, "a code of the reader was dropped: %s",
			c->bad));
		result = TYPED_CODE_DAMAGED;
	} else {
		if (c->end == TYPED_END_TOLD && !c->cut)
			trim(c);
		fill(out, c);
		result = out->text_len ? TYPED_CODE_READY : TYPED_CODE_NONE;
	}
	forget(c);
	return result;
}

static bool is_end(const struct typed_code *c, uint8_t byte)
{
	switch (c->end) {
	case TYPED_END_ANY:
		return byte == '\r' || byte == '\n' || byte == '\t';
	case TYPED_END_CR:
		return byte == '\r';
	case TYPED_END_LF:
		return byte == '\n';
	case TYPED_END_TAB:
		return byte == '\t';
	case TYPED_END_NONE:
	case TYPED_END_TOLD:
		break;
	}
	return false;
}

enum typed_code_result typed_code_add(struct typed_code *c, struct scan_code *out, uint8_t byte,
	int64_t now_ms, struct err *err)
{
	if (is_end(c, byte))
		return typed_code_end(c, out, err);
	/* The other half of CR LF. */
	if (!c->open && (byte == '\r' || byte == '\n') &&
		(c->end == TYPED_END_CR || c->end == TYPED_END_LF))
		return TYPED_CODE_NONE;
	c->open = true;
	c->last_ms = now_ms;
	if (byte == 0 && c->end != TYPED_END_TOLD)
		c->bad = "a character came damaged";
	else if (c->len < sizeof c->bytes)
		c->bytes[c->len++] = byte;
	else
		c->cut = true;
	return TYPED_CODE_NONE;
}

void typed_code_damage(struct typed_code *c, const char *why, int64_t now_ms)
{
	c->open = true;
	c->bad = why;
	c->last_ms = now_ms;
}

enum typed_code_result typed_code_pause(struct typed_code *c, struct scan_code *out,
	int64_t now_ms, struct err *err)
{
	if (!c->open || now_ms - c->last_ms < c->idle_ms)
		return TYPED_CODE_NONE;
	if (c->end != TYPED_END_ANY && c->end != TYPED_END_NONE)
		c->bad = "it stopped before its end";
	return typed_code_end(c, out, err);
}

int64_t typed_code_due_ms(const struct typed_code *c)
{
	return c->open ? c->last_ms + c->idle_ms : INT64_MAX;
}

void typed_code_drop(struct typed_code *c)
{
	c->unwanted = c->open;
}
