/* SPDX-License-Identifier: Apache-2.0
 *
 * The backend directory: made, opened, closed, restored.
 */
#include "backend/service_people.h"
#include "backend/service_shared.h"
#include "backend/guard.h"
#include "backend/rules_issuer.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text_safe.h"

#define FILE_CONF "countersignd.conf"
#define FILE_STORE "countersign.db"
#define FILE_HEAD "audit.head"
#define FILE_GUARD "guard.log"
#define TEMPLATE_MAX 16384

struct path {
	char text[STORE_PATH_MAX + 32];
};

static struct path path_of(const char *dir, const char *file)
{
	struct path p;

	(void)snprintf(p.text, sizeof(p.text), "%s/%s", dir, file);
	return p;
}

/* ---- shared helpers ---- */

enum err_code service_finish(struct service *s, enum err_code e, struct err *err)
{
	if (e) {
		store_rollback(s->store);
		return e;
	}
	e = store_commit(s->store, err);
	if (!e)
		service_after_commit(s);
	return e;
}

enum err_code service_record(struct service *s, const char *kind, const uint8_t *credential,
	const uint8_t *terminal, int64_t until, struct err *err)
{
	const struct rules r = service_rules(s);
	const struct rules_act act = {
		.kind = kind,
		.credential = credential,
		.terminal = terminal,
		.until = until,
		.operator_mark = s->actor};

	return rules_record(&r, &act, err);
}

enum err_code service_text(char *out, size_t cap, const char *text, const char *what,
	bool may_be_empty, struct err *err)
{
	size_t len = strlen(text);

	if (!len && !may_be_empty)
		return err_set(err, ERR_INVALID, "%s must not be empty", what);
	if (len >= cap)
		return err_set(err, ERR_TOO_LARGE, "%s is longer than %zu bytes", what, cap - 1);
	if (!text_is_safe(span_text(text)))
		return err_set(err, ERR_INVALID,
			"%s has characters that cannot be shown (control, format, malformed)",
			what);
	memcpy(out, text, len + 1);
	return ERR_OK;
}

/* ---- init ---- */

static enum err_code check_host(const char *host, struct err *err)
{
	size_t len = strlen(host);

	if (!len || len > CODE_HOST_MAX ||
		strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") != len)
		return err_set(err, ERR_INVALID,
			"the host must be 1 to %d characters of A-Z 0-9 . - : (upper case)",
			CODE_HOST_MAX);
	return ERR_OK;
}

static enum err_code make_empty_dir(const char *dir, struct err *err)
{
	struct dirent *entry;
	bool empty = true;
	DIR *d;

	if (strlen(dir) >= STORE_PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "the directory's path is too long");
	if (mkdir(dir, 0700) == 0)
		return ERR_OK;
	if (errno != EEXIST)
		return err_set_os(err, ERR_IO, errno, "%s: cannot make the directory", dir);
	if (store_private(dir, err))
		return err ? err->code : ERR_PERMISSION;
	d = opendir(dir);
	if (!d)
		return err_set_os(err, ERR_IO, errno, "%s: cannot be read", dir);
	while ((entry = readdir(d)) != NULL)
		empty = empty && entry->d_name[0] == '.' &&
			(!entry->d_name[1] || strcmp(entry->d_name, "..") == 0);
	(void)closedir(d); /* was only read */
	if (!empty)
		return err_set(err, ERR_EXISTS, "%s: is not empty; nothing was changed", dir);
	return ERR_OK;
}

static enum err_code write_template(const char *dir, const char *url, struct err *err)
{
	struct path path = path_of(dir, FILE_CONF);
	struct bytes text;
	enum err_code e;

	bytes_init(&text, TEMPLATE_MAX);
	policy_template(&text);
	if (url[0]) {
		bytes_add_text(&text, "\n[store]\nurl = ");
		bytes_add_text(&text, url);
		bytes_add_text(&text, "\n");
	}
	e = text.full ? err_set(err, ERR_NO_MEMORY, "out of memory")
		      : file_replace(path.text, bytes_span(&text), 0600, err);
	bytes_done(&text);
	return e;
}

void service_init_undo(const char *dir, bool made_dir)
{
	static const char *const files[] = {
		FILE_CONF, FILE_STORE, FILE_STORE "-wal", FILE_STORE "-shm", SERVICE_FILE_MASTER,
		FILE_HEAD, FILE_GUARD,
		"ca.key", "ca.pem", "server.key", "server.pem", "server-ca.pem"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct path path = path_of(dir, files[i]);

		(void)unlink(path.text); /* what is not there needs no removing */
	}
	if (made_dir)
		(void)rmdir(dir); /* stays when somebody has put something there meanwhile */
}

/* Where the store of a directory is: a URL, or the file in it. */
static struct path store_of(const char *dir, const char *url)
{
	struct path p = path_of(dir, FILE_STORE);

