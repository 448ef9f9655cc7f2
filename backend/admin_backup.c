/* SPDX-License-Identifier: Apache-2.0
 *
 * backup.
 */
#include <string.h>

#include "backend/admin.h"
#include "backend/store_backup.h"

enum err_code admin_backup(struct admin *a, struct err *err)
{
	const char *word[1] = {NULL};
	struct args_words words = {.list = word, .max = 1};
	struct store_backup out;
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, &words, err);

	if (!e && !word[0])
		e = err_set(err, ERR_USAGE, "FILE is missing");
	if (!e)
		e = store_backup(a->service->store, word[0], &out, err);
	if (e == ERR_EXISTS || e == ERR_UNSUPPORTED)
		return admin_setup_fault(err);
	if (e)
		return e;
	json_out_text(&a->json, "file", word[0]);
	json_out_int(&a->json, "bytes", out.bytes);
	json_out_int(&a->json, "audit_records", out.audit);
	return ERR_OK;
}
