/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a journal: its key, its head, every line up to where the head says it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text_safe.h"
#include "ui/offline_journal_private.h"

#define HEAD_WORDS "countersign/1 offline head"
#define HEAD_LEN (8 + SEC_SHA256_LEN)

static void damaged_at(struct offline_journal *j, unsigned line, const char *words)
{
	char text[OFFLINE_WORDS_MAX];

	snprintf(text, sizeof text, "journal: line %u: %.100s", line, words);
	offline_damaged(j, text);
}

/* ---- journal.head ---- */

enum err_code offline_head_write(struct offline_journal *j, const struct offline_chain *chain,
	struct err *err)
{
	uint8_t plain[HEAD_LEN], sealed[HEAD_LEN + SEC_AEAD_OVERHEAD];
	char path[OFFLINE_PATH];
	enum err_code rc;

	be64_put(plain, chain->number);
	memcpy(plain + 8, chain->hash, SEC_SHA256_LEN);
	rc = sec_aead_seal(sealed, offline_key(j), SPAN(plain, sizeof plain), span_text(HEAD_WORDS),
		err);
	if (rc != ERR_OK)
		return rc;
	rc = file_replace(
		offline_path(path, j, "journal.head"), SPAN(sealed, sizeof sealed), 0600, err);
	if (rc == ERR_UNCERTAIN)
		offline_damaged(j, "journal.head: nobody knows whether the disk has the last sale");
	return rc;
}

bool offline_head_read(struct offline_journal *j, struct offline_chain *out)
{
	uint8_t room[HEAD_LEN + SEC_AEAD_OVERHEAD + 1], plain[HEAD_LEN];
	char path[OFFLINE_PATH];
	struct bytes b;

	bytes_init_fixed(&b, room, sizeof room);
	if (file_read(&b, offline_path(path, j, "journal.head"), true, NULL) != ERR_OK) {
		offline_damaged(j, offline_has(j, "journal.head") ? "journal.head: cannot be read"
						       : "journal.head: missing");
		return false;
	}
	if (b.len != HEAD_LEN + SEC_AEAD_OVERHEAD ||
		sec_aead_open(plain, offline_key(j), bytes_span(&b), span_text(HEAD_WORDS))) {
		offline_damaged(j, "journal.head: changed");
		return false;
	}
	out->number = be64_get(plain);
	memcpy(out->hash, plain + 8, SEC_SHA256_LEN);
	return true;
}

/* ---- reading ---- */

struct reading {
	struct span rest;
	unsigned line;
	int64_t good; /* bytes */
};

/* The next whole line; false: there is none. */
static bool line_next(struct reading *r, struct span *out)
{
	const uint8_t *end = r->rest.len > 0 ? memchr(r->rest.data, '\n', r->rest.len) : NULL;

	if (end == NULL)
		return false;
	*out = SPAN(r->rest.data, (size_t)(end - r->rest.data));
	r->rest = SPAN(end + 1, r->rest.len - out->len - 1);
	r->line++;
	return true;
}

static void line_done(struct reading *r, struct span line)
{
	r->good += (int64_t)line.len + 1;
}

static bool first_line_read(struct reading *r, struct offline_chain *out)
{
	char text[sizeof OFFLINE_MAGIC + 24 + 2 * SEC_SHA256_LEN], hex[2 * SEC_SHA256_LEN + 1];
	struct span line;

	if (!line_next(r, &line) || line.len >= sizeof text)
		return false;
	memcpy(text, line.data, line.len);
	text[line.len] = '\0';
	if (sscanf(text, OFFLINE_MAGIC " %" SCNu64 " %64s", &out->number, hex) != 2 ||
		hex_decode(out->hash, sizeof out->hash, span_text(hex)) != ERR_OK)
		return false;
	line_done(r, line);
	return true;
}

