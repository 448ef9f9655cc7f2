/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts to the shop's server.
 */
#include "ui/webhook.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/amount.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "crypto/x509.h"
#include "verifier/client_url.h"

#define FOLDER_NAME "webhook"
#define NAME_FORMAT "%016" PRIu64 ".json" /* so that their order is that of their names */
#define NAME_LEN    21
#define REFUSED     ".refused"
#define NAME_ROOM   32
#define PATH_MAX_OF_FILE (STATE_PATH_MAX + 96)
#define DELIVERY_LEN 16
#define VERSION 1

/* ---- files ---- */

static void path_of(const struct webhook *w, char out[static PATH_MAX_OF_FILE], const char *name)
{
	snprintf(out, PATH_MAX_OF_FILE, "%s/%s", w->folder, name);
}

/* The number of a file with this ending behind its name. */
static bool number_of(uint64_t *out, const char *name, const char *ending)
{
	char again[NAME_ROOM];

	if (strlen(name) != NAME_LEN + strlen(ending) || sscanf(name, "%16" SCNu64, out) != 1)
		return false;
	snprintf(again, sizeof again, NAME_FORMAT "%s", *out, ending);
	return strcmp(again, name) == 0;
}

/* How many there are and which is the oldest; their numbers are never given again. */
static uint32_t files_look(struct webhook *w, const char *ending, char oldest[static NAME_ROOM])
{
	DIR *d = opendir(w->folder);
	uint64_t first = UINT64_MAX;
	uint64_t number;
	uint32_t count = 0;
	struct dirent *e;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL) {
		if (!number_of(&number, e->d_name, ending))
			continue;
		count++;
		if (number < first)
			first = number;
		if (number > w->last)
			w->last = number;
	}
	closedir(d);
	if (count > 0)
		snprintf(oldest, NAME_ROOM, NAME_FORMAT "%s", first, ending);
	return count;
}

/* Counts what waits and finds the oldest; false: there is none. */
static bool oldest_find(struct webhook *w, char out[static NAME_ROOM])
{
	w->waiting = files_look(w, "", out);
	return w->waiting > 0;
}

static void file_drop(struct webhook *w, const char *name)
{
	char path[PATH_MAX_OF_FILE];

	path_of(w, path, name);
	if (unlink(path) != 0 && errno != ENOENT)
		log_line(LOG_ERROR, "webhook", "%s: cannot be taken away: it comes again", path);
}

/* The server said that it will never take this one. */
static void file_set_aside(struct webhook *w, const char *name, int status)
{
	char path[PATH_MAX_OF_FILE];
	char aside[PATH_MAX_OF_FILE + 16];
	char oldest[NAME_ROOM];

	path_of(w, path, name);
	snprintf(aside, sizeof aside, "%s" REFUSED, path);
	log_line(LOG_ERROR, "webhook", "the server refused a verdict (%d): %s", status, aside);
	if (rename(path, aside) != 0)
		file_drop(w, name);
	else if (files_look(w, REFUSED, oldest) > WEBHOOK_REFUSED_MAX)
		file_drop(w, oldest);
	w->given_up++;
}

/* ---- life ---- */

static enum err_code key_read(struct webhook *w, const char *path, struct err *err)
{
	struct bytes text;
	enum err_code rc;

	if (path[0] == '\0')
		return err_set(err, ERR_INVALID,
			"[till] webhook needs webhook_key, a file with the key that signs");
	if (secret_new(&w->key, WEBHOOK_KEY_MAX + 1) != ERR_OK)
		return err_set(err, ERR_NO_MEMORY, "no locked memory for a key");
	bytes_init_fixed(&text, w->key->data, WEBHOOK_KEY_MAX + 1);
	rc = file_read(&text, path, true, err);
	if (rc != ERR_OK)
		return err_prefix(err, "[till] webhook_key");
	while (text.len > 0 && strchr(" \r\n\t", text.data[text.len - 1]) != NULL)
		text.len--;
	w->key_len = text.len;
	if (text.len < WEBHOOK_KEY_MIN || text.len > WEBHOOK_KEY_MAX)
		return err_set(err, ERR_INVALID, "[till] webhook_key: %s: %d to %d bytes", path,
			WEBHOOK_KEY_MIN, WEBHOOK_KEY_MAX);
	return ERR_OK;
}

static enum err_code ca_check(const char *path, struct err *err)
{
	struct sec_cert *cert = NULL;
	enum err_code rc = path[0] != '\0' ? sec_cert_read(&cert, path, err) : ERR_OK;

	sec_cert_free(&cert);
	return rc == ERR_OK ? rc : err_prefix(err, "[till] webhook_ca");
}

