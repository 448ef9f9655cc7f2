/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person knows against what was stored of it: the slow part, on a thread of the pool.
 */
#include "backend/rules_shared.h"

enum err_code rules_hash_compare(bool *right, const struct rules_hash *hash, struct err *err)
{
	enum err_code e;

	*right = false;
	ASSERT(hash->wanted);
	e = sec_password_verify(hash->encoded, SPAN(hash->secret, sizeof(hash->secret)));
	*right = e == ERR_OK;
	if (e && e != ERR_FORGED)
		return err_set(err, e, "what is stored could not be compared");
	return ERR_OK;
}
