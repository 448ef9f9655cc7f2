/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of operators, their sessions, and customer service.
 *
 * staff: operators (role 1; duty 1 cashier, 2 teller, 3 supervisor) and administrators (2). Duties
 * came with schema 4: whoever was an operator before is a teller. staff_try counts wrong
 * passphrases: of a member by its id, of a name that nobody has by a hash of it, and of all under
 * sixteen zero bytes.
 * service_call: state 0 open, 1 ended, 2 ended by wrong answers; `asked` has the places of the
 * questions, `right_mask` a bit for each that was answered.
 */
#ifndef BACKEND_STORE_SQL_PEOPLE_H
#define BACKEND_STORE_SQL_PEOPLE_H

/* What changes the version of the issuer's keys, policy and list. Not IN (...): for that SQLite
 * makes a table of the words anew for each row of the audit, which takes as long as the row itself.
 */
#define AUDIT_OF_ISSUER                                                                            \
	"(kind='init' OR kind='frozen' OR kind='unfrozen' OR kind='void' OR kind='restored'"       \
	" OR kind='issuer-rotated')"

#define STORE_SCHEMA_2_PEOPLE                                                                      \
	"CREATE TABLE staff("                                                                      \
	" id BLOB PRIMARY KEY NOT NULL CHECK(length(id)=16), name TEXT NOT NULL UNIQUE,"           \
	" role INTEGER NOT NULL CHECK(role BETWEEN 1 AND 2), pass_hash TEXT NOT NULL,"             \
	" stopped INTEGER NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;"                   \
	"CREATE TABLE staff_session("                                                              \
	" token BLOB PRIMARY KEY NOT NULL, staff BLOB NOT NULL REFERENCES staff(id),"              \
	" created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;"                \
	"CREATE INDEX staff_session_staff ON staff_session(staff);"                                \
	"CREATE INDEX staff_session_expires ON staff_session(expires_at);"                         \
	"CREATE TABLE staff_try("                                                                  \
	" slot BLOB PRIMARY KEY NOT NULL, failures INTEGER NOT NULL, at INTEGER NOT NULL)"         \
	" WITHOUT ROWID;"                                                                          \
	"CREATE INDEX staff_try_at ON staff_try(at);"                                              \
	"CREATE TABLE question("                                                                   \
	" holder BLOB NOT NULL REFERENCES holder(id), place INTEGER NOT NULL, kind TEXT NOT NULL," \
	" words TEXT NOT NULL, answer_hash TEXT NOT NULL, PRIMARY KEY(holder,place))"              \
	" WITHOUT ROWID;"                                                                          \
	"CREATE TABLE service_call("                                                               \
	" id BLOB PRIMARY KEY NOT NULL CHECK(length(id)=16), staff BLOB NOT NULL,"                 \
	" holder BLOB NOT NULL, state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 2),"              \
	" asked BLOB NOT NULL, right_mask INTEGER NOT NULL, wrong INTEGER NOT NULL,"               \
	" identified INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL)"  \
	" WITHOUT ROWID;"                                                                          \
	"CREATE INDEX service_call_holder ON service_call(holder,created_at)"                      \
	" WHERE identified=0;"                                                                     \
	"CREATE INDEX service_call_created ON service_call(created_at);"                           \
	"CREATE INDEX holder_phone ON holder(phone);"                                              \
	"CREATE INDEX credential_holder ON credential(holder,id);"                                 \
	"CREATE INDEX credential_frozen ON credential(id) WHERE void=0 AND frozen_until>0;"        \
	"CREATE INDEX credential_void ON credential(id) WHERE void=1;"                             \
	"CREATE INDEX audit_issuer ON audit(seq) WHERE " AUDIT_OF_ISSUER ";"

#define STORE_SCHEMA_4_PEOPLE                                                                      \
	"ALTER TABLE staff ADD COLUMN duty INTEGER NOT NULL DEFAULT 2"                             \
	" CHECK(duty BETWEEN 1 AND 3);"

#define COLS_STAFF "s.id,s.name,s.role,s.duty,s.pass_hash,s.stopped,s.created_at"
#define COLS_CALL                                                                                  \
	"id,staff,holder,state,asked,right_mask,wrong,identified,created_at,expires_at"

