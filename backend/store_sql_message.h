/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of messages to holders.
 *
 * message: state 0 waits, 1 sent, 2 given up. `due` is when it may be tried next; whoever takes it
 * moves `due` ahead and counts a try, so that of several processes one has it, and gives its answer
 * with the number of its try. Its body is sealed, and empty once it is over.
 */
#ifndef BACKEND_STORE_SQL_MESSAGE_H
#define BACKEND_STORE_SQL_MESSAGE_H

#define STORE_SCHEMA_2_MESSAGE                                                                     \
	"CREATE TABLE contact("                                                                    \
	" holder BLOB PRIMARY KEY NOT NULL REFERENCES holder(id), email TEXT NOT NULL,"            \
	" language TEXT NOT NULL) WITHOUT ROWID;"                                                  \
	"CREATE TABLE message("                                                                    \
	" id BLOB PRIMARY KEY NOT NULL CHECK(length(id)=16), at INTEGER NOT NULL,"                 \
	" credential BLOB NOT NULL, kind TEXT NOT NULL,"                                           \
	" state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 2), tries INTEGER NOT NULL,"            \
	" due INTEGER NOT NULL, ends INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;"         \
	"CREATE INDEX message_due ON message(due) WHERE state=0;"                                  \
	"CREATE INDEX message_over ON message(at) WHERE state<>0;"

#define STORE_SQL_MESSAGE(X)                                                                       \
	X(SQL_CONTACT_PUT, "INSERT INTO contact(holder,email,language) VALUES(?,?,?)"              \
			   " ON CONFLICT(holder) DO UPDATE SET email=excluded.email,"              \
			   "language=excluded.language")                                           \
	X(SQL_CONTACT_GET, "SELECT email,language FROM contact WHERE holder=?")                    \
	X(SQL_MESSAGE_INSERT, "INSERT INTO message(id,at,credential,kind,state,tries,due,ends,"    \
			      "body) VALUES(?,?,?,?,0,0,?,?,?)")                                   \
	X(SQL_MESSAGE_DUE, "SELECT id,credential,kind,tries,ends,body FROM message"                \
			   " WHERE state=0 AND due<=? ORDER BY due LIMIT 1")                       \
	X(SQL_MESSAGE_TAKE, "UPDATE message SET tries=tries+1,due=? WHERE id=? AND tries=?"        \
			    " AND state=0")                                                        \
	X(SQL_MESSAGE_AGAIN, "UPDATE message SET due=? WHERE id=? AND tries=? AND state=0")        \
	X(SQL_MESSAGE_OVER, "UPDATE message SET state=?,body=x'' WHERE id=? AND tries=?"           \
			    " AND state=0")                                                        \
	X(SQL_MESSAGE_WITHDRAW, "UPDATE message SET state=2,body=x'' WHERE state=0")               \
	X(SQL_MESSAGE_WITHDRAW_OF, "UPDATE message SET state=2,body=x'' WHERE state=0"             \
				   " AND credential=? AND kind='activation'")                      \
	X(SQL_MESSAGE_PRUNE, "DELETE FROM message WHERE id IN (SELECT id FROM message"             \
			     " WHERE state<>0 AND at<? ORDER BY at LIMIT ?)")

#endif
