/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets in OpenSSL's locked heap, which is also left out of core dumps.
 */
#include "crypto/internal.h"

#include <stdlib.h>

#include <openssl/crypto.h>

enum err_code secret_new(struct secret **out, size_t len)
{
	ASSERT(sec_algorithms() != NULL);
	ASSERT(len > 0);
	*out = NULL;
	struct secret *s = calloc(1, sizeof *s);
	if (s == NULL)
		return ERR_NO_MEMORY;
	s->data = OPENSSL_secure_zalloc(len);
	if (s->data == NULL) {
		free(s);
		return sec_failed(ERR_NO_MEMORY);
	}
	s->len = len;
	*out = s;
	return ERR_OK;
}

void secret_free(struct secret **s)
{
	if (s == NULL || *s == NULL)
		return;
	OPENSSL_secure_clear_free((*s)->data, (*s)->len);
	free(*s);
	*s = NULL;
}

void sec_wipe(void *p, size_t len)
{
	if (len > 0)
		OPENSSL_cleanse(p, len);
}

bool sec_equal(const void *a, const void *b, size_t len)
{
	return len == 0 || CRYPTO_memcmp(a, b, len) == 0;
}
