/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum err_code scan_record_open(struct scan_record *r, const char *dir, bool more, int fps,
	struct err *err)
{
	static const char *const names[] = {"frames.mjpeg", "frames.y4m", "times"};
	*r = (struct scan_record){.frames_fd = -1, .times_fd = -1, .more = more, .fps = fps};
	r->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir_fd < 0)
		return err_set_os(err, ERR_NOT_FOUND, errno, "cannot open the folder %s to record",
			dir);
	for (size_t i = 0; !more && i < sizeof names / sizeof names[0]; i++) {
		if (faccessat(r->dir_fd, names[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
			scan_record_close(r);
			return err_set(err, ERR_EXISTS, "%s holds a recording already (%s); "
				"use an empty folder", dir, names[i]);
		}
	}
	return ERR_OK;
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
	close_fd(&r->dir_fd);
}

static enum err_code open_file(const struct scan_record *r, int *fd, int64_t *len,
	const char *name, struct err *err)
{
	struct stat st;
	*fd = openat(r->dir_fd, name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
		(r->more ? 0 : O_EXCL), 0600);
	if (*fd < 0 || fstat(*fd, &st))
		return err_set_os(err, ERR_IO, errno, "cannot write %s", name);
	*len = st.st_size;
	return ERR_OK;
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

/* The first frame decides what the recording holds. */
static enum err_code begin(struct scan_record *r, const struct scan_frame *f, struct err *err)
{
	r->jpeg = f->verbatim;
	enum err_code code = open_file(r, &r->frames_fd, &r->frames_len,
		r->jpeg ? "frames.mjpeg" : "frames.y4m", err);
	if (!code)
		code = open_file(r, &r->times_fd, &r->times_len, "times", err);
	if (code || r->jpeg)
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
	if (r->jpeg != f->verbatim)
		return err_set(err, ERR_UNSUPPORTED, "the kind of frames changed");
	int64_t before = r->frames_len;
	enum err_code code = r->jpeg ? write_jpeg(r, f->jpeg, err) : write_y4m(r, f->grey, err);
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
	if (r->dir_fd < 0)
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