#define STORE_SQL_PEOPLE(X)                                                                        \
	X(SQL_STAFF_INSERT, "INSERT INTO staff(id,name,role,duty,pass_hash,stopped,created_at)"    \
			    " VALUES(?,?,?,?,?,0,?)")                                              \
	X(SQL_STAFF_GET, "SELECT " COLS_STAFF " FROM staff s WHERE s.id=?")                        \
	X(SQL_STAFF_BY_NAME, "SELECT " COLS_STAFF " FROM staff s WHERE s.name=?")                  \
	X(SQL_STAFF_AFTER, "SELECT " COLS_STAFF " FROM staff s WHERE s.name>?"                     \
			   " ORDER BY s.name LIMIT 1")                                             \
	X(SQL_STAFF_PUT, "UPDATE staff SET role=?,duty=?,pass_hash=?,stopped=? WHERE id=?")        \
	X(SQL_STAFF_STOP_ALL, "UPDATE staff SET stopped=1")                                        \
	X(SQL_SESSION_INSERT, "INSERT INTO staff_session(token,staff,created_at,expires_at)"       \
			      " VALUES(?,?,?,?)")                                                  \
	X(SQL_SESSION_STAFF, "SELECT " COLS_STAFF " FROM staff_session t JOIN staff s"             \
			     " ON s.id=t.staff WHERE t.token=? AND t.expires_at>?"                 \
			     " AND s.stopped=0")                                                   \
	X(SQL_SESSION_END, "DELETE FROM staff_session WHERE token=?")                              \
	X(SQL_SESSION_END_OF, "DELETE FROM staff_session WHERE staff=?")                           \
	X(SQL_SESSION_END_ALL, "DELETE FROM staff_session")                                        \
	X(SQL_SESSION_PRUNE, "DELETE FROM staff_session WHERE expires_at<=?")                      \
	X(SQL_TRY_GET, "SELECT failures,at FROM staff_try WHERE slot=?")                           \
	X(SQL_TRY_PUT, "INSERT INTO staff_try(slot,failures,at) VALUES(?,?,?)"                     \
		       " ON CONFLICT(slot) DO UPDATE SET failures=excluded.failures,"              \
		       "at=excluded.at")                                                           \
	X(SQL_TRY_FORGET, "DELETE FROM staff_try WHERE slot=?")                                    \
	X(SQL_TRY_PRUNE, "DELETE FROM staff_try WHERE at<=?")                                      \
	X(SQL_QUESTION_PUT, "INSERT INTO question(holder,place,kind,words,answer_hash)"            \
			    " VALUES(?,?,?,?,?) ON CONFLICT(holder,place) DO UPDATE"               \
			    " SET kind=excluded.kind,words=excluded.words,"                        \
			    "answer_hash=excluded.answer_hash")                                    \
	X(SQL_QUESTION_AFTER, "SELECT place,kind,words,answer_hash FROM question"                  \
			      " WHERE holder=? AND place>? ORDER BY place LIMIT 1")                \
	X(SQL_QUESTION_REMOVE, "DELETE FROM question WHERE holder=? AND place=?")                  \
	X(SQL_CALL_INSERT, "INSERT INTO service_call(" COLS_CALL ") VALUES(?,?,?,0,?,0,0,?,?,?)")  \
	X(SQL_CALL_GET, "SELECT " COLS_CALL " FROM service_call WHERE id=?")                       \
	X(SQL_CALL_PUT, "UPDATE service_call SET state=?,right_mask=?,wrong=?,identified=?"        \
			" WHERE id=?")                                                             \
	X(SQL_CALL_END_ALL, "UPDATE service_call SET state=1 WHERE state=0")                       \
	X(SQL_CALL_COUNT, "SELECT count(*) FROM service_call WHERE holder=? AND created_at>?"      \
			  " AND identified=0")                                                     \
	X(SQL_CALL_PRUNE, "DELETE FROM service_call WHERE created_at<=?")                          \
	X(SQL_HOLDER_BY_PHONE, "SELECT id,name,phone,created_at FROM holder WHERE phone=?"         \
			       " ORDER BY id LIMIT 1 OFFSET ?")                                    \
	X(SQL_ACCOUNT_BY_NUMBER, "SELECT id FROM account WHERE number=?")                          \
	X(SQL_CREDENTIAL_OF_HOLDER, "SELECT id FROM credential WHERE holder=? AND id>?"            \
				    " ORDER BY id LIMIT 1")                                        \
	X(SQL_CREDENTIAL_FROZEN, "SELECT id,frozen_until FROM credential WHERE void=0"             \
				 " AND frozen_until>0 AND frozen_until>? ORDER BY id LIMIT ?")     \
	X(SQL_CREDENTIAL_VOID, "SELECT id FROM credential WHERE void=1 ORDER BY id LIMIT ?")       \
	X(SQL_ISSUER_VERSION,                                                                      \
		"SELECT coalesce(max(seq),0) FROM audit WHERE " AUDIT_OF_ISSUER)

#endif
