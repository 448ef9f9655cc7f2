/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits and amount classes: DIR/countersignd.conf. Every key has a default; the file written by
 * `countersignd init` lists them all as comments. Values out of range are refused with file, line
 * and key. Pure besides reading the file.
 */
#ifndef BACKEND_POLICY_H
#define BACKEND_POLICY_H

#include "base/bytes.h"
#include "base/config.h"
#include "verifier/code.h"

/* X(field, section, default, min, max, "comment of the written file") */
#define POLICY_LIST(X)                                                                             \
	X(port, "server", 8080, 0, 65535, "TCP port of --bind's address; 0 = any free one")        \
	X(plain, "server", 0, 0, 1,                                                                \
		"1: speak plain HTTP, on 127.0.0.1 only, for tests and behind a proxy; 0: TLS")    \
	X(metrics_local, "server", 1, 0, 1,                                                        \
		"1: programs of this machine may read /metrics without a token; 0: not (behind a"  \
		" proxy or balancer on this machine everybody comes from it)")                     \
	X(address_tries_minute, "server", 20, 0, 100000,                                           \
		"tries of one address a minute that fail: passphrases, activation tokens,"         \
		" enrolment codes; 0 = any number (all callers come from one balancer)")           \
	X(address_local, "server", 0, 0, 1,                                                        \
		"1: addresses of this machine are limited, too; 0: not (a proxy or balancer on it" \
		" asks for everybody)")                                                            \
	X(number_lifetime_s, "policy", 60, 10, 600, "seconds a number can be answered")            \
	X(pin_lifetime_s, "policy", 240, 30, 900, "seconds for the PIN after a right answer")      \
	X(activation_lifetime_s, "policy", 86400, 60, 2592000, "life of activation tokens, s")     \
	X(enrolment_lifetime_s, "policy", 86400, 60, 2592000, "life of enrolment codes, s")        \
	X(certificate_days, "policy", 365, 1, 3650,                                                \
		"life of a terminal's certificate; terminals renew it in its last third")          \
	X(valid_days, "policy", 730, 0, 36500, "validity of new credentials; 0 = no end")          \
	X(renewal_days, "policy", 90, 0, 36500,                                                    \
		"days after its end in which a wallet can renew its credential by itself")         \
	X(digits, "policy", 6, 6, 10, "digits of the number, live credentials")                    \
	X(digits_static, "policy", 8, 6, 10,                                                       \
		"digits, static credentials; below 8 they must scan the challenge code")           \
	X(binding_1_from, "policy", 0, 0, INT64_MAX,                                               \
		"amount (minor units) from which the answer must bind the amount; 0 = never")      \
	X(binding_2_from, "policy", 100000, 0, INT64_MAX,                                          \
		"amount from which the wallet must scan the challenge code; 0 = never")            \
	X(pin_from, "policy", 0, 0, INT64_MAX,                                                     \
		"amount from which the PIN is asked where the account has one; 0 = always")        \
	X(level_d_max, "policy", 50000, 0, INT64_MAX,                                              \
		"largest amount, static codes (level D); 0 = any")                                 \
	X(level_d_day, "policy", 50000, 0, INT64_MAX,                                              \
		"sum of an account and day at level D; 0 = any")                                   \
	X(level_c_max, "policy", 100000, 0, INT64_MAX,                                             \
		"largest amount, live codes, number typed, no PIN (level C); 0 = any")             \
	X(level_c_day, "policy", 100000, 0, INT64_MAX,                                             \
		"sum of an account and day at level C; 0 = any")                                   \
	X(level_b_max, "policy", 500000, 0, INT64_MAX,                                             \
		"largest amount, live codes with PIN or challenge code (level B); 0 = any")        \
	X(level_b_day, "policy", 500000, 0, INT64_MAX,                                             \
		"sum of an account and day at level B; 0 = any")                                   \
	X(level_a_max, "policy", 0, 0, INT64_MAX,                                                  \
		"largest amount, live codes with PIN and challenge code (level A); 0 = any")       \
	X(level_a_day, "policy", 0, 0, INT64_MAX,                                                  \
		"sum of an account and day at level A; 0 = any")                                   \
	X(day_offset_min, "policy", 0, -840, 840,                                                  \
		"minutes that the day of these sums begins before that of UTC; 480 = China")       \
	X(receipt_codes, "policy", 0, 0, 1,                                                        \
		"1: receipts get a code that proves them, signed by the issuer; 0: only a number") \
	X(offline_max, "policy", 0, 0, INT64_MAX,                                                  \
		"largest sale a terminal may make while we are out of reach; 0 = none")            \
	X(offline_age_s, "policy", 259200, 60, 2592000,                                            \
		"a sale that is handed in later than this is not accepted, s")                     \
	X(failures_freeze, "policy", 5, 1, 100, "wrong answers in a row that freeze a credential") \
	X(failures_per_tag, "policy", 2, 1, 100, "of these, at most so many for one live tag")     \
	X(freeze_s, "policy", 900, 1, 86400, "seconds of the first freeze; doubles each time")     \
	X(freezes_void, "policy", 3, 1, 20, "freezes without a success; the next one voids")       \
	X(starts_per_tag, "policy", 4, 1, 100, "verifications started from one live tag")          \
	X(starts_hour, "policy", 20, 1, 10000, "unfinished starts of a credential, an hour")       \
	X(starts_day, "policy", 100, 1, 100000, "unfinished starts of a credential, a day")        \
	X(account_starts_hour, "policy", 40, 1, 100000,                                            \
		"unfinished starts of all credentials of an account, an hour")                     \
	X(account_starts_day, "policy", 200, 1, 1000000, "unfinished starts of an account, a day") \
	X(start_delay_after, "policy", 5, 1, 10000, "unfinished ones before starts are delayed")   \
	X(start_delay_s, "policy", 1, 0, 3600, "seconds of the first delay; doubles each time")    \
	X(start_delay_max_s, "policy", 300, 0, 86400, "longest delay")                             \
	X(terminal_starts_hour, "policy", 600, 1, 1000000,                                         \
		"unfinished verifications of a terminal, an hour")                                 \
	X(terminal_wrong_stop, "policy", 30, 1, 10000,                                             \
		"wrong answers in a row that stop a terminal")                                     \
	X(terminal_static_stop, "policy", 10, 1, 10000,                                            \
		"wrong answers of static credentials in a day that stop a terminal")               \
	X(account_wrong_day, "policy", 20, 1, 10000,                                               \
		"wrong answers of all credentials of an account, a day; then it rests")            \
	X(pin_lock_after, "policy", 9, 1, 100, "wrong PINs in a row that lock the account's PIN")  \
	X(session_lifetime_s, "policy", 28800, 60, 604800,                                         \
		"seconds until an operator has to sign in again")                                  \
	X(sign_in_tries, "policy", 5, 1, 100, "wrong passphrases in a row before waiting")         \
	X(sign_in_wait_s, "policy", 30, 1, 3600, "seconds of the first wait; doubles each time")   \
	X(sign_in_wait_max_s, "policy", 900, 1, 86400, "longest wait")                             \
	X(sign_in_wrong_minute, "policy", 30, 1, 100000, "wrong passphrases of all, a minute")     \
	X(call_lifetime_s, "policy", 1800, 60, 86400, "seconds of a call to customer service")     \
	X(call_questions, "policy", 3, 1, 8, "identity questions asked in a call")                 \
	X(call_right, "policy", 2, 1, 8, "right answers that identify a holder")                   \
	X(calls_day, "policy", 5, 1, 1000, "calls of a holder, a day, that identified nobody")     \
	X(activation_shown, "policy", 0, 0, 2,                                                     \
		"who may show a renewal's activation code to the holder at an enrolled terminal:"  \
		" 0 nobody, 1 supervisors, 2 tellers too")                                         \
	X(audit_checkpoint_every, "policy", 256, 1, 1000000,                                       \
		"audit records between two synced checkpoints")                                    \
	X(keep_days, "policy", 400, 0, 36500,                                                      \
		"days that finished verifications are kept; 0 = for ever")                         \
	X(page, "wallet", 1, 0, 1,                                                                 \
		"1: the wallet page is served, and what codes lead to; 0: only what programs ask") \
	X(retry_s, "messenger", 30, 1, 3600,                                                       \
		"seconds before a message is tried again; doubles each time, an hour at most")     \
	X(tries, "messenger", 12, 1, 100, "tries before a message is given up")                    \
	X(timeout_s, "messenger", 30, 1, 300, "seconds for one try")

