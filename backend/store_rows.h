/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows and verbs of the store: what rules and administration read and write. No decision is made
 * here; where only one caller may win, the verb is one conditional statement and says who won.
 *
 * Getters return ERR_NOT_FOUND when there is no such row, ERR_CORRUPT when a stored value is
 * impossible. Writers need a transaction; inserts return ERR_EXISTS for a key that is taken.
 */
#ifndef BACKEND_STORE_ROWS_H
#define BACKEND_STORE_ROWS_H

#include "backend/store.h"
#include "base/bytes.h"
#include "verifier/code.h"

#define STORE_NAME_MAX 64 /* texts below: bytes with NUL */
#define STORE_PHONE_MAX 32
#define STORE_NUMBER_MAX 40
#define STORE_REGISTRATION_MAX 1024
#define STORE_SEALED_MAX 64
#define STORE_WORD_MAX 32
#define STORE_RECEIPT_MAX 32
#define STORE_DIGEST_LEN SEC_SHA256_LEN
#define STORE_SLOT_MAX 24
#define STORE_DETAIL_MAX 1024
#define STORE_FOR_EVER INT64_MAX

/* ---- settings and issuer keys ---- */

ERR_MUST_CHECK enum err_code store_setting_put(struct store *s, const char *name,
	struct span value, struct err *err);
ERR_MUST_CHECK enum err_code store_setting_get(struct store *s, const char *name, void *out,
	size_t out_cap, size_t *out_len, struct err *err);

struct store_issuer {
	uint8_t key_id[CODE_KEY_ID_LEN];
	uint8_t public_key[SEC_ED25519_PUBLIC_LEN];
	uint8_t sealed[STORE_SEALED_MAX];
	size_t sealed_len;
	int64_t not_before;
	int64_t not_after;
};
ERR_MUST_CHECK enum err_code store_issuer_insert(struct store *s, const struct store_issuer *in,
	struct err *err);
/* The newest is number 0. */
ERR_MUST_CHECK enum err_code store_issuer_nth(struct store *s, struct store_issuer *out, int nth,
	struct err *err);

/* Rotation: see keyring_store.c. forget: none of those that are there signs any more. */
ERR_MUST_CHECK enum err_code store_issuer_seal(struct store *s,
	const uint8_t key_id[static CODE_KEY_ID_LEN], struct span sealed, struct err *err);
ERR_MUST_CHECK enum err_code store_issuer_forget(struct store *s, struct err *err);
ERR_MUST_CHECK enum err_code store_issuer_end_put(struct store *s,
	const uint8_t key_id[static CODE_KEY_ID_LEN], int64_t not_after, struct err *err);
/* Those that ended. */
ERR_MUST_CHECK enum err_code store_issuer_prune(struct store *s, int64_t now, struct err *err);
/* The latest end of a credential in use that this key signed; CODE_NO_END; 0 = there is none. */
ERR_MUST_CHECK enum err_code store_issuer_last_end(struct store *s, int64_t *out,
	const uint8_t key_id[static CODE_KEY_ID_LEN], struct err *err);

/* ---- holders and accounts ---- */

struct store_holder {
	uint8_t id[CODE_ID_LEN];
	char name[STORE_NAME_MAX];
	char phone[STORE_PHONE_MAX];
	int64_t created_at;
};
ERR_MUST_CHECK enum err_code store_holder_insert(struct store *s, const struct store_holder *in,
	struct err *err);
ERR_MUST_CHECK enum err_code store_holder_get(struct store *s, struct store_holder *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);

struct store_account {
	uint8_t id[CODE_ID_LEN];
	uint8_t holder[CODE_ID_LEN];
	char number[STORE_NUMBER_MAX];
	char pin_hash[SEC_PASSWORD_TEXT_MAX]; /* "" = no PIN */
	int pin_failures;                     /* in a row */
	bool pin_locked;
	int64_t created_at;
	int64_t wrong_day; /* day (Unix time / 86400) that wrong_count counts */
	int wrong_count;   /* wrong second codes of its credentials on that day */
};
ERR_MUST_CHECK enum err_code store_account_insert(struct store *s, const struct store_account *in,
	struct err *err);
