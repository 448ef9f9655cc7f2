/* SPDX-License-Identifier: Apache-2.0
 *
 * What a journal holds, and what is added to it. What a line is, ui/offline_record.c says.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text_safe.h"
#include "ui/offline_journal_private.h"

#define ASIDE_TRIES 10 /* names of seconds that follow */

struct span offline_key(const struct offline_journal *j)
{
	return j->key != NULL ? SPAN(j->key->data, j->key->len) : SPAN(NULL, 0);
}

const char *offline_path(char out[static OFFLINE_PATH], const struct offline_journal *j,
	const char *name)
{
	snprintf(out, OFFLINE_PATH, "%s/%s", j->folder, name);
	return out;
}

bool offline_has(const struct offline_journal *j, const char *name)
{
	char path[OFFLINE_PATH];

	return access(offline_path(path, j, name), F_OK) == 0;
}

/* The first thing that is wrong is the one to look at. */
void offline_damaged(struct offline_journal *j, const char *words)
{
	if (j->damage[0] != '\0')
		return;
	text_safe(j->damage, sizeof j->damage, span_text(words));
	log_line(LOG_ERROR, "offline", "%s/%s", j->folder, j->damage);
}

/* ---- what the records come to ---- */

static size_t find(const struct offline_journal *j, const uint8_t id[static OFFLINE_ID_LEN])
{
	size_t i = 0;

	while (i < j->count && memcmp(j->item[i].entry.id, id, OFFLINE_ID_LEN) != 0)
		i++;
	return i;
}

static void drop(struct offline_journal *j, size_t i)
{
	memmove(&j->item[i], &j->item[i + 1], (j->count - i - 1) * sizeof j->item[0]);
	j->count--;
}

static void sale_apply(struct offline_journal *j, const struct offline_entry *e)
{
	if (j->count == OFFLINE_ITEMS_MAX) {
		offline_damaged(j, "journal: more sales than a terminal writes");
		return;
	}
	j->item[j->count++] = (struct offline_item){.entry = *e};
}

static void answer_apply(struct offline_journal *j, const struct offline_record *r)
{
	size_t i = find(j, r->entry.id);

	if (i == j->count)
		return;
	if (r->answer.accepted) {
		drop(j, i);
		return;
	}
	j->item[i].state = OFFLINE_CONFLICT;
	memcpy(j->item[i].reason, r->answer.reason, sizeof j->item[i].reason);
}

static void looked_apply(struct offline_journal *j)
{
	for (size_t i = j->count; i-- > 0;)
		if (j->item[i].state == OFFLINE_CONFLICT)
			drop(j, i);
}

void offline_apply(struct offline_journal *j, const struct offline_record *r)
{
	if (r->at > j->newest_at && r->kind != OFFLINE_RECORD_BEGIN)
		j->newest_at = r->at;
	switch (r->kind) {
	case OFFLINE_RECORD_SALE:
		sale_apply(j, &r->entry);
		break;
	case OFFLINE_RECORD_ANSWERED:
		answer_apply(j, r);
		break;
	case OFFLINE_RECORD_LOOKED:
		looked_apply(j);
		break;
	case OFFLINE_RECORD_BEGIN:
		break;
	}
}

/* ---- writing ---- */

static enum err_code line_add(struct bytes *out, struct offline_chain *chain,
	const struct offline_journal *j, const struct offline_record *r, struct err *err)
{
	enum err_code rc = offline_line_seal(out, chain, offline_key(j), r, err);

	if (rc == ERR_OK)
		bytes_add_text(out, "\n");
	return rc;
}

static enum err_code not_writable(const struct offline_journal *j, struct err *err)
{
	if (j->damage[0] != '\0')
		return err_set(err, ERR_CORRUPT, "%s/%s", j->folder, j->damage);
	return j->read_only ? err_set(err, ERR_PERMISSION, "it was opened to be read") : ERR_OK;
}

/* As if nothing had been written. */
static void take_back(struct offline_journal *j)
{
	if (ftruncate(j->fd, j->len) != 0 || fsync(j->fd) != 0)
		offline_damaged(j, "journal: what could not be written cannot be taken off");
}

