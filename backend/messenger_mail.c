/* SPDX-License-Identifier: Apache-2.0
 *
 * A message as a mail: RFC 5322 header, RFC 2047 subject, RFC 2045 base64 body in UTF-8, so that no
 * relay has to understand more than ASCII.
 */
#include "backend/messenger.h"

#include <stdio.h>
#include <string.h>

#include "backend/http_write.h"

#define LINE_BYTES 57  /* become 76 characters: RFC 2045 section 6.8 */
#define WORD_BYTES 42  /* an encoded word has at most 75 characters: RFC 2047 section 2 */

static void base64(struct bytes *out, struct span in)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < in.len; i += 3) {
		size_t n = in.len - i < 3 ? in.len - i : 3;
		uint32_t v = (uint32_t)in.data[i] << 16;

		if (n > 1)
			v |= (uint32_t)in.data[i + 1] << 8;
		if (n > 2)
			v |= in.data[i + 2];
		bytes_add_u8(out, (uint8_t)digits[v >> 18]);
		bytes_add_u8(out, (uint8_t)digits[v >> 12 & 63]);
		bytes_add_u8(out, n > 1 ? (uint8_t)digits[v >> 6 & 63] : '=');
		bytes_add_u8(out, n > 2 ? (uint8_t)digits[v & 63] : '=');
	}
}

/* Characters stay whole: each word is decoded for itself. */
static void subject(struct bytes *out, struct span text)
{
	for (size_t at = 0; at < text.len;) {
		size_t n = text.len - at < WORD_BYTES ? text.len - at : WORD_BYTES;

		while (at + n < text.len && (text.data[at + n] & 0xc0) == 0x80)
			n--;
		bytes_add_text(out, at ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
		base64(out, SPAN(text.data + at, n));
		bytes_add_text(out, "?=");
		at += n;
	}
	bytes_add_text(out, "\r\n");
}

static void field(struct bytes *out, const char *name, const char *value)
{
	bytes_add_text(out, name);
	bytes_add_text(out, ": ");
	bytes_add_text(out, value);
	bytes_add_text(out, "\r\n");
}

/* HTTP's form of a date with another name for the zone. */
static void date(struct bytes *out, int64_t now)
{
	char text[HTTP_DATE_LEN + 1], line[64];

	http_date_text(text, now);
	(void)snprintf(line, sizeof(line), "%.25s +0000", text);
	field(out, "Date", line);
}

enum err_code messenger_mail(struct bytes *out, const struct messenger_item *item,
	const char *from, int64_t now, struct err *err)
{
	char id[2 * CODE_ID_LEN + 1], text[64 + 128];
	const struct message_body *b = &item->body;
	size_t len = strlen(b->text);

	if (!policy_mail_address(from) || !policy_mail_address(b->email))
		return err_set(err, ERR_INVALID, "a mail address is not one");
	hex_encode(id, SPAN(item->id, CODE_ID_LEN));
	(void)snprintf(text, sizeof(text), "<%s%s>", id, strchr(from, '@'));
	field(out, "From", from);
	field(out, "To", b->email);
	date(out, now);
	field(out, "Message-ID", text);
	field(out, "Auto-Submitted", "auto-generated");
	field(out, "MIME-Version", "1.0");
	field(out, "Content-Type", "text/plain; charset=utf-8");
	field(out, "Content-Transfer-Encoding", "base64");
	bytes_add_text(out, "Subject: ");
	subject(out, span_text(b->subject));
	bytes_add_text(out, "\r\n");
	for (size_t at = 0; at < len; at += LINE_BYTES) {
		base64(out, SPAN(b->text + at, len - at < LINE_BYTES ? len - at : LINE_BYTES));
		bytes_add_text(out, "\r\n");
	}
	return out->full ? err_set(err, ERR_TOO_LARGE, "the mail is too long") : ERR_OK;
}