enum err_code webhook_check(const struct settings_till *s, struct err *err)
{
	struct webhook w = {.post = NULL};
	struct client_url url;
	enum err_code rc = client_url_check(&url, s->webhook, err);

	if (rc != ERR_OK)
		return err_prefix(err, "[till] webhook");
	rc = key_read(&w, s->webhook_key, err);
	secret_free(&w.key);
	return rc == ERR_OK ? ca_check(s->webhook_ca, err) : rc;
}

enum err_code webhook_open(struct webhook *w, const struct settings_till *s, const char *folder,
	struct client *c, const struct clock *clock, struct err *err)
{
	const struct client_post_options opt = {
		.url = s->webhook, .ca = s->webhook_ca[0] != '\0' ? s->webhook_ca : NULL};
	char state[STATE_PATH_MAX];
	char refused[NAME_ROOM];
	enum err_code rc;

	*w = (struct webhook){.clock = clock, .next_ms = INT64_MAX, .pause_ms = WEBHOOK_AGAIN_MS};
	if (s->webhook[0] == '\0')
		return ERR_OK;
	rc = key_read(w, s->webhook_key, err);
	if (rc == ERR_OK)
		rc = ca_check(s->webhook_ca, err);
	if (rc == ERR_OK)
		rc = state_folder(state, folder, err);
	if (rc == ERR_OK) {
		snprintf(w->folder, sizeof w->folder, "%s/" FOLDER_NAME, state);
		if (mkdir(w->folder, 0700) != 0 && errno != EEXIST)
			rc = err_set_os(err, ERR_IO, errno, "%s", w->folder);
	}
	if (rc == ERR_OK) {
		rc = client_post_new(&w->post, c, &opt, err);
		if (rc != ERR_OK)
			rc = err_prefix(err, "[till] webhook");
	}
	if (rc != ERR_OK) {
		webhook_close(w);
		return rc;
	}
	files_look(w, REFUSED, refused);
	if (oldest_find(w, w->name)) /* and counts on from the newest */
		w->next_ms = clock_mono_ms(clock);
	return ERR_OK;
}

void webhook_close(struct webhook *w)
{
	client_post_free(&w->post);
	secret_free(&w->key);
	sec_wipe(w->body, sizeof w->body);
	w->body_len = 0;
	w->sending = false;
}

/* ---- what is sent ---- */

static void text_if(struct json_out *o, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_out_text(o, name, text);
}

static void verdict_write(struct bytes *to, const struct webhook_verdict *v, struct span delivery)
{
	char amount[AMOUNT_TEXT_MAX];
	struct json_out o;

	json_out_init(&o, to);
	json_out_begin(&o, NULL);
	json_out_int(&o, "v", VERSION);
	json_out_text(&o, "kind", "verdict");
	json_out_hex(&o, "delivery", delivery);
	json_out_text(&o, "terminal", v->terminal);
	text_if(&o, "id", v->id);
	json_out_text(&o, "verdict", v->verdict);
	json_out_text(&o, "reason", v->reason);
	text_if(&o, "verification", v->verification);
	text_if(&o, "receipt", v->receipt);
	if (v->sale->currency[0] != '\0') {
		amount_text(amount, sizeof amount, v->sale->amount, v->sale->currency);
		json_out_text(&o, "amount", amount);
		json_out_text(&o, "currency", v->sale->currency);
	}
	text_if(&o, "reference", v->sale->reference);
	text_if(&o, "operator", v->sale->operator_name);
	json_out_int(&o, "unix_ms", v->unix_ms);
	json_out_end(&o);
}

/* Also one that is on its way just now. */
static void overflow_look(struct webhook *w)
{
	char oldest[NAME_ROOM];

	while (w->waiting > WEBHOOK_QUEUE_MAX && oldest_find(w, oldest)) {
		log_line(LOG_ERROR, "webhook", "more than %d verdicts wait: the oldest is given up",
			WEBHOOK_QUEUE_MAX);
		file_drop(w, oldest);
		w->given_up++;
		w->waiting--;
	}
}

void webhook_add(struct webhook *w, const struct webhook_verdict *v)
{
	uint8_t delivery[DELIVERY_LEN];
	char storage[WEBHOOK_BODY_MAX];
	char path[PATH_MAX_OF_FILE];
	char name[NAME_ROOM];
	struct bytes body;
	struct err err = {0};
	enum err_code rc;

	if (w->post == NULL)
		return;
	bytes_init_fixed(&body, storage, sizeof storage);
	rc = sec_random(delivery, sizeof delivery, &err);
	verdict_write(&body, v, SPAN(delivery, sizeof delivery));
	ASSERT(!body.full); /* every member is bounded */
	snprintf(name, sizeof name, NAME_FORMAT, ++w->last);
	path_of(w, path, name);
	if (rc == ERR_OK)
		rc = file_replace(path, bytes_span(&body), 0600, &err);
	if (rc != ERR_OK && rc != ERR_UNCERTAIN) {
		log_line(LOG_ERROR, "webhook", "a verdict is not sent: %s", err.text);
		w->given_up++;
		return;
	}
	w->waiting++;
	overflow_look(w);
	if (!w->sending && w->next_ms == INT64_MAX)
		w->next_ms = clock_mono_ms(w->clock);
}

