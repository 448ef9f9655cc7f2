/* SPDX-License-Identifier: Apache-2.0
 *
 * The checkpoint outside the database: two slots in a small file, written in turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "backend/audit.h"
#include "backend/store_rows.h"
#include "base/file.h"

#define CONTEXT "countersign/1 audit head "
#define VERSION_SIGNED 1 /* by the first programs: no longer written */
#define VERSION_MAC 2
#define KEY_INFO "countersign/1 audit head"
#define SLOTS 2

/* A slot: version (1) | seq (8) | guard (8) | hash (32) | MAC of all before it with the context in
 * front | zeroes. Numbers big-endian. In version 1 the key id of the issuer and its signature stood
 * where the MAC is.
 */
#define SEQ_AT ((size_t)1)
#define GUARD_AT (SEQ_AT + 8)
#define HASH_AT (GUARD_AT + 8)
#define KEY_ID_AT (HASH_AT + AUDIT_HASH_LEN)
#define SIGNATURE_AT (KEY_ID_AT + CODE_KEY_ID_LEN)
#define SIGNED_LEN (SIGNATURE_AT + SEC_ED25519_SIGNATURE_LEN)
#define MAC_AT KEY_ID_AT
#define MAC_LEN (MAC_AT + SEC_SHA256_LEN)
#define SLOT_LEN ((size_t)256)
#define FILE_LEN (SLOTS * SLOT_LEN)

_Static_assert(SIGNED_LEN <= SLOT_LEN && MAC_LEN <= SLOT_LEN, "a slot holds all of it");

static struct span message(uint8_t out[static SLOT_LEN], const uint8_t slot[static SLOT_LEN],
	size_t len)
{
	struct bytes b;

	bytes_init_fixed(&b, out, SLOT_LEN);
	bytes_add_text(&b, CONTEXT);
	bytes_add(&b, slot, len);
	ASSERT(!b.full);
	return bytes_span(&b);
}

static int64_t number_at(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v > INT64_MAX ? -1 : (int64_t)v;
}

/* Whoever reads or writes slots has this while it does. */
struct head_keys {
	const struct keyring *issuers;
	uint8_t mac[SEC_KEY_LEN];
};

static enum err_code keys_derive(struct head_keys *out, const struct keyring *k, struct err *err)
{
	out->issuers = k;
	if (sec_hkdf_sha256(out->mac, sizeof(out->mac), keyring_chain_key(k), SPAN(NULL, 0),
		    span_text(KEY_INFO)))
		return err_set(err, ERR_CRYPTO, "the key of checkpoints could not be derived");
	return ERR_OK;
}

static enum err_code slot_mac(uint8_t out[static SEC_SHA256_LEN], const struct head_keys *k,
	const uint8_t slot[static SLOT_LEN])
{
	uint8_t storage[SLOT_LEN];
	struct span part = message(storage, slot, MAC_AT);

	return sec_hmac(out, SEC_HASH_SHA256, SPAN(k->mac, sizeof(k->mac)), &part, 1);
}

static bool mac_is_ours(const struct head_keys *k, const uint8_t slot[static SLOT_LEN])
{
	uint8_t mac[SEC_SHA256_LEN];

	return !slot_mac(mac, k, slot) && sec_equal(mac, slot + MAC_AT, sizeof(mac));
}

static bool signature_is_ours(const struct keyring *k, const uint8_t slot[static SLOT_LEN])
{
	uint8_t storage[SLOT_LEN];
	const struct keyring_issuer *issuer = keyring_issuer_find(k, slot + KEY_ID_AT);

	return issuer && !sec_ed25519_verify(SPAN(issuer->public_key, SEC_ED25519_PUBLIC_LEN),
				 SPAN(slot + SIGNATURE_AT, SEC_ED25519_SIGNATURE_LEN),
				 message(storage, slot, SIGNATURE_AT));
}

