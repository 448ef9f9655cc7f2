/* SPDX-License-Identifier: Apache-2.0
 *
 * Sales of a till on the disk.
 */
#include "ui/till_book.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

#define BOOK_NAME "till.jsonl"
#define BOOK_VERSION 1

const char *till_state_word(enum till_state s)
{
	static const char *const words[] = {
		[TILL_WAITING] = "waiting",
		[TILL_RUNNING] = "running",
		[TILL_LOST] = "lost",
		[TILL_FINISHED] = "finished",
	};

	return (size_t)s < sizeof words / sizeof words[0] ? words[s] : "";
}

/* ---- the list ---- */

uint32_t till_book_count(const struct till_book *b)
{
	return b->begun < TILL_SALES_MAX ? b->begun : TILL_SALES_MAX;
}

struct till_sale *till_book_at(const struct till_book *b, uint32_t index)
{
	uint32_t first = b->begun - till_book_count(b);

	ASSERT(index < till_book_count(b));
	return &b->list[(first + index) % TILL_SALES_MAX];
}

/* The newest first: whoever asks has just sold. */
struct till_sale *till_book_find(const struct till_book *b, const char *id)
{
	for (uint32_t i = till_book_count(b); i-- > 0;)
		if (strcmp(till_book_at(b, i)->id, id) == 0)
			return till_book_at(b, i);
	return NULL;
}

static struct till_sale *book_add(struct till_book *b, const struct till_sale *sale)
{
	struct till_sale *to = &b->list[b->begun % TILL_SALES_MAX];

	*to = *sale;
	b->begun++;
	return to;
}

/* ---- lines out ---- */

static void line_begin(struct json_out *w, struct bytes *to, const char *id, int64_t unix_ms,
	const char *what)
{
	json_out_init(w, to);
	json_out_begin(w, NULL);
	json_out_int(w, "v", BOOK_VERSION);
	json_out_text(w, "id", id);
	json_out_int(w, "unix_ms", unix_ms);
	json_out_text(w, "what", what);
}

static void line_end(struct json_out *w)
{
	json_out_end(w);
	bytes_add_text(w->to, "\n");
	ASSERT(!w->to->full); /* every member is bounded */
}

static void start_write(struct bytes *to, const struct till_sale *s)
{
	struct json_out w;

	line_begin(&w, to, s->id, s->started_unix_ms, "start");
	json_out_int(&w, "amount", (int64_t)s->sale.amount);
	json_out_text(&w, "currency", s->sale.currency);
	json_out_text(&w, "reference", s->sale.reference);
	json_out_text(&w, "operator", s->sale.operator_name);
	line_end(&w);
}

static void number_write(struct bytes *to, const char *id, const char *verification)
{
	struct json_out w;

	line_begin(&w, to, id, 0, "number");
	json_out_text(&w, "verification", verification);
	line_end(&w);
}

static void offline_write(struct bytes *to, const char *id)
{
	struct json_out w;

	line_begin(&w, to, id, 0, "offline");
	line_end(&w);
}

static void finish_write(struct bytes *to, const struct till_sale *s)
{
	struct json_out w;

	line_begin(&w, to, s->id, s->finished_unix_ms, "verdict");
	json_out_text(&w, "verdict", s->verdict);
	json_out_text(&w, "reason", s->reason);
	json_out_text(&w, "receipt", s->receipt);
	line_end(&w);
}

/* A part of a line may be there after a failure: it goes, or the next would be joined to it. */
static enum err_code append(struct till_book *b, struct span text, uint32_t lines, struct err *err)
{
	enum err_code rc;

	if (b->fd < 0)
		return err_set(err, ERR_IO, "%s: is not open", b->path);
	rc = file_write_all(b->fd, text, err);
	if (rc == ERR_OK && fdatasync(b->fd) != 0)
		rc = err_set_os(err, ERR_IO, errno, "%s: cannot be synced", b->path);
	if (rc == ERR_OK) {
		b->size += (int64_t)text.len;
		b->lines += lines;
		return ERR_OK;
	}
	if (ftruncate(b->fd, (off_t)b->size) != 0 || lseek(b->fd, 0, SEEK_END) < 0)
		log_line(LOG_ERROR, "till", "%s: a torn line may stay", b->path);
	return err_prefix(err, "%s", b->path);
}

/* ---- writing it anew ---- */

static void book_write(struct bytes *to, const struct till_sale *s)
{
	start_write(to, s);
	if (s->verification[0] != '\0')
		number_write(to, s->id, s->verification);
	if (s->offline)
		offline_write(to, s->id);
	if (s->state == TILL_FINISHED)
		finish_write(to, s);
}

/* The lock is held on the file that is there now, so the new one is taken before the old goes. */
static enum err_code file_open(struct till_book *b, struct err *err)
{
	int fd = open(b->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

	if (fd < 0)
		return err_set_os(err, ERR_IO, errno, "%s", b->path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return err_set(err, ERR_BUSY,
			"%s: another terminal writes to it; each needs a folder of its own",
			b->path);
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 0077) != 0) {
		close(fd);
		return err_set(err, ERR_PERMISSION,
			"%s: others may read or write it; chmod 600 it", b->path);
	}
	if (b->fd >= 0)
		close(b->fd);
	b->fd = fd;
	b->size = st.st_size;
	return ERR_OK;
}

