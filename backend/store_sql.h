/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: every statement there is, by number. Nothing is built at run time.
 * States of a verification: 0 challenged, 1 accepted, 2 authorised, 3 rejected, 4 expired,
 * 5 cancelled. `deadline` is set while something is waited for: the answer (0) or the PIN (1).
 */
#ifndef BACKEND_STORE_SQL_H
#define BACKEND_STORE_SQL_H

#include "backend/store.h"
#include "backend/store_sql_enrol.h"
#include "backend/store_sql_event.h"
#include "backend/store_sql_keys.h"
#include "backend/store_sql_message.h"
#include "backend/store_sql_people.h"

#define COLS_VERIFICATION                                                                          \
	"id,credential,generation,terminal,state,reason,created_at,expires_at,deadline,number,"    \
	"digits,amount,currency,min_binding,timed,pin,slot,challenge,request,answer,"              \
	"pin_tries,receipt,account,level"

/* What an administrator may see: neither number nor anything of a code. */
#define SELECT_TOLD                                                                                \
	"SELECT v.place,v.id,v.state,v.reason,v.credential,coalesce(t.name,''),v.amount,"          \
	"v.currency,v.reference,v.operator,v.created_at,v.deadline,v.decided_at,v.pin,"            \
	"v.pin_tries,v.receipt FROM verification v LEFT JOIN terminal t ON t.id=v.terminal"

