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

/* ---- the backend's directory: load_world.c ---- */

struct load_terminal {
	char token[SERVICE_TOKEN_MAX];
	SSL_CTX *tls; /* with its certificate; NULL = plain */
};

struct load_world {
	char dir[64]; /* removed by load_world_done() */
	bool tls;     /* terminals with certificates; else plain HTTP and tokens */
	unsigned credentials;
	unsigned terminal_count;
	struct load_terminal *terminals;
	uint8_t key_id[CODE_KEY_ID_LEN];
	uint32_t not_after;
	uint8_t (*signatures)[SEC_ED25519_SIGNATURE_LEN]; /* of the first codes */
};

/* In: w->tls. Makes everything under `where`. Every credential has a holder and an account of its
 * own, without a PIN; what a phone knows is computed from its index. Ends the program with words
 * when it fails.
 */
void load_world_make(struct load_world *w, const char *where, unsigned credentials,
	unsigned terminals);
void load_world_done(struct load_world *w);
/* The phone of credential `index`: code keys and static body. */
void load_phone(const struct load_world *w, struct test_wallet *out, unsigned index);

/* ---- the server as a child process: load_server.c ---- */

struct load_server {
	pid_t pid;
	int port;
	double start_s; /* until it served */
};
/* Ends the program with words when it does not serve within a minute. */
void load_server_start(struct load_server *s, const struct load_world *w, const char *program);
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
	unsigned first;  /* credential to begin with: a run does not meet the one before */
};

struct load_result {
	unsigned long verifications; /* accepted, in the measured time */
	unsigned long refused;       /* whatever was not 201 and then accepted */
	char word[80];               /* of the first one refused */
	double seconds;
	double server_cpu_s;
	double client_cpu_s;
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
/* count streams of events, at most four for each terminal. */
void load_listeners(struct load_idle *out, const struct load_world *w, const struct load_server *s,
	unsigned count);
/* Server's CPU of one connection with a full handshake, one after the other. */
double load_handshake_us(const struct load_world *w, const struct load_server *s, double seconds);
/* A figure of GET /metrics without labels. */
double load_metric(const struct load_world *w, int port, const char *name);

/* ---- floors: load_floor_*.c ---- */

double floor_sync_ms(const char *dir);  /* fdatasync of 8 KiB appended, median */
/* CPU of a verification, 64 a commit. */
double floor_store_us(const char *dir, unsigned credentials);
double floor_echo_us(void);             /* server CPU of one TLS echo, 256 connections */
double floor_handshake_us(void);        /* server CPU of a full mutual handshake in memory */

/* ---- small things ---- */

_Noreturn void load_fail(const char *what, const char *words);

#endif
