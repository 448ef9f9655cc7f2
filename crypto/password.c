/* SPDX-License-Identifier: Apache-2.0
 *
 * argon2id (RFC 9106) by libargon2. The only file that enters that library.
 */
#include "crypto/internal.h"

#include <argon2.h>
#include <string.h>

#define LANES      1
#define SALT_LEN   16
#define HASH_LEN   32
#define INPUT_MAX  4096 /* bytes of a password; longer ones are refused */

/* Bounds for a stored text: verifying runs with its figures, and a damaged row must not ask for all
 * memory there is.
 */
#define STORED_MEMORY_MAX_KIB (256 * 1024)
#define STORED_PASSES_MAX     16
#define STORED_LANES_MAX      4

static enum err_code code_of(int result)
{
	switch (result) {
	case ARGON2_OK:
		return ERR_OK;
	case ARGON2_MEMORY_ALLOCATION_ERROR:
		return ERR_NO_MEMORY;
	default:
		return ERR_CRYPTO;
	}
}

static struct span never_null(struct span in)
{
	return in.len > 0 ? in : SPAN("", 0);
}

enum err_code sec_password_hash(char out[static SEC_PASSWORD_TEXT_MAX], struct span password,
	struct err *err)
{
	uint8_t salt[SALT_LEN];
	struct span in = never_null(password);

	ASSERT(sec_algorithms() != NULL);
	if (in.len > INPUT_MAX)
		return err_set(err, ERR_TOO_LARGE, "password of more than %d bytes", INPUT_MAX);
	enum err_code code = sec_random(salt, sizeof salt, err);
	if (code != ERR_OK)
		return code;
	code = code_of(argon2id_hash_encoded(SEC_PASSWORD_PASSES, SEC_PASSWORD_MEMORY_KIB, LANES,
		in.data, in.len, salt, sizeof salt, HASH_LEN, out, SEC_PASSWORD_TEXT_MAX));
	if (code == ERR_OK)
		return ERR_OK;
	out[0] = '\0';
	return err_set(err, code, "argon2id failed");
}

static bool take(const char **at, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool take_up_to(const char **at, const char *word, unsigned max)
{
	unsigned v = 0;

	if (!take(at, word) || **at < '1' || **at > '9')
		return false;
	while (**at >= '0' && **at <= '9') {
		v = v * 10 + (unsigned)(*(*at)++ - '0');
		if (v > max)
			return false;
	}
	return true;
}

static bool stored_is_sane(const char *encoded)
{
	const char *at = encoded;

	return strnlen(encoded, SEC_PASSWORD_TEXT_MAX) < SEC_PASSWORD_TEXT_MAX &&
	       take(&at, "$argon2id$v=19$") && take_up_to(&at, "m=", STORED_MEMORY_MAX_KIB) &&
	       take_up_to(&at, ",t=", STORED_PASSES_MAX) &&
	       take_up_to(&at, ",p=", STORED_LANES_MAX) && *at == '$';
}

enum err_code sec_password_verify(const char *encoded, struct span password)
{
	struct span in = never_null(password);

	ASSERT(sec_algorithms() != NULL);
	if (!stored_is_sane(encoded))
		return ERR_CORRUPT;
	if (in.len > INPUT_MAX)
		return ERR_FORGED; /* none was ever hashed */
	int result = argon2id_verify(encoded, in.data, in.len);
	switch (result) {
	case ARGON2_OK:
		return ERR_OK;
	case ARGON2_VERIFY_MISMATCH:
		return ERR_FORGED;
	case ARGON2_MEMORY_ALLOCATION_ERROR:
		return ERR_NO_MEMORY;
	default:
		return ERR_CORRUPT;
	}
}

enum err_code sec_password_key(uint8_t out[static SEC_KEY_LEN], struct span password,
	const uint8_t salt[static 16], struct err *err)
{
	struct span in = never_null(password);

	ASSERT(sec_algorithms() != NULL);
	if (in.len > INPUT_MAX)
		return err_set(err, ERR_TOO_LARGE, "passphrase of more than %d bytes", INPUT_MAX);
	enum err_code code = code_of(argon2id_hash_raw(SEC_PASSWORD_PASSES, SEC_PASSWORD_MEMORY_KIB,
		LANES, in.data, in.len, salt, SALT_LEN, out, SEC_KEY_LEN));
	if (code == ERR_OK)
		return ERR_OK;
	sec_wipe(out, SEC_KEY_LEN);
	return err_set(err, code, "argon2id failed");
}

/* RFC 9106 section 5.3. One thread fills the four lanes: the answer is the same. */
bool sec_password_selftest(const uint8_t expected[static 32])
{
	uint8_t out[32];
	uint8_t password[32], salt[16], key[8], associated[12];

	memset(password, 1, sizeof password);
	memset(salt, 2, sizeof salt);
	memset(key, 3, sizeof key);
	memset(associated, 4, sizeof associated);
	argon2_context context = {
		.out = out, .outlen = sizeof out,
		.pwd = password, .pwdlen = sizeof password,
		.salt = salt, .saltlen = sizeof salt,
		.secret = key, .secretlen = sizeof key,
		.ad = associated, .adlen = sizeof associated,
		.t_cost = 3, .m_cost = 32, .lanes = 4, .threads = 1,
		.version = ARGON2_VERSION_13, .flags = ARGON2_DEFAULT_FLAGS,
	};
	return argon2id_ctx(&context) == ARGON2_OK && sec_equal(out, expected, sizeof out);
}
