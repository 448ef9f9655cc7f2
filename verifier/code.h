/* SPDX-License-Identifier: Apache-2.0
 *
 * The codes of PROTOCOL.md sections 2 to 7 and 10: parsing, building, and the formulas that tie
 * them together. Pure: no I/O, no clock, no allocation. Terminal, backend and wallet all use this
 * file.
 * Test vectors: fixtures/vectors/vectors.json.
 */
#ifndef VERIFIER_CODE_H
#define VERIFIER_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "crypto/crypto.h"

#define CODE_VERSION 1
#define CODE_HOST_MAX 64         /* characters A-Z 0-9 . - : */
#define CODE_BODY_MAX 160        /* bytes; the longest is a challenge: 52 + 40 + 24 + 16 = 132 */
#define CODE_TEXT_MAX 384        /* characters of the longest code of ours, with room for a NUL */
#define CODE_FOREIGN_TEXT_MAX 512
#define CODE_ID_LEN 16
#define CODE_ID_SHORT_LEN 8      /* first bytes of a credential id, in Q and R */
#define CODE_KEY_ID_LEN 4
#define CODE_LIVE_TAG_LEN 8
#define CODE_STATIC_BODY_LEN 92
#define CODE_LIVE_BODY_LEN 100
#define CODE_RESPONSE_LEN 32
#define CODE_RESPONSE_BODY_LEN 42
#define CODE_CHALLENGE_TAG_LEN 16
#define CODE_PRESENTED_BODY_LEN 106
#define CODE_MERCHANT_MAX 40     /* bytes of UTF-8 */
#define CODE_REFERENCE_MAX 24    /* bytes of UTF-8 */
#define CODE_DIGITS_MIN 6
#define CODE_DIGITS_MAX 10
#define CODE_STEP_S 30           /* seconds of one live step */
#define CODE_STEP_WINDOW 2       /* steps accepted on either side */
#define CODE_NO_END 0xffffffffu  /* not-after: no end */

/* ---- what a text is ---- */

enum code_kind {
	CODE_FOREIGN = 0,     /* not ours: see enum code_foreign */
	CODE_CREDENTIAL = 'C',
	CODE_CHALLENGE = 'Q',
	CODE_RESPONSE = 'R',
	CODE_ACTIVATION = 'A',
	CODE_TARGET = 'T',
	CODE_PAIRING = 'S',
	CODE_LINK = 'L',
	CODE_DOCUMENT = 'D',
	CODE_PROOF = 'P',
	CODE_RECEIPT = 'X',
	CODE_CIRCLE = 'J'
};

enum code_foreign {
	CODE_FOREIGN_TEXT = 0,   /* plain text, numbers, anything else */
	CODE_FOREIGN_WEB,        /* a web address */
	CODE_FOREIGN_DAMAGED     /* looks like ours but breaks a rule; `why` says which */
};

struct code_credential {
	bool live;
	uint8_t issuer_key_id[CODE_KEY_ID_LEN];
	uint8_t credential_id[CODE_ID_LEN];
	uint16_t generation;
	uint32_t not_after;      /* Unix seconds, CODE_NO_END = no end */
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN];
	uint8_t live_tag[CODE_LIVE_TAG_LEN]; /* only when live */
	uint8_t static_body[CODE_STATIC_BODY_LEN]; /* bytes 0..91 with flags = 0 */
};

struct code_challenge {
	uint8_t credential_short[CODE_ID_SHORT_LEN];
	uint8_t verification_id[CODE_ID_LEN];
	uint64_t number;
	int digits;              /* 6..10 */
	uint32_t expires;        /* Unix seconds */
	uint64_t amount;         /* minor units of the currency (ISO 4217); 0 = none */
	char currency[4];        /* three letters and NUL; "XXX" = none */
	char merchant[CODE_MERCHANT_MAX + 1];
	char reference[CODE_REFERENCE_MAX + 1];
	uint8_t tag[CODE_CHALLENGE_TAG_LEN];
};

enum code_binding {
	CODE_BINDING_NUMBER = 0,
	CODE_BINDING_AMOUNT = 1,
	CODE_BINDING_CHALLENGE = 2
};

struct code_response {
	enum code_binding binding;
	bool timed;
	uint8_t credential_short[CODE_ID_SHORT_LEN];
	uint8_t response[CODE_RESPONSE_LEN];
};

