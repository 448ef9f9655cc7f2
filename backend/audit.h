/* SPDX-License-Identifier: Apache-2.0
 *
 * Every decision, refusals included, and every act of administration is a record in a hash chain:
 *
 *   hash = SHA-256( previous hash (32) | seq (8) | at (8) | kind | credential | terminal |
 *                   verification | detail )              numbers big-endian; each of the last five
 *                                                        with its length before it (4 bytes)
 *
 * The first record's previous hash is 32 zero bytes. `detail` is canonical JSON without personal
 * data. A record is written in the transaction of what it tells. Kinds:
 *
 *   verifications   started start-refused accepted rejected answer-refused wrong-pin pin-refused
 *                   authorised expired cancelled
 *   offline sales   offline-accepted offline-conflict (handed in when the line is back)
 *   throttling      frozen void terminal-stopped pin-locked counted pin-counted lookup-refused
 *   activation      activated activation-refused activation-shown (to the holder, at a terminal)
 *   keys            checkpoint issuer-rotated number-rotated master-rotated
 *   administration  init restored holder-added account-added pin-unlocked issued renewed frozen
 *                   unfrozen void terminal-enrolled terminal-stopped terminal-started
 *                   operator-added operator-changed operator-stopped operator-started
 *                   operator-role (reason: the new one)
 *                   questions-changed
 *   operators       signed-in sign-in-refused signed-out
 *   service calls   call-opened call-refused call-answer-wrong call-identified call-failed
 *                   call-used (the next record is what for) call-ended
 *
 * Members of `detail`, where they apply: account, failures, freezes (what is counted now, of
 * counted, pin-counted, frozen, void, pin-locked), amount, call, currency, holder, member (the
 * operator that it is about), operator, reason, receipt, try (of the PIN), until (Unix seconds).
 * `operator` of an act of administration is the operator's id, or local:UID of the command line;
 * of a verification the first 8 bytes of SHA-256 over its id and the cashier's name, in hex:
 * whoever has the row can check the name, and the chain does not tell it.
 *
 * Every AUDIT_CHECKPOINT_EVERY-th record is a checkpoint, and so is one at each rotation of the
 * issuer key:
 *
 *   kind `checkpoint`, detail {"key":PUBLIC,"signature":HEX}; the signature is Ed25519 over
 *   "countersign/1 audit checkpoint " | seq (8) | previous hash (32)
 *
 * and where the key changes, `issuer-rotated` {"key":NEW,"signature":HEX}, signed by the old key
 * over "countersign/1 audit issuer " | seq (8) | previous hash (32) | the new public key (32). So
 * whoever has an export and a public key of the issuer can check all that is before a checkpoint,
 * without us; and a chain that was computed anew after a change has no signatures.
 *
 * A chain alone does not show that its end was cut off or that the whole file is an older one. So a
 * checkpoint (seq, hash) is kept outside the database in DIR/audit.head, and written after every
 * commit that added records and before its answers leave: see audit_head_write(). It has a MAC
 * under a key that the database has only sealed; for us that proves what a signature would, at a
 * fortieth of its time, and nobody else has to believe it.
 */
#ifndef BACKEND_AUDIT_H
#define BACKEND_AUDIT_H

#include "backend/keyring.h"
#include "base/clock.h"

#define AUDIT_KIND_MAX 32
#define AUDIT_DETAIL_MAX 1024
#define AUDIT_HASH_LEN SEC_SHA256_LEN
#define AUDIT_CHECKPOINT_EVERY 1000 /* records */
#define AUDIT_CHECKPOINT "checkpoint"
#define AUDIT_ISSUER "issuer-rotated"

struct audit_record {
	const char *kind;            /* one of the words above */
	const uint8_t *credential;   /* CODE_ID_LEN bytes or NULL */
	const uint8_t *terminal;     /* CODE_ID_LEN bytes or NULL */
	const uint8_t *verification; /* CODE_ID_LEN bytes or NULL */
	struct span detail;          /* canonical JSON object; empty = {} */
};

