/* SPDX-License-Identifier: Apache-2.0
 *
 * store copy: a backend's move from a file to PostgreSQL.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "backend/admin.h"
#include "backend/store_copy.h"

static void tell(void *ctx, const char *table, int64_t rows, bool comparing)
{
	(void)ctx;
	fprintf(stderr, "%s %s: %lld rows\n", comparing ? "compared" : "copied", table,
		(long long)rows);
}

enum err_code admin_store_copy(struct admin *a, struct err *err)
{
	const char *stores[2] = {NULL, NULL};
	struct args_words words = {.list = stores, .max = 2};
	struct store_copy how = {.progress = tell};
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, &words, err);

	if (!e && !stores[1])
		e = err_set(err, ERR_USAGE, "say FROM (a file) and TO (postgresql://...)");
	if (!e && !store_is_url(stores[0]) && access(stores[0], R_OK) != 0) {
		ERR_IGNORE(err_set_os(err, ERR_USAGE, errno, "%s", stores[0])); /* see below */
		return admin_setup_fault(err);
	}
	if (!e)
		e = store_copy(&how, stores[0], stores[1], err);
	if (e == ERR_UNSUPPORTED)
		return admin_setup_fault(err);
	if (e)
		return e;
	json_out_int(&a->json, "tables", how.tables);
	json_out_int(&a->json, "rows", how.rows);
	json_out_bool(&a->json, "equal", true);
	return ERR_OK;
}
