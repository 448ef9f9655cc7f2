/* SPDX-License-Identifier: Apache-2.0
 *
 * Which files of settings there are, and what of two of them counts.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/settings_table.h"

bool settings_file_is_there(const char *path)
{
	return path[0] != '\0' && access(path, F_OK) == 0;
}

enum err_code settings_path_take(char out[static SETTINGS_PATH_MAX], const char *head,
	const char *tail, struct err *err)
{
	int n = snprintf(out, SETTINGS_PATH_MAX, "%s%s", head, tail);

	return n >= 0 && n < SETTINGS_PATH_MAX
		       ? ERR_OK
		       : err_set(err, ERR_INVALID, "--config: the name is too long");
}

static bool is_identity(const struct config_key *key)
{
	return strcmp(key->section, "backend") == 0 || strcmp(key->section, "issuer") == 0;
}

static bool says(const struct settings_reading *r, const bool *seen, const void *field)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->keys[i].value == field)
			return seen[i];
	return false;
}

/* A name without a slash at its front is beside the configuration. */
static enum err_code beside(const char *path, char *file, const char *what, struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash != NULL ? (size_t)(slash + 1 - path) : 0;
	size_t len = strlen(file);

	if (len == 0 || file[0] == '/' || dir == 0)
		return ERR_OK;
	if (dir + len >= SETTINGS_PATH_MAX)
		return err_set(err, ERR_FORMAT, "%s: [backend] %s: the name is too long", path,
			what);
	memmove(file + dir, file, len + 1);
	memcpy(file, path, dir);
	return ERR_OK;
}

/* Everybody may read the system's file, unless there is a token in it. */
static enum err_code token_is_private(const struct settings_reading *r, const char *path,
	const bool *seen, struct err *err)
{
	struct stat st;

	if (!says(r, seen, r->s->token) || (stat(path, &st) == 0 && (st.st_mode & 0077) == 0))
		return ERR_OK;
	return err_set(err, ERR_PERMISSION,
		"%s: holds a token and others may read it; run: chmod 600 %s", path, path);
}

static enum err_code layer_read(struct settings_reading *r, const char *path, bool shared,
	bool *seen, struct err *err)
{
	struct settings *s = r->s;
	enum err_code rc = config_read_told(path, !shared, r->keys, r->count, seen, err);

	if (rc == ERR_OK)
		rc = token_is_private(r, path, seen, err);
	if (rc == ERR_OK && says(r, seen, s->ca))
		rc = beside(path, s->ca, "ca", err);
	if (rc == ERR_OK && says(r, seen, s->certificate))
		rc = beside(path, s->certificate, "certificate", err);
	if (rc == ERR_OK && says(r, seen, s->till.webhook_key))
		rc = beside(path, s->till.webhook_key, "webhook_key", err);
	if (rc == ERR_OK && says(r, seen, s->till.webhook_ca))
		rc = beside(path, s->till.webhook_ca, "webhook_ca", err);
	if (rc == ERR_OK && says(r, seen, s->key))
		rc = beside(path, s->key, "key", err);
	return rc;
}

/* Which keys the user's file has, before anything of it counts. */
static enum err_code user_look(struct settings *s, bool *own, struct err *err)
{
	static struct settings aside;
	struct settings_reading r = {.s = &aside};
	bool identity = false;
	enum err_code rc;

	r.count = settings_table(r.keys, &aside, &r.draft);
	rc = config_read_told(s->user_path, true, r.keys, r.count, s->of_user, err);
	sec_wipe(&aside, sizeof aside);
	for (size_t i = 0; rc == ERR_OK && i < r.count; i++)
		identity = identity || (s->of_user[i] && is_identity(&r.keys[i]));
	*own = says(&r, s->of_user, aside.url);
	if (rc == ERR_OK && identity && !*own)
		return err_set(err, ERR_FORMAT,
			"%s: [backend] url is missing; [backend] and [issuer] stand in one file, "
			"all of them",
			s->user_path);
	return rc;
}

static enum err_code both_read(struct settings_reading *r, struct err *err)
{
	struct settings *s = r->s;
	bool own = false;
	enum err_code rc = user_look(s, &own, err);

	if (rc == ERR_OK)
		rc = layer_read(r, s->system_path, true, s->of_system, err);
	for (size_t i = 0; rc == ERR_OK && own && i < r->count; i++)
		if (is_identity(&r->keys[i]))
			memset(r->keys[i].value, 0, r->keys[i].size);
	if (rc == ERR_OK)
		rc = layer_read(r, s->user_path, false, s->of_user, err);
	memcpy(s->path, own ? s->user_path : s->system_path, sizeof s->path);
	return rc;
}

enum err_code settings_files_read(struct settings_reading *r, struct err *err)
{
	struct settings *s = r->s;

	if (s->system_path[0] != '\0' && access(s->system_path, R_OK) != 0)
		s->system_unreadable = true;
	if (s->system_path[0] != '\0' && s->user_path[0] != '\0' && !s->system_unreadable)
		return both_read(r, err);
	if (s->user_path[0] == '\0' && s->system_unreadable)
		return err_set(err, ERR_PERMISSION, "%s: this user may not read it; run: chmod a+r "
			"%s, or countersign enrol for a file of your own", s->system_path,
			s->system_path);
	memcpy(s->path, s->user_path[0] != '\0' ? s->user_path : s->system_path, sizeof s->path);
	return layer_read(r, s->path, s->user_path[0] == '\0',
		s->user_path[0] != '\0' ? s->of_user : s->of_system, err);
}

size_t settings_overridden(const struct settings *s, struct bytes *out)
{
	static struct settings nowhere; /* for the names of the keys */
	struct settings_draft draft;
	struct config_key keys[SETTINGS_KEYS_MAX];
	size_t count = settings_table(keys, &nowhere, &draft);
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!s->of_system[i] || !s->of_user[i])
			continue;
		bytes_add_text(out, n++ > 0 ? ", [" : "[");
		bytes_add_text(out, keys[i].section);
		bytes_add_text(out, "] ");
		bytes_add_text(out, keys[i].name);
	}
	return n;
}

/* The file whose word counts. */
const char *settings_said_in(const struct settings_reading *r, const void *field)
{
	return says(r, r->s->of_user, field) ? r->s->user_path : r->s->system_path;
}