/* False: never written, half written, or not ours. */
static bool slot_read(struct audit_head *out, const struct head_keys *k,
	const uint8_t slot[static SLOT_LEN])
{
	size_t used = slot[0] == VERSION_MAC ? MAC_LEN : SIGNED_LEN;

	if (slot[0] != VERSION_MAC && slot[0] != VERSION_SIGNED)
		return false;
	for (size_t i = used; i < SLOT_LEN; i++)
		if (slot[i])
			return false;
	if (slot[0] == VERSION_MAC ? !mac_is_ours(k, slot) : !signature_is_ours(k->issuers, slot))
		return false;
	out->seq = number_at(slot + SEQ_AT);
	out->guard = number_at(slot + GUARD_AT);
	memcpy(out->hash, slot + HASH_AT, AUDIT_HASH_LEN);
	return out->seq >= 1 && out->guard >= 0;
}

static enum err_code slot_build(uint8_t slot[static SLOT_LEN], const struct head_keys *k,
	const struct store_audit *last, int64_t guard, struct err *err)
{
	struct bytes b;

	memset(slot, 0, SLOT_LEN);
	bytes_init_fixed(&b, slot, SLOT_LEN);
	bytes_add_u8(&b, VERSION_MAC);
	bytes_add_be64(&b, (uint64_t)last->seq);
	bytes_add_be64(&b, (uint64_t)guard);
	bytes_add(&b, last->hash, AUDIT_HASH_LEN);
	ASSERT(!b.full && b.len == MAC_AT);
	if (slot_mac(slot + MAC_AT, k, slot))
		return err_set(err, ERR_CRYPTO, "the checkpoint could not be sealed");
	return ERR_OK;
}

/* ---- the file ---- */

static enum err_code file_open(int *fd, const char *path, int flags, int lock, struct err *err)
{
	*fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return err_set_os(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "%s", path);
	while (flock(*fd, lock) != 0) {
		if (errno == EINTR)
			continue;
		(void)close(*fd); /* nothing was written */
		return err_set_os(err, ERR_IO, errno, "%s: cannot be locked", path);
	}
	return ERR_OK;
}

/* A file that is shorter, longer or cannot be read has no good slot. */
static void slots_load(uint8_t slots[static FILE_LEN], int fd)
{
	uint8_t more;

	if (pread(fd, slots, FILE_LEN, 0) != (ssize_t)FILE_LEN ||
		pread(fd, &more, 1, (off_t)FILE_LEN) != 0)
		memset(slots, 0, FILE_LEN);
}

/* The place of the newest good slot; -1 = there is none. The one that says it is newer is looked at
 * first: nearly always that is the only one to check.
 */
static int newest(struct audit_head *out, const struct head_keys *k,
	const uint8_t slots[static FILE_LEN])
{
	int first = number_at(slots + SLOT_LEN + SEQ_AT) > number_at(slots + SEQ_AT);

	for (int i = 0; i < SLOTS; i++) {
		int at = i ? !first : first;

		if (slot_read(out, k, slots + (size_t)at * SLOT_LEN))
			return at;
	}
	memset(out, 0, sizeof(*out));
	return -1;
}

enum err_code audit_head_read(struct audit_head *out, const struct keyring *k, const char *path,
	struct err *err)
{
	uint8_t slots[FILE_LEN];
	struct head_keys keys;
	bool found;
	int fd = -1;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	e = file_open(&fd, path, O_RDONLY, LOCK_SH, err);
	if (e)
		return e;
	slots_load(slots, fd);
	(void)close(fd); /* was only read */
	e = keys_derive(&keys, k, err);
	found = !e && newest(out, &keys, slots) >= 0;
	sec_wipe(&keys, sizeof(keys));
	if (!e && !found)
		return err_set(err, ERR_FORGED, "%s: no checkpoint of this backend", path);
	return e;
}