/* No journal that cannot be read again; and where no sale has room, their answers still have. */
static int64_t room_for(enum offline_record_kind kind)
{
	return kind == OFFLINE_RECORD_SALE ? OFFLINE_FILE_SALES : OFFLINE_FILE_MAX;
}

static enum err_code append(struct offline_journal *j, const struct offline_record *r,
	struct err *err)
{
	uint8_t room[OFFLINE_LINE_MAX];
	struct offline_chain chain = j->chain;
	struct bytes line;
	enum err_code rc = not_writable(j, err);

	if (rc != ERR_OK)
		return rc;
	bytes_init_fixed(&line, room, sizeof room);
	rc = line_add(&line, &chain, j, r, err);
	if (rc == ERR_OK && j->len + (int64_t)line.len > room_for(r->kind))
		rc = err_set(err, ERR_TOO_LARGE, "%s/journal: it is full", j->folder);
	if (rc != ERR_OK)
		return rc;
	rc = file_write_all(j->fd, bytes_span(&line), err);
	if (rc == ERR_OK && fdatasync(j->fd) != 0)
		rc = err_set_os(err, ERR_IO, errno, "%s/journal", j->folder);
	if (rc == ERR_OK)
		rc = offline_head_write(j, &chain, err);
	if (rc != ERR_OK) {
		take_back(j);
		return rc;
	}
	j->chain = chain;
	j->len += (int64_t)line.len;
	offline_apply(j, r);
	return ERR_OK;
}

/* A new journal behind `chain`, with the sales that are there; then its head. In this order: where
 * the head is still the old one, the new journal's first line says that it goes on from it.
 */
enum err_code offline_rewrite(struct offline_journal *j, struct offline_chain chain, int64_t now,
	const char *who, struct err *err)
{
	const struct offline_record begin = {.kind = OFFLINE_RECORD_BEGIN, .at = now};
	struct offline_record r = {.at = now};
	char head[sizeof OFFLINE_MAGIC + 32 + 2 * SEC_SHA256_LEN], hex[2 * SEC_SHA256_LEN + 1];
	char path[OFFLINE_PATH];
	struct bytes text;
	enum err_code rc;

	hex_encode(hex, SPAN(chain.hash, sizeof chain.hash));
	snprintf(head, sizeof head, OFFLINE_MAGIC " %" PRIu64 " %s\n", chain.number, hex);
	bytes_init(&text, OFFLINE_FILE_MAX);
	bytes_add_text(&text, head);
	rc = line_add(&text, &chain, j, &begin, err);
	if (rc == ERR_OK && who != NULL) {
		r.kind = OFFLINE_RECORD_LOOKED;
		text_safe(r.who, sizeof r.who, span_text(who));
		rc = line_add(&text, &chain, j, &r, err);
	}
	r.kind = OFFLINE_RECORD_SALE;
	for (size_t i = 0; i < j->count && rc == ERR_OK; i++) {
		r.entry = j->item[i].entry;
		rc = line_add(&text, &chain, j, &r, err);
	}
	if (rc == ERR_OK)
		rc = file_replace(offline_path(path, j, "journal"), bytes_span(&text), 0600, err);
	if (rc == ERR_OK)
		rc = offline_head_write(j, &chain, err);
	bytes_done(&text);
	return rc;
}

enum err_code offline_begin_anew(struct offline_journal *j, int64_t now, struct err *err)
{
	enum err_code rc = offline_rewrite(j, j->chain, now, NULL, err);

	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	offline_journal_read(j); /* the old one or the new one: either is whole */
	return rc;
}

/* Nothing is open: what was is no use to anybody. A terminal may run for years. */
static void anew_look(struct offline_journal *j, int64_t now)
{
	struct err err = {0};

	if (not_writable(j, NULL) == ERR_OK && j->count == 0 && j->len >= OFFLINE_FILE_ANEW &&
		offline_begin_anew(j, now, &err) != ERR_OK)
		log_line(LOG_WARNING, "offline", "it is not begun anew: %s", err.text);
}

/* ---- what there is ---- */

const char *offline_journal_damage(const struct offline_journal *j)
{
	return j->damage;
}

