/* SPDX-License-Identifier: Apache-2.0
 *
 * session.jsonl: reading it and comparing what happens now with what happened then.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/session.h"

#define NAME_MAX_LEN 32

/* ---- lines ---- */

static enum err_code buffer_fill(struct session_reader *r, struct err *err)
{
	ssize_t n;

	memmove(r->buffer, r->buffer + r->taken, r->len - r->taken);
	r->len -= r->taken;
	r->taken = 0;
	if (r->len == sizeof r->buffer)
		return err_set(err, ERR_TOO_LARGE, SESSION_FILE ": line %d has more than %d bytes",
			r->line_number + 1, SESSION_LINE_MAX);
	do
		n = read(r->fd, r->buffer + r->len, sizeof r->buffer - r->len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set_os(err, ERR_IO, errno, SESSION_FILE);
	r->ended = n == 0;
	r->len += (size_t)n;
	r->total += (size_t)n;
	if (r->total > SESSION_FILE_MAX)
		return err_set(
			err, ERR_TOO_LARGE, SESSION_FILE ": more than %d bytes", SESSION_FILE_MAX);
	return ERR_OK;
}

/* ERR_NOT_FOUND at the end. A last line without its break was cut off while it was written. */
static enum err_code line_next(struct session_reader *r, struct span *line, struct err *err)
{
	const char *end;
	enum err_code rc;

	while ((end = memchr(r->buffer + r->taken, '\n', r->len - r->taken)) == NULL) {
		if (r->ended && r->len == r->taken)
			return ERR_NOT_FOUND;
		if (r->ended)
			return err_set(err, ERR_CORRUPT, SESSION_FILE ": line %d is cut off",
				r->line_number + 1);
		rc = buffer_fill(r, err);
		if (rc != ERR_OK)
			return rc;
	}
	*line = SPAN(r->buffer + r->taken, (size_t)(end - (r->buffer + r->taken)));
	r->taken += line->len + 1;
	r->line_number++;
	return ERR_OK;
}

/* ---- header ---- */

static enum err_code text_if(
	const struct json *j, const char *name, char *out, size_t cap, struct err *err)
{
	return json_has(j, name) ? json_get_text(j, name, out, cap, err) : ERR_OK;
}

static enum err_code sale_get(const struct json *j, struct client_sale *s, struct err *err)
{
	int64_t amount = 0;
	enum err_code rc = ERR_OK;

	if (json_has(j, "amount"))
		rc = json_get_int(j, "amount", &amount, 1, INT64_MAX, err);
	s->amount = (uint64_t)amount;
	if (rc == ERR_OK)
		rc = text_if(j, "currency", s->currency, sizeof s->currency, err);
	if (rc == ERR_OK)
		rc = text_if(j, "reference", s->reference, sizeof s->reference, err);
	if (rc == ERR_OK)
		rc = text_if(j, "operator", s->operator_name, sizeof s->operator_name, err);
	return rc;
}

static enum err_code header_get(const struct json *j, struct session_header *h, struct err *err)
{
	int64_t v;
	enum err_code rc = json_get_int(j, "countersign_recording", &v, 1, INT32_MAX, err);

	if (rc != ERR_OK)
		return err_set(err, ERR_FORMAT, "is not the session of a recording");
	if (v != SESSION_VERSION)
		return err_set(err, ERR_UNSUPPORTED,
			"version %d of the recording; this program knows version %d", (int)v,
			SESSION_VERSION);
	rc = json_get_int(
		j, "started_unix_ms", &h->started_unix_ms, 0, INT64_C(253402300799000), err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "stepped", &h->stepped, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "continuous", &h->continuous, err);
	if (rc == ERR_OK)
		rc = json_get_int(j, "fps", &v, 0, 1000, err);
	h->fps = (int)v;
	h->result_ms = FLOW_RESULT_MS;
	if (rc == ERR_OK && json_has(j, "result_ms"))
		rc = json_get_int(j, "result_ms", &h->result_ms, 1, SESSION_RESULT_MS_MAX, err);
	if (rc == ERR_OK)
		rc = json_get_text(j, "source", h->source, sizeof h->source, err);
	if (rc == ERR_OK && json_has(j, "all_symbologies"))
		rc = json_get_bool(j, "all_symbologies", &h->all_symbologies, err);
	return rc == ERR_OK ? sale_get(j, &h->sale, err) : rc;
}

static enum err_code header_read(
	struct session_reader *r, struct session_header *h, struct err *err)
{
	struct span line;
	struct json *j = NULL;
	enum err_code rc = line_next(r, &line, err);

	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_FORMAT, SESSION_FILE ": is empty");
	if (rc != ERR_OK)
		return rc;
	rc = json_parse(&j, line, SESSION_LINE_MAX, err);
	if (rc == ERR_OK)
		rc = header_get(j, h, err);
	json_free(&j);
	return rc == ERR_OK ? ERR_OK : err_prefix(err, SESSION_FILE ": line 1");
}

/* ---- events in comparable form ---- */

/* What another run does not repeat: where frames and backend are, faults between them, and why a
 * frame was not read, which a better scanner sees otherwise or not at all.
 */
