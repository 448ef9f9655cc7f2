/* SPDX-License-Identifier: Apache-2.0 */
#include "wallet/holder/shown.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum err_code picture_take(struct shown *s, struct err *err)
{
	struct picture fresh = {0};
	struct bytes file;
	enum err_code rc;

	bytes_init(&file, SHOWN_FILE_MAX);
	rc = file_read(&file, s->path, false, err);
	if (!rc) {
		rc = png_read(&fresh, bytes_span(&file), err);
		if (rc)
			err_prefix(err, "%s", s->path);
	}
	bytes_done(&file);
	if (rc)
		return rc;
	picture_free(&s->picture);
	s->picture = fresh;
	s->turn++;
	return ERR_OK;
}

static enum err_code path_set(struct shown *s, struct span path, struct err *err)
{
	if (path.len == strlen(s->path) && memcmp(path.data, s->path, path.len) == 0)
		return ERR_OK;
	if (path.len >= sizeof(s->path) || memchr(path.data, 0, path.len))
		return err_set(err, ERR_INVALID, "this is no name of a file");
	memcpy(s->path, path.data, path.len);
	s->path[path.len] = 0;
	memset(&s->seen, 0, sizeof(s->seen));
	picture_free(&s->picture);
	return ERR_OK;
}

enum err_code shown_look(struct shown *s, struct span path, struct err *err)
{
	struct err why = {0};
	struct stat now;
	enum err_code rc = path_set(s, path, err);

	if (rc)
		return rc;
	if (stat(s->path, &now)) {
		if (!s->picture.grey)
			return err_set_os(err, ERR_IO, errno, "%s", s->path);
		return ERR_OK; /* between two files */
	}
	if (s->picture.grey && same_file(&now, &s->seen))
		return ERR_OK;
	s->seen = now; /* before it is read: what is written meanwhile is another one */
	rc = picture_take(s, s->picture.grey ? &why : err);
	if (!rc || !s->picture.grey)
		return rc;
	log_line(LOG_WARNING, "simulator", "not shown: %s", why.text);
	return ERR_OK;
}

void shown_done(struct shown *s)
{
	picture_free(&s->picture);
	s->path[0] = 0;
}
