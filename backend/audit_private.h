/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the audit's files: the formulas of audit.h.
 */
#ifndef BACKEND_AUDIT_PRIVATE_H
#define BACKEND_AUDIT_PRIVATE_H

#include "backend/audit.h"
#include "backend/store_rows.h"

#define AUDIT_CONTEXT_CHECKPOINT "countersign/1 audit checkpoint "
#define AUDIT_CONTEXT_ISSUER "countersign/1 audit issuer "
#define AUDIT_SIGNED_MAX 128

ERR_MUST_CHECK enum err_code audit_record_hash(uint8_t out[static AUDIT_HASH_LEN],
	const struct store_audit *r);
/* seq 0 and zeroes when there is no record yet. */
ERR_MUST_CHECK enum err_code audit_last(struct store *s, struct store_audit *out,
	struct err *err);
/* What is signed; out holds AUDIT_SIGNED_MAX bytes. */
struct span audit_signed(struct bytes *out, const char *context, int64_t seq,
	const uint8_t prev[static AUDIT_HASH_LEN], struct span more);

#endif
