/* SPDX-License-Identifier: Apache-2.0
 *
 * A backend directory and what an administrator does with it, without arguments and printing: the
 * command line calls these, and so do tests. Every verb runs in a transaction of its own, with its
 * audit record, and may run while a server works on the same directory.
 *
 *   DIR/countersignd.conf  policy        DIR/countersign.db  the store
 *   DIR/master.key         0600          DIR/audit.head      checkpoint of the audit chain
 *   DIR/guard.log          0600          what was taken away: see guard.h
 *
 * and the files of backend/authority.h, where there is an authority.
 */
#ifndef BACKEND_SERVICE_H
#define BACKEND_SERVICE_H

#include "backend/audit.h"
#include "backend/ends.h"
#include "backend/authority.h"
#include "backend/guard.h"
#include "backend/keyring.h"
#include "backend/policy.h"
#include "backend/rules.h"
#include "backend/store.h"
#include "base/log.h"

#define SERVICE_PHONE_MAX 32
#define SERVICE_PHONE_DIGITS_MIN 3
#define SERVICE_PHONE_DIGITS_MAX 15 /* E.164 */
#define SERVICE_NUMBER_MAX 40 /* of an account, with NUL */
#define SERVICE_TOKEN_MAX 64
#define SERVICE_LINK_MAX 256

struct service {
	char dir[STORE_PATH_MAX];
	struct store *store;
	struct keyring *keys;
	struct authority *authority; /* NULL: there is none */
	struct policy policy;
	const struct clock *clock;
	char actor[RULES_ACTOR_MAX]; /* in the audit record of every verb */
	int64_t restored_at;    /* the last restore of a backup, Unix seconds; 0 = none */
	int64_t checkpoint_seq; /* of the last checkpoint written */
	int64_t synced_seq;     /* of the last one that a power cut leaves */
	int64_t guard_seq;      /* of the last line of guard.log */
	struct guard_tail guard_tail;
	struct log_fault head_fault, guard_fault;
	struct ends *ends; /* for whoever serves */
	struct rules_issuer_kept *issuer;
};

/* Makes DIR (0700; it may exist when it is empty) with everything in it. ERR_EXISTS when there is a
 * backend already. host: A-Z 0-9 . - : only.
 */
ERR_MUST_CHECK enum err_code service_init(const char *dir, const char *name, const char *host,
	const struct clock *clock, struct err *err);
/* The same with the store in an empty database of PostgreSQL; url "" = in DIR. */
ERR_MUST_CHECK enum err_code service_init_on(const char *dir, const char *url, const char *name,
	const char *host, const struct clock *clock, struct err *err);
/* Takes away again what service_init() and authority_create() made; made_dir: DIR itself, too. */
void service_init_undo(const char *dir, bool made_dir);
/* Opens what init made. Refuses an older database put in place (audit_head_check()). sec_start()
 * was called before. The clock is borrowed for the life of the service.
 */
ERR_MUST_CHECK enum err_code service_open(struct service **out, const char *dir,
	const struct clock *clock, struct err *err);
/* Before answering anybody: ERR_CORRUPT when the database is damaged. Looks at the last
 * SERVICE_CHECK_RECORDS records of the audit chain and, up to SERVICE_CHECK_WHOLE_MAX, at the whole
 * file; says so in the log when that takes a while. (Opening has looked at the schema.)
 */
#define SERVICE_CHECK_TELL 33554432       /* bytes from which it is said */
#define SERVICE_CHECK_WHOLE_MAX 268435456 /* bytes */
#define SERVICE_CHECK_RECORDS 1000
ERR_MUST_CHECK enum err_code service_check_start(struct service *s, struct err *err);
/* The configuration as the file says now; s is only read. */
ERR_MUST_CHECK enum err_code service_policy_read(const struct service *s, struct policy *out,
	struct err *err);
