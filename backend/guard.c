/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/store_rows.h"
#include "base/file.h"
#include "base/json.h"

#define LINE_LEN_MAX 1024 /* with the line feed */
#define KEY_INFO "countersign/1 guard log"

struct writer {
	const struct keyring *keys;
	uint8_t key[SEC_KEY_LEN]; /* derived for the first line */
	bool has_key;
	uint8_t mac[SEC_SHA256_LEN]; /* of the last line; zeroes before the first */
	int64_t last;                /* seq of the last line */
	bool sync;                   /* more than counts was added */
};

static void writer_init(struct writer *w, const struct keyring *k)
{
	*w = (struct writer){.keys = k};
}

static enum err_code writer_key(struct writer *w, struct err *err)
{
	if (!w->has_key && sec_hkdf_sha256(w->key, sizeof(w->key), keyring_chain_key(w->keys),
				   SPAN(NULL, 0), span_text(KEY_INFO)))
		return err_set(err, ERR_CRYPTO, "the key of the guard log could not be derived");
	w->has_key = true;
	return ERR_OK;
}

/* ---- lines ---- */

static void line_members(struct json_out *o, const struct guard_line *l)
{
	json_out_begin(o, NULL);
	if (l->has_account)
		json_out_hex(o, "account", SPAN(l->account, CODE_ID_LEN));
	if (l->has_credential)
		json_out_hex(o, "credential", SPAN(l->credential, CODE_ID_LEN));
	if (l->has_wrong)
		json_out_int(o, "day", l->day);
	if (l->has_counts) {
		json_out_int(o, "failures", l->failures);
		json_out_int(o, "freezes", l->freezes);
	}
	json_out_hex(o, "hash", SPAN(l->hash, AUDIT_HASH_LEN));
	json_out_text(o, "kind", l->kind);
	json_out_int(o, "seq", l->seq);
	if (l->has_terminal)
		json_out_hex(o, "terminal", SPAN(l->terminal, CODE_ID_LEN));
	json_out_int(o, "until", l->until);
	if (l->has_wrong)
		json_out_int(o, "wrong", l->wrong);
}

static enum err_code line_mac(uint8_t out[static SEC_SHA256_LEN], struct writer *w,
	const struct guard_line *l, struct err *err)
{
	uint8_t storage[LINE_LEN_MAX];
	struct json_out o;
	struct span parts[2];
	struct bytes b;
	enum err_code e = writer_key(w, err);

	if (e)
		return e;

	bytes_init_fixed(&b, storage, sizeof(storage));
	json_out_init(&o, &b);
	line_members(&o, l);
	json_out_end(&o);
	ASSERT(!b.full);
	parts[0] = SPAN(w->mac, SEC_SHA256_LEN);
	parts[1] = bytes_span(&b);
	if (sec_hmac(out, SEC_HASH_SHA256, SPAN(w->key, SEC_KEY_LEN), parts, 2))
		return err_set(err, ERR_CRYPTO, "a line of the guard log could not be signed");
	return ERR_OK;
}

static enum err_code line_add(struct bytes *out, struct writer *w, const struct guard_line *l,
	struct err *err)
{
	uint8_t mac[SEC_SHA256_LEN];
	struct json_out o;
	enum err_code e = line_mac(mac, w, l, err);

	if (e)
		return e;
	memcpy(w->mac, mac, sizeof(mac));
	w->last = l->seq;
	json_out_init(&o, out);
	line_members(&o, l);
	json_out_hex(&o, "mac", SPAN(mac, sizeof(mac)));
	json_out_end(&o);
	bytes_add_text(out, "\n");
	return out->full ? err_set(err, ERR_NO_MEMORY, "out of memory") : ERR_OK;
}

static enum err_code get_hex(const struct json *j, const char *name, uint8_t *out, size_t len)
{
	char text[2 * SEC_SHA256_LEN + 1];
	enum err_code e = json_get_text(j, name, text, sizeof(text), NULL);

	return e ? e : hex_decode(out, len, span_text(text));
}

/* The same members in a line of the log and in the detail of a record; none must be there. */
static enum err_code get_counts(struct guard_line *l, const struct json *j)
{
	int64_t failures = 0, freezes = 0, wrong = 0;
	enum err_code e = ERR_OK;

	l->has_account = json_has(j, "account");
	l->has_counts = json_has(j, "failures");
	l->has_wrong = json_has(j, "wrong"); /* not in lines of older programs */
	if (l->has_account)
		e = get_hex(j, "account", l->account, CODE_ID_LEN);
	if (!e && l->has_counts)
		e = json_get_int(j, "failures", &failures, 0, INT32_MAX, NULL);
	if (!e && l->has_counts)
		e = json_get_int(j, "freezes", &freezes, 0, INT32_MAX, NULL);
	if (!e && l->has_wrong)
		e = json_get_int(j, "wrong", &wrong, 0, INT32_MAX, NULL);
	if (!e && l->has_wrong)
		e = json_get_int(j, "day", &l->day, INT64_MIN / 2, INT64_MAX / 2, NULL);
	if (!e && l->has_wrong && !l->has_account)
		e = ERR_FORMAT;
	l->failures = (int)failures;
	l->freezes = (int)freezes;
	l->wrong = (int)wrong;
	return e;
}

