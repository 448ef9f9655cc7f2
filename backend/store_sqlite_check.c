/* SPDX-License-Identifier: Apache-2.0
 *
 * Is the file whole? SQLite finds a damaged page only when it comes across it, which may be at a
 * counter, years later.
 */
#include "backend/store_sqlite.h"

#include <malloc.h>
#include <string.h>
#include <sys/stat.h>

#define FINDING_MAX 80 /* bytes of what SQLite says */

/* Its first line that is not a heading. */
static int finding(const char **said)
{
	const char *heading_end = (*said)[0] == '*' ? strchr(*said, '\n') : NULL;
	size_t len;

	if (heading_end)
		*said = heading_end + 1;
	len = strcspn(*said, "\n");
	return len < FINDING_MAX ? (int)len : FINDING_MAX;
}

enum err_code sqlite_check(struct store *base, enum store_check depth, struct err *err)
{
	struct store_sqlite *s = store_sqlite(base);
	const char *sql = depth == STORE_CHECK_FULL ? "PRAGMA integrity_check(1)"
						    : "PRAGMA quick_check(1)";
	const char *said = NULL;
	sqlite3_stmt *stmt = NULL;
	enum err_code e = ERR_OK;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		said = (const char *)sqlite3_column_text(stmt, 0);
	if (rc == SQLITE_ROW && said && strcmp(said, "ok") != 0) {
		int len = finding(&said);

		e = err_set(err, ERR_CORRUPT, STORE_DAMAGED_WORDS " (%.*s)", base->path, len, said);
	} else if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) {
		e = err_set(err, ERR_CORRUPT, STORE_DAMAGED_WORDS, base->path);
	} else if (rc != SQLITE_ROW || !said) {
		e = err_set(err, ERR_STORE, "%s: cannot be checked: %s", base->path,
			sqlite3_errmsg(s->db));
	}
	(void)sqlite3_finalize(stmt); /* repeats what the step said */
	/* every page was read, and most will not be wanted again soon */
	(void)sqlite3_db_release_memory(s->db);
	(void)malloc_trim(0);
	return e;
}

int64_t sqlite_size(const struct store *s)
{
	struct stat st;

	return stat(s->path, &st) == 0 ? (int64_t)st.st_size : 0;
}
