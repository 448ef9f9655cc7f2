/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/answer_fold.h"

#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>
#include <unictype.h>

#include "crypto/crypto.h"

#define KEPT (UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N)

static void keep(struct bytes *out, const uint8_t *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		ucs4_t c;
		int n = u8_mbtoucr(&c, text + at, len - at);

		if (n <= 0)
			return; /* the folded form is valid */
		if (uc_is_general_category_withtable(c, KEPT))
			bytes_add(out, text + at, (size_t)n);
		at += (size_t)n;
	}
}

enum err_code answer_fold(struct bytes *out, struct span text, struct err *err)
{
	uint8_t room[2 * ANSWER_FOLD_MAX];
	size_t len = sizeof(room), before = out->len;
	uint8_t *folded;
	enum err_code e = ERR_OK;

	if (u8_check(text.data, text.len))
		return err_set(err, ERR_FORMAT, "the answer is not valid UTF-8");
	folded = u8_casefold(text.data, text.len, NULL, UNINORM_NFKC, room, &len);
	if (!folded)
		return err_set(err, ERR_NO_MEMORY, "no memory for the answer");
	keep(out, folded, len);
	sec_wipe(folded, len);
	if (folded != room)
		free(folded);
	if (out->full)
		e = err_set(err, ERR_TOO_LARGE, "the answer is too long");
	else if (out->len == before)
		e = err_set(err, ERR_INVALID, "the answer has no letter and no digit");
	return e;
}
