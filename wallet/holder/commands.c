/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of a wallet: activate, show, answer, scan, info.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text_safe.h"
#include "wallet/holder/command.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

int command_failed(const struct err *err)
{
	char text[3 * ERR_TEXT_MAX];

	text_safe(text, sizeof(text), span_text(err->text));
	fprintf(stderr, "holder: %s\n", text);
	switch (err->code) {
	case ERR_USAGE:
	case ERR_NOT_FOUND:
	case ERR_PERMISSION:
	case ERR_EXISTS:
		return HOLDER_USAGE;
	default:
		return HOLDER_FAILED;
	}
}

int64_t wallet_flags_now(const struct wallet_flags *f)
{
	struct clock clock;

	if (f->at >= 0)
		return f->at;
	clock_init_real(&clock);
	return clock_unix_s(&clock);
}

enum err_code wallet_flags_open(struct wallet **out, const struct wallet_flags *f, struct err *err)
{
	struct secret *passcode = NULL;
	enum err_code rc;

	*out = NULL;
	if (!f->wallet)
		return err_set(err, ERR_USAGE, "which wallet? give it with --wallet FILE");
	rc = secret_line_read(&passcode, "passcode", f->passcode_file, f->passcode_stdin,
		WALLET_PASSCODE_MAX, err);
	if (!rc)
		rc = wallet_file_read(out, f->wallet, SPAN(passcode->data, passcode->len), err);
	secret_free(&passcode);
	return rc;
}

/* Flags, --help, and the number of words: the same for every command. Returns true when the command
 * is over, with *code.
 */
static bool begin(struct option_result *r, int *code, const char *usage,
	const struct option_entry *list, size_t count, int argc, char **argv, size_t words_max)
{
	struct err err = {0};

	if (options_parse(r, list, count, argc, argv, words_max, &err)) {
		*code = command_failed(&err);
		return true;
	}
	if (!r->help)
		return false;
	puts(usage);
	options_print(list, count);
	*code = HOLDER_DONE;
	return true;
}

/* ---- activate ---- */

struct activate_flags {
	struct wallet_flags wallet;
	const char *url, *ca, *token_file;
	bool token_stdin, force;
};

/* A backend with an authority of its own is met on nearly every first try. */
static void trust_hint(const struct activate_flags *f, struct err *err)
{
	struct err told = *err;

	if (strstr(told.text, "certificate not trusted") == NULL)
		return;
	err_set(err, told.code, "%s; %s", told.text,
		f->ca ? "--ca is not the authority of this backend: is it the file that the issuer "
			"gave you?"
		      : "a backend of your own has an authority of its own: --ca FILE, which is "
			"ca.pem in its folder");
}

static enum err_code activate(const struct activate_flags *f, struct err *err)
{
	struct secret *token = NULL, *passcode = NULL;
	struct wallet *w = NULL;
	enum err_code rc;

	if (!f->url || !f->wallet.wallet)
		return err_set(err, ERR_USAGE, "activation needs --url and --wallet");
	rc = wallet_file_may_write(f->wallet.wallet, f->force, err); /* before the token is spent */
	if (!rc)
		rc = secret_line_read(&token, "token", f->token_file, f->token_stdin,
			WALLET_GIVEN_MAX, err);
	if (!rc)
		rc = secret_line_read(&passcode, "passcode", f->wallet.passcode_file,
			f->wallet.passcode_stdin, WALLET_PASSCODE_MAX, err);
	if (!rc)
		rc = passcode_check(passcode, err);
	if (!rc)
		rc = wallet_activate(&w, f->url, f->ca, SPAN(token->data, token->len), err);
	if (rc)
		trust_hint(f, err);
	if (!rc) {
		rc = wallet_file_write(
			w, f->wallet.wallet, SPAN(passcode->data, passcode->len), f->force, err);
		if (rc)
			err_prefix(err, "the token is spent, but the wallet was not written; "
					"ask the issuer for a new token");
	}
	if (!rc)
		fprintf(stderr, "holder: %s is ready, from %s\n", f->wallet.wallet, w->issuer_name);
	wallet_free(&w);
	secret_free(&passcode);
	secret_free(&token);
	return rc;
}

int command_activate(int argc, char **argv)
{
	struct activate_flags f = {.wallet.at = -1};
	const struct option_entry list[] = {
		{"--url", OPTION_TEXT, &f.url, 0, 0, "URL",
			"the backend, like http://127.0.0.1:8080"},
		{"--ca", OPTION_TEXT, &f.ca, 0, 0, "FILE",
			"trust only what this authority (PEM) signed, not the system's list"},
		{"--token-file", OPTION_TEXT, &f.token_file, 0, 0, "FILE",
			"the activation is the first line of this file, mode 0600: code or link"},
		{"--token-stdin", OPTION_FLAG, &f.token_stdin, 0, 0, NULL,
			"the same as the first line of standard input"},
		WALLET_FLAGS(f.wallet),
		{"--force", OPTION_FLAG, &f.force, 0, 0, NULL, "replace an existing wallet file"},
	};
	struct option_result r;
	struct err err = {0};
	int code;

	if (begin(&r, &code, "holder activate: fetch a credential from its issuer, once", list,
		    COUNT(list), argc, argv, 0))
		return code;
	return activate(&f, &err) ? command_failed(&err) : HOLDER_DONE;
}