/* What else follows in this chain, of a journal that is damaged: a supervisor takes it over. */
static void salvage(struct offline_journal *j, struct reading *r)
{
	struct offline_record record;
	struct span line;

	while (line_next(r, &line) &&
		offline_line_open(&record, &j->chain, offline_key(j), line, NULL) == ERR_OK)
		offline_apply(j, &record);
}

/* Up to what the head says, every line has to be there and good. */
static void lines_read(struct offline_journal *j, struct reading *r,
	const struct offline_chain *head)
{
	struct offline_record record;
	struct span line;
	struct err err = {0};

	while (j->chain.number < head->number) {
		if (!line_next(r, &line)) {
			damaged_at(j, r->line + 1, "missing, and what came after it");
			return;
		}
		if (offline_line_open(&record, &j->chain, offline_key(j), line, &err) != ERR_OK) {
			damaged_at(j, r->line, err.text);
			return;
		}
		line_done(r, line);
		offline_apply(j, &record);
	}
	if (memcmp(j->chain.hash, head->hash, sizeof head->hash) != 0)
		offline_damaged(j, "journal: another one than journal.head tells of");
}

/* head: NULL when it cannot be read. */
static void records_read(struct offline_journal *j, struct reading *r,
	const struct offline_chain *head)
{
	if (!first_line_read(r, &j->chain))
		damaged_at(j, 1, "changed");
	else if (head != NULL && j->chain.number > head->number)
		offline_damaged(j, "journal.head: older than the journal");
	else if (head != NULL)
		lines_read(j, r, head);
}

/* What is behind the head was told to nobody: one line, or less. More is an older head. */
static void rest_drop(struct offline_journal *j, struct reading *r)
{
	struct reading rest = *r;
	char path[OFFLINE_PATH];
	struct span line;

	j->len = r->good;
	if (line_next(&rest, &line) && rest.rest.len > 0)
		offline_damaged(j, "journal.head: older than the journal");
	if (j->damage[0] != '\0')
		salvage(j, r);
	if (j->read_only || j->damage[0] != '\0')
		return;
	offline_path(path, j, "journal");
	j->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (j->fd < 0) {
		offline_damaged(j, "journal: cannot be written");
		return;
	}
	if (r->rest.len == 0)
		return;
	log_line(LOG_WARNING, "offline",
		"%s: %zu bytes at its end were never whole; nobody was told of them", path,
		r->rest.len);
	if (ftruncate(j->fd, j->len) != 0 || fsync(j->fd) != 0)
		offline_damaged(j, "journal: its torn end cannot be taken off");
}

void offline_journal_read(struct offline_journal *j)
{
	struct offline_chain head;
	struct reading r = {.line = 0};
	char path[OFFLINE_PATH];
	struct bytes text;
	/* first: a writer beside a reader is ahead of it, never behind */
	bool known = offline_head_read(j, &head);

	bytes_init(&text, OFFLINE_FILE_MAX);
	if (file_read(&text, offline_path(path, j, "journal"), true, NULL) == ERR_OK) {
		r.rest = bytes_span(&text);
		records_read(j, &r, known ? &head : NULL);
		rest_drop(j, &r);
	} else {
		offline_damaged(j, offline_has(j, "journal") ? "journal: cannot be read"
							     : "journal: missing");
	}
	bytes_done(&text);
}

/* ---- life ---- */

enum err_code offline_key_make(struct offline_journal *j, struct err *err)
{
	char path[OFFLINE_PATH];
	enum err_code rc = ERR_OK;

	if (j->key == NULL)
		rc = secret_new(&j->key, SEC_KEY_LEN);
	if (rc == ERR_OK)
		rc = sec_random(j->key->data, j->key->len, err);
	if (rc == ERR_OK)
		rc = file_replace(offline_path(path, j, "key"), offline_key(j), 0600, err);
	return rc;
}

static enum err_code key_read(struct offline_journal *j, struct err *err)
{
	char path[OFFLINE_PATH];
	struct bytes b;
	enum err_code rc = secret_new(&j->key, SEC_KEY_LEN + 1);