/* It counts from now on, but for what is used at a start only (false: the log says what). */
bool service_policy_take(struct service *s, const struct policy *policy);
/* Writes the checkpoint; then closes. A service that met ERR_UNCERTAIN is closed without one. */
void service_close(struct service **s);

/* What the rules need, borrowed from the service. */
struct rules service_rules(const struct service *s);
/* After a successful store_commit() and before what was decided is told: writes the checkpoint when
 * records came. A failure is logged and tried again later; it never fails a request.
 */
void service_after_commit(struct service *s);

/* ---- verbs ---- */

/* "" or a number that can be dialled. ERR_INVALID. */
ERR_MUST_CHECK enum err_code service_phone_check(const char *phone, struct err *err);
ERR_MUST_CHECK enum err_code service_holder_add(struct service *s, uint8_t id[static CODE_ID_LEN],
	const char *name, const char *phone, struct err *err);

/* Where and how messages go; NULL = leave it, "" = none, or as the policy says. ERR_INVALID. */
ERR_MUST_CHECK enum err_code service_contact_check(const char *email, const char *language,
	struct err *err);
ERR_MUST_CHECK enum err_code service_contact_put(struct service *s,
	const uint8_t holder[static CODE_ID_LEN], const char *email, const char *language,
	struct err *err);

/* pin: digits (RULES_PIN_MIN..MAX); empty = the account has none. ERR_NOT_FOUND: no such holder. */
ERR_MUST_CHECK enum err_code service_account_add(struct service *s,
	uint8_t id[static CODE_ID_LEN], const uint8_t holder[static CODE_ID_LEN],
	const char *number, struct span pin, struct err *err);
/* Lets a locked PIN be tried again. */
ERR_MUST_CHECK enum err_code service_account_unlock(struct service *s,
	const uint8_t account[static CODE_ID_LEN], struct err *err);

struct service_issue {
	uint8_t holder[CODE_ID_LEN];
	uint8_t account[CODE_ID_LEN];
	char purpose[RULES_NAME_MAX];    /* "" = "payment" */
	char face_value[RULES_NAME_MAX]; /* "" = none */
	bool is_static;                  /* policy static; default live */
	int digits;                      /* 0 = of the policy */
	int64_t not_after;               /* Unix seconds; 0 = valid_days of the policy from now;
	                                  * CODE_NO_END = no end */
	bool no_pin;                     /* the PIN of the account is not asked */
};
struct service_issued {
	uint8_t id[CODE_ID_LEN];
	uint16_t generation;
	uint32_t not_after;
	char token[SERVICE_TOKEN_MAX]; /* activation, once; wipe after showing */
	char code[CODE_TEXT_MAX];      /* the same, kind A */
	char link[SERVICE_LINK_MAX];   /* the same, what a phone opens */
	int64_t token_expires_at;
};
ERR_MUST_CHECK enum err_code service_credential_issue(struct service *s, struct service_issued *out,
	const struct service_issue *in, struct err *err);
/* New K, next generation, new activation token; the old generation and its wallet stop working.
 * not_after as in struct service_issue. Refused when void.
 */
ERR_MUST_CHECK enum err_code service_credential_renew(struct service *s, struct service_issued *out,
	const uint8_t id[static CODE_ID_LEN], int64_t not_after, struct err *err);

struct service_credential {
	uint8_t id[CODE_ID_LEN];
	uint8_t holder[CODE_ID_LEN];
	uint8_t account[CODE_ID_LEN];
	char holder_name[RULES_NAME_MAX];
	char purpose[RULES_NAME_MAX];
	char face_value[RULES_NAME_MAX];
	const char *status;     /* "active" "frozen" "void" "expired" */
	int64_t frozen_until;   /* 0 = not frozen; INT64_MAX = until unfrozen */
	uint16_t generation;
	uint32_t not_after;
	bool live;
	int digits;
	bool pin;               /* asked for */
	bool activated;         /* this generation */
	int failures;           /* wrong answers in a row */
	int freezes;            /* since the last success */
	char first_code[CODE_TEXT_MAX]; /* static form */
};
ERR_MUST_CHECK enum err_code service_credential_show(struct service *s,
	struct service_credential *out, const uint8_t id[static CODE_ID_LEN], struct err *err);
