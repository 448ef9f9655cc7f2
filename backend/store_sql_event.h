/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of events told to terminals and wallets.
 *
 * An event is for a terminal or for the wallet of a credential; the other id is empty. The first
 * row is for nobody: so there is always a newest number, and what is pruned never takes it away.
 * Two numbers never change places: writers take turns.
 *
 * Many wallets never ask for events. Theirs are written only while they stand in `listener`, where
 * an activation puts them, so that a decision costs nothing where nobody listens.
 */
#ifndef BACKEND_STORE_SQL_EVENT_H
#define BACKEND_STORE_SQL_EVENT_H

#define STORE_SCHEMA_2_EVENT                                                                       \
	"CREATE TABLE event("                                                                      \
	" seq INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL, terminal BLOB NOT NULL,"          \
	" credential BLOB NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);"                      \
	"CREATE INDEX event_terminal ON event(terminal,seq) WHERE terminal<>x'';"                  \
	"CREATE INDEX event_credential ON event(credential,seq) WHERE credential<>x'';"            \
	"INSERT INTO event(seq,at,terminal,credential,kind,data)"                                  \
	" VALUES(1,0,x'',x'','begin','{}');"                                                       \
	"CREATE TABLE listener("                                                                   \
	" credential BLOB PRIMARY KEY NOT NULL CHECK(length(credential)=16),"                      \
	" until INTEGER NOT NULL) WITHOUT ROWID;"

#define COLS_EVENT "seq,terminal,credential,kind,data"

#define STORE_SQL_EVENT(X)                                                                         \
	X(SQL_EVENT_INSERT, "INSERT INTO event(seq,at,terminal,credential,kind,data)"              \
			    " VALUES((SELECT max(seq)+?1 FROM event),?2,?3,?4,?5,?6)")             \
	X(SQL_EVENT_LAST, "SELECT max(seq) FROM event")                                            \
	X(SQL_EVENT_KNOWN, "SELECT 1 FROM event WHERE seq=?")                                      \
	X(SQL_EVENT_AFTER, "SELECT " COLS_EVENT " FROM event WHERE seq>? ORDER BY seq LIMIT ?")    \
	X(SQL_EVENT_OF_TERMINAL, "SELECT " COLS_EVENT " FROM event WHERE terminal IN (?1,?2)"      \
				 " AND terminal<>x'' AND seq>?3 ORDER BY seq LIMIT ?4")            \
	X(SQL_EVENT_OF_WALLET, "SELECT " COLS_EVENT " FROM event WHERE credential=?1"              \
			       " AND credential<>x'' AND seq>?2 ORDER BY seq LIMIT ?3")            \
	X(SQL_EVENT_ACTIVATED, "SELECT seq FROM event WHERE credential=?1 AND credential<>x''"     \
			       " AND kind='credential' AND data='{\"state\":\"activated\"}'"       \
			       " ORDER BY seq DESC LIMIT 1")                                       \
	X(SQL_EVENT_PRUNE, "DELETE FROM event WHERE seq<(SELECT max(seq) FROM event)"              \
			   " AND seq IN (SELECT o.seq FROM (SELECT seq,at FROM event"              \
			   " ORDER BY seq LIMIT ?2) AS o WHERE o.at<?1)")                          \
	X(SQL_LISTENER_GET, "SELECT until FROM listener WHERE credential=?")                       \
	X(SQL_LISTENER_PUT, "INSERT INTO listener(credential,until) VALUES(?,?)"                   \
			    " ON CONFLICT(credential) DO UPDATE SET until=excluded.until")         \
	/* verifications that wait for something, of one credential; few wait at any time */       \
	X(SQL_VERIFICATION_WAITING, "SELECT id FROM verification WHERE deadline IS NOT NULL"       \
				    " AND credential=? LIMIT 1")                           \
	X(SQL_VERIFICATION_WAITING_ACCOUNT,                                                        \
		"SELECT id FROM verification WHERE deadline IS NOT NULL AND account=? LIMIT 1")

#endif
