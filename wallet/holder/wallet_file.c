/* SPDX-License-Identifier: Apache-2.0
 *
 * The wallet file: a header, and the credential sealed under a key that argon2id makes from the
 * passcode. Nothing but the exact form that this file writes is read; cost figures from a
 * stranger's file would let it use up the memory of the machine.
 */
#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "wallet/holder/wallet.h"

static const uint8_t wallet_magic[8] = {'C', 'S', 'W', 'A', 'L', 'L', 'E', 'T'};

enum {
	FILE_VERSION = 1,
	KDF_ARGON2ID = 1,
	SALT_AT = 20,
	SALT_LEN = 16,
	LENGTH_AT = 36,
	POLICY_STATIC = 0,
	POLICY_LIVE = 1
};

/* ---- body: fixed fields, then texts with a length ---- */

static void text_add(struct bytes *out, const void *text, size_t len)
{
	bytes_add_be16(out, (uint16_t)len);
	bytes_add(out, text, len);
}

void wallet_body_build(struct bytes *out, const struct wallet *w)
{
	bytes_add_u8(out, FILE_VERSION);
	bytes_add(out, w->credential_id, sizeof(w->credential_id));
	bytes_add_be16(out, w->generation);
	bytes_add_be32(out, w->not_after);
	bytes_add_u8(out, w->live ? POLICY_LIVE : POLICY_STATIC);
	bytes_add_u8(out, (uint8_t)w->digits);
	bytes_add(out, w->key->data, w->key->len);
	bytes_add(out, w->static_body, sizeof(w->static_body));
	bytes_add(out, w->issuer_public, sizeof(w->issuer_public));
	text_add(out, w->issuer_name, strlen(w->issuer_name));
	text_add(out, w->host, strlen(w->host));
	text_add(out, w->purpose, strlen(w->purpose));
	text_add(out, w->face_value, strlen(w->face_value));
	text_add(out, w->holder, strlen(w->holder));
	text_add(out, w->url, strlen(w->url));
	text_add(out, w->token->data, w->token->len);
}

struct reader {
	struct span left;
	bool bad;
};

static const uint8_t *take(struct reader *r, size_t len)
{
	static const uint8_t nothing[CODE_STATIC_BODY_LEN];
	const uint8_t *at = r->left.data;

	if (r->bad || r->left.len < len) {
		r->bad = true;
		return nothing;
	}
	r->left.data += len;
	r->left.len -= len;
	return at;
}

static struct span take_text(struct reader *r, size_t len_max)
{
	size_t len = be16_get(take(r, 2));

	if (len > len_max || len > r->left.len)
		r->bad = true;
	if (r->bad)
		return SPAN(NULL, 0);
	return SPAN(take(r, len), len);
}

static void take_label(struct reader *r, char *out, size_t len_max)
{
	struct span text = take_text(r, len_max);

	if (text.len && memchr(text.data, 0, text.len))
		r->bad = true;
	else if (text.len)
		memcpy(out, text.data, text.len);
	out[text.len] = 0;
}

static enum err_code secret_copy(struct secret **out, struct span from)
{
	enum err_code rc = secret_new(out, from.len);

	if (!rc)
		memcpy((*out)->data, from.data, from.len);
	return rc;
}

static enum err_code body_fields(struct wallet *w, struct reader *r)
{
	struct span key, token;
	uint8_t version = *take(r, 1), policy;

