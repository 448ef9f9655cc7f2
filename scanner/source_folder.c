/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of pictures in order of name, or one picture. Names are taken when it is opened; the
 * files are read one by one, so a later file may be damaged without harm to the earlier ones. One
 * picture is opened at once, those of a folder by an opener, because we may not any more.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/opener.h"
#include "scanner/picture.h"
#include "scanner/source.h"

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

struct folder {
	struct scan_source base;
	int opener_fd; /* of a folder; -1 = one picture */
	int one_fd;    /* the one picture; -1 = a folder */
	char **names;
	size_t count, cap, at;
	struct bytes file;
	struct scan_grey grey;
};

static bool is_picture_name(const char *name)
{
	static const char *const ends[] = {".pgm", ".png", ".jpg", ".jpeg"};
	size_t len = strlen(name);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t n = strlen(ends[i]);
		if (len > n && strcasecmp(name + len - n, ends[i]) == 0)
			return true;
	}
	return false;
}

static enum err_code add_name(struct folder *f, const char *name, struct err *err)
{
	if (f->count == SCAN_FOLDER_FILES_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d pictures in the folder",
			SCAN_FOLDER_FILES_MAX);
	if (f->count == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 64;
		char **names = reallocarray(f->names, cap, sizeof *names);
		if (!names)
			return err_set(err, ERR_NO_MEMORY, "no memory for the folder's names");
		f->names = names;
		f->cap = cap;
	}
	f->names[f->count] = strdup(name);
	if (!f->names[f->count])
		return err_set(err, ERR_NO_MEMORY, "no memory for the folder's names");
	f->count++;
	return ERR_OK;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

static enum err_code list(struct folder *f, int dir_fd, struct err *err)
{
	int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	if (!dir) {
		int e = errno;
		if (copy >= 0)
			close(copy);
		return err_set_os(err, ERR_IO, e, "cannot read the folder");
	}
	enum err_code code = ERR_OK;
	struct dirent *entry;
	errno = 0;
	while (!code && (entry = readdir(dir)))
		if (is_picture_name(entry->d_name))
			code = add_name(f, entry->d_name, err);
	closedir(dir);
	if (!code && !f->count)
		code = err_set(err, ERR_NOT_FOUND,
			"the folder holds neither a recording nor PGM, PNG or JPEG pictures");
	if (!code)
		qsort(f->names, f->count, sizeof *f->names, by_name);
	return code;
}

static enum err_code read_all(struct folder *f, int fd, struct err *err)
{
	uint8_t piece[16384];
	ssize_t n;
	bytes_clear(&f->file);
	while ((n = read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			bytes_add(&f->file, piece, (size_t)n);
		if (f->file.full)
			return err_set(err, ERR_TOO_LARGE, "larger than %u bytes",
				SCAN_FILE_BYTES_MAX);
	}
	return n < 0 ? err_set_os(err, ERR_IO, errno, "cannot be read") : ERR_OK;
}

static enum err_code load(struct folder *f, uint32_t index, struct err *err)
{
	int fd = f->one_fd;
	if (fd >= 0)
		return lseek(fd, 0, SEEK_SET) == 0 ? read_all(f, fd, err)
			: err_set_os(err, ERR_IO, errno, "cannot be read again");
	enum err_code code = scan_opener_open(f->opener_fd, &fd, index, err);
	if (!code) {
		code = read_all(f, fd, err);
		close(fd);
	}
	return code;
}

/* JPEG files go on as bytes, like those of a camera; the other kinds become grey here. */
static enum scan_source_result folder_next(struct scan_source *s, struct scan_frame *out,
	struct err *err)
{
	struct folder *f = (struct folder *)s;
	bool damaged;
	if (f->at == f->count)
		return SOURCE_END;
	uint32_t index = (uint32_t)f->at++;
	*out = (struct scan_frame){.grey = &f->grey};
	enum err_code code = load(f, index, err);
	if (!code && scan_picture_is_jpeg(bytes_span(&f->file))) {
		out->jpeg = bytes_span(&f->file);
		out->verbatim = true;
	} else if (!code) {
		code = scan_picture_read(&f->grey, bytes_span(&f->file), &damaged, err);
	}
	if (!code)
		return SOURCE_FRAME;
	ERR_IGNORE(err_prefix(err, "%s", f->names[index])); /* words only */
	return SOURCE_BAD;
}

static enum scan_source_result folder_skip(struct scan_source *s, struct err *err)
{
	struct folder *f = (struct folder *)s;
	(void)err;
	if (f->at == f->count)
		return SOURCE_END;
	f->at++;
	return SOURCE_FRAME;
}

static bool folder_rewind(struct scan_source *s)
{
	struct folder *f = (struct folder *)s;
	f->at = 0;
	return true;
}

static void folder_close(struct scan_source *s)
{
	struct folder *f = (struct folder *)s;
	for (size_t i = 0; i < f->count; i++)
		free(f->names[i]);
	free(f->names);
	bytes_done(&f->file);
	scan_grey_done(&f->grey);
	if (f->opener_fd >= 0)
		close(f->opener_fd);
	if (f->one_fd >= 0)
		close(f->one_fd);
	free(f);
}

static const struct scan_source_ops folder_ops = {
	.name = "pictures",
	.next = folder_next,
	.skip = folder_skip,
	.rewind = folder_rewind,
	.close = folder_close,
};

static enum err_code open_one(struct folder *f, int dir_fd, const char *name, struct err *err)
{
	struct stat st;
	f->one_fd = openat(dir_fd, name, OPEN_FLAGS);
	if (f->one_fd < 0 || fstat(f->one_fd, &st))
		return err_set_os(err, ERR_IO, errno, "%s: cannot be opened", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, "%s: not a file", name);
	return add_name(f, name, err);
}

static enum err_code open_all(struct folder *f, int dir_fd, struct err *err)
{
	enum err_code code = list(f, dir_fd, err);
	if (code)
		return code;
	struct scan_opener_job job = {.dir_fd = dir_fd,
		.names = (const char *const *)f->names,
		.count = f->count,
		.flags = OPEN_FLAGS};
	f->base.opens = true;
	return scan_opener_start(&f->opener_fd, &job, err);
}

enum err_code scan_folder_open(struct scan_source **out, int dir_fd, const char *only,
	struct err *err)
{
	struct folder *f = calloc(1, sizeof *f);
	*out = NULL;
	if (!f) {
		close(dir_fd);
		return err_set(err, ERR_NO_MEMORY, "no memory for the source");
	}
	f->base.ops = &folder_ops;
	f->base.class = SOURCE_FILE;
	f->base.pictures = true;
	f->opener_fd = -1;
	f->one_fd = -1;
	bytes_init(&f->file, SCAN_FILE_BYTES_MAX);
	enum err_code code = only ? open_one(f, dir_fd, only, err) : open_all(f, dir_fd, err);
	close(dir_fd);
	if (code)
		folder_close(&f->base);
	else
		*out = &f->base;
	return code;
}