/* ---- show ---- */

int command_show(int argc, char **argv)
{
	struct wallet_flags f = {.at = -1};
	struct show_flags show = {0};
	bool fixed = false;
	const struct option_entry list[] = {
		WALLET_FLAGS(f),
		{"--static", OPTION_FLAG, &fixed, 0, 0, NULL,
			"the code without a live tag, also where the policy is live"},
		SHOW_FLAGS(show),
		WALLET_FLAG_AT(f),
	};
	struct option_result r;
	char storage[CODE_TEXT_MAX];
	struct bytes text;
	struct wallet *w = NULL;
	struct err err = {0};
	enum err_code rc;
	int code;

	if (begin(&r, &code, "holder show: the first code, for the terminal's camera", list,
		    COUNT(list), argc, argv, 0))
		return code;
	bytes_init_fixed(&text, storage, sizeof(storage));
	rc = wallet_flags_open(&w, &f, &err);
	if (!rc) {
		rc = wallet_first_code(&text, w, w->live && !fixed, wallet_flags_now(&f));
		if (rc)
			err_set(&err, rc, "the first code cannot be made");
	}
	if (!rc)
		rc = code_show(bytes_span(&text), &show, &err);
	wallet_free(&w);
	return rc ? command_failed(&err) : HOLDER_DONE;
}

/* ---- answer ---- */

static enum err_code second_code_show(const struct wallet *w, const struct wallet_answer *in,
	const struct show_flags *show, struct err *err)
{
	char storage[CODE_TEXT_MAX];
	struct bytes text;
	enum err_code rc;

	bytes_init_fixed(&text, storage, sizeof(storage));
	rc = wallet_second_code(&text, w, in, err);
	return rc ? rc : code_show(bytes_span(&text), show, err);
}

static enum err_code amount_take(
	struct wallet_answer *in, const char *amount, const char *currency, struct err *err)
{
	if (!amount && !currency)
		return ERR_OK;
	if (!amount || !currency)
		return err_set(err, ERR_USAGE, "--amount and --currency belong together");
	in->binding = CODE_BINDING_AMOUNT;
	if (amount_parse(&in->amount, amount, currency, err))
		return ERR_INVALID;
	if (in->amount == 0)
		return err_set(err, ERR_INVALID, "an answer for an amount needs one above zero");
	memcpy(in->currency, currency, 4);
	return ERR_OK;
}

int command_answer(int argc, char **argv)
{
	struct wallet_flags f = {.at = -1};
	struct show_flags show = {0};
	const char *amount = NULL, *currency = NULL;
	const struct option_entry list[] = {
		WALLET_FLAGS(f),
		{"--amount", OPTION_TEXT, &amount, 0, 0, "12.80", "bind the answer to this amount"},
		{"--currency", OPTION_TEXT, &currency, 0, 0, "EUR", "of the amount"},
		SHOW_FLAGS(show),
		WALLET_FLAG_AT(f),
	};
	struct option_result r;
	struct wallet_answer in = {0};
	struct wallet *w = NULL;
	struct err err = {0};
	enum err_code rc;
	int code;

	if (begin(&r, &code, "holder answer NUMBER: the second code for the number on the terminal",
		    list, COUNT(list), argc, argv, 1))
		return code;
	if (r.word_count != 1) {
		err_set(&err, ERR_USAGE, "which number? holder answer NUMBER --wallet FILE ...");
		return command_failed(&err);
	}
	in.number = r.words[0];
	rc = amount_take(&in, amount, currency, &err);
	if (!rc)
		rc = wallet_flags_open(&w, &f, &err);
	if (!rc) {
		in.timed = w->live;
		in.unix_s = wallet_flags_now(&f);
		rc = second_code_show(w, &in, &show, &err);
	}
	wallet_free(&w);
	return rc ? command_failed(&err) : HOLDER_DONE;
}

/* ---- scan ---- */

static void safe_line(const char *label, const char *text)
{
	char safe[4 * WALLET_LABEL_MAX];

	text_safe(safe, sizeof(safe), span_text(text));
	printf("%s %s\n", label, *safe ? safe : "-");
}

