/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the keyring's files: where master keys come from, and what is kept of them.
 */
#ifndef BACKEND_KEYRING_PRIVATE_H
#define BACKEND_KEYRING_PRIVATE_H

#include "backend/keyring.h"
#include "backend/store_rows.h"

#define KEYRING_PATH_MAX (STORE_PATH_MAX + 64)
#define KEYRING_MASTERS_MAX 2 /* the one in use, and the next one while values are sealed anew */

struct keyring_keys { /* in locked memory */
	uint8_t wrap[KEYRING_MASTERS_MAX][SEC_KEY_LEN];
	uint8_t old_pepper[SEC_KEY_LEN]; /* of the first master key: where pin_key is not stored */
	uint8_t pepper[SEC_KEY_LEN];
	uint8_t number[SEC_KEY_LEN];
	uint8_t chain[SEC_KEY_LEN];
	uint8_t signing_seed[SEC_ED25519_SEED_LEN];
};

struct keyring {
	struct secret *memory;
	struct keyring_keys *keys; /* in memory */
	char master_path[KEYRING_PATH_MAX];
	char next_path[KEYRING_PATH_MAX];
	uint8_t master_id[KEYRING_MASTERS_MAX][KEYRING_MASTER_ID_LEN];
	size_t master_count;
	size_t sealing;   /* the master key that seals: what the store says */
	uint64_t version; /* of what was loaded: every rotation makes it one more */
	bool loaded;
	struct keyring_issuer issuers[KEYRING_ISSUERS_MAX];
	size_t issuer_count;
	char name[KEYRING_NAME_MAX];
	char host[CODE_HOST_MAX + 1];
};

/* Reads the master key files into k, the next one first: see keyring_master.c. */
ERR_MUST_CHECK enum err_code keyring_masters_read(struct keyring *k, struct err *err);
/* Which of them has this id; master_count when none. */
size_t keyring_master_find(const struct keyring *k,
	const uint8_t id[static KEYRING_MASTER_ID_LEN]);

#endif
