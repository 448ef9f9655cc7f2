/* SPDX-License-Identifier: Apache-2.0
 *
 * What the C side says of a text, for tests of the wallet page: the page must say the same.
 *
 *   parse HEX         the text with these bytes: its kind and fields, or foreign and which
 *   qr L|M|Q|H TEXT   modules of a side of the symbol, 0: there is none
 *
 * One answer for each line of standard input.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/code.h"
#include "wallet/holder/qr.h"

#define TEXT_MAX 4096 /* bytes */

static void hex_print(const char *before, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	fputs(before, stdout);
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
}

static void challenge_print(const struct code_challenge *q)
{
	char number[CODE_DIGITS_MAX + 1];

	code_number_text(number, q->number, q->digits);
	hex_print(" ", q->credential_short, sizeof q->credential_short);
	hex_print(" ", q->verification_id, sizeof q->verification_id);
	printf(" %s %d %" PRIu32 " %" PRIu64 " %s", number, q->digits, q->expires, q->amount,
		q->currency);
	hex_print(" ", q->merchant, strlen(q->merchant));
	hex_print(" ", q->reference, strlen(q->reference));
}

static void code_print(const struct code *c)
{
	static const char *const foreign[] = {"text", "web", "damaged"};

	if (c->kind == CODE_FOREIGN) {
		printf("foreign %s\n", foreign[c->foreign]);
		return;
	}
	printf("%c %s", (char)c->kind, c->host);
	if (c->kind == CODE_CREDENTIAL) {
		hex_print(" ", c->body, c->body_len);
		hex_print(" ", c->credential.credential_id, CODE_ID_LEN);
		printf(" %d %" PRIu16 " %" PRIu32, c->credential.live, c->credential.generation,
			c->credential.not_after);
	} else if (c->kind == CODE_CHALLENGE) {
		challenge_print(&c->challenge);
	} else if (c->kind == CODE_RESPONSE) {
		printf(" %d %d", (int)c->response.binding, c->response.timed);
	} else {
		hex_print(" ", c->presented.code_id, CODE_ID_LEN);
		printf(" %" PRIu32, c->presented.not_after);
	}
	putchar('\n');
}

static void parse(const char *hex)
{
	uint8_t text[TEXT_MAX];
	size_t len = 0;
	unsigned byte;
	struct code c;

	while (len < sizeof text && sscanf(hex + 2 * len, "%2x", &byte) == 1)
		text[len++] = (uint8_t)byte;
	code_parse(&c, SPAN(text, len));
	code_print(&c);
}

static void qr(const char *level, const char *text)
{
	static struct qr symbol;
	size_t found = strcspn("LMQH", level);

	if (found > QR_HIGH || qr_encode(&symbol, span_text(text), true, (enum qr_level)found))
		symbol.side = 0;
	printf("%d\n", symbol.side);
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "parse ", 6) == 0) {
			parse(line + 6);
		} else if (strncmp(line, "qr ", 3) == 0 && len > 5) {
			line[4] = '\0';
			qr(line + 3, line + 5);
		} else {
			fprintf(stderr, "code_oracle: no such question\n");
			return 3;
		}
	}
	free(line);
	return 0;
}
