/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/codes.h"
#include "scanner/opener.h"

enum recorded {
	FILE_JPEG,
	FILE_Y4M,
	FILE_CODES,
	FILE_TIMES,
	FILE_COUNT
};

static const char *const names[FILE_COUNT] = {"frames.mjpeg", "frames.y4m", "frames.codes",
	"times"};

static enum err_code refuse_another(int dir_fd, const char *dir, struct err *err)
{
	for (size_t i = 0; i < FILE_COUNT; i++)
		if (faccessat(dir_fd, names[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return err_set(err, ERR_EXISTS, "%s holds a recording already (%s); "
				"use an empty folder", dir, names[i]);
	return ERR_OK;
}

enum err_code scan_record_open(struct scan_record *r, const char *dir, bool more, int fps,
	struct err *err)
{
	*r = (struct scan_record){.opener_fd = -1, .frames_fd = -1, .times_fd = -1, .fps = fps};
	struct scan_opener_job job = {.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.names = names,
		.count = FILE_COUNT,
		.flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
			(more ? 0 : O_EXCL)};
	if (job.dir_fd < 0)
		return err_set_os(err, ERR_NOT_FOUND, errno, "cannot open the folder %s to record",
			dir);
	enum err_code code = more ? ERR_OK : refuse_another(job.dir_fd, dir, err);
	if (!code)
		code = scan_opener_start(&r->opener_fd, &job, err);
	close(job.dir_fd);
	return code;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void scan_record_close(struct scan_record *r)
{
	close_fd(&r->frames_fd);
	close_fd(&r->times_fd);
	close_fd(&r->opener_fd);
}

static enum err_code open_file(const struct scan_record *r, int *fd, int64_t *len,
	enum recorded which, struct err *err)
{
	enum err_code code = scan_opener_open(r->opener_fd, fd, which, err);
	if (code) {
		ERR_IGNORE(err_prefix(err, "%s", names[which])); /* words only */
		return code;
	}
	*len = lseek(*fd, 0, SEEK_END);
	return *len < 0 ? err_set_os(err, ERR_IO, errno, "cannot write %s", names[which]) : ERR_OK;
}

static enum err_code write_head(struct scan_record *r, struct err *err)
{
	char head[SCAN_STREAM_HEAD_MAX];
	int n = snprintf(head, sizeof head, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 Cmono\n", r->width,
		r->height, r->fps);
	enum err_code code = file_write_all(r->frames_fd, SPAN(head, (size_t)n), err);
	if (!code)
		r->frames_len += n;
	return code;
}

/* Of a hand-held reader there are no pictures, but codes and ticks. */
static enum err_code write_code(struct scan_record *r, const struct scan_code *code,
	struct err *err)
{
	uint8_t room[sizeof SCAN_CODES_HEAD + SCAN_CODES_LINE_MAX];
	struct bytes text;
	bytes_init_fixed(&text, room, sizeof room);
	if (r->frames_len == 0)
		bytes_add_text(&text, SCAN_CODES_HEAD "\n");
	scan_codes_line(&text, code);
	enum err_code rc = file_write_all(r->frames_fd, bytes_span(&text), err);
	if (!rc)
		r->frames_len += (int64_t)text.len;
	return rc;
}

/* The first frame decides what the recording holds. */
static enum err_code begin(struct scan_record *r, const struct scan_frame *f, struct err *err)
{
	r->jpeg = f->verbatim;
	r->codes = f->code != NULL;
	enum err_code code = open_file(r, &r->frames_fd, &r->frames_len,
		r->codes ? FILE_CODES : r->jpeg ? FILE_JPEG : FILE_Y4M, err);
	if (!code)
		code = open_file(r, &r->times_fd, &r->times_len, FILE_TIMES, err);
	if (code || r->jpeg || r->codes)
		return code;
	r->width = f->grey->width;
	r->height = f->grey->height;
	return r->frames_len == 0 ? write_head(r, err) : ERR_OK;
}

static enum err_code write_y4m(struct scan_record *r, const struct scan_grey *g, struct err *err)
{
	if (g->width != r->width || g->height != r->height)
		return err_set(err, ERR_UNSUPPORTED, "pictures changed from %dx%d to %dx%d",
			r->width, r->height, g->width, g->height);
	enum err_code code = file_write_all(r->frames_fd, span_text("FRAME\n"), err);
	if (!code)
		code = file_write_all(r->frames_fd,
			SPAN(g->pixels, (size_t)g->width * (size_t)g->height), err);
	if (!code)
		r->frames_len += 6 + (int64_t)g->width * g->height;
	return code;
}

/* A camera's frame that does not begin like a JPEG would vanish among its neighbours: an empty
 * JPEG keeps its place, and is as unreadable.
 */
static enum err_code write_jpeg(struct scan_record *r, struct span jpeg, struct err *err)
{
	if (jpeg.len < 4 || jpeg.data[0] != 0xff || jpeg.data[1] != 0xd8)
		jpeg = SPAN("\xff\xd8\xff\xd9", 4);
	enum err_code code = file_write_all(r->frames_fd, jpeg, err);
	if (!code)
		r->frames_len += (int64_t)jpeg.len;
	return code;
}

static enum err_code write_frame(struct scan_record *r, const struct scan_frame *f, int64_t at_ms,
	struct err *err)
{
	char line[32];
	if (r->jpeg != f->verbatim || r->codes != (f->code != NULL))
		return err_set(err, ERR_UNSUPPORTED, "the kind of frames changed");
	int64_t before = r->frames_len;
	enum err_code code = f->code ? write_code(r, f->code, err)
		: r->jpeg ? write_jpeg(r, f->jpeg, err)
			  : write_y4m(r, f->grey, err);
	if (code)
		return code;
	int n = snprintf(line, sizeof line, "%lld\n", (long long)at_ms);
	code = file_write_all(r->times_fd, SPAN(line, (size_t)n), err);
	if (code)
		r->frames_len = before; /* a frame without its time is taken back, too */
	else
		r->times_len += n;
	return code;
}

enum err_code scan_record_frame(struct scan_record *r, const struct scan_frame *f, int64_t at_ms,
	struct err *err)
{
	if (r->opener_fd < 0)
		return ERR_OK;
	enum err_code code = r->frames_fd < 0 ? begin(r, f, err) : ERR_OK;
	if (!code)
		code = write_frame(r, f, at_ms, err);
	if (!code)
		return ERR_OK;
	/* Take back what does not hold whole frames; on a broken disk that may fail as well. */
	if (r->frames_fd >= 0 && ftruncate(r->frames_fd, r->frames_len))
		ERR_IGNORE(err_prefix(err, "the last frame is cut"));
	if (r->times_fd >= 0 && ftruncate(r->times_fd, r->times_len))
		ERR_IGNORE(err_prefix(err, "the last time is cut"));
	scan_record_close(r);
	return code;
}
