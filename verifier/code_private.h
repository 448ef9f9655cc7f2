/* SPDX-License-Identifier: Apache-2.0
 *
 * What the three code_*.c share: layout of the bodies and the rules of single fields.
 */
#ifndef VERIFIER_CODE_PRIVATE_H
#define VERIFIER_CODE_PRIVATE_H

#include "verifier/code.h"

#define CODE_FLAG_LIVE 0x01    /* kind C, byte 1 */
#define CODE_FLAG_BINDING 0x03 /* kind R, byte 1 */
#define CODE_FLAG_TIMED 0x04   /* kind R, byte 1 */

#define CODE_CREDENTIAL_SIGNED_LEN 28 /* bytes before the signature of kind C */
#define CODE_PRESENTED_SIGNED_LEN 42  /* bytes before the signature of presented codes */
#define CODE_CHALLENGE_FIXED_LEN 50   /* bytes before the length of the merchant's name */
#define CODE_CREDENTIAL_MESSAGE_LEN (24 + CODE_CREDENTIAL_SIGNED_LEN) /* with its label */
#define CODE_PRESENTED_MESSAGE_LEN (20 + CODE_PRESENTED_SIGNED_LEN)   /* with label and letter */
#define CODE_CHALLENGE_LEN_MIN (CODE_CHALLENGE_FIXED_LEN + 2 + CODE_CHALLENGE_TAG_LEN)

bool code_kind_known(char letter);
bool code_kind_presented(enum code_kind kind); /* one of section 10 */
bool code_host_char(uint8_t c);
bool code_currency_valid(const char currency[static 3]);
uint64_t code_number_end(int digits); /* 10^digits; digits 0..19 */

/* What is signed, and the tags. */
void code_credential_message(uint8_t out[static CODE_CREDENTIAL_MESSAGE_LEN],
	const uint8_t *static_body);
void code_presented_message(uint8_t out[static CODE_PRESENTED_MESSAGE_LEN], char kind,
	const uint8_t *body);
ERR_MUST_CHECK enum err_code code_live_tag(uint8_t out[static CODE_LIVE_TAG_LEN],
	const uint8_t *body_as_shown, struct span k_live, uint64_t step);
ERR_MUST_CHECK enum err_code code_challenge_tag(uint8_t out[static CODE_CHALLENGE_TAG_LEN],
	struct span fields, struct span k_challenge);

#endif