	if (url[0])
		(void)snprintf(p.text, sizeof(p.text), "%s", url);
	return p;
}

/* A directory of an older version has none, and one behind a proxy may do without. */
static enum err_code connect_authority(struct service *s, struct err *err)
{
	enum err_code e = authority_open(&s->authority, s->dir, err);

	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Store and keys of a directory, without looking at the chain. */
static enum err_code connect_dir(struct service *s, struct err *err)
{
	char master[SERVICE_PATH_MAX];
	struct path next = path_of(s->dir, SERVICE_FILE_NEXT), file;
	struct path conf = path_of(s->dir, FILE_CONF);
	enum err_code e = policy_read(&s->policy, conf.text, err);

	if (e == ERR_NOT_FOUND)
		return err_set(err, e, "%s: no backend here; `countersignd init` makes one",
			s->dir);
	if (!e)
		e = store_private(s->dir, err);
	if (!e)
		e = service_master_path(s, master, err);
	if (!e)
		e = keyring_open(&s->keys, master, next.text, err);
	if (!e)
		e = connect_authority(s, err);
	file = store_of(s->dir, s->policy.store_url);
	return e ? e : store_open(&s->store, file.text, err);
}

static void free_service(struct service **sp)
{
	if (!*sp)
		return;
	store_close(&(*sp)->store);
	keyring_free(&(*sp)->keys);
	authority_free(&(*sp)->authority);
	free((*sp)->ends);
	free((*sp)->issuer);
	free(*sp);
	*sp = NULL;
}

static enum err_code new_service(struct service **out, const char *dir, const struct clock *clock,
	struct err *err)
{
	struct service *s;

	*out = NULL;
	if (strlen(dir) >= STORE_PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "the directory's path is too long");
	s = calloc(1, sizeof(*s));
	if (s) {
		s->ends = calloc(1, sizeof(*s->ends));
		s->issuer = calloc(1, sizeof(*s->issuer));
	}
	if (!s || !s->ends || !s->issuer) {
		free_service(&s);
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	}
	memcpy(s->dir, dir, strlen(dir) + 1);
	s->clock = clock;
	(void)snprintf(s->actor, sizeof(s->actor), "local:%lu", (unsigned long)geteuid());
	*out = s;
	return ERR_OK;
}

static enum err_code write_head(struct service *s, enum audit_head_how how, struct err *err)
{
	struct path head = path_of(s->dir, FILE_HEAD);

	return audit_head_write(s->store, s->keys, head.text, s->guard_seq, how, err);
}

static enum err_code fill_store(struct service *s, const char *name, const char *host,
	struct err *err)
{
	struct path guard = path_of(s->dir, FILE_GUARD);
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = keyring_generate(s->keys, s->store, name, host, clock_unix_s(s->clock), err);
	if (!e)
		e = service_record(s, "init", NULL, NULL, 0, err);
	if (e) {
		store_rollback(s->store);
		return e;
	}
	e = store_commit(s->store, err);
	if (!e)
		e = guard_rebuild(s->store, s->keys, guard.text, &s->guard_seq, err);
	return e ? e : write_head(s, AUDIT_HEAD_ANEW, err);
}

static enum err_code make_files(const char *dir, const char *url, struct err *err)
{
	struct path master = path_of(dir, SERVICE_FILE_MASTER), file = store_of(dir, url);
	enum err_code e = write_template(dir, url, err);

