/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign explain`: a code text as JSON.
 */
#include "ui/explain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "verifier/code.h"

#define STATUS_EXPLAINED 0
#define STATUS_USAGE     3

/* ---- fields ---- */

static void put_time(struct json_out *w, const char *name, const char *name_text, uint32_t unix_s)
{
	char text[CLOCK_TEXT_LEN + 1];

	clock_text(text, (int64_t)unix_s);
	json_out_int(w, name, (int64_t)unix_s);
	json_out_text(w, name_text, text);
}

static void put_not_after(struct json_out *w, uint32_t not_after, bool may_be_open)
{
	if (may_be_open && not_after == CODE_NO_END) {
		json_out_int(w, "not_after", (int64_t)not_after);
		json_out_text(w, "not_after_text", "no end");
		return;
	}
	put_time(w, "not_after", "not_after_text", not_after);
}

static void put_credential(struct json_out *w, const struct code_credential *c)
{
	json_out_bool(w, "live", c->live);
	json_out_hex(w, "issuer_key_id", SPAN(c->issuer_key_id, sizeof c->issuer_key_id));
	json_out_hex(w, "credential_id", SPAN(c->credential_id, sizeof c->credential_id));
	json_out_int(w, "generation", c->generation);
	put_not_after(w, c->not_after, true);
	json_out_hex(w, "signature", SPAN(c->signature, sizeof c->signature));
	if (c->live)
		json_out_hex(w, "live_tag", SPAN(c->live_tag, sizeof c->live_tag));
}

static void put_challenge(struct json_out *w, const struct code_challenge *q)
{
	char number[CODE_DIGITS_MAX + 1], amount[24];

	code_number_text(number, q->number, q->digits);
	json_out_hex(w, "credential_id_head", SPAN(q->credential_short, CODE_ID_SHORT_LEN));
	json_out_hex(w, "verification_id", SPAN(q->verification_id, CODE_ID_LEN));
	json_out_text(w, "number", number);
	json_out_int(w, "digits", q->digits);
	put_time(w, "expires", "expires_text", q->expires);
	if (q->amount <= INT64_MAX) {
		json_out_int(w, "amount", (int64_t)q->amount);
	} else { /* more than our JSON integers hold */
		snprintf(amount, sizeof amount, "%llu", (unsigned long long)q->amount);
		json_out_text(w, "amount", amount);
	}
	json_out_text(w, "currency", q->currency);
	json_out_text(w, "merchant", q->merchant);
	json_out_text(w, "reference", q->reference);
	json_out_hex(w, "tag", SPAN(q->tag, sizeof q->tag));
}

static void put_response(struct json_out *w, const struct code_response *r)
{
	static const char *const bindings[] = {"number", "amount", "challenge"};

	json_out_int(w, "binding", (int64_t)r->binding);
	json_out_text(w, "binding_words", bindings[r->binding]);
	json_out_bool(w, "timed", r->timed);
	json_out_hex(w, "credential_id_head", SPAN(r->credential_short, CODE_ID_SHORT_LEN));
	json_out_hex(w, "response", SPAN(r->response, sizeof r->response));
}

static void put_presented(struct json_out *w, const struct code_presented *p)
{
	json_out_hex(w, "issuer_key_id", SPAN(p->issuer_key_id, sizeof p->issuer_key_id));
	json_out_hex(w, "code_id", SPAN(p->code_id, sizeof p->code_id));
	put_not_after(w, p->not_after, false);
	json_out_hex(w, "content_digest", SPAN(p->content_digest, sizeof p->content_digest));
	json_out_hex(w, "signature", SPAN(p->signature, sizeof p->signature));
}

static void put_ours(struct json_out *w, const struct code *c)
{
	char letter[] = {(char)c->kind, '\0'};

	json_out_text(w, "kind", letter);
	json_out_text(w, "words", code_kind_words(c->kind));
	json_out_text(w, "host", c->host);
	json_out_int(w, "version", CODE_VERSION);
	json_out_int(w, "body_length", (int64_t)c->body_len);
	json_out_hex(w, "body", SPAN(c->body, c->body_len));
	switch (c->kind) {
	case CODE_CREDENTIAL:
		put_credential(w, &c->credential);
		break;
	case CODE_CHALLENGE:
		put_challenge(w, &c->challenge);
		break;
	case CODE_RESPONSE:
		put_response(w, &c->response);
		break;
	default:
		put_presented(w, &c->presented);
	}
}

static void put_foreign(struct json_out *w, const struct code *c, struct span text)
{
	static const char *const words[] = {
		[CODE_FOREIGN_TEXT] = "plain-text",
		[CODE_FOREIGN_WEB] = "web-address",
		[CODE_FOREIGN_DAMAGED] = "damaged-code",
	};
	char safe[CODE_FOREIGN_TEXT_MAX + 1];

	json_out_text(w, "kind", "foreign");
	json_out_text(w, "words", code_kind_words(c->kind));
	json_out_text(w, "foreign", words[c->foreign]);
	if (c->why)
		json_out_text(w, "why", c->why);
	text_safe(safe, sizeof safe, text);
	json_out_text(w, "text", safe);
}

bool explain_text(struct bytes *out, struct span text)
{
	struct json_out w;
	struct code c;
	bool ours;

	code_parse(&c, text);
	ours = c.kind != CODE_FOREIGN;
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_bool(&w, "ours", ours);
	json_out_int(&w, "length", (int64_t)text.len);
	if (ours)
		put_ours(&w, &c);
	else
		put_foreign(&w, &c, text);
	json_out_end(&w);
	return ours;
}

/* ---- the command ---- */

static void usage(FILE *to)
{
	fputs(_("usage: countersign explain CODE\n"
		"Says what a code text is, as JSON. CODE \"-\" reads it from standard input.\n"
		"Exit status: 0 explained, ours or not; 3 wrong usage.\n"),
		to);
}

/* Up to EXPLAIN_TEXT_MAX bytes: what is longer is no code, whatever comes after. */
static bool read_input(struct bytes *text)
{
	uint8_t block[4096];
	ssize_t n = 1;

	while (n && text->len < EXPLAIN_TEXT_MAX) {
		size_t room = EXPLAIN_TEXT_MAX - text->len;

		n = read(STDIN_FILENO, block, room < sizeof block ? room : sizeof block);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, _("countersign explain: standard input: %s\n"),
				strerror(errno));
			return false;
		}
		bytes_add(text, block, (size_t)n);
	}
	if (text->len && text->data[text->len - 1] == '\n')
		text->len--;
	if (text->len && text->data[text->len - 1] == '\r')
		text->len--;
	return true;
}

static int explain(struct span text)
{
	uint8_t storage[EXPLAIN_JSON_MAX];
	struct err err = {0};
	struct bytes out;

	bytes_init_fixed(&out, storage, sizeof storage);
	(void)explain_text(&out, text); /* that a text is not ours is an answer, too */
	bytes_add_u8(&out, '\n');
	ASSERT(!out.full);
	if (file_write_all(STDOUT_FILENO, bytes_span(&out), &err)) {
		fprintf(stderr, "countersign explain: %s\n", err.text);
		return STATUS_USAGE;
	}
	return STATUS_EXPLAINED;
}

int explain_main(int argc, char **argv)
{
	struct bytes text;
	int status = STATUS_USAGE;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	if (argc != 2 || (argv[1][0] == '-' && argv[1][1])) {
		usage(stderr);
		return STATUS_USAGE;
	}
	if (strcmp(argv[1], "-"))
		return explain(span_text(argv[1]));
	bytes_init(&text, EXPLAIN_TEXT_MAX);
	if (read_input(&text) && !text.full)
		status = explain(bytes_span(&text));
	bytes_done(&text);
	return status;
}