size_t offline_journal_count(const struct offline_journal *j)
{
	return j->count;
}

const struct offline_item *offline_journal_item(const struct offline_journal *j, size_t i)
{
	ASSERT(i < j->count);
	return &j->item[i];
}

int offline_journal_conflicts(const struct offline_journal *j)
{
	int n = 0;

	for (size_t i = 0; i < j->count; i++)
		n += j->item[i].state == OFFLINE_CONFLICT;
	return n;
}

void offline_journal_sum(const struct offline_journal *j, struct offline_open *out,
	const struct flow_code *code)
{
	*out = (struct offline_open){.newest_at = j->newest_at};
	for (size_t i = 0; i < j->count; i++) {
		const struct offline_item *item = &j->item[i];
		bool mine = !memcmp(item->entry.credential_id, code->credential_id, CODE_ID_LEN);

		out->same_code = out->same_code || strcmp(item->entry.code, code->text) == 0;
		if (item->state == OFFLINE_CONFLICT) {
			out->conflict = out->conflict || mine;
			continue;
		}
		out->count++;
		out->of_card += mine;
		out->sum += item->entry.sale.amount;
	}
}

/* ---- what happens ---- */

enum err_code offline_journal_add(struct offline_journal *j, const struct offline_entry *entry,
	struct err *err)
{
	const struct offline_record r = {
		.kind = OFFLINE_RECORD_SALE, .at = entry->at, .entry = *entry};

	if (j->count == OFFLINE_ITEMS_MAX)
		return err_set(err, ERR_BUSY, "%d sales wait: no more are written down",
			OFFLINE_ITEMS_MAX);
	anew_look(j, entry->at);
	return append(j, &r, err);
}

enum err_code offline_journal_answered(struct offline_journal *j, const struct offline_entry *entry,
	const struct offline_answer *answer, int64_t now_unix_s, struct err *err)
{
	const struct offline_record r = {.kind = OFFLINE_RECORD_ANSWERED,
		.at = now_unix_s,
		.entry = *entry,
		.answer = *answer};

	return append(j, &r, err);
}

/* Under another name beside its own: it stays in its place until another takes it. So a power cut
 * in between leaves what can be read of it where it is looked for.
 */
static enum err_code put_aside(struct offline_journal *j, const char *name, int64_t now,
	struct err *err)
{
	char from[OFFLINE_PATH], to[OFFLINE_PATH], new_name[64];
	int rc = -1;

	offline_path(from, j, name);
	for (int i = 0; i < ASIDE_TRIES && rc != 0 && (i == 0 || errno == EEXIST); i++) {
		snprintf(new_name, sizeof new_name, "%s.changed-%" PRId64, name, now + i);
		rc = link(from, offline_path(to, j, new_name));
	}
	if (rc != 0 && errno != ENOENT)
		return err_set_os(err, ERR_IO, errno, "%s", to);
	return file_sync_folder(from, err);
}

static enum err_code begin_again(struct offline_journal *j, const char *who, int64_t now,
	struct err *err)
{
	static const struct offline_chain start;
	enum err_code rc = put_aside(j, "journal", now, err);

	looked_apply(j);
	if (rc == ERR_OK)
		rc = put_aside(j, "journal.head", now, err);
	if (rc == ERR_OK && j->key == NULL) {
		rc = put_aside(j, "key", now, err);
		rc = rc == ERR_OK ? offline_key_make(j, err) : rc;
	}
	if (rc == ERR_OK)
		rc = offline_rewrite(j, start, now, who, err);
	if (rc != ERR_OK)
		return rc;
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	j->count = 0;
	j->damage[0] = '\0';
	offline_journal_read(j);
	return not_writable(j, err);
}

enum err_code offline_journal_looked(struct offline_journal *j, const char *who, int64_t now_unix_s,
	struct err *err)
{
	struct offline_record r = {.kind = OFFLINE_RECORD_LOOKED, .at = now_unix_s};

	if (j->read_only)
		return not_writable(j, err);
	if (j->damage[0] != '\0')
		return begin_again(j, who, now_unix_s, err);
	text_safe(r.who, sizeof r.who, span_text(who));
	return append(j, &r, err);
}
