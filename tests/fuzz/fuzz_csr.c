/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate requests as PEM: whatever is taken is a P-256 key that can be certified.
 */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sec_key *key;
static struct sec_cert *ca;

static void start(void)
{
	struct err e;

	if (key != NULL)
		return;
	if (sec_start(&e) != ERR_OK || sec_key_new(&key, &e) != ERR_OK ||
		sec_cert_authority(&ca, key, "x", 1790000000, 1800000000, &e) != ERR_OK)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sec_cert_order order = {.use = SEC_CERT_CLIENT,
		.subject = "till",
		.now = 1790000000,
		.not_after = 1790086400};
	uint8_t of_csr[SEC_SPKI_LEN], of_cert[SEC_SPKI_LEN];
	struct sec_csr *csr = NULL;
	struct sec_cert *cert = NULL;
	struct err e;

	start();
	if (sec_csr_parse(&csr, SPAN(data, size), &e) != ERR_OK) {
		ASSERT(csr == NULL);
		return 0;
	}
	ASSERT(size <= SEC_CSR_MAX);
	ASSERT(sec_cert_issue(&cert, ca, key, csr, &order, &e) == ERR_OK);
	ASSERT(sec_csr_spki(of_csr, csr) == ERR_OK && sec_cert_spki(of_cert, cert) == ERR_OK);
	ASSERT(sec_equal(of_csr, of_cert, SEC_SPKI_LEN));
	sec_cert_free(&cert);
	sec_csr_free(&csr);
	return 0;
}