	if (!e)
		e = keyring_master_create(master.text, err);
	return e ? e : store_create(file.text, err);
}

static enum err_code check_url(const char *url, struct err *err)
{
	if (strlen(url) >= POLICY_URL_MAX)
		return err_set(err, ERR_TOO_LARGE, "the URL of the store is too long");
	if (url[0] && (!store_is_url(url) || strpbrk(url, "\r\n;")))
		return err_set(err, ERR_INVALID,
			"the URL of the store must be postgresql://..., on one line, without ;");
	return ERR_OK;
}

enum err_code service_init(const char *dir, const char *name, const char *host,
	const struct clock *clock, struct err *err)
{
	return service_init_on(dir, "", name, host, clock, err);
}

enum err_code service_init_on(const char *dir, const char *url, const char *name,
	const char *host, const struct clock *clock, struct err *err)
{
	char safe_name[KEYRING_NAME_MAX];
	struct service *s = NULL;
	bool made_dir = access(dir, F_OK) != 0;
	enum err_code e = service_text(safe_name, sizeof(safe_name), name, "the issuer's name",
		false, err);

	if (!e)
		e = check_host(host, err);
	if (!e)
		e = check_url(url, err);
	if (!e)
		e = make_empty_dir(dir, err);
	if (e)
		return e;
	e = make_files(dir, url, err);
	if (!e)
		e = new_service(&s, dir, clock, err);
	if (!e)
		e = connect_dir(s, err);
	if (!e)
		e = fill_store(s, safe_name, host, err);
	free_service(&s);
	if (e)
		service_init_undo(dir, made_dir);
	return e;
}

/* ---- open and close ---- */

/* The database is the newest there is, so the log can be made from it when it is not good. */
static enum err_code follow_guard(struct service *s, int64_t after, int64_t least, struct err *err)
{
	struct path guard = path_of(s->dir, FILE_GUARD);
	enum err_code e = guard_append(s->store, s->keys, guard.text, after, &s->guard_tail, err);
	int64_t last = s->guard_tail.last;

	if (e == ERR_NOT_FOUND || e == ERR_FORGED || (!e && last < least)) {
		log_fault_begin(&s->guard_fault, "audit", "%s is missing or damaged: made anew from"
							  " the audit chain", guard.text);
		e = guard_rebuild(s->store, s->keys, guard.text, &last, err);
	} else if (!e) {
		log_fault_end(&s->guard_fault, "audit", "%s is whole", guard.text);
	}
	if (!e)
		s->guard_seq = last;
	return e;
}

/* What came after the log's last line that the checkpoint knows may be missing in it: a crash in
 * between, of this program or of another one whose record this one's checkpoint holds already.
 */
static enum err_code catch_up(struct service *s, struct err *err)
{
	struct path path = path_of(s->dir, FILE_HEAD);
	struct audit_head head;
	enum err_code e = audit_head_read(&head, s->keys, path.text, err);

	return e ? e : follow_guard(s, head.guard, head.guard, err);
}

static enum err_code restored_read(struct service *s, struct err *err)
{
	uint8_t at[8] = {0};
	size_t len = 0;
	enum err_code e =
		store_setting_get(s->store, SERVICE_RESTORED_AT, at, sizeof(at), &len, err);

	s->restored_at = 0;
	for (size_t i = 0; !e && i < len; i++)
		s->restored_at = s->restored_at << 8 | at[i];
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code service_open(struct service **out, const char *dir, const struct clock *clock,
	struct err *err)
{
	struct path head = path_of(dir, FILE_HEAD);
	int64_t last = 0;
	enum err_code e = new_service(out, dir, clock, err);