	if (rc != ERR_OK)
		return err_set(err, rc, "no locked memory for the journal's key");
	bytes_init_fixed(&b, j->key->data, j->key->len);
	rc = file_read(&b, offline_path(path, j, "key"), true, err);
	if (rc == ERR_OK && b.len != SEC_KEY_LEN)
		rc = err_set(err, ERR_CORRUPT, "%s: not a key", path);
	j->key->len = SEC_KEY_LEN; /* what was read fits, or it is given up */
	if (rc != ERR_OK)
		secret_free(&j->key);
	return rc;
}

static enum err_code lock(struct offline_journal *j, struct err *err)
{
	char path[OFFLINE_PATH];

	if (mkdir(j->folder, 0700) != 0 && errno != EEXIST)
		return err_set_os(err, ERR_IO, errno, "%s", j->folder);
	j->lock_fd = open(offline_path(path, j, "lock"),
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->lock_fd < 0)
		return err_set_os(err, ERR_IO, errno, "%s", path);
	if (flock(j->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(err, ERR_BUSY, "%s: another program uses it", j->folder);
	return ERR_OK;
}

static int64_t real_unix_s(void)
{
	struct clock real;

	clock_init_real(&real);
	return clock_unix_s(&real);
}

/* All of it or nothing: half of one would be damage at the next start. */
static enum err_code files_make(struct offline_journal *j, struct err *err)
{
	static const char *const names[] = {"journal.head", "journal", "key"};
	static const struct offline_chain start;
	char path[OFFLINE_PATH];
	enum err_code rc = offline_key_make(j, err);

	if (rc == ERR_OK)
		rc = offline_rewrite(j, start, real_unix_s(), NULL, err);
	for (size_t i = 0; rc != ERR_OK && i < sizeof names / sizeof names[0]; i++)
		(void)unlink(offline_path(path, j, names[i]));
	return rc;
}

static enum err_code files_open(struct offline_journal *j, struct err *err)
{
	bool anything = offline_has(j, "journal") || offline_has(j, "journal.head");
	enum err_code rc;

	if (!offline_has(j, "key") && !anything) {
		if (j->read_only)
			return err_set(err, ERR_NOT_FOUND, "%s: there is no journal", j->folder);
		rc = files_make(j, err);
		if (rc != ERR_OK)
			return rc;
	} else if (key_read(j, err) != ERR_OK) {
		offline_damaged(j, offline_has(j, "key") ? "key: cannot be read" : "key: missing");
		return ERR_OK;
	}
	offline_journal_read(j);
	if (j->damage[0] != '\0' || j->read_only || j->count > 0 || j->len < OFFLINE_FILE_ANEW)
		return ERR_OK;
	return offline_begin_anew(j, real_unix_s(), err);
}

enum err_code offline_journal_open(struct offline_journal **out, const char *folder, bool read_only,
	struct err *err)
{
	struct offline_journal *j = calloc(1, sizeof *j);
	enum err_code rc = ERR_OK;

	if (j == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for the journal");
	j->fd = j->lock_fd = -1;
	j->read_only = read_only;
	if (strlen(folder) >= sizeof j->folder)
		rc = err_set(err, ERR_INVALID, "the journal's folder: the name is too long");
	else
		memcpy(j->folder, folder, strlen(folder) + 1);
	if (rc == ERR_OK && !read_only)
		rc = lock(j, err);
	if (rc == ERR_OK)
		rc = files_open(j, err);
	if (rc != ERR_OK)
		offline_journal_close(&j);
	else
		*out = j;
	return rc;
}

bool offline_journal_is_there(const char *folder)
{
	static const char *const names[] = {"key", "journal", "journal.head"};
	char path[OFFLINE_PATH];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

void offline_journal_close(struct offline_journal **j)
{
	if (*j == NULL)
		return;
	if ((*j)->fd >= 0)
		close((*j)->fd);
	if ((*j)->lock_fd >= 0)
		close((*j)->lock_fd);
	secret_free(&(*j)->key);
	free(*j);
	*j = NULL;
}
