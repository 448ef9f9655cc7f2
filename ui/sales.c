/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of a day: opening, reading, appending, syncing. The lines are sales_line.c's.
 */
#include "ui/sales.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define NAME_MAX_LEN (STATE_PATH_MAX + 32)

/* ---- days ---- */

void sale_day(char out[static SALES_DAY_LEN + 1], int32_t *utc_offset_s, int64_t unix_s)
{
	time_t t = (time_t)unix_s;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || tm.tm_year + 1900 < 0 || tm.tm_year + 1900 > 9999) {
		memset(&tm, 0, sizeof tm);
		tm.tm_mday = 1; /* a clock out of this world: 1900-01-01 */
	}
	*utc_offset_s = (int32_t)tm.tm_gmtoff;
	ASSERT(strftime(out, SALES_DAY_LEN + 1, "%Y-%m-%d", &tm) <= SALES_DAY_LEN);
}

bool sale_day_is_valid(const char *day)
{
	static const char form[] = "dddd-dd-dd";
	struct tm tm, back;

	if (strlen(day) != SALES_DAY_LEN)
		return false;
	for (size_t i = 0; i < SALES_DAY_LEN; i++)
		if (form[i] == 'd' ? day[i] < '0' || day[i] > '9' : day[i] != form[i])
			return false;
	memset(&tm, 0, sizeof tm);
	if (strptime(day, "%Y-%m-%d", &tm) == NULL)
		return false;
	back = tm;
	back.tm_hour = 12;
	return timegm(&back) != -1 && back.tm_mday == tm.tm_mday; /* no 30th of February */
}

/* ---- faults ---- */

/* Each says why, in the words of who sees them: what is sold is not kept. */
static enum err_code faulty(struct sales *s, enum err_code rc, const struct err *err)
{
	text_copy(s->fault, sizeof s->fault, err->text);
	return rc;
}

/* ---- opening ---- */

