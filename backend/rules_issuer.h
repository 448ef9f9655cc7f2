/* SPDX-License-Identifier: Apache-2.0
 *
 * What an issuer tells everybody who is enrolled: which credentials are frozen or void, signed, so
 * that it can be kept and passed on. It is advice: the backend decides about every code anyway.
 *
 * Signed with Ed25519 by the issuer key that signs credentials:
 *
 *   "countersign/1 list" | version (8) | at (8) | complete (1) | number of frozen ones (4) |
 *   first 8 bytes of each id | number of void ones (4) | first 8 bytes of each id
 *
 * Numbers are big-endian, ids in ascending order.
 */
#ifndef BACKEND_RULES_ISSUER_H
#define BACKEND_RULES_ISSUER_H

#include "backend/audit.h"
#include "backend/rules_shared.h"

#define ISSUER_LIST_MAX 640 /* credentials told of; an answer of 16 KiB holds them */
#define ISSUER_LIST_WORDS "countersign/1 list"

struct rules_issuer {
	int64_t version; /* grows whenever keys, policy or list change */
	int64_t at;      /* Unix seconds */
	bool complete;   /* false: there are more than ISSUER_LIST_MAX */
	size_t frozen_count, void_count;
	uint8_t frozen_ids[ISSUER_LIST_MAX * CODE_ID_SHORT_LEN];
	uint8_t void_ids[ISSUER_LIST_MAX * CODE_ID_SHORT_LEN];
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN];
};
/* The last one that was made. It is told again within its second while the store's chain has the
 * same record at its version: that record's hash tells what became of all before it, whichever
 * process wrote it, also where a transaction that was seen here was lost.
 */
struct rules_issuer_kept {
	struct rules_issuer list;
	uint8_t hash[AUDIT_HASH_LEN];     /* of the audit record list.version */
	uint8_t key_id[CODE_KEY_ID_LEN];  /* whose signature it has */
};
ERR_MUST_CHECK enum err_code rules_issuer(const struct rules *r, struct rules_issuer *out,
	struct err *err);
/* Tells every terminal, once, when the part of the policy that they are told is another one than
 * the store remembers; by whichever process sees it first. Part of rules_sweep().
 */
ERR_MUST_CHECK enum err_code rules_policy_tell(const struct rules *r, struct err *err);

ERR_MUST_CHECK enum err_code rules_issuer_version(const struct rules *r, int64_t *out,
	struct err *err);

/* The signed bytes; out's room is ISSUER_LIST_BYTES_MAX. */
#define ISSUER_LIST_BYTES_MAX (64 + ISSUER_LIST_MAX * CODE_ID_SHORT_LEN)
void rules_issuer_bytes(struct bytes *out, const struct rules_issuer *list);

#endif