/* until: Unix seconds; 0 = until unfrozen. ERR_INVALID when void. */
ERR_MUST_CHECK enum err_code service_credential_freeze(struct service *s,
	const uint8_t id[static CODE_ID_LEN], int64_t until, struct err *err);
/* Also clears the count of failures and freezes. */
ERR_MUST_CHECK enum err_code service_credential_unfreeze(struct service *s,
	const uint8_t id[static CODE_ID_LEN], struct err *err);
ERR_MUST_CHECK enum err_code service_credential_void(struct service *s,
	const uint8_t id[static CODE_ID_LEN], struct err *err);

struct service_verification { /* what is recorded; no number and nothing of a code */
	int64_t place; /* for service_verification_before() */
	uint8_t id[CODE_ID_LEN];
	enum rules_state state; /* as a terminal would be told now: what is over is expired */
	char reason[RULES_NAME_MAX];
	bool open; /* waits for the answer or for the PIN */
	uint8_t credential[CODE_ID_LEN];
	char terminal[RULES_NAME_MAX];
	uint64_t amount; /* 0 = none */
	char currency[4];
	char reference[CODE_REFERENCE_MAX + 1];
	char operator_name[RULES_NAME_MAX];
	int64_t started_at;
	int64_t decided_at; /* 0 = not yet */
	bool pin;           /* wanted after a right answer */
	int pin_tries;
	char receipt[RULES_RECEIPT_MAX];
};
/* Changes nothing. ERR_NOT_FOUND. */
ERR_MUST_CHECK enum err_code service_verification_show(struct service *s,
	struct service_verification *out, const uint8_t id[static CODE_ID_LEN], struct err *err);
/* The newest made before `place` (INT64_MAX: of all); ERR_NOT_FOUND without words at the end. */
ERR_MUST_CHECK enum err_code service_verification_before(struct service *s,
	struct service_verification *out, int64_t place, bool only_open, struct err *err);
/* The same of sales that a terminal made while the server was out of reach. */
ERR_MUST_CHECK enum err_code service_verification_before_offline(struct service *s,
	struct service_verification *out, int64_t place, struct err *err);

struct service_terminal {
	uint8_t id[CODE_ID_LEN];
	char token[SERVICE_TOKEN_MAX]; /* bearer; wipe after writing it into the file */
	char issuer_name[RULES_NAME_MAX];
	char issuer_host[CODE_HOST_MAX + 1];
	uint8_t issuer_public[SEC_ED25519_PUBLIC_LEN];
};
/* merchant: what wallets show of this counter, NULL or "" = the name. Enrolling a name again gives
 * a new token and ends the old one (a lost or stolen terminal), and lifts a stop.
 */
ERR_MUST_CHECK enum err_code service_terminal_enrol(struct service *s, struct service_terminal *out,
	const char *name, const char *merchant, struct err *err);
struct service_enrolment {
	char code[AUTHORITY_CODE_TEXT_MAX]; /* once; wipe after showing */
	int64_t expires_at;
};
/* A one-time code with which a terminal gets a certificate under this name; codes for the name from
 * before are withdrawn. A device that has the name now is out when the code is used, not before.
 * ERR_NOT_FOUND: there is no authority.
 */
ERR_MUST_CHECK enum err_code service_enrolment_new(struct service *s, struct service_enrolment *out,
	const char *name, const char *merchant, struct err *err);
struct service_terminal_entry {
	uint8_t id[CODE_ID_LEN];
	char name[RULES_NAME_MAX];
	char merchant[RULES_NAME_MAX];
	bool stopped;
	bool had_certificate; /* now or before */
	int64_t not_after;    /* of its certificate; 0 = none: revoked, or known by a token */
	bool ends_soon;       /* it did not come to renew it, or has ended */
};
/* The first one whose name is after this one ("" = of all). ERR_NOT_FOUND without words: none. */
ERR_MUST_CHECK enum err_code service_terminal_after(struct service *s,
	struct service_terminal_entry *out, const char *name, struct err *err);