static bool is_compared(const char *name)
{
	static const char *const left_out[] = {"ready", "scanner", "backend", "stats", "recording",
		"hint"};
	size_t i;

	for (i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
		if (strcmp(name, left_out[i]) == 0)
			return false;
	return true;
}

/* Takes "name":123 out of canonical JSON. The quote before the name tells it from text: there it
 * would have a backslash before it.
 */
static void member_drop(struct bytes *b, const char *quoted)
{
	size_t head = strlen(quoted);
	uint8_t *at = memmem(b->data, b->len, quoted, head);
	uint8_t *end = b->data + b->len;
	uint8_t *next;

	if (at == NULL)
		return;
	next = at + head;
	while (next < end && *next != ',' && *next != '}')
		next++;
	if (next < end && *next == ',')
		next++;
	memmove(at, next, (size_t)(end - next));
	b->len -= (size_t)(next - at);
}

static enum err_code command_get(struct session_command *out, const struct json *j,
	struct err *err)
{
	char command[NAME_MAX_LEN];
	enum err_code rc = json_get_text(j, "command", command, sizeof command, err);

	if (rc != ERR_OK)
		return rc;
	if (strcmp(command, "cancel") == 0) {
		out->kind = SESSION_COMMAND_CANCEL;
	} else if (strcmp(command, "sale") == 0) {
		out->kind = SESSION_COMMAND_SALE;
		rc = sale_get(j, &out->sale, err);
	} else if (strcmp(command, "cards") == 0) {
		out->kind = SESSION_COMMAND_CARDS;
		rc = json_get_bool(j, "taken", &out->taken, err);
	}
	return rc;
}

struct comparable {
	bool compared;
	int64_t at_ms;
	struct session_command command;
};

static enum err_code comparable_make(
	struct bytes *out, struct comparable *c, struct span line, bool stepped, struct err *err)
{
	char name[NAME_MAX_LEN] = "";
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, line, SESSION_LINE_MAX, err);

	bytes_clear(out);
	if (rc == ERR_OK)
		rc = json_get_text(j, "event", name, sizeof name, err);
	if (rc == ERR_OK)
		rc = json_get_int(j, "at_ms", &c->at_ms, 0, INT64_MAX / 2, err);
	c->command = (struct session_command){.kind = SESSION_COMMAND_NONE, .at_ms = c->at_ms};
	if (rc == ERR_OK && strcmp(name, "command") == 0)
		rc = command_get(&c->command, j, err);
	if (rc == ERR_OK) {
		c->compared = is_compared(name);
		rc = json_canonical(out, j, NULL, err);
	}
	json_free(&j);
	if (rc == ERR_OK && !stepped) { /* these follow the wall clock */
		member_drop(out, "\"at_ms\":");
		member_drop(out, "\"expires_in_ms\":");
	}
	return rc;
}

/* ---- expected events ---- */

static enum err_code expected_load(struct session_reader *r, struct err *err)
{
	struct comparable c = {0};
	struct span line = {NULL, 0};
	enum err_code rc = ERR_OK;

	while (!r->have && rc == ERR_OK) {
		rc = line_next(r, &line, err);
		if (rc != ERR_OK)
			break;
		rc = comparable_make(&r->next, &c, line, r->stepped, err);
		if (rc != ERR_OK)
			return err_prefix(err, SESSION_FILE ": line %d", r->line_number);
		r->have = c.compared;
		r->next_at_ms = c.at_ms;
		r->next_command = c.command;
	}
	return rc == ERR_NOT_FOUND ? ERR_OK : rc;
}

enum err_code session_read_open(
	struct session_reader *r, struct session_header *h, const char *dir, struct err *err)
{
	char path[SESSION_PATH_MAX];
	struct stat st;
	enum err_code rc = session_path(path, dir, SESSION_FILE, err);

	memset(r, 0, offsetof(struct session_reader, buffer));
	memset(h, 0, sizeof *h);
	r->fd = -1;
	bytes_init(&r->next, SESSION_LINE_MAX);
	if (rc != ERR_OK)
		return rc;
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (r->fd < 0)
		return err_set_os(err, ERR_NOT_FOUND, errno, "--replay: %s", path);
	if (fstat(r->fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = err_set(err, ERR_INVALID, "--replay: %s: not a regular file", path);
	if (rc == ERR_OK)
		rc = header_read(r, h, err);
	r->stepped = h->stepped;
	if (rc == ERR_OK)
		rc = expected_load(r, err);
	if (rc != ERR_OK)
		session_read_close(r);
	return rc;
}

void session_read_close(struct session_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	bytes_done(&r->next);
}

static enum err_code difference(struct session_reader *r, const char *words, struct err *err)
{
	r->differs = true;
	return err_set(err, ERR_CORRUPT, SESSION_FILE ": line %d: %s", r->line_number, words);
}

enum err_code session_compare(struct session_reader *r, struct span line, struct err *err)
{
	struct comparable c = {0};
	struct bytes got;
	enum err_code rc;

	if (r->differs)
		return ERR_OK;
	bytes_init(&got, SESSION_LINE_MAX);
	rc = comparable_make(&got, &c, line, r->stepped, err);
	if (rc == ERR_OK && c.compared) {
		if (!r->have)
			rc = difference(r, "the recording ends here, but more happened", err);
		else if (!span_equal(bytes_span(&got), bytes_span(&r->next)))
			rc = difference(r, "something else happened", err);
		else
			r->have = false;
		if (rc == ERR_OK)
			rc = expected_load(r, err);
	}
	bytes_done(&got);
	return rc;
}

enum err_code session_compare_end(struct session_reader *r, struct err *err)
{
	if (r->differs || !r->have)
		return ERR_OK;
	return difference(r, "this did not happen", err);
}

struct span session_expected(const struct session_reader *r)
{
	return r->have ? bytes_span(&r->next) : SPAN(NULL, 0);
}

const struct session_command *session_command_due(const struct session_reader *r, int64_t at_ms)
{
	bool due = r->have && !r->differs && r->next_command.kind != SESSION_COMMAND_NONE &&
		r->next_command.at_ms <= at_ms;

	return due ? &r->next_command : NULL;
}
