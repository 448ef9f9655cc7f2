/* SPDX-License-Identifier: Apache-2.0
 *
 * DIR/guard.log: what was taken away, kept beside the database, so that a backup put back does not
 * give it back. One line of JSON for each audit record of these kinds, in their order:
 *
 *   void frozen unfrozen renewed pin-locked pin-unlocked terminal-enrolled terminal-revoked
 *   terminal-stopped terminal-started issuer-rotated; and what is counted: counted pin-counted
 *
 * with seq and hash of the audit record, and in `mac` an HMAC over the mac of the line before and
 * this line without it: a line changed, removed or put in between is found. That the end was cut
 * off is told by the checkpoint, which holds the seq of the last line. Appended after the commit
 * and synced, because these are rare; counts alone are not synced, so a power cut can lose the last
 * ones, and a kill cannot. A line without a line feed at its end was cut by a
 * crash and does not count; the database still has its record.
 */
#ifndef BACKEND_GUARD_H
#define BACKEND_GUARD_H

#include <sys/types.h>
#include <time.h>

#include "backend/audit.h"

struct guard_line {
	int64_t seq;
	uint8_t hash[AUDIT_HASH_LEN];
	char kind[AUDIT_KIND_MAX];
	bool has_credential, has_terminal;
	uint8_t credential[CODE_ID_LEN];
	uint8_t terminal[CODE_ID_LEN];
	bool has_account, has_counts;
	uint8_t account[CODE_ID_LEN];
	int failures; /* after it: wrong answers of the credential, or wrong PINs of the account */
	int freezes;
	bool has_wrong; /* wrong answers of the credential's account on that day, after it */
	int64_t day;
	int wrong;
	int64_t until; /* Unix seconds; 0 = none was said */
};

/* The end of the file, kept by who appends: nearly every commit has nothing for it, and while the
 * file is the one that was left, its last line is the one that was written. Begins as zeroes.
 */
struct guard_tail {
	int64_t last;                /* seq of the last line; 0 = there is none */
	uint8_t mac[SEC_SHA256_LEN]; /* of that line */
	bool left;                   /* the file was left so: */
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

/* Appends what the chain has after record `after` and the file has not. ERR_NOT_FOUND, ERR_FORGED:
 * the file is missing or damaged at its end.
 */
ERR_MUST_CHECK enum err_code guard_append(struct store *s, const struct keyring *k,
	const char *path, int64_t after, struct guard_tail *tail, struct err *err);
/* The whole file anew from the chain. */
ERR_MUST_CHECK enum err_code guard_rebuild(struct store *s, const struct keyring *k,
	const char *path, int64_t *last, struct err *err);

/* Calls for every line; stops at the first error. ERR_NOT_FOUND: no file; ERR_FORGED: damaged. */
typedef enum err_code guard_visit(void *ctx, const struct guard_line *line, struct err *err);
ERR_MUST_CHECK enum err_code guard_walk(const struct keyring *k, const char *path,
	guard_visit *visit, void *ctx, int64_t *last, struct err *err);

#endif