/* Stolen or lost: neither its key nor its token is worth anything from now on. ERR_NOT_FOUND. */
ERR_MUST_CHECK enum err_code service_terminal_revoke(struct service *s, const char *name,
	struct err *err);
/* Lifts a stop, or stops: a stopped terminal gets `terminal-stopped`. ERR_NOT_FOUND. */
ERR_MUST_CHECK enum err_code service_terminal_stop(struct service *s, const char *name, bool stop,
	struct err *err);

/* ---- keys: service_keys.c ---- */

struct service_rotation {
	uint8_t master[KEYRING_MASTER_ID_LEN]; /* that seals now */
	int64_t sealed;                        /* values that were sealed anew by this call */
	bool waits; /* the new key must be put where the configuration says; both open till then */
	char path[STORE_PATH_MAX + 64];
};
/* Seals everything anew, a few hundred values in a transaction, while servers go on. It may end
 * anywhere (kill -9, too): both keys open until the next call has done the rest. new_path: file of
 * the new key; NULL = make one (only where the key is DIR/master.key).
 */
ERR_MUST_CHECK enum err_code service_key_rotate_master(struct service *s,
	struct service_rotation *out, const char *new_path, struct err *err);
/* May a new master key be made here, without others who need it first? */
bool service_key_prepared(const struct service *s, struct err *err);
ERR_MUST_CHECK enum err_code service_key_rotate_number(struct service *s, struct err *err);
/* What the old one signed stays good until it ends. ERR_RANGE: too many are known. */
ERR_MUST_CHECK enum err_code service_key_rotate_issuer(struct service *s, struct err *err);
/* Values that another master key than the one that seals now sealed. */
ERR_MUST_CHECK enum err_code service_key_left(struct service *s, int64_t *out, struct err *err);

/* The whole file (ERR_CORRUPT when it is damaged), then the whole chain. */
ERR_MUST_CHECK enum err_code service_audit_verify(struct service *s, struct audit_report *out,
	struct err *err);

/* A directory whose database was replaced by a backup on purpose: open verifications expire,
 * activation tokens are withdrawn, what guard.log says was taken away since is taken away again,
 * and the chain goes on from here under a new checkpoint. ERR_CORRUPT: guard.log is missing or
 * damaged;
 * without_guard does not look at it and freezes every credential.
 * service_open() refuses such a directory until this was called.
 */
ERR_MUST_CHECK enum err_code service_restore(const char *dir, bool without_guard,
	const struct clock *clock, struct err *err);

#define SERVICE_RESTORED_MAX 1000 /* of each list that are named */
struct service_restored_list {
	struct {
		uint8_t id[CODE_ID_LEN];
		char name[RULES_NAME_MAX]; /* "" for a credential */
	} item[SERVICE_RESTORED_MAX];
	size_t count;
	bool more; /* there are others */
};
struct service_restored { /* what people have to do again */
	int64_t until; /* of the backup's newest record, Unix seconds: what came later is lost */
	struct service_restored_list enrol; /* terminals whose new key or token is lost */
	struct service_restored_list renew; /* credentials: new key lost, or token withdrawn */
	struct service_restored_list allow; /* operators that were stopped by this */
};
/* The same; told: filled when it succeeds, may be NULL. operator_name: who does it, NULL = the
 * system's user.
 */
ERR_MUST_CHECK enum err_code service_restore_told(const char *dir, bool without_guard,
	const char *operator_name, struct service_restored *told, const struct clock *clock,
	struct err *err);
/* False: the database is the newest there is, nothing was put back. */
ERR_MUST_CHECK enum err_code service_restore_is_due(const char *dir, bool *due,
	const struct clock *clock, struct err *err);

#endif