	memcpy(w->credential_id, take(r, CODE_ID_LEN), CODE_ID_LEN);
	w->generation = be16_get(take(r, 2));
	w->not_after = be32_get(take(r, 4));
	policy = *take(r, 1);
	w->live = policy == POLICY_LIVE;
	w->digits = *take(r, 1);
	key = SPAN(take(r, SEC_KEY_LEN), SEC_KEY_LEN);
	memcpy(w->static_body, take(r, CODE_STATIC_BODY_LEN), CODE_STATIC_BODY_LEN);
	memcpy(w->issuer_public, take(r, SEC_ED25519_PUBLIC_LEN), SEC_ED25519_PUBLIC_LEN);
	take_label(r, w->issuer_name, WALLET_LABEL_MAX);
	take_label(r, w->host, CODE_HOST_MAX);
	take_label(r, w->purpose, WALLET_LABEL_MAX);
	take_label(r, w->face_value, WALLET_LABEL_MAX);
	take_label(r, w->holder, WALLET_LABEL_MAX);
	take_label(r, w->url, WALLET_URL_MAX);
	token = take_text(r, WALLET_TOKEN_MAX);
	if (r->bad || r->left.len || version != FILE_VERSION || policy > POLICY_LIVE || !token.len)
		return ERR_CORRUPT;
	if (secret_copy(&w->key, key) || secret_copy(&w->token, token))
		return ERR_NO_MEMORY;
	return ERR_OK;
}

enum err_code wallet_body_parse(struct wallet **out, struct span body, struct err *err)
{
	struct reader r = {.left = body};
	struct wallet *w = NULL;
	enum err_code rc = wallet_new(&w);

	*out = NULL;
	if (rc)
		return err_set(err, rc, "no memory for the wallet");
	rc = body_fields(w, &r);
	if (rc) {
		err_set(err, rc, "what is sealed in the wallet file is not a credential");
		goto out;
	}
	rc = wallet_check(w, err);
	if (rc) {
		rc = ERR_CORRUPT;
		goto out;
	}
	*out = w;
	w = NULL;
out:
	wallet_free(&w);
	return rc;
}

/* ---- seal ---- */

static void header_build(uint8_t out[static WALLET_HEADER_LEN], const uint8_t *salt, size_t sealed)
{
	memset(out, 0, WALLET_HEADER_LEN);
	memcpy(out, wallet_magic, sizeof(wallet_magic));
	out[8] = FILE_VERSION;
	out[9] = KDF_ARGON2ID;
	be32_put(out + 12, SEC_PASSWORD_MEMORY_KIB);
	be32_put(out + 16, SEC_PASSWORD_PASSES);
	memcpy(out + SALT_AT, salt, SALT_LEN);
	be32_put(out + LENGTH_AT, (uint32_t)sealed);
}

/* key | body in secret memory; the caller frees it. */
static enum err_code key_and_body(struct secret **out, struct bytes *body, struct span passcode,
	const uint8_t *salt, struct err *err)
{
	enum err_code rc = secret_new(out, SEC_KEY_LEN + WALLET_BODY_MAX);

	if (rc)
		return err_set(err, rc, "no locked memory for the wallet");
	bytes_init_fixed(body, (*out)->data + SEC_KEY_LEN, WALLET_BODY_MAX);
	return sec_password_key((*out)->data, passcode, salt, err);
}

enum err_code wallet_seal(
	struct bytes *out, const struct wallet *w, struct span passcode, struct err *err)
{
	uint8_t header[WALLET_HEADER_LEN], salt[SALT_LEN];
	uint8_t sealed[WALLET_BODY_MAX + SEC_AEAD_OVERHEAD];
	struct secret *keep = NULL;
	struct bytes body;
	enum err_code rc = sec_random(salt, sizeof(salt), err);

	if (rc)
		return rc;
	rc = key_and_body(&keep, &body, passcode, salt, err);
	if (rc)
		goto out;
	wallet_body_build(&body, w);
	ASSERT(!body.full); /* the limits of the fields add up to less */
	header_build(header, salt, body.len + SEC_AEAD_OVERHEAD);
	rc = sec_aead_seal(sealed, SPAN(keep->data, SEC_KEY_LEN), bytes_span(&body),
		SPAN(header, sizeof(header)), err);
	if (rc)
		goto out;
	bytes_add(out, header, sizeof(header));
	bytes_add(out, sealed, body.len + SEC_AEAD_OVERHEAD);
	if (out->full)
		rc = err_set(err, ERR_TOO_LARGE, "the wallet does not fit");
out:
	secret_free(&keep);
	return rc;
}

