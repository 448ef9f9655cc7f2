/* SPDX-License-Identifier: Apache-2.0
 *
 * The wallet of a holder: one credential with its secret, the file that keeps it, and the codes
 * that it shows. Knows the code formats, nothing of screens or cameras; the only network is
 * activation.
 *
 * The secret K and the bearer token live in struct secret alone and are never printed.
 */
#ifndef WALLET_HOLDER_WALLET_H
#define WALLET_HOLDER_WALLET_H

#include "base/amount.h"
#include "verifier/code.h"

/* Limits, also in docs/limits.md. */
#define WALLET_LABEL_MAX      64  /* bytes of a name, purpose, face value */
#define WALLET_TOKEN_MAX      128 /* bytes of the bearer token */
#define WALLET_URL_MAX        256 /* bytes of the backend's address */
#define WALLET_PASSCODE_MIN   4   /* bytes */
#define WALLET_PASSCODE_MAX   256
#define WALLET_BODY_MAX       1024 /* bytes sealed in a wallet file */
#define WALLET_FILE_MAX       4096 /* a longer file is not one of ours */
#define WALLET_GIVEN_MAX      384 /* bytes of a token, a link or a code */
#define WALLET_ASK_TRIES      3   /* for one activation, while its answer is lost */
#define WALLET_ACTIVATION_MAX 8192 /* bytes of an activation answer */

struct wallet {
	struct secret *key;   /* K, SEC_KEY_LEN bytes */
	struct secret *token; /* bearer token, text without NUL */
	uint8_t credential_id[CODE_ID_LEN];
	uint16_t generation;
	uint32_t not_after;                        /* Unix seconds, CODE_NO_END = no end */
	bool live;                                 /* policy: live codes and timed answers */
	int digits;                                /* of a verification number, 6..10 */
	uint8_t static_body[CODE_STATIC_BODY_LEN]; /* signed first code, PROTOCOL.md section 4 */
	uint8_t issuer_public[SEC_ED25519_PUBLIC_LEN];
	char issuer_name[WALLET_LABEL_MAX + 1];
	char host[CODE_HOST_MAX + 1];
	char purpose[WALLET_LABEL_MAX + 1];
	char face_value[WALLET_LABEL_MAX + 1];
	char holder[WALLET_LABEL_MAX + 1];
	char url[WALLET_URL_MAX + 1]; /* of the backend, as given at activation */
};

ERR_MUST_CHECK enum err_code wallet_new(struct wallet **out); /* empty */
void wallet_free(struct wallet **w);                          /* NULL-safe, wipes, sets NULL */

/* Does everything in the wallet fit together? The first code must be a static one, signed by the
 * issuer key, and say the same id, generation, end and key id as the fields.
 */
ERR_MUST_CHECK enum err_code wallet_check(const struct wallet *w, struct err *err);

/* ---- the file (wallet_file.c) ----
 *
 * header, 40 bytes, associated data of the seal:
 *    0  8  "CSWALLET"
 *    8  1  version, 1
 *    9  1  1 = argon2id
 *   10  2  0
 *   12  4  memory of argon2id in KiB; only SEC_PASSWORD_MEMORY_KIB is accepted
 *   16  4  passes; only SEC_PASSWORD_PASSES is accepted
 *   20 16  salt
 *   36  4  bytes that follow, to the end of the file
 *   40     AES-256-GCM: nonce | sealed body | tag
 */
#define WALLET_HEADER_LEN 40

/* Writes with mode 0600, through a temporary file. ERR_EXISTS when there is one and not replace. */
ERR_MUST_CHECK enum err_code wallet_file_write(const struct wallet *w, const char *path,
	struct span passcode, bool replace, struct err *err);
/* Could a new wallet be written there? Asked before an activation token is spent. */
ERR_MUST_CHECK enum err_code wallet_file_may_write(const char *path, bool replace, struct err *err);
/* Returns: ERR_NOT_FOUND, ERR_PERMISSION (others may read it), ERR_FORMAT (not a wallet file),
 *          ERR_UNSUPPORTED (another version), ERR_FORGED (passcode wrong or file changed),
 *          ERR_CORRUPT (opened, but what is inside does not fit together)
 */
ERR_MUST_CHECK enum err_code wallet_file_read(
	struct wallet **out, const char *path, struct span passcode, struct err *err);
/* The same on bytes in memory. */
ERR_MUST_CHECK enum err_code wallet_open(
	struct wallet **out, struct span file, struct span passcode, struct err *err);
ERR_MUST_CHECK enum err_code wallet_seal(
	struct bytes *out, const struct wallet *w, struct span passcode, struct err *err);
/* The sealed part, opened; exactly one body and nothing after it. */
void wallet_body_build(struct bytes *out, const struct wallet *w);
ERR_MUST_CHECK enum err_code wallet_body_parse(
	struct wallet **out, struct span body, struct err *err);

/* ---- activation (activation.c) ---- */

/* The answer of POST /v1/activations becomes a wallet; everything that came is checked. Wipes the
 * secret and the token inside `answer`, on errors too.
 */
ERR_MUST_CHECK enum err_code wallet_activation_parse(
	struct wallet **out, struct bytes *answer, const char *url, struct err *err);
/* Asks the backend; again, when its answer is lost: with the same claim it gives the same
 * credential. The token is spent when this returns ERR_OK. given: as in wallet_token_find(). ca:
 * PEM file of the authority that is trusted, NULL = the system's list.
 */
ERR_MUST_CHECK enum err_code wallet_activate(struct wallet **out, const char *url, const char *ca,
	struct span given, struct err *err);
/* The activation token in what the holder was given: itself in any spelling, a link with it behind
 * #, or the text of a code of kind A. Borrows from given. ERR_INVALID: it can be none of them.
 */
ERR_MUST_CHECK enum err_code wallet_token_find(struct span *out, struct span given,
	struct err *err);

/* ---- codes (wallet_codes.c) ---- */

/* Text of the first code; live: with the tag of this time. Appends. */
ERR_MUST_CHECK enum err_code wallet_first_code(
	struct bytes *out, const struct wallet *w, bool live, int64_t unix_s);

struct wallet_answer {
	const char *number; /* digits as text; ignored for binding 2 */
	enum code_binding binding;
	uint64_t amount;              /* binding 1: minor units */
	char currency[4];             /* binding 1 */
	const struct code *challenge; /* binding 2: opened by wallet_challenge_open() */
	bool timed;
	int64_t unix_s;
};
/* Text of the second code. ERR_INVALID says which field makes no sense. Appends. */
ERR_MUST_CHECK enum err_code wallet_second_code(
	struct bytes *out, const struct wallet *w, const struct wallet_answer *in, struct err *err);

/* A challenge code for this credential with a right tag that has not run out. ERR_FORMAT: no
 * challenge code; ERR_NOT_FOUND: of another credential; ERR_FORGED; ERR_TIMEOUT.
 */
ERR_MUST_CHECK enum err_code wallet_challenge_open(struct code *out, const struct wallet *w,
	struct span text, int64_t unix_s, struct err *err);

#endif
