/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer to an identity question as it is compared: "ab-12 34 c", "AB1234C" and the same in
 * full-width letters are one answer. Unicode's compatibility form and full case folding, of which
 * only letters, marks and digits are kept. The only place that enters libunistring.
 */
#ifndef BACKEND_ANSWER_FOLD_H
#define BACKEND_ANSWER_FOLD_H

#include "base/bytes.h"

#define ANSWER_FOLD_MAX 512 /* bytes of the folded form */

/* Appends to out, whose room is ANSWER_FOLD_MAX. The caller wipes it.
 *
 * Returns: ERR_OK
 *          ERR_FORMAT     not UTF-8
 *          ERR_INVALID    nothing is left: no letter and no digit
 *          ERR_TOO_LARGE  it does not fit
 */
ERR_MUST_CHECK enum err_code answer_fold(struct bytes *out, struct span text, struct err *err);

#endif