static void file_leave(struct sales *s)
{
	const struct aiocb *const list[] = {&s->sync};

	/* What is being synced is this file: its descriptor is not given back before. */
	while (s->syncing && aio_error(&s->sync) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	if (s->syncing)
		aio_return(&s->sync);
	if (s->sync_again && s->fd >= 0 && fsync(s->fd) != 0)
		text_copy(s->fault, sizeof s->fault, "the sales before may be lost: sync failed");
	s->syncing = false;
	s->sync_again = false;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->read_to = 0;
	s->skipping = false;
	s->lines = 0;
	s->damaged = 0;
	memset(&s->written, 0, sizeof s->written);
}

static enum err_code file_check(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set_os(err, ERR_IO, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "%s: is no regular file", path);
	if ((st.st_mode & 0077) != 0 && fchmod(fd, 0600) != 0)
		return err_set_os(err, ERR_PERMISSION, errno,
			"%s: others may look into it, and that cannot be changed", path);
	return ERR_OK;
}

static enum err_code file_open(struct sales *s, const char *day, struct err *err)
{
	char path[NAME_MAX_LEN];
	int flags = s->reads_only ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND;
	enum err_code rc;
	int fd;

	file_leave(s);
	memcpy(s->day, day, sizeof s->day);
	snprintf(path, sizeof path, "%s/sales-%s.jsonl", s->folder, day);
	/* O_NONBLOCK: a pipe in the place of the file must not hold the program. */
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	if (fd < 0)
		return err_set_os(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "%s", path);
	rc = s->reads_only ? ERR_OK : file_check(fd, path, err);
	/* That the file is there has to survive a power cut as what is in it does. */
	if (rc == ERR_OK && !s->reads_only)
		rc = file_sync_folder(path, err);
	if (rc != ERR_OK)
		close(fd);
	else
		s->fd = fd;
	return rc;
}

/* ---- the list ---- */

static void figures_add(struct sales_figures *f, const struct sale *sale)
{
	struct sales_sum *sum = NULL;

	f->verdicts[sale->verdict]++;
	if (!sale_is_accepted(sale) || sale->sold.amount == 0)
		return;
	for (int i = 0; i < f->sum_count; i++)
		if (strcmp(f->sums[i].currency, sale->sold.currency) == 0)
			sum = &f->sums[i];
	if (sum == NULL && f->sum_count < SALES_CURRENCIES_MAX) {
		sum = &f->sums[f->sum_count++];
		memcpy(sum->currency, sale->sold.currency, sizeof sum->currency);
	}
	if (sum != NULL && __builtin_add_overflow(sum->amount, sale->sold.amount, &sum->amount))
		sum->amount = UINT64_MAX;
}

static void line_take(struct sales *s, struct span line, int64_t at)
{
	struct sale sale;

	if (sale_read(&sale, line, NULL) != ERR_OK) {
		s->damaged++;
		return;
	}
	s->at[s->lines++ % SALES_LISTED_MAX] = at;
	figures_add(&s->written, &sale);
}

/* Whole lines of the buffer; returns how many bytes they are. */
static size_t lines_take(struct sales *s, size_t len)
{
	size_t taken = 0;

	while (taken < len) {
		const char *line = s->buffer + taken;
		const char *end = memchr(line, '\n', len - taken);
		size_t line_len = end != NULL ? (size_t)(end - line) + 1 : 0;

		if (end == NULL)
			break;
		if (s->skipping || line_len > SALES_LINE_MAX)
			s->damaged++;
		else if (line_len > 1) /* an empty one is what came after a torn one */
			line_take(s, SPAN(line, line_len), s->read_to + (int64_t)taken);
		s->skipping = false;
		taken += line_len;
	}
	if (taken == 0 && len == sizeof s->buffer) {
		s->skipping = true;
		taken = len;
	}
	return taken;
}

/* What was written since. A last line without its break is not read yet. */
static enum err_code file_read_on(struct sales *s, struct err *err)
{
	ssize_t n = 0;
	size_t taken = 1;

	while (taken > 0 && s->fd >= 0 &&
		(n = pread(s->fd, s->buffer, sizeof s->buffer, s->read_to)) > 0) {
		taken = lines_take(s, (size_t)n);
		s->read_to += (int64_t)taken;
	}
	/* A list that lacks some must not look like a whole one. */
	return n >= 0 ? ERR_OK : err_set_os(err, ERR_IO, errno, "%s/sales-%s.jsonl: read",
					 s->folder, s->day);
}

/* A folder that is not there yet, or not any more, is looked for and made each time. */
static enum err_code day_open(struct sales *s, const char *day, struct err *err)
{
	enum err_code rc = state_folder(s->folder, s->configured, err);

	if (rc == ERR_OK)
		rc = file_open(s, day, err);
	else
		s->folder[0] = '\0';
	return rc == ERR_OK ? file_read_on(s, err) : rc;
}

enum err_code sales_open(struct sales *s, const char *folder, int64_t unix_s, struct err *err)
{
	char day[SALES_DAY_LEN + 1];
	int32_t offset;
	struct err why = {0};
	enum err_code rc;

	memset(s, 0, sizeof *s);
	s->fd = -1;
	s->configured = folder;
	sale_day(day, &offset, unix_s);
	rc = day_open(s, day, &why);
	if (rc != ERR_OK)
		(void)faulty(s, rc, &why);
	if (rc != ERR_OK && err != NULL)
		*err = why;
	return rc;
}

enum err_code sales_open_day(struct sales *s, const char *folder, const char *day, struct err *err)
{
	enum err_code rc;

	memset(s, 0, sizeof *s);
	s->fd = -1;
	s->reads_only = true;
	if (!sale_day_is_valid(day))
		return err_set(err, ERR_INVALID, "a day is written like 2026-11-21");
	rc = state_folder_name(s->folder, folder, err);
	if (rc == ERR_OK)
		rc = file_open(s, day, err);
	return rc == ERR_OK ? file_read_on(s, err) : rc;
}

void sales_close(struct sales *s)
{
	if (s->day[0] != '\0')
		file_leave(s);
	memset(s, 0, sizeof *s);
	s->fd = -1;
}

/* ---- writing ---- */

void sales_add(struct sales *s, const struct sale *sale)
{
	if (s->waiting_count == SALES_WAITING_MAX) {
		memmove(s->waiting, s->waiting + 1, sizeof s->waiting - sizeof s->waiting[0]);
		s->waiting_count--;
		s->given_up++;
	}
	s->waiting[s->waiting_count++] = *sale;
	s->again_ms = 0;
}

/* A line of which only a part could be written is taken back, or else stays as a torn one. */
static enum err_code line_append(struct sales *s, struct span line, struct err *err)
{
	struct stat st;
	char last = '\n';
	enum err_code rc = ERR_OK;

	if (fstat(s->fd, &st) != 0)
		return err_set_os(err, ERR_IO, errno, "%s/sales-%s.jsonl", s->folder, s->day);
	if (st.st_nlink == 0) {
		file_leave(s); /* the next try begins it again */
		return err_set(err, ERR_IO, "%s/sales-%s.jsonl: was removed", s->folder, s->day);
	}
	if (st.st_size > 0 && pread(s->fd, &last, 1, st.st_size - 1) != 1)
		return err_set_os(err, ERR_IO, errno, "%s/sales-%s.jsonl", s->folder, s->day);
	if (last != '\n')
		rc = file_write_all(s->fd, SPAN("\n", 1), err);
	if (rc == ERR_OK)
		rc = file_write_all(s->fd, line, err);
	if (rc != ERR_OK && ftruncate(s->fd, st.st_size) != 0)
		return err_prefix(err, "%s/sales-%s.jsonl, not taken back", s->folder, s->day);
	return rc == ERR_OK ? rc : err_prefix(err, "%s/sales-%s.jsonl", s->folder, s->day);
}

static enum err_code append(struct sales *s, const struct sale *sale, struct err *err)
{
	char storage[SALES_LINE_MAX];
	struct bytes line;
	enum err_code rc;

	bytes_init_fixed(&line, storage, sizeof storage);
	sale_write(&line, sale);
	ASSERT(!line.full);
	/* Whoever has the lock holds it for one line; a stopped program must not stop this one. */
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
		return err_set_os(err, ERR_BUSY, errno, "%s/sales-%s.jsonl: is locked", s->folder,
			s->day);
	rc = line_append(s, bytes_span(&line), err);
	if (s->fd >= 0)
		(void)flock(s->fd, LOCK_UN);
	return rc;
}

/* The file of the sale's own day: after midnight what waited still belongs to the day before. */
static enum err_code write_oldest(struct sales *s, struct err *err)
{
	char day[SALES_DAY_LEN + 1];
	int32_t offset;
	enum err_code rc = ERR_OK;

	sale_day(day, &offset, s->waiting[0].at_unix_s);
	if (s->fd < 0 || strcmp(day, s->day) != 0)
		rc = day_open(s, day, err);
	if (rc == ERR_OK)
		rc = append(s, &s->waiting[0], err);
	if (rc == ERR_OK) {
		memmove(s->waiting, s->waiting + 1, sizeof s->waiting - sizeof s->waiting[0]);
		s->waiting_count--;
		s->sync_again = true;
	}
	return rc;
}

static void sync_look(struct sales *s)
{
	struct err err;
	int os_errno;

	if (s->syncing) {
		os_errno = aio_error(&s->sync);
		if (os_errno == EINPROGRESS)
			return;
		s->syncing = false;
		if (aio_return(&s->sync) != 0)
			(void)faulty(s, ERR_IO,
				(err_set_os(&err, ERR_IO, os_errno, "%s/sales-%s.jsonl: sync",
					 s->folder, s->day),
					&err));
	}
	if (!s->sync_again || s->fd < 0)
		return;
	memset(&s->sync, 0, sizeof s->sync);
	s->sync.aio_fildes = s->fd;
	s->sync.aio_sigevent.sigev_notify = SIGEV_NONE;
	s->syncing = aio_fsync(O_SYNC, &s->sync) == 0;
	if (!s->syncing && fsync(s->fd) != 0) /* no thread for it: then the loop waits */
		(void)faulty(s, ERR_IO,
			(err_set_os(&err, ERR_IO, errno, "%s/sales-%s.jsonl: sync", s->folder,
				 s->day),
				&err));
	s->sync_again = false;
}

static void day_look(struct sales *s, int64_t unix_s)
{
	char day[SALES_DAY_LEN + 1];
	int32_t offset;
	struct err err;
	enum err_code rc;

	sale_day(day, &offset, unix_s);
	if (s->fd >= 0 && strcmp(day, s->day) == 0)
		return;
	rc = day_open(s, day, &err);
	if (rc != ERR_OK)
		(void)faulty(s, rc, &err);
	else
		s->fault[0] = '\0';
}

/* What of a list is seen: another one is another list. */
struct seen {
	char day[SALES_DAY_LEN + 1], fault[ERR_TEXT_MAX];
	uint32_t lines, damaged, waiting;
};

static struct seen seen_now(const struct sales *s)
{
	struct seen seen = {.lines = s->lines, .damaged = s->damaged, .waiting = s->waiting_count};

	text_copy(seen.day, sizeof seen.day, s->day);
	text_copy(seen.fault, sizeof seen.fault, s->fault);
	return seen;
}

static bool seen_same(const struct seen *a, const struct seen *b)
{
	return a->lines == b->lines && a->damaged == b->damaged && a->waiting == b->waiting &&
	       strcmp(a->day, b->day) == 0 && strcmp(a->fault, b->fault) == 0;
}

bool sales_tick(struct sales *s, int64_t unix_s, int64_t now_ms)
{
	const struct seen before = seen_now(s);
	struct seen after;
	struct err err = {0};
	enum err_code rc = ERR_OK;

	sync_look(s);
	if (now_ms < s->again_ms)
		return false;
	while (rc == ERR_OK && s->waiting_count > 0) {
		rc = write_oldest(s, &err);
		if (rc == ERR_OK)
			s->fault[0] = '\0';
	}
	sync_look(s);
	if (s->waiting_count == 0)
		day_look(s, unix_s);
	if (rc == ERR_OK)
		rc = file_read_on(s, &err);
	if (rc != ERR_OK)
		(void)faulty(s, rc, &err);
	s->again_ms = now_ms + SALES_AGAIN_MS;
	after = seen_now(s);
	return !seen_same(&before, &after);
}

int64_t sales_next_ms(const struct sales *s)
{
	return s->again_ms;
}

bool sales_sync(struct sales *s, int64_t unix_s)
{
	const struct aiocb *const list[] = {&s->sync};

	(void)sales_tick(s, unix_s, s->again_ms);
	while (s->syncing && aio_error(&s->sync) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	sync_look(s);
	while (s->syncing && aio_error(&s->sync) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	sync_look(s); /* what came of the last one */
	return s->waiting_count == 0 && s->fault[0] == '\0';
}

/* ---- reading ---- */

uint32_t sales_total(const struct sales *s)
{
	return s->lines + s->waiting_count;
}

void sales_figures(struct sales_figures *out, const struct sales *s)
{
	*out = s->written;
	for (uint32_t i = 0; i < s->waiting_count; i++)
		figures_add(out, &s->waiting[i]);
}

uint32_t sales_count(const struct sales *s)
{
	uint32_t listed = s->lines < SALES_LISTED_MAX ? s->lines : SALES_LISTED_MAX;

	return listed + s->waiting_count;
}

enum err_code sales_get(struct sales *s, uint32_t index, struct sale *out)
{
	uint32_t listed = sales_count(s) - s->waiting_count;
	char line[SALES_LINE_MAX];
	const char *end;
	ssize_t n;

	if (index >= listed + s->waiting_count)
		return ERR_NOT_FOUND;
	if (index >= listed) {
		*out = s->waiting[index - listed];
		return ERR_OK;
	}
	n = pread(s->fd, line, sizeof line, s->at[(s->lines - listed + index) % SALES_LISTED_MAX]);
	end = n > 0 ? memchr(line, '\n', (size_t)n) : NULL;
	if (end == NULL)
		return ERR_CORRUPT;
	return sale_read(out, SPAN(line, (size_t)(end - line) + 1), NULL);
}
