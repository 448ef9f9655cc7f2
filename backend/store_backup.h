/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of a store's file while servers work on it.
 */
#ifndef BACKEND_STORE_BACKUP_H
#define BACKEND_STORE_BACKUP_H

#include "backend/store.h"

#define BACKUP_STEP_PAGES 256 /* copied at a time */
#define BACKUP_PAUSE_MS 5     /* between two steps, so that the disk is others' in between */

struct store_backup {
	int64_t bytes; /* of the copy */
	int64_t audit; /* number of its last audit record */
};
/* One state of the database, as of the call; nobody who writes waits for it. `to` appears only when
 * the copy was synced, read back whole and found good, with mode 0600.
 *
 * Returns: ERR_EXISTS       there is a file of that name; it is left as it is
 *          ERR_UNSUPPORTED  the store is PostgreSQL's, which has tools for it
 *          ERR_CORRUPT      the copy is damaged, so the database may be
 */
ERR_MUST_CHECK enum err_code store_backup(struct store *s, const char *to,
	struct store_backup *out, struct err *err);

#endif