struct code_presented {
	uint8_t issuer_key_id[CODE_KEY_ID_LEN];
	uint8_t code_id[CODE_ID_LEN];
	uint32_t not_after;
	uint8_t content_digest[16]; /* first bytes of SHA-256 of the content */
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN];
};

struct code {
	enum code_kind kind;
	enum code_foreign foreign; /* when kind is CODE_FOREIGN */
	const char *why;           /* static English words, when foreign is CODE_FOREIGN_DAMAGED */
	char host[CODE_HOST_MAX + 1];
	uint8_t body[CODE_BODY_MAX];
	size_t body_len;
	union {
		struct code_credential credential;
		struct code_challenge challenge;
		struct code_response response;
		struct code_presented presented; /* kinds A T S L D P X J */
	};
};

/* Says what a text is. Never fails: what is not ours in every respect (form, canonical Base32,
 * version, exact length, reserved bits zero, digits and number in range, currency letters, UTF-8)
 * is CODE_FOREIGN. Checks no signature and no date.
 */
void code_parse(struct code *out, struct span text);

const char *code_kind_words(enum code_kind kind); /* English, for explain and logs */

/* ---- building: the upper-case text or a body; ERR_INVALID on fields out of range ---- */

ERR_MUST_CHECK enum err_code code_text_build(struct bytes *out, const char *host, char kind,
	struct span body);

/* The static body, signed with the issuer's seed. */
ERR_MUST_CHECK enum err_code code_credential_sign(uint8_t out[static CODE_STATIC_BODY_LEN],
	const struct code_credential *fields, struct span issuer_seed);
/* The live body of a static one at a step. */
ERR_MUST_CHECK enum err_code code_credential_live(uint8_t out[static CODE_LIVE_BODY_LEN],
	const uint8_t static_body[static CODE_STATIC_BODY_LEN], struct span k_live, uint64_t step);
/* Body with tag; out needs CODE_BODY_MAX bytes of room. */
ERR_MUST_CHECK enum err_code code_challenge_build(struct bytes *out,
	const struct code_challenge *fields, struct span k_challenge);
void code_response_build(uint8_t out[static CODE_RESPONSE_BODY_LEN],
	const struct code_response *fields);
/* The content of a receipt's code: canonical JSON of what stands on the receipt, so that whoever
 * holds receipt and code can check one by the other. Members, in this order: amount (0 = none),
 * currency ("XXX" = none), receipt, reference, state, verification.
 */
struct code_receipt {
	const char *state;           /* "accepted", "authorised" */
	const char *receipt;         /* its number */
	const char *verification;    /* 32 hexadecimal digits */
	uint64_t amount;
	const char *currency;        /* "" = none */
	const char *reference;       /* "" = none */
};
#define CODE_RECEIPT_CONTENT_MAX 512
/* ERR_TOO_LARGE, ERR_RANGE: no receipt has that much. */
ERR_MUST_CHECK enum err_code code_receipt_content(struct bytes *out,
	const struct code_receipt *fields);

/* An activation, kind A. Its secret stands in three forms: typed (code_activation_text()), behind #
 * of a link, and in the code id of a code: the secret, then the first 6 bytes of
 * SHA-256("countersign/1 activation" | secret). The content is canonical JSON of credential and
 * generation.
 */
#define CODE_ACTIVATION_LEN 10 /* bytes of the secret */
#define CODE_ACTIVATION_TEXT_LEN 19 /* XXXX-XXXX-XXXX-XXXX */
#define CODE_ACTIVATION_CONTENT_MAX 80
struct code_activation {
	uint8_t secret[CODE_ACTIVATION_LEN]; /* wipe after use */
	uint8_t issuer_key_id[CODE_KEY_ID_LEN];
	uint8_t credential_id[CODE_ID_LEN];
	uint16_t generation;
	uint32_t not_after; /* end of the activation, Unix seconds */
};
void code_activation_text(char out[static CODE_ACTIVATION_TEXT_LEN + 1],
	const uint8_t secret[static CODE_ACTIVATION_LEN]);
/* As somebody typed it: small letters, spaces and dashes do not matter. ERR_FORMAT */
ERR_MUST_CHECK enum err_code code_activation_typed(uint8_t secret[static CODE_ACTIVATION_LEN],
	struct span text);
ERR_MUST_CHECK enum err_code code_activation_sign(uint8_t out[static CODE_PRESENTED_BODY_LEN],
	const struct code_activation *fields, struct span issuer_seed);