static enum err_code line_parse(struct guard_line *l, uint8_t mac[static SEC_SHA256_LEN],
	struct span text)
{
	struct json *j = NULL;
	enum err_code e = json_parse(&j, text, LINE_LEN_MAX, NULL);

	memset(l, 0, sizeof(*l));
	if (!e)
		e = json_get_int(j, "seq", &l->seq, 1, INT64_MAX, NULL);
	if (!e)
		e = json_get_int(j, "until", &l->until, 0, INT64_MAX, NULL);
	if (!e)
		e = json_get_text(j, "kind", l->kind, sizeof(l->kind), NULL);
	if (!e)
		e = get_hex(j, "hash", l->hash, AUDIT_HASH_LEN);
	if (!e)
		e = get_hex(j, "mac", mac, SEC_SHA256_LEN);
	if (!e)
		e = get_counts(l, j);
	l->has_credential = !e && json_has(j, "credential");
	l->has_terminal = !e && json_has(j, "terminal");
	if (l->has_credential)
		e = get_hex(j, "credential", l->credential, CODE_ID_LEN);
	if (!e && l->has_terminal)
		e = get_hex(j, "terminal", l->terminal, CODE_ID_LEN);
	json_free(&j);
	return e;
}

/* ---- from the chain ---- */

static bool is_count(const char *kind)
{
	return strcmp(kind, "counted") == 0 || strcmp(kind, "pin-counted") == 0;
}

static void line_of(struct guard_line *l, const struct store_audit *r)
{
	struct json *j = NULL;

	memset(l, 0, sizeof(*l));
	l->seq = r->seq;
	memcpy(l->hash, r->hash, AUDIT_HASH_LEN);
	(void)snprintf(l->kind, sizeof(l->kind), "%s", r->kind);
	l->has_credential = r->credential_len == CODE_ID_LEN;
	l->has_terminal = r->terminal_len == CODE_ID_LEN;
	memcpy(l->credential, r->credential, CODE_ID_LEN);
	memcpy(l->terminal, r->terminal, CODE_ID_LEN);
	if (json_parse(&j, span_text(r->detail), AUDIT_DETAIL_MAX, NULL))
		return; /* only written by us: a chain that verifies has none such */
	if (json_get_int(j, "until", &l->until, 0, INT64_MAX, NULL))
		l->until = 0; /* most have none */
	if (get_counts(l, j))
		l->has_account = l->has_counts = l->has_wrong = false;
	json_free(&j);
}

static enum err_code add_from_chain(struct bytes *out, struct writer *w, struct store *s,
	int64_t after, struct err *err)
{
	struct store_audit r = {.seq = after};
	struct guard_line l;
	enum err_code e;

	for (;;) {
		e = store_audit_guarded(s, &r, r.seq, err);
		if (e == ERR_NOT_FOUND)
			return ERR_OK;
		if (!e && r.seq > w->last) {
			line_of(&l, &r);
			w->sync |= !is_count(l.kind);
			e = line_add(out, w, &l, err);
		}
		if (e)
			return e;
	}
}

/* ---- the file ---- */

static enum err_code log_open(int *fd, const char *path, int flags, int lock, struct err *err)
{
	*fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return err_set_os(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "%s", path);
	while (flock(*fd, lock) != 0) {
		if (errno == EINTR)
			continue;
		(void)close(*fd); /* nothing was written */
		return err_set_os(err, ERR_IO, errno, "%s: cannot be locked", path);
	}
	return ERR_OK;
}

static enum err_code damaged(const char *path, struct err *err)
{
	return err_set(err, ERR_FORGED, "%s: is damaged", path);
}

/* The mac and the seq of the last line are all that the next one needs. */
static enum err_code read_tail(struct writer *w, int fd, const char *path, struct err *err)
{
	char text[LINE_LEN_MAX + 1];
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > LINE_LEN_MAX ? size - LINE_LEN_MAX : 0;
	ssize_t n = size < 0 ? -1 : pread(fd, text, LINE_LEN_MAX, from);
	struct guard_line l;
	ssize_t at;

	if (size == 0)
		return ERR_OK;
	if (n < 1 || from + n != size || text[n - 1] != '\n')
		return damaged(path, err);
	for (at = n - 1; at > 0 && text[at - 1] != '\n'; at--)
		;
	if (line_parse(&l, w->mac, SPAN(text + at, (size_t)(n - at))))
		return damaged(path, err);
	w->last = l.seq;
	return ERR_OK;
}