static enum err_code header_check(struct span file, struct err *err)
{
	uint8_t expected[WALLET_HEADER_LEN];
	size_t sealed = file.len - WALLET_HEADER_LEN;

	if (file.len < sizeof(wallet_magic) ||
		memcmp(file.data, wallet_magic, sizeof(wallet_magic)) != 0)
		return err_set(err, ERR_FORMAT, "this is not a wallet file");
	if (file.len < WALLET_HEADER_LEN + SEC_AEAD_OVERHEAD + 1)
		return err_set(err, ERR_FORMAT, "the wallet file is cut off");
	if (file.data[8] != FILE_VERSION)
		return err_set(err, ERR_UNSUPPORTED,
			"the wallet file has version %d; this program reads version %d",
			file.data[8], FILE_VERSION);
	header_build(expected, file.data + SALT_AT, sealed);
	if (memcmp(file.data, expected, WALLET_HEADER_LEN) != 0 ||
		sealed > WALLET_BODY_MAX + SEC_AEAD_OVERHEAD)
		return err_set(err, ERR_FORMAT,
			"the wallet file is damaged: its header or its length is wrong");
	return ERR_OK;
}

enum err_code wallet_open(
	struct wallet **out, struct span file, struct span passcode, struct err *err)
{
	struct secret *keep = NULL;
	struct bytes body;
	size_t len;
	enum err_code rc = header_check(file, err);

	*out = NULL;
	if (rc)
		return rc;
	rc = key_and_body(&keep, &body, passcode, file.data + SALT_AT, err);
	if (rc)
		goto out;
	len = file.len - WALLET_HEADER_LEN;
	rc = sec_aead_open(body.data, SPAN(keep->data, SEC_KEY_LEN),
		SPAN(file.data + WALLET_HEADER_LEN, len), SPAN(file.data, WALLET_HEADER_LEN));
	if (rc) {
		err_set(err, rc, "the passcode is wrong, or the wallet file was changed");
		goto out;
	}
	rc = wallet_body_parse(out, SPAN(body.data, len - SEC_AEAD_OVERHEAD), err);
out:
	secret_free(&keep);
	return rc;
}

/* ---- the file system ---- */

enum err_code wallet_file_may_write(const char *path, bool replace, struct err *err)
{
	char copy[1024];
	struct stat st;
	const char *folder;

	if (strlen(path) >= sizeof(copy))
		return err_set(err, ERR_TOO_LARGE, "the path of the wallet file is too long");
	if (lstat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return err_set(err, ERR_EXISTS, "%s exists and is not a file", path);
		if (!replace)
			return err_set(err, ERR_EXISTS,
				"%s exists already; choose another file, or --force to lose what "
				"is in it",
				path);
	}
	memcpy(copy, path, strlen(path) + 1);
	folder = dirname(copy);
	if (access(folder, W_OK | X_OK))
		return err_set_os(err, ERR_PERMISSION, errno, "no file can be made in %s", folder);
	return ERR_OK;
}

enum err_code wallet_file_write(const struct wallet *w, const char *path, struct span passcode,
	bool replace, struct err *err)
{
	uint8_t storage[WALLET_FILE_MAX];
	struct bytes file;
	enum err_code rc = wallet_file_may_write(path, replace, err);

	if (rc)
		return rc;
	bytes_init_fixed(&file, storage, sizeof(storage));
	rc = wallet_seal(&file, w, passcode, err);
	return rc ? rc : file_replace(path, bytes_span(&file), 0600, err);
}

enum err_code wallet_file_read(
	struct wallet **out, const char *path, struct span passcode, struct err *err)
{
	uint8_t storage[WALLET_FILE_MAX];
	struct bytes file;
	enum err_code rc;

	*out = NULL;
	bytes_init_fixed(&file, storage, sizeof(storage));
	rc = file_read(&file, path, true, err);
	if (rc)
		return rc;
	rc = wallet_open(out, bytes_span(&file), passcode, err);
	if (rc)
		err_prefix(err, "%s", path);
	return rc;
}
