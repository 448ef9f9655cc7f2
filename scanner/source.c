/* SPDX-License-Identifier: Apache-2.0
 *
 * Which kind of source a path is: by what is there, not by what it is called.
 */
#include "scanner/source.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "scanner/reader.h"
#include "scanner/scanner.h"
#include "scanner/times.h"

/* A stream whose kind its first bytes tell, which a pipe has not yet when it is opened. */
struct stream {
	struct scan_source base;
	struct scan_source_options opt;
	struct scan_reader *reader; /* until `inner` takes it over */
	struct scan_times *times;
	struct scan_source *inner;
	const char *pipe;      /* name of a pipe that nobody may write to; NULL = none, told */
	int64_t opened_ms;     /* monotonic */
	bool no_times;         /* a recording without times: to be told */
};

static enum err_code open_failed(const char *path, int os_errno, struct err *err)
{
	enum err_code code = ERR_IO;
	if (os_errno == ENOENT || os_errno == ENOTDIR || os_errno == ENODEV || os_errno == ENXIO)
		code = ERR_NOT_FOUND;
	else if (os_errno == EACCES || os_errno == EPERM)
		code = ERR_PERMISSION;
	return err_set_os(err, code, os_errno, "cannot open %s", path);
}

/* ---- stream ---- */

/* What the inner source knows by now, for those who look at the outer one. */
static void copy_facts(struct stream *s)
{
	const struct scan_source *in = s->inner;
	s->base.width = in->width;
	s->base.height = in->height;
	s->base.rate_num = in->rate_num;
	s->base.rate_den = in->rate_den;
	s->base.head = in->head;
	s->base.times_bad = in->times_bad;
}

static enum err_code take_kind(struct stream *s, struct err *err)
{
	struct span have = scan_reader_bytes(s->reader);
	struct scan_reader *reader = s->reader;
	struct scan_times *times = s->times;
	/* Of a pipe that was joined its header line tells; mjpeg has none. */
	char first = s->opt.joined ? (s->opt.head ? s->opt.head[0] : '\xff') : (char)have.data[0];
	if (first != 'Y' && first != 'c' && first != '\xff')
		return err_set(err, ERR_FORMAT,
			"the source is neither mjpeg nor y4m, nor codes of a reader, nor a "
			"picture that is read");
	s->reader = NULL;
	s->times = NULL;
	enum err_code code = first == 'Y' ? scan_y4m_open(&s->inner, reader, times, &s->opt, err)
		: first == 'c'	? scan_codes_open(&s->inner, reader, times, &s->opt, err)
					: scan_mjpeg_open(&s->inner, reader, times, &s->opt, err);
	if (!code && s->inner)
		copy_facts(s);
	return code;
}

/* No byte yet: NOTE once when that lasts. */
static enum scan_source_result wait_for_writer(struct stream *s, struct err *err)
{
	struct clock clock;
	clock_init_real(&clock);
	if (!s->pipe || clock_mono_ms(&clock) - s->opened_ms < SCAN_NO_WRITER_MS)
		return SOURCE_WAIT;
	ERR_IGNORE(err_set(err, ERR_TIMEOUT, "%s: waiting for somebody to write to it", s->pipe));
	s->pipe = NULL;
	return SOURCE_NOTE;
}

/* FRAME: there is an inner source now. */
static enum scan_source_result sniff(struct stream *s, struct err *err)
{
	if (!s->reader) { /* its kind was refused before */
		ERR_IGNORE(err_set(err, ERR_FORMAT, "the source cannot be read"));
		return SOURCE_FAILED;
	}
	if (!scan_reader_bytes(s->reader).len) {
		switch (scan_reader_fill(s->reader, err)) {
		case READER_MORE:
			break;
		case READER_WAIT:
			return wait_for_writer(s, err);
		case READER_END:
			return SOURCE_END;
		case READER_FULL:
		case READER_FAILED:
			return SOURCE_FAILED;
		}
	}
	return take_kind(s, err) ? SOURCE_FAILED : SOURCE_FRAME;
}

static enum scan_source_result stream_next(struct scan_source *base, struct scan_frame *out,
	struct err *err)
{
	struct stream *s = (struct stream *)base;
	if (s->no_times) {
		s->no_times = false;
		ERR_IGNORE(err_set(err, ERR_NOT_FOUND,
			"the recording has no file times: its frames run at the frame rate"));
		return SOURCE_NOTE;
	}
	if (!s->inner) {
		enum scan_source_result r = sniff(s, err);
		if (r != SOURCE_FRAME || !s->inner)
			return r;
	}
	enum scan_source_result r = s->inner->ops->next(s->inner, out, err);
	copy_facts(s);
	return r;
}

static int stream_fd(const struct scan_source *base)
{
	const struct stream *s = (const struct stream *)base;
	if (s->inner)
		return s->inner->ops->fd(s->inner);
	return s->reader && !s->reader->regular ? s->reader->fd : -1;
}

static bool stream_rewind(struct scan_source *base)
{
	struct stream *s = (struct stream *)base;
	return s->inner && s->inner->ops->rewind(s->inner);
}

static void stream_close(struct scan_source *base)
{
	struct stream *s = (struct stream *)base;
	scan_source_close(&s->inner);
	scan_reader_free(&s->reader);
	scan_times_free(&s->times);
	free(s);
}

static const struct scan_source_ops stream_ops = {
	.name = "stream",
	.next = stream_next,
	.fd = stream_fd,
	.rewind = stream_rewind,
	.close = stream_close,
};

