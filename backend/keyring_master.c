/* SPDX-License-Identifier: Apache-2.0
 *
 * Master keys: their files, and what is derived from each.
 */
#include <string.h>
#include <unistd.h>

#include "backend/keyring_private.h"
#include "base/file.h"

#define MASTER_FILE_MAX 128
#define INFO_WRAP "countersign/1 at rest"
#define INFO_PEPPER "countersign/1 pin"
#define INFO_ID "countersign/1 master key id"

enum err_code keyring_master_create(const char *path, struct err *err)
{
	uint8_t key[SEC_KEY_LEN];
	char text[2 * SEC_KEY_LEN + 2];
	enum err_code e;

	if (access(path, F_OK) == 0)
		return err_set(err, ERR_EXISTS, "%s: exists already", path);
	e = sec_random(key, sizeof(key), err);
	if (!e) {
		hex_encode(text, SPAN(key, sizeof(key)));
		memcpy(text + 2 * SEC_KEY_LEN, "\n", 2);
		e = file_replace(path, SPAN(text, 2 * SEC_KEY_LEN + 1), 0600, err);
	}
	sec_wipe(key, sizeof(key));
	sec_wipe(text, sizeof(text));
	return e;
}

static enum err_code master_decode(uint8_t out[static SEC_KEY_LEN], struct span file,
	const char *path, struct err *err)
{
	if (file.len == SEC_KEY_LEN) {
		memcpy(out, file.data, SEC_KEY_LEN);
		return ERR_OK;
	}
	if (file.len == 2 * SEC_KEY_LEN + 1 && file.data[2 * SEC_KEY_LEN] == '\n')
		file.len--;
	if (file.len == 2 * SEC_KEY_LEN && !hex_decode(out, SEC_KEY_LEN, file))
		return ERR_OK;
	return err_set(err, ERR_FORMAT,
		"%s: a master key is 32 bytes, or 64 hexadecimal digits on one line", path);
}

static enum err_code master_read(uint8_t out[static SEC_KEY_LEN], const char *path,
	struct err *err)
{
	uint8_t storage[MASTER_FILE_MAX];
	struct bytes file;
	enum err_code e;

	bytes_init_fixed(&file, storage, sizeof(storage));
	e = file_read(&file, path, true, err);
	if (!e)
		e = master_decode(out, bytes_span(&file), path, err);
	sec_wipe(storage, sizeof(storage));
	return e;
}

static enum err_code master_id(uint8_t out[static KEYRING_MASTER_ID_LEN], struct span master,
	struct err *err)
{
	return sec_hkdf_sha256(out, KEYRING_MASTER_ID_LEN, master, SPAN(NULL, 0),
		       span_text(INFO_ID))
		       ? err_set(err, ERR_CRYPTO, "the id of a master key could not be computed")
		       : ERR_OK;
}

static enum err_code master_add(struct keyring *k, struct span master, struct err *err)
{
	size_t at = k->master_count;
	enum err_code e = master_id(k->master_id[at], master, err);

	if (!e && at && sec_equal(k->master_id[at], k->master_id[0], KEYRING_MASTER_ID_LEN))
		return ERR_OK; /* the same key in both places */
	if (!e && sec_hkdf_sha256(k->keys->wrap[at], SEC_KEY_LEN, master, SPAN(NULL, 0),
			  span_text(INFO_WRAP)))
		e = err_set(err, ERR_CRYPTO, "keys could not be derived");
	if (!e && at == 0 && sec_hkdf_sha256(k->keys->old_pepper, SEC_KEY_LEN, master,
				     SPAN(NULL, 0), span_text(INFO_PEPPER)))
		e = err_set(err, ERR_CRYPTO, "keys could not be derived");
	k->master_count += !e;
	return e;
}

/* The next one is read first: at the end of a rotation it is renamed to be the one in use, and
 * whoever reads in between must not find neither.
 */
enum err_code keyring_masters_read(struct keyring *k, struct err *err)
{
	uint8_t next[SEC_KEY_LEN], master[SEC_KEY_LEN];
	bool has_next = false;
	enum err_code e = ERR_OK;

	k->master_count = 0;
	if (k->next_path[0]) {
		e = master_read(next, k->next_path, err);
		has_next = !e;
		e = e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	if (!e)
		e = master_read(master, k->master_path, err);
	if (e == ERR_NOT_FOUND)
		e = err_set(err, e,
			"%s: the master key is missing: put your copy of it back (mode 0600);"
			" a new key cannot open this database", k->master_path);
	if (!e)
		e = master_add(k, SPAN(master, sizeof(master)), err);
	if (!e && has_next)
		e = master_add(k, SPAN(next, sizeof(next)), err);
	sec_wipe(next, sizeof(next));
	sec_wipe(master, sizeof(master));
	return e;
}

size_t keyring_master_find(const struct keyring *k,
	const uint8_t id[static KEYRING_MASTER_ID_LEN])
{
	for (size_t i = 0; i < k->master_count; i++)
		if (span_equal(SPAN(k->master_id[i], KEYRING_MASTER_ID_LEN),
			    SPAN(id, KEYRING_MASTER_ID_LEN)))
			return i;
	return k->master_count;
}

const char *keyring_master_path(const struct keyring *k)
{
	return k->master_path;
}

size_t keyring_master_count(const struct keyring *k)
{
	return k->master_count;
}

const uint8_t *keyring_master_id(const struct keyring *k, size_t i)
{
	ASSERT(i < k->master_count);
	return k->master_id[i];
}

enum err_code keyring_master_file_id(uint8_t out[static KEYRING_MASTER_ID_LEN], const char *path,
	struct err *err)
{
	uint8_t master[SEC_KEY_LEN];
	enum err_code e = master_read(master, path, err);

	if (!e)
		e = master_id(out, SPAN(master, sizeof(master)), err);
	sec_wipe(master, sizeof(master));
	return e;
}