ERR_MUST_CHECK enum err_code store_account_get(struct store *s, struct store_account *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
/* Writes pin_failures and pin_locked. */
ERR_MUST_CHECK enum err_code store_account_pin_put(struct store *s, const struct store_account *in,
	struct err *err);

/* Writes wrong_day and wrong_count. */
ERR_MUST_CHECK enum err_code store_account_wrong_put(struct store *s,
	const struct store_account *in, struct err *err);
/* Of the amounts that were accepted at this level (enum policy_level) since then. */
ERR_MUST_CHECK enum err_code store_day_sum(struct store *s, int64_t *out,
	const uint8_t account[static CODE_ID_LEN], int level, int64_t since, struct err *err);

/* ---- credentials ---- */

struct store_credential {
	uint8_t id[CODE_ID_LEN];
	uint8_t holder[CODE_ID_LEN];
	uint8_t account[CODE_ID_LEN];
	int generation;
	bool is_void;
	bool live;
	int digits;
	bool pin;
	char purpose[STORE_NAME_MAX];
	char face_value[STORE_NAME_MAX];
	uint8_t registration[STORE_REGISTRATION_MAX]; /* canonical JSON */
	size_t registration_len;
	int64_t frozen_until; /* 0 = not; STORE_FOR_EVER = until unfrozen */
	int failures;         /* in a row */
	int freezes;          /* since the last success */
	int64_t created_at;
};
ERR_MUST_CHECK enum err_code store_credential_insert(struct store *s,
	const struct store_credential *in, struct err *err);
ERR_MUST_CHECK enum err_code store_credential_get(struct store *s, struct store_credential *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
/* Writes is_void, frozen_until, failures and freezes. */
ERR_MUST_CHECK enum err_code store_credential_guard_put(struct store *s,
	const struct store_credential *in, struct err *err);
/* From generation - 1 to generation only; ERR_NOT_FOUND otherwise. */
/* Until unfrozen, all that are not void. */
ERR_MUST_CHECK enum err_code store_credential_freeze_all(struct store *s, struct err *err);
ERR_MUST_CHECK enum err_code store_credential_generation_put(struct store *s,
	const uint8_t id[static CODE_ID_LEN], int generation, struct err *err);

struct store_key { /* of one generation */
	uint8_t credential[CODE_ID_LEN];
	int generation;
	uint32_t not_after;
	uint8_t static_body[CODE_STATIC_BODY_LEN];
	uint8_t sealed[STORE_SEALED_MAX]; /* K */
	size_t sealed_len;                /* 0 = forgotten: an older generation */
};
ERR_MUST_CHECK enum err_code store_key_insert(struct store *s, const struct store_key *in,
	struct err *err);
ERR_MUST_CHECK enum err_code store_key_get(struct store *s, struct store_key *out,
	const uint8_t credential[static CODE_ID_LEN], int generation, struct err *err);
/* The sealed secrets of generations before this one are overwritten with nothing. */
ERR_MUST_CHECK enum err_code store_key_forget(struct store *s,
	const uint8_t credential[static CODE_ID_LEN], int before_generation, struct err *err);

/* A sealed secret K of a generation, to be sealed anew. */
#define STORE_SEALED_BITE 256
struct store_sealed {
	uint8_t credential[CODE_ID_LEN];
	int generation;
	uint8_t sealed[STORE_SEALED_MAX];
	size_t sealed_len;
};
/* Up to STORE_SEALED_BITE after this one, of those that another master key than this sealed. */
ERR_MUST_CHECK enum err_code store_sealed_next(struct store *s, struct store_sealed *out,
	size_t *count, const struct store_sealed *after, struct span master, struct err *err);
/* Only when it is still what it was. */
ERR_MUST_CHECK enum err_code store_sealed_put(struct store *s, const struct store_sealed *old,
	struct span sealed, struct err *err);
ERR_MUST_CHECK enum err_code store_sealed_count(struct store *s, int64_t *out, struct span master,
	struct err *err);

/* ---- activation tokens and wallets: digests of tokens only ---- */

struct store_activation {
	uint8_t token[STORE_DIGEST_LEN];
	uint8_t credential[CODE_ID_LEN];
	int generation;
	int64_t expires_at;
};
ERR_MUST_CHECK enum err_code store_activation_insert(struct store *s,
	const struct store_activation *in, struct err *err);
/* Unused and not over. */
ERR_MUST_CHECK enum err_code store_activation_get(struct store *s, struct store_activation *out,
	const uint8_t token[static STORE_DIGEST_LEN], int64_t now, struct err *err);
/* The one that takes it gets true. claim: what it is claimed with once more; empty = it is not. */
ERR_MUST_CHECK enum err_code store_activation_use(struct store *s, bool *won,
	const uint8_t token[static STORE_DIGEST_LEN], struct span claim, int64_t now,
	struct err *err);
/* Used after `since`, not later than `now`, with this claim. */
ERR_MUST_CHECK enum err_code store_activation_claimed(struct store *s,
	struct store_activation *out, const uint8_t token[static STORE_DIGEST_LEN],
	const uint8_t claim[static STORE_DIGEST_LEN], int64_t since, int64_t now,
	struct err *err);
/* Unused tokens of one credential; of all when credential is NULL. */
ERR_MUST_CHECK enum err_code store_activation_withdraw(struct store *s, const uint8_t *credential,
	struct err *err);
/* The first credential after this one that has an unused token which is not over. */
ERR_MUST_CHECK enum err_code store_activation_open_after(struct store *s,
	uint8_t out[static CODE_ID_LEN], const uint8_t after[static CODE_ID_LEN], int64_t now,
	struct err *err);
ERR_MUST_CHECK enum err_code store_activation_done(struct store *s, bool *done,
	const uint8_t credential[static CODE_ID_LEN], int generation, struct err *err);

ERR_MUST_CHECK enum err_code store_wallet_insert(struct store *s,
	const uint8_t token[static STORE_DIGEST_LEN], const uint8_t credential[static CODE_ID_LEN],
	int64_t now, struct err *err);
ERR_MUST_CHECK enum err_code store_wallet_get(struct store *s,
	uint8_t credential[static CODE_ID_LEN], const uint8_t token[static STORE_DIGEST_LEN],
	struct err *err);
ERR_MUST_CHECK enum err_code store_wallet_revoke(struct store *s,
	const uint8_t credential[static CODE_ID_LEN], struct err *err);

/* ---- terminals ---- */

struct store_terminal {
	uint8_t id[CODE_ID_LEN];
	char name[STORE_NAME_MAX];
	char merchant[STORE_NAME_MAX];
	uint8_t token[STORE_DIGEST_LEN]; /* written only */
	bool stopped;
	int wrong_row;       /* wrong answers in a row */
	int64_t static_day;  /* day (Unix time / 86400) that static_wrong counts */
	int static_wrong;    /* wrong answers of static credentials on that day */
	int64_t created_at;  /* written only */
};
ERR_MUST_CHECK enum err_code store_terminal_insert(struct store *s,
	const struct store_terminal *in, struct err *err);
/* New token and merchant; lifts a stop. */
ERR_MUST_CHECK enum err_code store_terminal_enrol(struct store *s,
	const struct store_terminal *in, struct err *err);
ERR_MUST_CHECK enum err_code store_terminal_get(struct store *s, struct store_terminal *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code store_terminal_by_name(struct store *s, struct store_terminal *out,
	const char *name, struct err *err);
ERR_MUST_CHECK enum err_code store_terminal_by_token(struct store *s, struct store_terminal *out,
	const uint8_t token[static STORE_DIGEST_LEN], struct err *err);
/* Writes stopped, wrong_row, static_day and static_wrong. */
ERR_MUST_CHECK enum err_code store_terminal_guard_put(struct store *s,
	const struct store_terminal *in, struct err *err);

/* ---- live steps: whose they are ---- */

struct store_tag {
	uint8_t credential[CODE_ID_LEN];
	uint8_t slot[STORE_SLOT_MAX]; /* made by rules_tag.c */
	size_t slot_len;
	uint8_t terminal[CODE_ID_LEN]; /* the first that sent it */
	int starts;                    /* verifications made from it */
	int failures;                  /* wrong answers that counted against the credential */
	int64_t at;                    /* of the first use */
};
/* In: credential and slot. ERR_NOT_FOUND leaves the rest zero. */
ERR_MUST_CHECK enum err_code store_tag_get(struct store *s, struct store_tag *tag,
	struct err *err);
/* Inserts, or writes starts and failures: the terminal of a slot never changes. */
ERR_MUST_CHECK enum err_code store_tag_put(struct store *s, const struct store_tag *tag,
	struct err *err);
/* The oldest first, at most `bite`. */
ERR_MUST_CHECK enum err_code store_tag_prune(struct store *s, int *removed, int64_t before,
	int bite, struct err *err);

/* ---- numbers ---- */

/* *fresh is false when this generation had the number before. */
ERR_MUST_CHECK enum err_code store_number_take(struct store *s, bool *fresh,
	const uint8_t credential[static CODE_ID_LEN], int generation, uint64_t number,
	struct err *err);
/* Those of generations that ended. */
ERR_MUST_CHECK enum err_code store_number_forget(struct store *s,
	const uint8_t credential[static CODE_ID_LEN], int before_generation, struct err *err);

/* ---- verifications ---- */

struct store_verification {
	uint8_t id[CODE_ID_LEN];
	uint8_t credential[CODE_ID_LEN];
	int generation;
	uint8_t terminal[CODE_ID_LEN];
	int state; /* enum rules_state */
	char reason[STORE_WORD_MAX];
	int64_t created_at;
	int64_t expires_at;
	int64_t deadline;              /* for the answer, then for the PIN; 0 = none */
	uint64_t number;
	int digits;
	uint64_t amount;
	char currency[4];
	int min_binding;
	bool timed;                    /* an untimed answer will not do */
	bool pin;                      /* wanted after a right answer */
	uint8_t account[CODE_ID_LEN];
	int level;                     /* enum policy_level: whose daily sum it counts for */
	uint8_t slot[STORE_SLOT_MAX];  /* whose failures are counted together */
	size_t slot_len;
	uint8_t challenge[CODE_BODY_MAX]; /* body of the challenge code, with tag */
	size_t challenge_len;
	uint8_t request[STORE_DIGEST_LEN]; /* of what stage one was asked */
	bool answered;
	uint8_t answer[STORE_DIGEST_LEN];  /* of the second code, when answered */
	int pin_tries;
	char receipt[STORE_RECEIPT_MAX];
	char reference[CODE_REFERENCE_MAX + 1]; /* written only */
	char operator_name[STORE_NAME_MAX];     /* written only */
};
ERR_MUST_CHECK enum err_code store_verification_insert(struct store *s,
	const struct store_verification *in, struct err *err);
ERR_MUST_CHECK enum err_code store_verification_get(struct store *s,
	struct store_verification *out, const uint8_t id[static CODE_ID_LEN], struct err *err);
/* The terminal's newest open one made at or after `since` from the same request. */
ERR_MUST_CHECK enum err_code store_verification_same(struct store *s,
	struct store_verification *out, const uint8_t terminal[static CODE_ID_LEN],
	const uint8_t request[static STORE_DIGEST_LEN], int64_t since, int64_t now,
	struct err *err);

/* The three ways out of a state, each one conditional statement. *won is false when somebody else
 * was first or time was over: read again. In: id, credential, terminal, and what is written: state,
 * reason, receipt, deadline (0 = none), and
 *   decide: answer, from challenged before expires_at;
 *   pin:    pin_tries, from accepted with pin_tries - 1 before the deadline;
 *   close:  nothing more, from whatever still waits for something (expired, cancelled).
 */
ERR_MUST_CHECK enum err_code store_verification_decide(struct store *s, bool *won,
	const struct store_verification *to, int64_t now, struct err *err);
ERR_MUST_CHECK enum err_code store_verification_pin(struct store *s, bool *won,
	const struct store_verification *to, int64_t now, struct err *err);
ERR_MUST_CHECK enum err_code store_verification_close(struct store *s, bool *won,
	const struct store_verification *to, int64_t now, struct err *err);

/* The one whose deadline passed first, at or before now. */
ERR_MUST_CHECK enum err_code store_verification_due(struct store *s,
	struct store_verification *out, int64_t now, struct err *err);

struct store_told { /* for an administrator: no number and nothing of a code */
	int64_t place; /* newer ones have higher ones */
	uint8_t id[CODE_ID_LEN];
	int state;
	char reason[STORE_WORD_MAX];
	uint8_t credential[CODE_ID_LEN];
	char terminal[STORE_NAME_MAX]; /* its name */
	uint64_t amount;
	char currency[4];
	char reference[CODE_REFERENCE_MAX + 1];
	char operator_name[STORE_NAME_MAX];
	int64_t created_at;
	int64_t deadline;   /* 0 = none */
	int64_t decided_at; /* 0 = not yet */
	bool pin;
	int pin_tries;
	char receipt[STORE_RECEIPT_MAX];
};
ERR_MUST_CHECK enum err_code store_verification_told(struct store *s, struct store_told *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
/* The newest one made before `place` (INT64_MAX: of all). open_at: only one that still waits for
 * something at that time; 0 = any.
 */
ERR_MUST_CHECK enum err_code store_verification_before(struct store *s, struct store_told *out,
	int64_t place, int64_t open_at, struct err *err);

/* The same of sales that were made offline; looks at all that are newer than it. */
ERR_MUST_CHECK enum err_code store_verification_before_offline(struct store *s,
	struct store_told *out, int64_t place, struct err *err);

/* Looks at the `bite` oldest and removes those that were made before and wait for nothing. Rows of
 * a clock that was wrong go with those that were made after them.
 */
ERR_MUST_CHECK enum err_code store_verification_prune(struct store *s, int *removed,
	int64_t before, int64_t now, int bite, struct err *err);

struct store_starts { /* verifications that were not accepted */
	int64_t count;
	int64_t last_at;  /* 0 when count is 0 */
	int64_t first_at; /* of those counted */
};
/* Those of a short time and those of a long one that holds it. */
ERR_MUST_CHECK enum err_code store_starts_of_credential(struct store *s,
	struct store_starts *shorter, struct store_starts *longer,
	const uint8_t credential[static CODE_ID_LEN], int64_t short_after, int64_t long_after,
	struct err *err);
/* The same of all credentials of an account. */
ERR_MUST_CHECK enum err_code store_starts_of_account(struct store *s,
	struct store_starts *shorter, struct store_starts *longer,
	const struct store_account *account, int64_t short_after, int64_t long_after,
	struct err *err);
/* Counts no further than `limit`, the newest. */
ERR_MUST_CHECK enum err_code store_starts_of_terminal(struct store *s, struct store_starts *out,
	const uint8_t terminal[static CODE_ID_LEN], int64_t after, int64_t limit, struct err *err);

/* ---- audit ---- */

struct store_audit {
	int64_t seq;
	int64_t at;
	char kind[STORE_WORD_MAX];
	uint8_t credential[CODE_ID_LEN]; /* subject ids: CODE_ID_LEN bytes or none */
	size_t credential_len;
	uint8_t terminal[CODE_ID_LEN];
	size_t terminal_len;
	uint8_t verification[CODE_ID_LEN];
	size_t verification_len;
	char detail[STORE_DETAIL_MAX];
	uint8_t prev[STORE_DIGEST_LEN];
	uint8_t hash[STORE_DIGEST_LEN];
};
ERR_MUST_CHECK enum err_code store_audit_insert(struct store *s, const struct store_audit *in,
	struct err *err);
ERR_MUST_CHECK enum err_code store_audit_last(struct store *s, struct store_audit *out,
	struct err *err);
/* The last one that this connection's last transaction read or wrote; somebody else may have added
 * more since.
 */
ERR_MUST_CHECK enum err_code store_audit_committed(struct store *s, struct store_audit *out,
	struct err *err);
#define STORE_AUDIT_PAGE 32
struct store_audit_page { /* zero to begin with */
	struct store_audit row[STORE_AUDIT_PAGE];
	size_t count, at;
};
/* As store_audit_next(), for whoever walks along the chain: asks for several at a time. Also when
 * the chain grows meanwhile.
 */
ERR_MUST_CHECK enum err_code store_audit_walk(struct store *s, struct store_audit_page *page,
	struct store_audit *out, int64_t seq, struct err *err);
/* The first one after seq. */
ERR_MUST_CHECK enum err_code store_audit_next(struct store *s, struct store_audit *out,
	int64_t seq, struct err *err);
/* The first one after seq of the kinds that DIR/guard.log has. */
ERR_MUST_CHECK enum err_code store_audit_guarded(struct store *s, struct store_audit *out,
	int64_t seq, struct err *err);

#endif