static void begin_waiting(struct stream *s)
{
	struct clock clock;
	clock_init_real(&clock);
	s->opened_ms = clock_mono_ms(&clock);
	s->pipe = s->opt.pipe;
	if (!s->pipe && strcmp(s->opt.path, "-") != 0)
		s->pipe = s->opt.path;
	if (s->opt.joined || s->reader->regular)
		s->pipe = NULL;
}

/* Takes over fd and times. */
static enum err_code open_stream(struct scan_source **out, int fd, struct scan_times *times,
	const struct scan_source_options *opt, struct err *err)
{
	struct scan_reader *reader;
	enum err_code code = scan_reader_new(&reader, fd, SCAN_FRAME_BYTES_MAX, err);
	struct stream *s = code ? NULL : calloc(1, sizeof *s);
	if (!s) {
		scan_reader_free(&reader);
		scan_times_free(&times);
		return code ? code : err_set(err, ERR_NO_MEMORY, "no memory for the source");
	}
	s->base.ops = &stream_ops;
	s->base.class = reader->regular ? SOURCE_FILE : SOURCE_PIPE;
	s->opt = *opt;
	s->reader = reader;
	s->times = times;
	begin_waiting(s);
	if (reader->regular) {
		enum scan_source_result r = sniff(s, err);
		if (r == SOURCE_END)
			code = err_set(err, ERR_FORMAT, "%s is empty", opt->path);
		else if (r != SOURCE_FRAME)
			code = ERR_FORMAT;
	}
	if (code)
		stream_close(&s->base);
	else
		*out = &s->base;
	return code;
}

/* ---- files and folders ---- */

/* A recording: frames and, if they are there, times. *frames = -1 when there are no frames.
 * *lacks_times: a session was recorded with them, so there ought to be some.
 */
static enum err_code open_recording(int dir_fd, int *frames, struct scan_times **times,
	bool *lacks_times, struct err *err)
{
	*times = NULL;
	*lacks_times = false;
	*frames = openat(dir_fd, "frames.mjpeg", O_RDONLY | O_CLOEXEC);
	if (*frames < 0)
		*frames = openat(dir_fd, "frames.y4m", O_RDONLY | O_CLOEXEC);
	if (*frames < 0)
		*frames = openat(dir_fd, "frames.codes", O_RDONLY | O_CLOEXEC);
	if (*frames < 0)
		return errno == ENOENT ? ERR_OK : open_failed("frames", errno, err);
	int fd = openat(dir_fd, "times", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		*lacks_times = faccessat(dir_fd, "session.jsonl", F_OK, 0) == 0;
		return ERR_OK;
	}
	enum err_code code = fd < 0 ? open_failed("times", errno, err)
				    : scan_times_new(times, fd, err);
	if (code)
		close(*frames);
	return code;
}

static enum err_code open_folder(struct scan_source **out, int dir_fd,
	const struct scan_source_options *opt, struct err *err)
{
	int frames;
	struct scan_times *times;
	bool lacks_times;
	enum err_code code = open_recording(dir_fd, &frames, &times, &lacks_times, err);
	if (!code && frames < 0)
		return scan_folder_open(out, dir_fd, NULL, err);
	close(dir_fd);
	if (!code)
		code = open_stream(out, frames, times, opt, err);
	if (!code)
		((struct stream *)*out)->no_times = lacks_times;
	return code;
}

static bool is_one_picture(int fd, const char *path)
{
	uint8_t head[3] = {0};
	const char *dot = strrchr(path, '.');
	if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head)
		return false;
	if (head[0] == 0xff) /* one JPEG, or many: the name tells */
		return dot && (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg"));
	return (head[0] == 'P' && (head[1] == '5' || head[1] == '2')) || head[0] == 0x89;
}

static enum err_code open_picture(struct scan_source **out, const char *path, struct err *err)
{
	char *folder = strdup(path), *name = strdup(path);
	enum err_code code;
	int dir_fd = -1;
	if (folder && name)
		dir_fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		code = open_failed(path, folder && name ? errno : ENOMEM, err);
	else
		code = scan_folder_open(out, dir_fd, basename(name), err);
	free(folder);
	free(name);
	return code;
}

/* Known before it is opened, so that it is opened once, and what is wrong is said of a camera. */
static bool is_camera(const char *path)
{
	struct stat st;
	return stat(path, &st) ? strncmp(path, "/dev/", 5) == 0 : S_ISCHR(st.st_mode);
}

static enum err_code open_path(struct scan_source **out, const struct scan_source_options *opt,
	struct err *err)
{
	struct stat st;
	if (is_camera(opt->path))
		return scan_v4l2_open(out, opt, err);
	int fd = open(opt->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		int e = errno;
		if (fd >= 0)
			close(fd);
		return open_failed(opt->path, e, err);
	}
	if (S_ISDIR(st.st_mode))
		return open_folder(out, fd, opt, err);
	if (S_ISREG(st.st_mode) && is_one_picture(fd, opt->path)) {
		close(fd);
		return open_picture(out, opt->path, err);
	}
	if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))
		return open_stream(out, fd, NULL, opt, err);
	close(fd);
	return err_set(err, ERR_UNSUPPORTED, "%s is no file, folder, pipe or camera", opt->path);
}

enum err_code scan_source_open(struct scan_source **out, const struct scan_source_options *opt,
	struct err *err)
{
	*out = NULL;
	if (opt->reader)
		return scan_typed_open(out, opt, err);
	if (opt->device_fd > 0)
		return scan_v4l2_open(out, opt, err);
	if (strcmp(opt->path, "-") != 0)
		return open_path(out, opt, err);
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return err_set_os(err, ERR_IO, errno, "cannot use standard input");
	return open_stream(out, fd, NULL, opt, err);
}

void scan_source_close(struct scan_source **s)
{
	if (*s)
		(*s)->ops->close(*s);
	*s = NULL;
}
