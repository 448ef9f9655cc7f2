/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/process.h"

static const char *after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);
	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static enum err_code set_text(struct scan_process *p, const char *source, struct err *err)
{
	p->source = strdup(source);
	return p->source ? ERR_OK : err_set(err, ERR_NO_MEMORY, "no memory for the source's name");
}

/* The child reads every pipe as its standard input; this end stays open over its deaths. */
static enum err_code set_pipe(struct scan_process *p, int fd, const char *name, struct err *err)
{
	if (fd < 0)
		return err_set_os(err, errno == EACCES ? ERR_PERMISSION : ERR_IO, errno,
			"cannot open %s", name);
	p->frames_fd = fd;
	p->kind = SCAN_KIND_PIPE;
	return set_text(p, "-", err);
}

static enum err_code set_stdin(struct scan_process *p, struct err *err)
{
	struct stat st;
	if (fstat(STDIN_FILENO, &st))
		return err_set_os(err, ERR_IO, errno, "cannot use standard input");
	enum err_code code = set_pipe(p, fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), "standard input",
		err);
	if (code || !S_ISREG(st.st_mode))
		return code;
	/* Opened anew by the child, so that each of its lives begins at the start. */
	free(p->source);
	p->kind = SCAN_KIND_FILE;
	return set_text(p, "/dev/stdin", err);
}

static enum err_code set_named_pipe(struct scan_process *p, const char *path, struct err *err)
{
	p->pipe_name = strdup(path);
	if (!p->pipe_name)
		return err_set(err, ERR_NO_MEMORY, "no memory for the source's name");
	return set_pipe(p, open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), path, err);
}

static enum err_code set_path(struct scan_process *p, const char *path, struct err *err)
{
	struct stat st;
	if (!*path)
		return err_set(err, ERR_INVALID, "replay: needs a file, a folder or -");
	if (strcmp(path, "-") == 0)
		return set_stdin(p, err);
	if (stat(path, &st))
		return err_set_os(err, errno == EACCES ? ERR_PERMISSION : ERR_NOT_FOUND, errno,
			"cannot find the source %s", path);
	if (!S_ISCHR(st.st_mode) && access(path, R_OK))
		return err_set_os(err, ERR_PERMISSION, errno, "cannot read the source %s", path);
	if (S_ISFIFO(st.st_mode))
		return set_named_pipe(p, path, err);
	if (S_ISCHR(st.st_mode))
		p->kind = SCAN_KIND_DEVICE;
	else if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		p->kind = SCAN_KIND_FILE;
	else
		return err_set(err, ERR_INVALID, "%s is no file, folder, pipe or camera", path);
	return set_text(p, path, err);
}

/* What is not there yet may be plugged in. */
static enum err_code set_camera(struct scan_process *p, const char *path, struct err *err)
{
	struct stat st;
	if (stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
		return set_path(p, path, err);
	p->kind = SCAN_KIND_DEVICE;
	return set_text(p, path, err);
}

/* The scanner is told by the prefix: the same kind of device file may be many things. */
static enum err_code set_reader(struct scan_process *p, const char *spec, struct err *err)
{
	enum err_code code = typed_spec_parse(&p->reader_spec, spec, err);
	if (code)
		return code;
	struct stat st;
	bool there = stat(p->reader_spec.path, &st) == 0;
	if (there ? !S_ISCHR(st.st_mode) : !after(p->reader_spec.path, "/dev/"))
		return err_set(err, there ? ERR_INVALID : ERR_NOT_FOUND, "%s is no device; a "
			"reader is one such as /dev/hidraw0", p->reader_spec.path);
	if (p->stepped) /* said now, and not when it is plugged in */
		return err_set(err, ERR_UNSUPPORTED, "%s: a hand-held reader has no frames to step "
			"through: leave out --step; a recording of one can be stepped",
			p->reader_spec.path);
	p->kind = SCAN_KIND_DEVICE;
	p->reader = true;
	return set_text(p, spec, err);
}

enum err_code scan_process_set_source(struct scan_process *p, const char *spec,
	const char **simulator, struct err *err)
{
	*simulator = NULL;
	if (!spec || strlen(spec) > SCAN_SOURCE_MAX)
		return err_set(err, ERR_INVALID, "a source of at most %d characters is needed",
			SCAN_SOURCE_MAX);
	const char *rest = after(spec, "replay:");
	if (rest)
		return set_path(p, rest, err);
	if ((rest = after(spec, "simulator:"))) {
		if (!*rest)
			return err_set(err, ERR_INVALID, "simulator: needs a command");
		*simulator = rest;
		p->kind = SCAN_KIND_PIPE;
		return set_text(p, "-", err);
	}
	if (after(spec, "reader:"))
		return set_reader(p, spec, err);
	if (after(spec, "/dev/"))
		return set_camera(p, spec, err);
	if (after(spec, "video"))
		return err_set(err, ERR_INVALID, "the source \"%.80s\" is neither a camera nor "
			"anything else; did you mean /dev/%.80s?", spec, spec);
	return err_set(err, ERR_INVALID, "the source \"%.80s\" is neither replay:PATH, "
		"simulator:COMMAND, reader:DEVICE nor a camera such as /dev/video0", spec);
}