#define STORE_SQL_CORE(X)                                                                          \
	/* settings and keys */                                                                    \
	X(SQL_SETTING_PUT, "INSERT INTO setting(name,value) VALUES(?,?)"                           \
			   " ON CONFLICT(name) DO UPDATE SET value=excluded.value")                \
	X(SQL_SETTING_GET, "SELECT value FROM setting WHERE name=?")                               \
	X(SQL_ISSUER_INSERT, "INSERT INTO issuer_key(key_id,public_key,seed,not_before,not_after)" \
			     " VALUES(?,?,?,?,?)")                                                 \
	X(SQL_ISSUER_NTH, "SELECT key_id,public_key,seed,not_before,not_after FROM issuer_key"     \
			  " ORDER BY not_before DESC,key_id LIMIT 1 OFFSET ?")                     \
	/* holders, accounts */                                                                    \
	X(SQL_HOLDER_INSERT, "INSERT INTO holder(id,name,phone,created_at) VALUES(?,?,?,?)")       \
	X(SQL_HOLDER_GET, "SELECT id,name,phone,created_at FROM holder WHERE id=?")                \
	X(SQL_ACCOUNT_INSERT, "INSERT INTO account(id,holder,number,pin_hash,pin_failures,"        \
			      "pin_locked,created_at) VALUES(?,?,?,?,0,0,?)")                      \
	X(SQL_ACCOUNT_GET, "SELECT id,holder,number,pin_hash,pin_failures,pin_locked,created_at,"  \
			   "wrong_day,wrong_count FROM account WHERE id=?")                        \
	X(SQL_ACCOUNT_PIN, "UPDATE account SET pin_failures=?,pin_locked=? WHERE id=?")            \
	/* credentials */                                                                          \
	X(SQL_CREDENTIAL_INSERT,                                                                   \
		"INSERT INTO credential(id,holder,account,generation,void,live,digits,pin,"        \
		"purpose,face_value,registration,frozen_until,failures,freezes,created_at)"        \
		" VALUES(?,?,?,?,0,?,?,?,?,?,?,0,0,0,?)")                                          \
	X(SQL_CREDENTIAL_GET,                                                                      \
		"SELECT id,holder,account,generation,void,live,digits,pin,purpose,face_value,"     \
		"registration,frozen_until,failures,freezes,created_at FROM credential"            \
		" WHERE id=?")                                                                     \
	X(SQL_CREDENTIAL_GUARD, "UPDATE credential SET void=?,frozen_until=?,failures=?,freezes=?" \
				" WHERE id=?")                                                     \
	X(SQL_CREDENTIAL_FREEZE_ALL, "UPDATE credential SET frozen_until=? WHERE void=0")          \
	X(SQL_CREDENTIAL_GENERATION, "UPDATE credential SET generation=?2 WHERE id=?1"             \
				     " AND generation=?2-1")                                       \
	X(SQL_KEY_INSERT, "INSERT INTO credential_key(credential,generation,not_after,"            \
			  "static_body,secret) VALUES(?,?,?,?,?)")                                 \
	X(SQL_KEY_GET, "SELECT credential,generation,not_after,static_body,secret"                 \
		       " FROM credential_key WHERE credential=? AND generation=?")                 \
	X(SQL_KEY_FORGET, "UPDATE credential_key SET secret=x'' WHERE credential=?"                \
			  " AND generation<?")                                                     \
	/* activation tokens, wallets */                                                           \
	X(SQL_ACTIVATION_INSERT, "INSERT INTO activation(token,credential,generation,expires_at,"  \
				 "used_at) VALUES(?,?,?,?,NULL)")                                  \
	X(SQL_ACTIVATION_GET, "SELECT credential,generation,expires_at FROM activation"            \
			      " WHERE token=? AND used_at IS NULL AND expires_at>?")               \
	X(SQL_ACTIVATION_USE, "UPDATE activation SET used_at=?2,claim=?3 WHERE token=?1"           \
			      " AND used_at IS NULL AND expires_at>?2")                            \
	X(SQL_ACTIVATION_CLAIMED, "SELECT credential,generation,expires_at FROM activation"        \
				  " WHERE token=? AND claim=? AND claim<>x''"                      \
				  " AND used_at>? AND used_at<=?")                                 \
	X(SQL_ACTIVATION_WITHDRAW, "DELETE FROM activation WHERE credential=?"                     \
				   " AND used_at IS NULL")                                         \
	X(SQL_ACTIVATION_WITHDRAW_ALL, "DELETE FROM activation WHERE used_at IS NULL")             \
	X(SQL_ACTIVATION_OPEN_AFTER, "SELECT credential FROM activation WHERE used_at IS NULL"     \
				     " AND expires_at>? AND credential>?"                          \
				     " ORDER BY credential LIMIT 1")                               \
	X(SQL_ACTIVATION_DONE, "SELECT 1 FROM activation WHERE credential=? AND generation=?"      \
			       " AND used_at IS NOT NULL LIMIT 1")                                 \
	X(SQL_WALLET_INSERT, "INSERT INTO wallet(token,credential,created_at) VALUES(?,?,?)")      \
	X(SQL_WALLET_GET, "SELECT credential FROM wallet WHERE token=?")                           \
	X(SQL_WALLET_REVOKE, "DELETE FROM wallet WHERE credential=?")                              \
	/* terminals */                                                                            \
	X(SQL_TERMINAL_INSERT, "INSERT INTO terminal(id,name,merchant,token,stopped,wrong_row,"    \
			       "static_day,static_wrong,created_at) VALUES(?,?,?,?,0,0,0,0,?)")    \
	X(SQL_TERMINAL_ENROL, "UPDATE terminal SET merchant=?,token=?,stopped=0,wrong_row=0,"      \
			      "static_wrong=0 WHERE id=?")                                         \
	X(SQL_TERMINAL_BY_ID, "SELECT id,name,merchant,stopped,wrong_row,static_day,static_wrong"  \
			      " FROM terminal WHERE id=?")                                         \
	X(SQL_TERMINAL_BY_NAME, "SELECT id,name,merchant,stopped,wrong_row,static_day,"            \
				"static_wrong FROM terminal WHERE name=?")                         \
	X(SQL_TERMINAL_BY_TOKEN, "SELECT id,name,merchant,stopped,wrong_row,static_day,"           \
				 "static_wrong FROM terminal WHERE token=?")                       \
	X(SQL_TERMINAL_GUARD, "UPDATE terminal SET stopped=?,wrong_row=?,static_day=?,"            \
			      "static_wrong=? WHERE id=?")                                         \
	/* which terminal used which live step, and what it did with it */                         \
	X(SQL_TAG_GET, "SELECT terminal,starts,failures FROM tag_use WHERE credential=?"           \
		       " AND slot=?")                                                              \
	X(SQL_TAG_PUT, "INSERT INTO tag_use(credential,slot,terminal,starts,failures,at)"          \
		       " VALUES(?,?,?,?,?,?) ON CONFLICT(credential,slot) DO UPDATE"               \
		       " SET starts=excluded.starts,failures=excluded.failures")                   \
	X(SQL_TAG_PRUNE, "DELETE FROM tag_use WHERE (credential,slot) IN (SELECT credential,slot"  \
			 " FROM tag_use WHERE at<?1 ORDER BY at LIMIT ?2)")                        \
	/* numbers */                                                                              \
	X(SQL_NUMBER_TAKE, "INSERT INTO number_used(credential,generation,number)"                 \
			   " VALUES(?,?,?) ON CONFLICT DO NOTHING")                                \
	/* verifications */                                                                        \
	X(SQL_VERIFICATION_INSERT,                                                                 \
		"INSERT INTO verification(place,id,credential,generation,terminal,state,reason,"   \
		"created_at,expires_at,deadline,number,digits,amount,currency,min_binding,timed,"  \
		"pin,slot,challenge,request,answer,pin_tries,receipt,reference,operator,account,"  \
		"level)"                                                                           \
		" VALUES((SELECT coalesce(max(place),0)+1 FROM verification),"                     \
		"?1,?2,?3,?4,0,'',?5,?6,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,NULL,"             \
		"0,NULL,?17,?18,?19,?20)")                                                         \
	X(SQL_VERIFICATION_GET, "SELECT " COLS_VERIFICATION " FROM verification WHERE id=?")       \
	X(SQL_VERIFICATION_SAME, "SELECT " COLS_VERIFICATION " FROM verification"                  \
				 " WHERE terminal=? AND created_at>=? AND request=?"               \
				 " AND state=0 AND expires_at>? AND state<>1 AND state<>2"         \
				 " ORDER BY created_at DESC LIMIT 1")                              \
	X(SQL_VERIFICATION_DECIDE, "UPDATE verification SET state=?3,reason=?4,answer=?5,"         \
				   "receipt=?6,deadline=?7,decided_at=?2"                          \
				   " WHERE id=?1 AND state=0 AND expires_at>?2"                    \
				   " AND credential=?8 AND terminal=?9 AND account=?10")   \
	X(SQL_VERIFICATION_PIN, "UPDATE verification SET state=?3,reason=?4,pin_tries=?5,"         \
				"receipt=?6,deadline=?7,decided_at=?2 WHERE id=?1 AND state=1"     \
				" AND pin_tries=?5-1 AND deadline>?2"                             \
				" AND credential=?8 AND terminal=?9 AND account=?10")             \
	X(SQL_VERIFICATION_CLOSE, "UPDATE verification SET state=?3,reason=?4,deadline=NULL,"      \
				  "decided_at=?2 WHERE id=?1 AND deadline IS NOT NULL"             \
				  " AND credential=?5 AND terminal=?6 AND account=?7")             \
	X(SQL_VERIFICATION_DUE, "SELECT " COLS_VERIFICATION " FROM verification"                   \
				" WHERE deadline IS NOT NULL AND deadline<=? ORDER BY deadline"    \
				" LIMIT 1")                                                        \
	X(SQL_VERIFICATION_TOLD, SELECT_TOLD " WHERE v.id=?")                                      \
	X(SQL_VERIFICATION_BEFORE, SELECT_TOLD " WHERE v.place<? ORDER BY v.place DESC LIMIT 1")   \
	X(SQL_VERIFICATION_BEFORE_OPEN, SELECT_TOLD " WHERE v.place<? AND v.deadline>?"            \
					    " ORDER BY v.place DESC LIMIT 1")                      \
	X(SQL_VERIFICATION_BEFORE_OFFLINE, SELECT_TOLD " WHERE v.place<?"                         \
					       " AND substr(v.reason,1,7)='offline'"             \
					       " ORDER BY v.place DESC LIMIT 1")                   \
	X(SQL_STARTS_CREDENTIAL, "SELECT count(*),coalesce(max(created_at),0),"                    \
				 "coalesce(min(created_at),0),"                                    \
				 "count(CASE WHEN created_at>?2 THEN 1 END),"                      \
				 "coalesce(min(CASE WHEN created_at>?2 THEN created_at END),0)"    \
				 " FROM verification WHERE credential=?1 AND created_at>?3"        \
				 " AND state<>1 AND state<>2")                                     \
	/* of all credentials of an account: by holder, then each one's unfinished ones */         \
	X(SQL_STARTS_ACCOUNT, "SELECT count(*),coalesce(max(v.created_at),0),"                     \
			      "coalesce(min(v.created_at),0),"                                     \
			      "count(CASE WHEN v.created_at>?3 THEN 1 END),"                       \
			      "coalesce(min(CASE WHEN v.created_at>?3 THEN v.created_at END),0)"   \
			      " FROM credential c JOIN verification v ON v.credential=c.id"        \
			      " AND v.created_at>?4 AND v.state<>1 AND v.state<>2"                 \
			      " WHERE c.holder=?1 AND c.account=?2")                               \
	X(SQL_STARTS_TERMINAL, "SELECT count(*),coalesce(max(created_at),0),"                      \
			       "coalesce(min(created_at),0) FROM (SELECT created_at"               \
			       " FROM verification WHERE terminal=? AND created_at>?"              \
			       " AND state<>1 AND state<>2 ORDER BY created_at DESC LIMIT ?) s")   \
	/* audit */                                                                                \
	X(SQL_AUDIT_INSERT, "INSERT INTO audit(seq,at,kind,credential,terminal,verification,"      \
			    "detail,prev,hash) VALUES(?,?,?,?,?,?,?,?,?)")                         \
	X(SQL_AUDIT_LAST, "SELECT seq,at,kind,credential,terminal,verification,detail,prev,hash"   \
			  " FROM audit ORDER BY seq DESC LIMIT 1")                                 \
	X(SQL_AUDIT_PAGE, "SELECT seq,at,kind,credential,terminal,verification,detail,prev,hash"   \
			  " FROM audit WHERE seq>? ORDER BY seq LIMIT ?")                         \
	X(SQL_AUDIT_NEXT, "SELECT seq,at,kind,credential,terminal,verification,detail,prev,hash"   \
			  " FROM audit WHERE seq>? ORDER BY seq LIMIT 1")

#define STORE_SQL_LIST(X)                                                                          \
	STORE_SQL_CORE(X)                                                                          \
	STORE_SQL_ENROL(X)                                                                         \
	STORE_SQL_EVENT(X)                                                                         \
	STORE_SQL_KEYS(X)                                                                          \
	STORE_SQL_MESSAGE(X)                                                                       \
	STORE_SQL_PEOPLE(X)

enum store_sql {
#define STORE_SQL_ENUM(name, text) name,
	STORE_SQL_LIST(STORE_SQL_ENUM)
#undef STORE_SQL_ENUM
	STORE_SQL_COUNT
};

extern const char *const store_sql_text[STORE_SQL_COUNT];
extern const char *const store_sql_names[STORE_SQL_COUNT];

/* store_migrations[n] makes schema n + 1 of schema n: texts of several statements, to NULL. */
extern const char *const *const store_migrations[STORE_SCHEMA_VERSION];

#endif