	if (!e)
		e = connect_dir(*out, err);
	if (!e)
		e = keyring_load((*out)->keys, (*out)->store, err);
	if (!e)
		e = audit_head_check((*out)->store, (*out)->keys, head.text, err);
	if (!e)
		e = catch_up(*out, err);
	if (!e)
		e = restored_read(*out, err);
	if (!e)
		e = audit_last_seq((*out)->store, &last, err);
	if (e) {
		free_service(out);
		return e;
	}
	(*out)->checkpoint_seq = (*out)->synced_seq = last;
	(*out)->policy.since = clock_unix_s(clock);
	return e;
}

void service_close(struct service **sp)
{
	struct err err = {.code = ERR_OK};
	enum err_code e;

	if (!*sp)
		return;
	store_rollback((*sp)->store);
	e = write_head(*sp, AUDIT_HEAD_SYNCED, &err);
	if (e)
		log_line(LOG_WARNING, "audit", "no checkpoint at the end: %s", err.text);
	free_service(sp);
}

struct rules service_rules(const struct service *s)
{
	return (struct rules){.store = s->store,
		.keys = s->keys,
		.policy = &s->policy,
		.clock = s->clock,
		.authority = s->authority,
		.restored_at = s->restored_at,
		.ends = s->ends,
		.issuer = s->issuer};
}

/* Nearly no commit has something for the log: then the file is left alone, but now and then. */
static enum err_code guard_when_due(struct service *s, bool look, struct err *err)
{
	struct store_audit r;
	enum err_code e = look ? ERR_OK
			       : store_audit_guarded(s->store, &r, s->checkpoint_seq, err);

	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	return e ? e : follow_guard(s, s->checkpoint_seq, s->guard_seq, err);
}

void service_after_commit(struct service *s)
{
	struct err err = {.code = ERR_OK};
	struct store_audit record = {.seq = 0};
	enum err_code e = store_audit_committed(s->store, &record, &err);
	int64_t last = record.seq;
	bool sync = last - s->synced_seq >= s->policy.audit_checkpoint_every;

	if (e == ERR_NOT_FOUND || (!e && last == s->checkpoint_seq))
		return;
	if (!e)
		e = guard_when_due(s, sync || s->guard_fault.active, &err);
	if (!e)
		e = write_head(s, sync ? AUDIT_HEAD_SYNCED : AUDIT_HEAD_QUICK, &err);
	if (e) {
		log_fault_begin(&s->head_fault, "audit", "checkpoint not written: %s", err.text);
		return;
	}
	log_fault_end(&s->head_fault, "audit", "checkpoints are written again");
	s->checkpoint_seq = last;
	if (sync)
		s->synced_seq = last;
}

enum err_code service_audit_verify(struct service *s, struct audit_report *out, struct err *err)
{
	struct path head = path_of(s->dir, FILE_HEAD);
	enum err_code e = store_check(s->store, STORE_CHECK_FULL, err);

	return e ? e : audit_verify(s->store, s->keys, head.text, out, err);
}

enum err_code service_check_start(struct service *s, struct err *err)
{
	struct path file = path_of(s->dir, FILE_STORE);
	int64_t size = store_size(s->store);
	enum err_code e = ERR_OK;

	if (size > SERVICE_CHECK_WHOLE_MAX)
		log_line(LOG_INFO, "store",
			"%s has %lld MiB: only its last audit records are checked; `audit verify`"
			" checks all of it", file.text, (long long)(size >> 20));
	else if (size >= SERVICE_CHECK_TELL)
		log_line(LOG_INFO, "store", "checking %s (%lld MiB), this can take a while",
			file.text, (long long)(size >> 20));
	if (size <= SERVICE_CHECK_WHOLE_MAX)
		e = store_check(s->store, STORE_CHECK_QUICK, err);
	if (e)
		return e;
	e = audit_verify_last(s->store, SERVICE_CHECK_RECORDS, err);
	return e == ERR_CORRUPT ? err_prefix(err, "%s", file.text) : e;
}

/* ---- restore ---- */

static enum err_code open_put_back(struct service **s, const char *dir, const struct clock *clock,
	struct err *err)
{
	enum err_code e = new_service(s, dir, clock, err);

	if (!e)
		e = connect_dir(*s, err);
	return e ? e : keyring_load((*s)->keys, (*s)->store, err);
}

enum err_code service_restore_is_due(
	const char *dir, bool *due, const struct clock *clock, struct err *err)
{
	struct path head = path_of(dir, FILE_HEAD);
	struct service *s = NULL;
	enum err_code e = open_put_back(&s, dir, clock, err);

	*due = false;
	if (!e)
		e = audit_head_check(s->store, s->keys, head.text, err);
	*due = e == ERR_CORRUPT;
	free_service(&s);
	return *due ? ERR_OK : e;
}

enum err_code service_restore_told(const char *dir, bool without_guard, const char *operator_name,
	struct service_restored *told, const struct clock *clock, struct err *err)
{
	struct path guard = path_of(dir, FILE_GUARD), head = path_of(dir, FILE_HEAD);
	struct service *s = NULL;
	enum err_code e = open_put_back(&s, dir, clock, err);

	if (!e && operator_name)
		e = service_actor_set(s, operator_name, err);
	if (!e)
		e = service_restore_rules(s, guard.text, head.text, without_guard, told, err);
	/* the checkpoint last: until then the database is older than it, and is not served */
	if (!e)
		e = guard_rebuild(s->store, s->keys, guard.text, &s->guard_seq, err);
	if (!e)
		e = write_head(s, AUDIT_HEAD_ANEW, err);
	free_service(&s);
	return e;
}

enum err_code service_restore(const char *dir, bool without_guard, const struct clock *clock,
	struct err *err)
{
	return service_restore_told(dir, without_guard, NULL, NULL, clock, err);
}