/* The number that the next record of this transaction will have, where a checkpoint comes first
 * the one after that.
 */
ERR_MUST_CHECK enum err_code audit_next_seq(struct store *s, int64_t *out, struct err *err);
/* Of the last record; 0 = there is none. */
ERR_MUST_CHECK enum err_code audit_last_seq(struct store *s, int64_t *out, struct err *err);
/* Inside a transaction. A checkpoint that is due goes before it. */
ERR_MUST_CHECK enum err_code audit_append(struct store *s, const struct keyring *k, int64_t now,
	const struct audit_record *record, struct err *err);
/* A checkpoint now. */
ERR_MUST_CHECK enum err_code audit_checkpoint(struct store *s, const struct keyring *k,
	int64_t now, struct err *err);
/* The key that signs from now on, told by the one that signed until now (k has the old one). */
ERR_MUST_CHECK enum err_code audit_issuer(struct store *s, const struct keyring *k, int64_t now,
	const uint8_t public_key[static SEC_ED25519_PUBLIC_LEN], struct err *err);

struct audit_report {
	int64_t records;    /* good ones from the start of the chain */
	int64_t bad_seq;    /* first bad record; 0 = none */
	char words[160];    /* what is wrong with it; "" = nothing */
	int64_t head_seq;   /* of the checkpoint outside; 0 = none */
	int64_t signed_seq; /* of the last signed checkpoint in the chain; 0 = none */
};
/* Walks the whole chain. ERR_OK also when it is broken: look at bad_seq. head_path may be NULL. */
ERR_MUST_CHECK enum err_code audit_verify(struct store *s, const struct keyring *k,
	const char *head_path, struct audit_report *out, struct err *err);

/* The last `count` records only, each against the one before it. ERR_CORRUPT says what is wrong. */
ERR_MUST_CHECK enum err_code audit_verify_last(struct store *s, int64_t count, struct err *err);

struct audit_range {
	int64_t since_seq, since_at; /* the first record with both; at: Unix seconds */
	int64_t until_seq;           /* the last one; 0 = to the end */
	int64_t until_at;            /* the first one not; 0 = to the end */
};
/* Calls for each record, with its line of JSON: at, credential, detail (the text that was hashed),
 * hash, kind, prev, seq, terminal, verification; bytes in hex, "" for none.
 */
typedef enum err_code audit_export_line(void *ctx, struct span line, struct err *err);
ERR_MUST_CHECK enum err_code audit_export(struct store *s, const struct audit_range *range,
	int64_t *count, audit_export_line *put, void *ctx, struct err *err);

/* What DIR/audit.head tells. */
struct audit_head {
	int64_t seq;   /* of the last committed record; 0 = there was none */
	int64_t guard; /* of the last one in DIR/guard.log; 0 = none */
	uint8_t hash[AUDIT_HASH_LEN];
};

enum audit_head_how {
	AUDIT_HEAD_QUICK, /* only a power cut loses it; a checkpoint that is behind is harmless */
	AUDIT_HEAD_SYNCED,
	AUDIT_HEAD_ANEW /* whatever was there, also when that was newer: init and restore */
};

/* Writes the checkpoint of the last committed record, over the older one of the file's two slots:
 * a crash in the middle leaves the other. Programs at work at the same time take turns, and none
 * puts an older checkpoint over a newer one. Outside a transaction.
 */
ERR_MUST_CHECK enum err_code audit_head_write(struct store *s, const struct keyring *k,
	const char *path, int64_t guard, enum audit_head_how how, struct err *err);
/* The newest slot with a signature of ours. ERR_NOT_FOUND: no file; ERR_FORGED: no good slot. */
ERR_MUST_CHECK enum err_code audit_head_read(struct audit_head *out, const struct keyring *k,
	const char *path, struct err *err);
/* At start. ERR_CORRUPT: the database is older than its checkpoint, or another one, or the
 * checkpoint is missing or forged. The words say what to do.
 */
ERR_MUST_CHECK enum err_code audit_head_check(struct store *s, const struct keyring *k,
	const char *path, struct err *err);

#endif
