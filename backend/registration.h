/* SPDX-License-Identifier: Apache-2.0
 *
 * The registration record of a credential: what its numbers are computed from, PROTOCOL.md section
 * 5. Canonical UTF-8 JSON: sorted keys, no white space.
 */
#ifndef BACKEND_REGISTRATION_H
#define BACKEND_REGISTRATION_H

#include "base/bytes.h"

/* Returns: ERR_OK         the record is appended
 *          ERR_FORMAT     a text is not valid UTF-8
 *          ERR_TOO_LARGE  it does not fit
 * On error out is as it was.
 */
ERR_MUST_CHECK enum err_code registration_build(struct bytes *out, const char *account,
	const char *name, const char *phone, struct err *err);

#endif