ERR_MUST_CHECK enum err_code code_presented_sign(uint8_t out[static CODE_PRESENTED_BODY_LEN],
	char kind, const struct code_presented *fields, struct span content,
	struct span issuer_seed);

/* ---- checking: ERR_OK only when right, ERR_FORGED when not ---- */

ERR_MUST_CHECK enum err_code code_issuer_key_id(uint8_t out[static CODE_KEY_ID_LEN],
	struct span issuer_public);
ERR_MUST_CHECK enum err_code code_credential_verify(const struct code_credential *c,
	struct span issuer_public);
/* Which of the steps from `first` on is the live tag's? All of them are computed, at most
 * CODE_LIVE_STEPS_MAX, whichever is the right one.
 */
#define CODE_LIVE_STEPS_MAX (2 * CODE_STEP_WINDOW + 1)
ERR_MUST_CHECK enum err_code code_live_find(uint64_t *step, const struct code_credential *c,
	struct span k_live, uint64_t first, size_t count);
ERR_MUST_CHECK enum err_code code_challenge_verify(const struct code *c, struct span k_challenge);
ERR_MUST_CHECK enum err_code code_presented_verify(const struct code *c, struct span issuer_public);
/* A receipt's code, signed with this key, of exactly this receipt. */
ERR_MUST_CHECK enum err_code code_receipt_verify(const struct code *c,
	const struct code_receipt *fields, struct span issuer_public);
/* Of which secret is it? ERR_FORGED: of none. Says nothing about who made it. */
ERR_MUST_CHECK enum err_code code_activation_secret(uint8_t secret[static CODE_ACTIVATION_LEN],
	const struct code *c);
/* An activation's code, signed with this key, of exactly these. */
ERR_MUST_CHECK enum err_code code_activation_verify(const struct code *c,
	const struct code_activation *fields, struct span issuer_public);

/* ---- formulas ---- */

struct code_keys { /* derived from K, PROTOCOL.md section 3; wipe after use */
	uint8_t response[SEC_KEY_LEN];
	uint8_t live[SEC_KEY_LEN];
	uint8_t challenge[SEC_KEY_LEN];
};
ERR_MUST_CHECK enum err_code code_keys_derive(struct code_keys *out, struct span credential_secret);
/* Only what stage one needs: live and challenge; response is zeroes. */
ERR_MUST_CHECK enum err_code code_keys_start_derive(struct code_keys *out,
	struct span credential_secret);
/* K_response alone, a third of the work: all that stage two needs. */
ERR_MUST_CHECK enum err_code code_key_response_derive(uint8_t out[static SEC_KEY_LEN],
	struct span credential_secret);

uint64_t code_step(int64_t unix_s); /* floor(unix_s / 30); 0 before 1970 */

/* Section 5. `first` is the i to begin with (0, or one above the i of a number that was used
 * before); *used_i is the i of the result.
 */
struct code_number_input {
	struct span k_number;
	struct span registration_record;
	uint8_t verification_id[CODE_ID_LEN];
	int digits;
};
ERR_MUST_CHECK enum err_code code_number(uint64_t *out, uint32_t *used_i,
	const struct code_number_input *in, uint32_t first);
/* All n digits with leading zeroes and NUL. */
void code_number_text(char out[static CODE_DIGITS_MAX + 1], uint64_t number, int digits);

/* Section 7. binding_data: empty, amount | currency, or the challenge body without its tag. */
struct code_response_input {
	struct span k_response;
	const uint8_t *static_body; /* CODE_STATIC_BODY_LEN bytes */
	const char *number;         /* n digits as text */
	struct span binding_data;
	bool timed;
	uint64_t step;              /* only when timed */
};
ERR_MUST_CHECK enum err_code code_response_compute(uint8_t out[static CODE_RESPONSE_LEN],
	const struct code_response_input *in);
/* Is it the response of one of the steps in->step to last (untimed: of the only one)? All of them
 * are computed, whichever is the right one.
 */
ERR_MUST_CHECK enum err_code code_response_match(bool *right,
	const struct code_response_input *in, uint64_t last,
	const uint8_t response[static CODE_RESPONSE_LEN]);
/* amount | currency of binding 1. */
#define CODE_BINDING_AMOUNT_LEN 11
void code_binding_amount(uint8_t out[static CODE_BINDING_AMOUNT_LEN], uint64_t amount,
	const char currency[static 3]);

#endif