/* X(field, section, key, room with NUL, "comment of the written file"): texts, empty by default */
#define POLICY_URL_MAX 1024 /* of the store, with NUL */

#define POLICY_TEXTS(X)                                                                            \
	X(log_level, "server", "log", 8,                                                           \
		"error, warning, info or debug; empty = info; serve --log goes before it")         \
	X(currency, "policy", "currency", 8,                                                       \
		"currency of all amounts here, like CNY: payments in others are refused; empty ="  \
		" any, and then limits and sums take minor units of all currencies for the same")  \
	X(keys_master, "keys", "master", 1024,                                                     \
		"file of the master key (mode 0600); empty = the credential countersign-master"    \
		" of systemd, or else DIR/master.key")                                             \
	X(store_url, "store", "url", POLICY_URL_MAX,                                               \
		"postgresql://HOST/DATABASE?passfile=FILE; empty = DIR/countersign.db")            \
	X(messenger_kind, "messenger", "kind", 8,                                                  \
		"outbox (files in DIR/outbox), smtp, http or none; empty = outbox")                \
	X(messenger_url, "messenger", "url", 512,                                                  \
		"smtps://HOST:PORT, smtp://HOST:PORT (with STARTTLS), https://HOST/PATH;"          \
		" without TLS on this machine only")                                               \
	X(messenger_from, "messenger", "from", 128, "mail address of the sender, of smtp")         \
	X(messenger_secret, "messenger", "secret", 1024,                                           \
		"file (mode 0600): USER:PASSWORD of smtp, the bearer token of http")               \
	X(messenger_ca, "messenger", "ca", 1024,                                                   \
		"PEM file of the authority of the relay or gateway; empty = the system's list")    \
	X(messenger_language, "messenger", "language", 8,                                          \
		"en or zh_CN, of holders who said nothing; empty = en")                            \
	X(messenger_link, "messenger", "link", 200,                                                \
		"what # and the activation token are put behind; empty = https://HOST/")

