/* SPDX-License-Identifier: Apache-2.0
 *
 * What bench_backend is made of: a backend directory with many credentials, the simulated phones
 * that belong to them, and a client that plays many terminals at once over real connections.
 */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <openssl/ssl.h>

#include "backend/service.h"
#include "tests/bench/measure.h"
#include "tests/lib/test_wallet.h"

#define LOAD_HOST "QR.EXAMPLE.COM"
#define LOAD_AMOUNT 1000 /* minor units: needs no PIN and binds nothing */
#define LOAD_PHONES_MAX 50000
#define LOAD_PATH_MAX 128

/* ---- the backend's directory: load_world.c, load_rows.c ---- */

struct load_terminal {
	char token[SERVICE_TOKEN_MAX];
	SSL_CTX *tls; /* with its certificate; NULL = plain */
};

struct load_phone {
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN]; /* of the first code */
	uint8_t sealed[KEYRING_SEALED_LEN];           /* the secret, as the store has it */
};

struct load_world {
	char dir[LOAD_PATH_MAX]; /* removed by load_world_done() */
	bool tls;                /* terminals with certificates; else plain HTTP and tokens */
	unsigned credentials;
	unsigned phones; /* how many credentials have one: every credentials / phones-th */
	unsigned terminal_count;
	struct load_terminal *terminals;
	uint8_t key_id[CODE_KEY_ID_LEN];
	uint32_t not_after;
	struct load_phone *phone;
	unsigned more; /* the last so many terminals are its own all the same */
	bool borrowed; /* what the pointers above lead to belongs to another world */
};

/* In: w->tls. Makes everything under `where`. Every credential has a holder and an account of its
 * own, without a PIN; what a phone knows is computed from its index. Ends the program with words
 * when it fails.
 */
void load_world_make(struct load_world *w, const char *where, unsigned credentials,
	unsigned terminals);
/* The same terminals and phones on a copy of the directory. */
void load_world_copy(struct load_world *w, const struct load_world *from, const char *where);
/* More terminals for a copy, while its server runs or not. */
void load_world_enrol(struct load_world *w, unsigned terminals);
void load_world_done(struct load_world *w);
/* Which phone stands before this terminal at its turn: each terminal has phones of its own (a
 * live code is for one terminal), all over the table, in no order.
 */
unsigned load_phone_of(const struct load_world *w, unsigned terminal, unsigned turn);
/* Code keys and static body of phone `number`. */
void load_phone(const struct load_world *w, struct test_wallet *out, unsigned number);
/* A row of countersignd.conf, "\n[section]\nname = value\n". */
void load_world_configure(const struct load_world *w, const char *text);

/* The rows of all credentials, as the backend would have made them. In: everything but phone. */
void load_rows_make(struct load_world *w, struct service **s, const struct clock *clock);
void load_rows_secret(uint8_t out[static SEC_KEY_LEN], unsigned index);
void load_rows_static_body(const struct load_world *w, uint8_t out[static CODE_STATIC_BODY_LEN],
	unsigned index, const uint8_t signature[static SEC_ED25519_SIGNATURE_LEN]);
unsigned load_rows_index(const struct load_world *w, unsigned phone); /* of its credential */

/* ---- the server as a child process: load_server.c ---- */

struct load_server {
	pid_t pid;
	int port;
	double start_s; /* until it served */
};
/* slow_sync_ms: its syncs take at least so long (slow_sync.c); 0 = as long as they take. Ends the
 * program with words when it does not serve within a minute.
 */
void load_server_start(struct load_server *s, const struct load_world *w, const char *program,
	double slow_sync_ms);
void load_server_stop(struct load_server *s);
double load_server_cpu_s(const struct load_server *s); /* user and system, all threads, so far */
double load_server_rss_kib(const struct load_server *s);

/* ---- many terminals: load_client.c ---- */

struct load_plan {
	const struct load_world *world;
	int port;
	unsigned connections;
	double seconds;  /* measured, after warm_s */
	double warm_s;
	double rate;     /* verifications a second; 0 = as fast as the answers come */
	unsigned first;  /* turn to begin with: a run does not meet the phones of the one before */
};

struct load_result {
	unsigned long verifications; /* accepted, in the measured time */
	unsigned long refused;       /* whatever was not 201 and then accepted */
	char word[80];               /* of the first one refused */
	double seconds;
	double server_cpu_s;
	double io_cpu_s; /* of that, the thread that talks with the clients */
	double client_cpu_s;
	double commits;        /* a second */
	double stage_ms[2][3]; /* median, p90, p99 of each stage */
	double both_ms[3];
};
void load_run(struct load_result *out, const struct load_plan *plan,
	const struct load_server *server);

int load_connect(int port); /* to loopback, blocking */

/* ---- connections that are not busy: load_idle.c ---- */

struct load_idle {
	double base_kib; /* resident before */
	double each_kib; /* for each listener */
	double push_us;  /* server's CPU of one event to each */
};
/* count streams of events, as many for each terminal as it may have. */
void load_listeners(struct load_idle *out, const struct load_world *w, const struct load_server *s,
	unsigned count);
/* Server's CPU of one connection with a full handshake. */
double load_handshake_us(const struct load_world *w, const struct load_server *s, double seconds);
/* Where a thread runs: on the n-th processor, -1 = on any. Best effort. */
void load_stay_on(pid_t thread, int processor);
/* A figure of GET /metrics without labels. */
double load_metric(const struct load_world *w, int port, const char *name);

/* ---- PostgreSQL with its own benchmark: load_postgres.c ---- */

#define LOAD_URL_MAX 160

struct load_postgres {
	pid_t pid;
	int in;
	char url[LOAD_URL_MAX];   /* an empty database for the backend */
	char bench[LOAD_URL_MAX]; /* another one, filled by pgbench */
};
/* A cluster of its own under `where`. False: there is no PostgreSQL here. */
bool load_postgres_start(struct load_postgres *p, const char *where);
void load_postgres_stop(struct load_postgres *p);
/* Moves the store of w, which was not served yet, into it. */
void load_postgres_take(const struct load_postgres *p, const struct load_world *w,
	const char *program);
/* Transactions a second of `pgbench -N`, prepared. */
double load_postgres_bench(const struct load_postgres *p, unsigned connections, double seconds);

/* ---- floors: load_floor_*.c ---- */

double floor_sync_ms(const char *dir);  /* fdatasync of 8 KiB appended, median */
/* CPU of a verification, 64 a commit. */
double floor_store_us(const char *dir, unsigned credentials);
double floor_echo_us(void);             /* server CPU of one TLS echo, 256 connections */
double floor_handshake_us(void);        /* server CPU of a full mutual handshake in memory */

/* ---- small things ---- */

_Noreturn void load_fail(const char *what, const char *words);
/* Runs a program to its end, its output thrown away. */
void load_command(const char *const *argv);

#endif
