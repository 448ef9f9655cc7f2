/* SPDX-License-Identifier: Apache-2.0
 *
 * Floors of the store: how often the disk syncs, and what the least statements of a verification
 * cost in SQLite with nothing around them: stage one reads a credential and adds a challenge and an
 * audit row, stage two reads both, sets the challenge once and adds an audit row. Each stage has
 * its own commits, as the backend's have.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define SYNCS 200
#define SYNC_BYTES 8192
#define BATCH 64
#define VERIFICATIONS (BATCH * 400)

double floor_sync_ms(const char *dir)
{
	static char block[SYNC_BYTES];
	double took[SYNCS];
	char path[LOAD_PATH_MAX + 32];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/sync", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	for (int i = 0; i < SYNCS; i++) {
		double began = measure_now();

		if (fd < 0 || write(fd, block, sizeof(block)) != sizeof(block) || fdatasync(fd))
			load_fail(path, "cannot be written");
		took[i] = (measure_now() - began) * 1000;
	}
	(void)close(fd);
	(void)unlink(path);
	return measure_median(took, SYNCS);
}

/* ---- the raw loop ---- */

enum { BEGIN, COMMIT, SAVE, RELEASE, GET, CHALLENGE, AUDIT, BOTH, SET, STATEMENTS };

static const char *const SQL[STATEMENTS] = {
	"BEGIN IMMEDIATE",
	"COMMIT",
	"SAVEPOINT s",
	"RELEASE s",
	"SELECT secret,status,fails FROM credential WHERE cid=?1",
	"INSERT INTO challenge(id,cid,state,expires,number) VALUES(?1,?2,0,?3,?4)",
	"INSERT INTO audit(seq,body,mac) VALUES(?1,?2,?3)",
	"SELECT c.secret,h.number FROM challenge h JOIN credential c ON c.cid=h.cid WHERE h.id=?1",
	"UPDATE challenge SET state=1 WHERE id=?1 AND state=0 AND expires>?2",
};

static void cid_of(uint8_t out[static 16], unsigned index)
{
	memset(out, 0, 16);
	memcpy(out, &index, sizeof(index));
}

static void run(sqlite3_stmt *s, int want)
{
	if (sqlite3_step(s) != want)
		load_fail("raw store", sqlite3_errmsg(sqlite3_db_handle(s)));
	(void)sqlite3_reset(s);
}

static void audit(sqlite3_stmt **s, int64_t seq)
{
	static const uint8_t body[120], mac[32];

	(void)sqlite3_bind_int64(s[AUDIT], 1, seq);
	(void)sqlite3_bind_blob(s[AUDIT], 2, body, sizeof(body), SQLITE_STATIC);
	(void)sqlite3_bind_blob(s[AUDIT], 3, mac, sizeof(mac), SQLITE_STATIC);
	run(s[AUDIT], SQLITE_DONE);
}

static void one_start(sqlite3_stmt **s, int64_t id, unsigned index)
{
	uint8_t cid[16];

	cid_of(cid, index);
	run(s[SAVE], SQLITE_DONE);
	(void)sqlite3_bind_blob(s[GET], 1, cid, 16, SQLITE_STATIC);
	run(s[GET], SQLITE_ROW);
	(void)sqlite3_bind_int64(s[CHALLENGE], 1, id);
	(void)sqlite3_bind_blob(s[CHALLENGE], 2, cid, 16, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s[CHALLENGE], 3, 60);
	(void)sqlite3_bind_int64(s[CHALLENGE], 4, id * 7919 % 1000000);
	run(s[CHALLENGE], SQLITE_DONE);
	audit(s, 2 * id);
	run(s[RELEASE], SQLITE_DONE);
}

static void one_answer(sqlite3_stmt **s, int64_t id)
{
	run(s[SAVE], SQLITE_DONE);
	(void)sqlite3_bind_int64(s[BOTH], 1, id);
	run(s[BOTH], SQLITE_ROW);
	(void)sqlite3_bind_int64(s[SET], 1, id);
	(void)sqlite3_bind_int64(s[SET], 2, 30);
	run(s[SET], SQLITE_DONE);
	audit(s, 2 * id + 1);
	run(s[RELEASE], SQLITE_DONE);
}

static void exec(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		load_fail("raw store", sqlite3_errmsg(db));
}

static void fill(sqlite3 *db, unsigned credentials)
{
	static const uint8_t secret[60];
	sqlite3_stmt *s = NULL;

	exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		 "CREATE TABLE credential(cid BLOB PRIMARY KEY, secret BLOB, status INTEGER,"
		 " fails INTEGER) WITHOUT ROWID;"
		 "CREATE TABLE challenge(id INTEGER PRIMARY KEY, cid BLOB, state INTEGER,"
		 " expires INTEGER, number INTEGER);"
		 "CREATE TABLE audit(seq INTEGER PRIMARY KEY, body BLOB, mac BLOB); BEGIN");
	if (sqlite3_prepare_v2(db, "INSERT INTO credential VALUES(?1,?2,0,0)", -1, &s, NULL))
		load_fail("raw store", sqlite3_errmsg(db));
	for (unsigned i = 0; i < credentials; i++) {
		uint8_t cid[16];

		cid_of(cid, i);
		(void)sqlite3_bind_blob(s, 1, cid, 16, SQLITE_STATIC);
		(void)sqlite3_bind_blob(s, 2, secret, sizeof(secret), SQLITE_STATIC);
		run(s, SQLITE_DONE);
	}
	(void)sqlite3_finalize(s);
	exec(db, "COMMIT");
}

double floor_store_us(const char *dir, unsigned credentials)
{
	sqlite3_stmt *s[STATEMENTS] = {NULL};
	sqlite3 *db = NULL;
	char path[LOAD_PATH_MAX + 32];
	double began;

	(void)snprintf(path, sizeof(path), "%s/raw.db", dir);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		load_fail(path, "cannot be opened");
	fill(db, credentials);
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v2(db, SQL[i], -1, &s[i], NULL) != SQLITE_OK)
			load_fail("raw store", sqlite3_errmsg(db));
	began = measure_process_cpu();
	for (int64_t id = 1; id <= VERIFICATIONS; id += BATCH) {
		run(s[BEGIN], SQLITE_DONE);
		for (int64_t i = id; i < id + BATCH; i++)
			one_start(s, i, (unsigned)(i * 7919) % credentials);
		run(s[COMMIT], SQLITE_DONE);
		run(s[BEGIN], SQLITE_DONE);
		for (int64_t i = id; i < id + BATCH; i++)
			one_answer(s, i);
		run(s[COMMIT], SQLITE_DONE);
	}
	began = (measure_process_cpu() - began) / VERIFICATIONS * 1e6;
	for (int i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(s[i]);
	(void)sqlite3_close(db);
	return began;
}
