/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of enrolment of terminals and their certificates.
 *
 * terminal_key: which public keys a terminal has had; `code` in enrolment is a digest, as are all
 * tokens.
 */
#ifndef BACKEND_STORE_SQL_ENROL_H
#define BACKEND_STORE_SQL_ENROL_H

#define STORE_SCHEMA_2_ENROL                                                                       \
	"CREATE TABLE enrolment("                                                                  \
	" code BLOB PRIMARY KEY NOT NULL CHECK(length(code)=32), name TEXT NOT NULL,"              \
	" merchant TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;"                     \
	"CREATE INDEX enrolment_name ON enrolment(name);"                                          \
	"CREATE TABLE terminal_key("                                                               \
	" spki BLOB PRIMARY KEY NOT NULL CHECK(length(spki)=32),"                                  \
	" terminal BLOB NOT NULL REFERENCES terminal(id), not_after INTEGER NOT NULL,"             \
	" revoked INTEGER NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;"                   \
	"CREATE INDEX terminal_key_terminal ON terminal_key(terminal);"

#define STORE_SQL_ENROL(X)                                                                         \
	X(SQL_ENROLMENT_INSERT, "INSERT INTO enrolment(code,name,merchant,expires_at)"             \
				" VALUES(?,?,?,?)")                                                \
	X(SQL_ENROLMENT_GET, "SELECT name,merchant FROM enrolment WHERE code=? AND expires_at>?")  \
	X(SQL_ENROLMENT_FORGET, "DELETE FROM enrolment WHERE name=?1 OR expires_at<=?2")           \
	X(SQL_TERMINAL_KEY_INSERT, "INSERT INTO terminal_key(spki,terminal,not_after,revoked,"     \
				   "created_at) VALUES(?,?,?,0,?)")                                \
	X(SQL_TERMINAL_KEY_GET, "SELECT k.terminal,t.name,k.not_after,k.revoked"                   \
				" FROM terminal_key k JOIN terminal t ON t.id=k.terminal"          \
				" WHERE k.spki=?")                                                 \
	X(SQL_TERMINAL_KEY_RENEW, "UPDATE terminal_key SET not_after=?2 WHERE spki=?1"             \
				  " AND revoked=0")                                                \
	X(SQL_TERMINAL_KEY_ENDING, "SELECT count(*) FROM terminal_key WHERE revoked=0"             \
				   " AND not_after>? AND not_after<=?")                            \
	X(SQL_TERMINAL_AFTER, "SELECT t.id,t.name,t.merchant,t.stopped,t.created_at,"              \
			      "(SELECT count(*) FROM terminal_key k WHERE k.terminal=t.id),"       \
			      "COALESCE((SELECT max(k.not_after) FROM terminal_key k"              \
			      " WHERE k.terminal=t.id AND k.revoked=0),0)"                         \
			      " FROM terminal t WHERE t.name>? ORDER BY t.name LIMIT 1")           \
	X(SQL_TERMINAL_KEY_REVOKE, "UPDATE terminal_key SET revoked=1 WHERE terminal=?"            \
				   " AND revoked=0")

#endif