static enum err_code slot_put(int fd, const char *path, const uint8_t slot[static SLOT_LEN], int at,
	bool sync, struct err *err)
{
	ssize_t n = pwrite(fd, slot, SLOT_LEN, (off_t)at * (off_t)SLOT_LEN);

	if (n == (ssize_t)SLOT_LEN && (!sync || fdatasync(fd) == 0))
		return ERR_OK;
	return err_set_os(err, ERR_IO, n < 0 || n == (ssize_t)SLOT_LEN ? errno : ENOSPC,
		"%s: cannot be written", path);
}

/* Locked. */
static enum err_code put_in_turn(int fd, const struct head_keys *k, const char *path,
	const uint8_t slot[static SLOT_LEN], bool sync, struct err *err)
{
	uint8_t slots[FILE_LEN];
	struct audit_head old;
	int at;

	slots_load(slots, fd);
	at = newest(&old, k, slots);
	if (at >= 0 && old.seq > number_at(slot + SEQ_AT))
		return ERR_OK; /* another program was here with a later one */
	if (at < 0 && ftruncate(fd, (off_t)FILE_LEN) != 0)
		return err_set_os(err, ERR_IO, errno, "%s: cannot be written", path);
	return slot_put(fd, path, slot, at == 0, sync, err);
}

/* The file that is there. ERR_NOT_FOUND: somebody took it away. */
static enum err_code update(const struct head_keys *k, const char *path,
	const uint8_t slot[static SLOT_LEN], bool sync, struct err *err)
{
	int fd = -1;
	enum err_code e = file_open(&fd, path, O_RDWR, LOCK_EX, err);

	if (e)
		return e;
	e = put_in_turn(fd, k, path, slot, sync, err);
	(void)close(fd); /* pwrite() and fdatasync() told already */
	return e;
}

enum err_code audit_head_write(struct store *s, const struct keyring *k, const char *path,
	int64_t guard, enum audit_head_how how, struct err *err)
{
	uint8_t slots[FILE_LEN] = {0};
	struct store_audit last;
	struct head_keys keys;
	enum err_code e;

	ASSERT(!store_in_transaction(s)); /* a checkpoint never runs ahead of what is durable */
	e = store_audit_committed(s, &last, err);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = keys_derive(&keys, k, err);
	if (!e)
		e = slot_build(slots, &keys, &last, guard, err);
	if (!e)
		e = how == AUDIT_HEAD_ANEW
			? ERR_NOT_FOUND
			: update(&keys, path, slots, how == AUDIT_HEAD_SYNCED, err);
	sec_wipe(&keys, sizeof(keys));
	/* where it was taken away, the chain goes on under a new one */
	return e == ERR_NOT_FOUND ? file_replace(path, SPAN(slots, sizeof(slots)), 0600, err) : e;
}

/* ---- start ---- */

#define RESTORE_WORDS                                                                              \
	"if a backup was restored on purpose, run `countersignd restore DIR`; otherwise put"       \
	" the newest database back"

enum err_code audit_head_check(struct store *s, const struct keyring *k, const char *path,
	struct err *err)
{
	struct store_audit r;
	struct audit_head h;
	enum err_code e = audit_head_read(&h, k, path, err);

	if (e)
		return err_set(err, ERR_CORRUPT,
			"%s: the checkpoint of the audit chain cannot be used (%s); " RESTORE_WORDS,
			path, err_words(e));
	e = store_audit_next(s, &r, h.seq - 1, err);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e == ERR_NOT_FOUND || r.seq != h.seq)
		return err_set(err, ERR_CORRUPT,
			"the database is older than its audit checkpoint (record %lld is missing); "
			RESTORE_WORDS, (long long)h.seq);
	if (!sec_equal(r.hash, h.hash, AUDIT_HASH_LEN))
		return err_set(err, ERR_CORRUPT,
			"record %lld of the audit chain is not the one of the checkpoint: another"
			" or a changed database; " RESTORE_WORDS, (long long)h.seq);
	return ERR_OK;
}