static enum err_code rewrite(struct till_book *b, struct err *err)
{
	struct bytes text;
	uint32_t lines = 0;
	enum err_code rc;

	bytes_init(&text, TILL_BOOK_FILE_MAX);
	for (uint32_t i = 0; i < till_book_count(b); i++)
		book_write(&text, till_book_at(b, i));
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	rc = text.full ? err_set(err, ERR_NO_MEMORY, "%s: no memory to write it anew", b->path)
		       : file_replace(b->path, bytes_span(&text), 0600, err);
	bytes_done(&text);
	if (rc == ERR_OK)
		rc = file_open(b, err);
	if (rc == ERR_OK)
		b->lines = lines;
	return rc;
}

/* ---- lines in ---- */

static enum err_code start_read(struct till_book *b, const struct till_sale *s,
	const struct json *j)
{
	struct till_sale sale = *s;
	int64_t amount = 0;
	enum err_code rc = json_get_int(j, "amount", &amount, 0, INT64_MAX, NULL);

	if (rc == ERR_OK)
		rc = json_get_text(j, "currency", sale.sale.currency, sizeof sale.sale.currency,
			NULL);
	if (rc == ERR_OK)
		rc = json_get_text(j, "reference", sale.sale.reference,
			sizeof sale.sale.reference, NULL);
	if (rc == ERR_OK)
		rc = json_get_text(j, "operator", sale.sale.operator_name,
			sizeof sale.sale.operator_name, NULL);
	if (rc != ERR_OK)
		return rc;
	sale.sale.amount = (uint64_t)amount;
	book_add(b, &sale);
	return ERR_OK;
}

static enum err_code finish_read(struct till_sale *s, int64_t unix_ms, const struct json *j)
{
	enum err_code rc = json_get_text(j, "verdict", s->verdict, sizeof s->verdict, NULL);

	if (rc == ERR_OK)
		rc = json_get_text(j, "reason", s->reason, sizeof s->reason, NULL);
	if (rc == ERR_OK)
		rc = json_get_text(j, "receipt", s->receipt, sizeof s->receipt, NULL);
	s->finished_unix_ms = unix_ms;
	s->state = TILL_FINISHED;
	return rc;
}

static enum err_code json_take(struct till_book *b, const struct json *j)
{
	struct till_sale sale = {.state = TILL_WAITING};
	struct till_sale *known;
	char what[COMMAND_WORD_MAX];
	int64_t version = 0;
	int64_t unix_ms = 0;
	enum err_code rc = json_get_int(j, "v", &version, BOOK_VERSION, BOOK_VERSION, NULL);

	if (rc == ERR_OK)
		rc = json_get_text(j, "id", sale.id, sizeof sale.id, NULL);
	if (rc == ERR_OK)
		rc = json_get_int(j, "unix_ms", &unix_ms, 0, INT64_MAX, NULL);
	if (rc == ERR_OK)
		rc = json_get_text(j, "what", what, sizeof what, NULL);
	if (rc != ERR_OK)
		return rc;
	sale.started_unix_ms = unix_ms;
	known = till_book_find(b, sale.id);
	if (strcmp(what, "start") == 0)
		return known == NULL ? start_read(b, &sale, j) : ERR_CORRUPT;
	if (known == NULL)
		return ERR_CORRUPT;
	if (strcmp(what, "verdict") == 0)
		return finish_read(known, unix_ms, j);
	known->state = TILL_RUNNING;
	known->offline = strcmp(what, "offline") == 0;
	if (known->offline)
		return ERR_OK;
	return strcmp(what, "number") == 0 ? json_get_text(j, "verification", known->verification,
						     sizeof known->verification, NULL)
					   : ERR_CORRUPT;
}

static enum err_code line_take(struct till_book *b, struct span line)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, line, TILL_BOOK_LINE_MAX, NULL);

	if (rc == ERR_OK)
		rc = json_take(b, j);
	json_free(&j);
	return rc;
}

/* Whole lines; what is behind the last of them was torn by a loss of power. */
static void lines_take(struct till_book *b, struct span text)
{
	size_t at = 0;
	uint32_t damaged = 0;

	while (at < text.len) {
		const uint8_t *end = memchr(text.data + at, '\n', text.len - at);

		if (end == NULL)
			break;
		if (line_take(b, SPAN(text.data + at, (size_t)(end - text.data) - at)) != ERR_OK)
			damaged++;
		b->lines++;
		at = (size_t)(end - text.data) + 1;
	}
	b->size = (int64_t)at;
	if (damaged > 0)
		log_line(LOG_ERROR, "till", "%s: %u damaged lines were left out", b->path,
			damaged);
}