static bool is_as_left(const struct guard_tail *t, const struct stat *st)
{
	return t->left && t->device == st->st_dev && t->inode == st->st_ino &&
		t->size == st->st_size && t->changed.tv_sec == st->st_ctim.tv_sec &&
		t->changed.tv_nsec == st->st_ctim.tv_nsec;
}

static void leave(struct guard_tail *t, const struct writer *w, const struct stat *st)
{
	t->last = w->last;
	memcpy(t->mac, w->mac, sizeof(t->mac));
	t->left = true;
	t->device = st->st_dev;
	t->inode = st->st_ino;
	t->size = st->st_size;
	t->changed = st->st_ctim;
}

static enum err_code find_tail(struct writer *w, const struct guard_tail *t, int fd,
	const struct stat *st, const char *path, struct err *err)
{
	if (!is_as_left(t, st))
		return read_tail(w, fd, path, err);
	w->last = t->last;
	memcpy(w->mac, t->mac, sizeof(w->mac));
	return ERR_OK;
}

static enum err_code look(int fd, struct stat *st, const char *path, struct err *err)
{
	if (fstat(fd, st) == 0)
		return ERR_OK;
	return err_set_os(err, ERR_IO, errno, "%s: cannot be looked at", path);
}

static enum err_code append_lines(int fd, const char *path, struct bytes *text,
	const struct writer *w, struct stat *st, struct err *err)
{
	enum err_code e;

	if (!text->len)
		return ERR_OK;
	e = file_write_all(fd, bytes_span(text), err);
	if (!e && w->sync && fdatasync(fd) != 0)
		e = err_set_os(err, ERR_IO, errno, "%s: cannot be written", path);
	return e ? e : look(fd, st, path, err);
}

enum err_code guard_append(struct store *s, const struct keyring *k, const char *path,
	int64_t after, struct guard_tail *tail, struct err *err)
{
	struct writer w;
	struct bytes text;
	struct stat st;
	int fd = -1;
	enum err_code e = log_open(&fd, path, O_RDWR | O_APPEND, LOCK_EX, err);

	if (e)
		return e;
	writer_init(&w, k);
	bytes_init(&text, SIZE_MAX / 2);
	e = look(fd, &st, path, err);
	if (!e)
		e = find_tail(&w, tail, fd, &st, path, err);
	if (!e)
		e = add_from_chain(&text, &w, s, after, err);
	if (!e)
		e = append_lines(fd, path, &text, &w, &st, err);
	if (e)
		tail->left = false;
	else
		leave(tail, &w, &st);
	bytes_done(&text);
	(void)close(fd); /* fdatasync() told already */
	sec_wipe(&w, sizeof(w));
	return e;
}

enum err_code guard_rebuild(struct store *s, const struct keyring *k, const char *path,
	int64_t *last, struct err *err)
{
	struct writer w;
	struct bytes text;
	enum err_code e;

	writer_init(&w, k);
	bytes_init(&text, SIZE_MAX / 2);
	e = add_from_chain(&text, &w, s, 0, err);
	if (!e)
		e = file_replace(path, bytes_span(&text), 0600, err);
	if (!e)
		*last = w.last;
	bytes_done(&text);
	sec_wipe(&w, sizeof(w));
	return e;
}

static enum err_code visit_line(struct writer *w, const char *text, size_t len, const char *path,
	guard_visit *visit, void *ctx, struct err *err)
{
	uint8_t told[SEC_SHA256_LEN], mac[SEC_SHA256_LEN];
	struct guard_line l;
	enum err_code e;

	if (len > LINE_LEN_MAX || line_parse(&l, told, SPAN(text, len)) || l.seq <= w->last)
		return damaged(path, err);
	e = line_mac(mac, w, &l, err);
	if (e)
		return e;
	if (!sec_equal(mac, told, sizeof(mac)))
		return damaged(path, err);
	memcpy(w->mac, mac, sizeof(mac));
	w->last = l.seq;
	return visit(ctx, &l, err);
}

enum err_code guard_walk(const struct keyring *k, const char *path, guard_visit *visit, void *ctx,
	int64_t *last, struct err *err)
{
	struct writer w;
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;
	int fd = -1;
	FILE *f;
	enum err_code e;

	*last = 0;
	writer_init(&w, k);
	e = log_open(&fd, path, O_RDONLY, LOCK_SH, err);
	if (e)
		return e;
	f = fdopen(fd, "r");
	if (!f) {
		(void)close(fd); /* was only read */
		return err_set_os(err, ERR_IO, errno, "%s", path);
	}
	while (!e && (n = getline(&text, &cap, f)) > 0 && text[n - 1] == '\n')
		e = visit_line(&w, text, (size_t)n, path, visit, ctx, err);
	if (!e && ferror(f))
		e = err_set_os(err, ERR_IO, errno, "%s: cannot be read", path);
	*last = w.last;
	free(text);
	(void)fclose(f); /* was only read */
	sec_wipe(&w, sizeof(w));
	return e;
}
