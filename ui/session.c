/* SPDX-License-Identifier: Apache-2.0
 *
 * session.jsonl: writing it. session_read.c reads and compares.
 */
#include "ui/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define HEADER_MAX 4096

enum err_code session_path(char out[static SESSION_PATH_MAX], const char *dir, const char *name,
	struct err *err)
{
	int n = snprintf(out, SESSION_PATH_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= SESSION_PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "the folder's name is too long");
	return ERR_OK;
}

static enum err_code folder_check_empty(const char *dir, struct err *err)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	bool empty = true;

	if (d == NULL)
		return err_set_os(err, ERR_PERMISSION, errno, "--record %s", dir);
	while (empty && (entry = readdir(d)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(d);
	if (!empty)
		return err_set(err, ERR_EXISTS,
			"--record %s: there is something in this folder; name a new one", dir);
	return ERR_OK;
}

enum err_code session_folder_make(const char *dir, struct err *err)
{
	if (mkdir(dir, 0700) == 0)
		return ERR_OK;
	if (errno != EEXIST)
		return err_set_os(err, ERR_IO, errno, "--record %s", dir);
	return folder_check_empty(dir, err);
}

static void header_build(struct bytes *line, const struct session_header *h)
{
	const struct client_sale *s = &h->sale;
	struct json_out w;

	json_out_init(&w, line);
	json_out_begin(&w, NULL);
	json_out_int(&w, "countersign_recording", SESSION_VERSION);
	json_out_int(&w, "started_unix_ms", h->started_unix_ms);
	json_out_bool(&w, "stepped", h->stepped);
	json_out_bool(&w, "continuous", h->continuous);
	json_out_int(&w, "fps", h->fps);
	if (h->result_ms != FLOW_RESULT_MS)
		json_out_int(&w, "result_ms", h->result_ms);
	json_out_text(&w, "source", h->source);
	if (h->all_symbologies)
		json_out_bool(&w, "all_symbologies", true);
	if (s->amount > 0)
		json_out_int(&w, "amount", (int64_t)s->amount);
	if (s->currency[0] != '\0')
		json_out_text(&w, "currency", s->currency);
	if (s->reference[0] != '\0')
		json_out_text(&w, "reference", s->reference);
	if (s->operator_name[0] != '\0')
		json_out_text(&w, "operator", s->operator_name);
	json_out_end(&w);
	bytes_add_text(line, "\n");
}

enum err_code session_write_open(struct session_writer *w, const char *dir,
	const struct session_header *h, struct err *err)
{
	char path[SESSION_PATH_MAX];
	char storage[HEADER_MAX];
	struct bytes line;
	enum err_code rc = session_path(path, dir, SESSION_FILE, err);

	w->fd = -1;
	if (rc != ERR_OK)
		return rc;
	bytes_init_fixed(&line, storage, sizeof storage);
	header_build(&line, h);
	if (line.full)
		return err_set(err, ERR_TOO_LARGE, "the header of the recording is too long");
	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0)
		return err_set_os(err, ERR_IO, errno, "%s", path);
	return session_write_line(w, bytes_span(&line), err);
}

enum err_code session_write_line(struct session_writer *w, struct span line, struct err *err)
{
	struct err detail = {0};
	enum err_code rc;

	if (w->fd < 0)
		return ERR_OK;
	rc = file_write_all(w->fd, line, &detail);
	if (rc == ERR_OK)
		return ERR_OK;
	session_write_close(w);
	if (detail.os_errno == ENOSPC || detail.os_errno == EDQUOT)
		return err_set(err, rc, "recording stopped: disk full");
	return err_set(err, rc, "recording stopped: %s", detail.text);
}

void session_write_close(struct session_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}