/* ---- sending ---- */

static void again_later(struct webhook *w)
{
	w->next_ms = clock_mono_ms(w->clock) + w->pause_ms;
	w->pause_ms = w->pause_ms * 2 < WEBHOOK_AGAIN_MAX_MS ? w->pause_ms * 2
							     : WEBHOOK_AGAIN_MAX_MS;
}

/* 4xx but those that pass: it will say so again. */
static bool never(int status)
{
	return status >= 400 && status <= 499 && status != 401 && status != 403 && status != 404 &&
	       status != 408 && status != 409 && status != 421 && status != 425 && status != 429;
}

static void answered(void *ctx, const struct client_post_result *r)
{
	struct webhook *w = ctx;
	bool taken = r->answered && r->status >= 200 && r->status <= 299;

	w->sending = false;
	if (!taken && !(r->answered && never(r->status))) {
		if (w->fault[0] == '\0')
			log_line(LOG_WARNING, "webhook", "not taken, tried again: %s",
				r->answered ? "an error of the server" : r->fault);
		if (r->answered)
			snprintf(w->fault, sizeof w->fault, "the server answered %d", r->status);
		else
			text_copy(w->fault, sizeof w->fault, r->fault);
		again_later(w);
		return;
	}
	if (taken)
		file_drop(w, w->name);
	else
		file_set_aside(w, w->name, r->status);
	if (w->fault[0] != '\0')
		log_line(LOG_WARNING, "webhook", "the server takes verdicts again");
	w->fault[0] = '\0';
	w->pause_ms = WEBHOOK_AGAIN_MS;
	w->next_ms = clock_mono_ms(w->clock);
}

/* Time and signature are of this try: what somebody recorded is of no use to him later. */
static enum err_code signature_make(struct webhook *w)
{
	char stamp[24];
	uint8_t mac[SEC_SHA256_LEN];
	char hex[2 * SEC_SHA256_LEN + 1];
	enum err_code rc;

	snprintf(stamp, sizeof stamp, "%lld", (long long)clock_unix_s(w->clock));
	const struct span parts[] = {
		span_text(stamp), span_text("."), SPAN(w->body, w->body_len)};

	rc = sec_hmac(mac, SEC_HASH_SHA256, SPAN(w->key->data, w->key_len), parts,
		sizeof parts / sizeof parts[0]);
	if (rc != ERR_OK)
		return rc;
	hex_encode(hex, SPAN(mac, sizeof mac));
	snprintf(w->signature, sizeof w->signature, "Countersign-Signature: t=%s,v1=%s", stamp,
		hex);
	return ERR_OK;
}

static enum err_code send_one(struct webhook *w, struct err *err)
{
	char path[PATH_MAX_OF_FILE];
	struct bytes body;
	enum err_code rc;

	path_of(w, path, w->name);
	bytes_init_fixed(&body, w->body, sizeof w->body);
	rc = file_read(&body, path, true, err);
	if (rc == ERR_TOO_LARGE || (rc == ERR_OK && body.len == 0)) {
		file_set_aside(w, w->name, 0);
		return err_set(err, ERR_FORMAT, "%s: is none of ours", path);
	}
	w->body_len = body.len;
	if (rc == ERR_OK)
		rc = signature_make(w);
	if (rc == ERR_OK)
		rc = client_post_send(w->post, bytes_span(&body), w->signature, answered, w, err);
	w->sending = rc == ERR_OK;
	return rc;
}

void webhook_turn(struct webhook *w)
{
	struct err err = {0};

	if (w->post == NULL || w->sending || clock_mono_ms(w->clock) < w->next_ms)
		return;
	if (!oldest_find(w, w->name)) {
		w->next_ms = INT64_MAX;
		return;
	}
	w->next_ms = INT64_MAX;
	if (send_one(w, &err) == ERR_OK)
		return;
	log_line(LOG_ERROR, "webhook", "a verdict cannot be sent: %s", err.text);
	again_later(w);
}

bool webhook_is_busy(const struct webhook *w)
{
	return w->post != NULL && (w->sending || w->next_ms <= clock_mono_ms(w->clock));
}

int64_t webhook_next_ms(const struct webhook *w)
{
	return w->post != NULL && !w->sending ? w->next_ms : INT64_MAX;
}