enum policy_messenger {
	MESSENGER_OUTBOX = 0,
	MESSENGER_SMTP,
	MESSENGER_HTTP,
	MESSENGER_NONE
};

struct policy {
	int64_t since; /* Unix s: what was begun up to then was begun under another one, perhaps */
#define POLICY_TEXT(field, section, key, size, words) char field[size];
	POLICY_TEXTS(POLICY_TEXT)
#undef POLICY_TEXT
#define POLICY_FIELD(field, section, value, min, max, words) int64_t field;
	POLICY_LIST(POLICY_FIELD)
#undef POLICY_FIELD
};

void policy_defaults(struct policy *out);
/* Defaults, then what the file says. */
ERR_MUST_CHECK enum err_code policy_read(struct policy *out, const char *path, struct err *err);
/* Values that do not fit together: ERR_INVALID names them. policy_read() has called it. */
ERR_MUST_CHECK enum err_code policy_check(const struct policy *p, struct err *err);
enum policy_messenger policy_messenger(const struct policy *p);
bool policy_url_is_local(const char *url); /* of this machine, whatever the scheme */
bool policy_mail_address(const char *text); /* one that can stand in a header and in SMTP */
/* The commented file that init writes. */
void policy_template(struct bytes *out);

/* ---- amount classes, PROTOCOL.md section 8.8 ---- */

struct policy_need {
	enum code_binding binding; /* the weakest that will do */
	bool timed;                /* an untimed answer is too weak */
	bool pin;                  /* where the account has one and the credential asks for it */
};
/* How sure a verification is, after the People's Bank of China's levels (Yinfa 2017 no. 296, in
 * force since 2018): each has a largest amount, and a largest sum of a day for each account.
 */
enum policy_level {
	POLICY_LEVEL_NONE = 0, /* no amount */
	POLICY_LEVEL_D,        /* static first code */
	POLICY_LEVEL_C,        /* live first code; the number was typed; no PIN */
	POLICY_LEVEL_B,        /* and the PIN, or the challenge code that the wallet showed */
	POLICY_LEVEL_A,        /* both: the holder saw and signed this payment */
	POLICY_LEVEL_COUNT
};
enum policy_level policy_level_of(bool live, enum code_binding binding, bool pin);
int64_t policy_level_max(const struct policy *p, enum policy_level level); /* INT64_MAX = any */
int64_t policy_level_day(const struct policy *p, enum policy_level level); /* INT64_MAX = any */
/* When the day of these sums began. */
int64_t policy_day_start(const struct policy *p, int64_t now);
/* The table in words. */
void policy_show(struct bytes *out, const struct policy *p);

/* amount 0 = none: then the weakest binding and, on the safe side, the PIN. */
struct policy_need policy_need_of(const struct policy *p, uint64_t amount, bool live, int digits);

#endif