/* A number that was shown may have been answered, and the answer may have been taken. Without one
 * nothing can have been accepted, but that it may be in the offline journal.
 */
static enum err_code lost_look(struct till_book *b, int64_t now_unix_ms, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (uint32_t i = 0; i < till_book_count(b) && rc == ERR_OK; i++) {
		struct till_sale *s = till_book_at(b, i);

		s->ask = s->state == TILL_FINISHED && strcmp(s->verdict, "uncertain") == 0 &&
			 strcmp(s->reason, "interrupted") != 0;
		if (s->state == TILL_FINISHED)
			continue;
		s->state = TILL_LOST;
		if (s->verification[0] == '\0')
			rc = till_book_finish(b, s, s->offline ? "uncertain" : "none",
				"interrupted", "", now_unix_ms, err);
	}
	return rc;
}

static enum err_code read_all(struct till_book *b, struct err *err)
{
	struct bytes text;
	enum err_code rc;

	bytes_init(&text, TILL_BOOK_FILE_MAX);
	rc = file_read(&text, b->path, true, err);
	if (rc == ERR_OK)
		lines_take(b, bytes_span(&text));
	if (rc == ERR_OK && (int64_t)text.len > b->size && ftruncate(b->fd, (off_t)b->size) != 0)
		rc = err_set_os(err, ERR_IO, errno, "%s: a torn line cannot be cut off", b->path);
	bytes_done(&text);
	return rc;
}

enum err_code till_book_open(
	struct till_book *b, const char *folder, int64_t now_unix_ms, struct err *err)
{
	enum err_code rc;

	*b = (struct till_book){.fd = -1};
	snprintf(b->path, sizeof b->path, "%s/" BOOK_NAME, folder);
	b->list = calloc(TILL_SALES_MAX, sizeof *b->list);
	if (b->list == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for the sales of a till");
	rc = file_open(b, err);
	if (rc == ERR_OK && b->size == 0) /* its name is on the disk, too */
		rc = file_sync_folder(b->path, err);
	if (rc == ERR_OK)
		rc = read_all(b, err);
	if (rc == ERR_OK)
		rc = lost_look(b, now_unix_ms, err);
	if (rc != ERR_OK)
		till_book_close(b);
	return rc;
}

void till_book_close(struct till_book *b)
{
	if (b->fd >= 0)
		close(b->fd);
	free(b->list);
	b->list = NULL;
	b->begun = 0;
	b->fd = -1;
}

/* ---- what happens ---- */

enum err_code till_book_start(struct till_book *b, struct till_sale **out,
	const struct command *start, int64_t now_unix_ms, struct err *err)
{
	char storage[TILL_BOOK_LINE_MAX];
	struct bytes line;
	struct till_sale s = {.state = TILL_WAITING,
		.sale = start->sale,
		.started_unix_ms = now_unix_ms};
	enum err_code rc = ERR_OK;

	ASSERT(till_book_find(b, start->id) == NULL);
	if (b->lines >= TILL_BOOK_LINES_MAX)
		rc = rewrite(b, err);
	text_copy(s.id, sizeof s.id, start->id);
	bytes_init_fixed(&line, storage, sizeof storage);
	start_write(&line, &s);
	if (rc == ERR_OK)
		rc = append(b, bytes_span(&line), 1, err);
	if (rc == ERR_OK)
		*out = book_add(b, &s);
	return rc;
}

enum err_code till_book_number(
	struct till_book *b, struct till_sale *s, const char *verification, struct err *err)
{
	char storage[TILL_BOOK_LINE_MAX];
	struct bytes line;
	enum err_code rc;

	bytes_init_fixed(&line, storage, sizeof storage);
	number_write(&line, s->id, verification);
	rc = append(b, bytes_span(&line), 1, err);
	if (rc == ERR_OK)
		text_copy(s->verification, sizeof s->verification, verification);
	return rc;
}

enum err_code till_book_offline(struct till_book *b, struct till_sale *s, struct err *err)
{
	char storage[TILL_BOOK_LINE_MAX];
	struct bytes line;
	enum err_code rc;

	bytes_init_fixed(&line, storage, sizeof storage);
	offline_write(&line, s->id);
	rc = append(b, bytes_span(&line), 1, err);
	s->offline = s->offline || rc == ERR_OK;
	return rc;
}

enum err_code till_book_finish(struct till_book *b, struct till_sale *s, const char *verdict,
	const char *reason, const char *receipt, int64_t now_unix_ms, struct err *err)
{
	char storage[TILL_BOOK_LINE_MAX];
	struct bytes line;

	s->state = TILL_FINISHED;
	s->finished_unix_ms = now_unix_ms;
	text_copy(s->verdict, sizeof s->verdict, verdict);
	text_copy(s->reason, sizeof s->reason, reason);
	text_copy(s->receipt, sizeof s->receipt, receipt);
	bytes_init_fixed(&line, storage, sizeof storage);
	finish_write(&line, s);
	return append(b, bytes_span(&line), 1, err);
}