static void challenge_print(const struct code_challenge *c)
{
	char amount[AMOUNT_TEXT_MAX] = "", line[2 * AMOUNT_TEXT_MAX];
	char number[CODE_DIGITS_MAX + 1], until[CLOCK_TEXT_LEN + 1];

	if (c->amount)
		amount_text(amount, sizeof(amount), c->amount, c->currency);
	code_number_text(number, c->number, c->digits);
	clock_text(until, c->expires);
	safe_line("merchant: ", c->merchant);
	snprintf(line, sizeof(line), "%s %s", amount, c->amount ? c->currency : "");
	safe_line("amount:   ", c->amount ? line : "");
	safe_line("reference:", c->reference);
	safe_line("number:   ", number);
	safe_line("valid to: ", until);
}

/* The code's text from the command line, or the next line of standard input for "-". */
static enum err_code code_text_get(struct bytes *out, const char *word, struct err *err)
{
	struct secret *line = NULL;
	enum err_code rc;

	if (strcmp(word, "-") != 0) {
		bytes_add_text(out, word);
		return out->full ? err_set(err, ERR_TOO_LARGE, "that is no code of ours: too long")
				 : ERR_OK;
	}
	rc = secret_line_read(&line, "code", NULL, true, out->max, err);
	if (!rc)
		bytes_add(out, line->data, line->len);
	secret_free(&line);
	return rc;
}

static enum err_code scan(const struct wallet *w, struct span text, int64_t now, bool yes,
	const struct show_flags *show, struct err *err)
{
	struct wallet_answer in = {
		.binding = CODE_BINDING_CHALLENGE, .timed = w->live, .unix_s = now};
	struct code challenge;
	enum err_code rc = wallet_challenge_open(&challenge, w, text, now, err);

	if (rc)
		return rc == ERR_NOT_FOUND ? err->code = ERR_FORGED : rc; /* exit 1, not set-up */
	if (!yes) {
		challenge_print(&challenge.challenge);
		return ERR_OK;
	}
	in.challenge = &challenge;
	return second_code_show(w, &in, show, err);
}

int command_scan(int argc, char **argv)
{
	struct wallet_flags f = {.at = -1};
	struct show_flags show = {0};
	bool yes = false;
	const struct option_entry list[] = {
		WALLET_FLAGS(f),
		{"--yes", OPTION_FLAG, &yes, 0, 0, NULL,
			"agree: show the second code for the whole challenge"},
		SHOW_FLAGS(show),
		WALLET_FLAG_AT(f),
	};
	struct option_result r;
	char storage[CODE_TEXT_MAX];
	struct bytes text;
	struct wallet *w = NULL;
	struct err err = {0};
	enum err_code rc;
	int code;

	if (begin(&r, &code,
		    "holder scan CODE|-: check a challenge code and show what it asks to agree to; "
		    "- reads it\nfrom standard input, after the passcode if that comes from there "
		    "too",
		    list, COUNT(list), argc, argv, 1))
		return code;
	if (r.word_count != 1) {
		err_set(&err, ERR_USAGE, "which code? holder scan CODE --wallet FILE ...");
		return command_failed(&err);
	}
	bytes_init_fixed(&text, storage, sizeof(storage));
	rc = wallet_flags_open(&w, &f, &err);
	if (!rc)
		rc = code_text_get(&text, r.words[0], &err);
	if (!rc)
		rc = scan(w, bytes_span(&text), wallet_flags_now(&f), yes, &show, &err);
	wallet_free(&w);
	return rc ? command_failed(&err) : HOLDER_DONE;
}

/* ---- info ---- */

static void info_print(const struct wallet *w)
{
	char storage[4096];
	struct bytes text;
	struct json_out j;

	bytes_init_fixed(&text, storage, sizeof(storage));
	json_out_init(&j, &text);
	json_out_begin(&j, NULL);
	json_out_hex(&j, "credential_id", SPAN(w->credential_id, sizeof(w->credential_id)));
	json_out_int(&j, "generation", w->generation);
	json_out_int(&j, "not_after", w->not_after);
	json_out_text(&j, "policy", w->live ? "live" : "static");
	json_out_int(&j, "digits", w->digits);
	json_out_text(&j, "issuer", w->issuer_name);
	json_out_text(&j, "host", w->host);
	json_out_text(&j, "purpose", w->purpose);
	json_out_text(&j, "face_value", w->face_value);
	json_out_text(&j, "holder", w->holder);
	json_out_text(&j, "url", w->url);
	json_out_end(&j);
	puts(bytes_text(&text));
}

int command_info(int argc, char **argv)
{
	struct wallet_flags f = {.at = -1};
	const struct option_entry list[] = {WALLET_FLAGS(f)};
	struct option_result r;
	struct wallet *w = NULL;
	struct err err = {0};
	int code;

	if (begin(&r, &code, "holder info: what the wallet holds, without its secrets, as JSON",
		    list, COUNT(list), argc, argv, 0))
		return code;
	if (wallet_flags_open(&w, &f, &err))
		return command_failed(&err);
	info_print(w);
	wallet_free(&w);
	return HOLDER_DONE;
}
