/* SPDX-License-Identifier: Apache-2.0
 *
 * Randomness from the operating system, through OpenSSL's generator.
 */
#include "crypto/internal.h"

#include <openssl/rand.h>

#define STRENGTH_BITS 256

enum err_code sec_random(uint8_t *out, size_t len, struct err *err)
{
	ASSERT(sec_algorithms() != NULL);
	if (len == 0)
		return ERR_OK;
	if (RAND_priv_bytes_ex(NULL, out, len, STRENGTH_BITS) == 1)
		return ERR_OK;
	sec_wipe(out, len);
	ERR_IGNORE(sec_failed(ERR_CRYPTO)); /* clears the queue; the code is given below */
	return err_set(err, ERR_CRYPTO, "no randomness from the operating system");
}
