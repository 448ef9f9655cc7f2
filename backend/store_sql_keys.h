/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: tables and statements of rotation of keys, of daily sums, and of what is
 * kept how long.
 */
#ifndef BACKEND_STORE_SQL_KEYS_H
#define BACKEND_STORE_SQL_KEYS_H

/* level: enum policy_level. What is accepted (states 1 and 2) with an amount has an index of its
 * own, from which a day's sum of an account is added up without looking at a row.
 */
#define STORE_SCHEMA_2_KEYS                                                                        \
	"ALTER TABLE account ADD COLUMN wrong_day INTEGER NOT NULL DEFAULT 0;"                     \
	"ALTER TABLE account ADD COLUMN wrong_count INTEGER NOT NULL DEFAULT 0;"                   \
	"ALTER TABLE verification ADD COLUMN account BLOB NOT NULL DEFAULT x'';"                   \
	"ALTER TABLE verification ADD COLUMN level INTEGER NOT NULL DEFAULT 0;"                    \
	"UPDATE verification SET account=coalesce((SELECT c.account FROM credential c"             \
	" WHERE c.id=verification.credential),x'');"                                               \
	"CREATE INDEX verification_day ON verification(account,level,created_at,amount)"           \
	" WHERE state<>0 AND state<>3 AND state<>4 AND state<>5 AND amount<>0;"

/* Sealed under another master key than ?3 or ?1; 64 is KEYRING_SEALED_LEN. */
#define STORE_SQL_KEYS(X)                                                                          \
	X(SQL_ISSUER_SEAL, "UPDATE issuer_key SET seed=?2 WHERE key_id=?1")                        \
	X(SQL_ISSUER_FORGET, "UPDATE issuer_key SET seed=x''")                                     \
	X(SQL_ISSUER_END, "UPDATE issuer_key SET not_after=?2 WHERE key_id=?1")                    \
	X(SQL_ISSUER_PRUNE, "DELETE FROM issuer_key WHERE not_after<=?")                           \
	X(SQL_ISSUER_LAST_END,                                                                     \
		"SELECT coalesce(max(k.not_after),0) FROM credential_key k JOIN credential c"      \
		" ON c.id=k.credential AND c.generation=k.generation"                              \
		" WHERE c.void=0 AND substr(k.static_body,3,4)=?")                                 \
	X(SQL_SEALED_NEXT,                                                                         \
		"SELECT credential,generation,secret FROM credential_key"                          \
		" WHERE (credential,generation)>(?1,?2) AND secret<>x''"                           \
		" AND (length(secret)<>64 OR substr(secret,1,4)<>?3)"                              \
		" ORDER BY credential,generation LIMIT ?4")                                        \
	X(SQL_SEALED_PUT, "UPDATE credential_key SET secret=?3 WHERE credential=?1"                \
			  " AND generation=?2 AND secret=?4")                                      \
	X(SQL_SEALED_COUNT, "SELECT count(*) FROM credential_key WHERE secret<>x''"                \
			    " AND (length(secret)<>64 OR substr(secret,1,4)<>?1)")                 \
	X(SQL_DAY_SUM, "SELECT CAST(coalesce(sum(amount),0) AS INTEGER) FROM verification"         \
		       " WHERE account=?1 AND level=?2 AND created_at>=?3 AND state<>0"            \
		       " AND state<>3 AND state<>4 AND state<>5 AND amount<>0")                    \
	X(SQL_ACCOUNT_WRONG, "UPDATE account SET wrong_day=?2,wrong_count=?3 WHERE id=?1")         \
	X(SQL_VERIFICATION_PRUNE,                                                                  \
		"DELETE FROM verification WHERE place IN (SELECT place FROM"                       \
		" (SELECT place,created_at,deadline FROM verification ORDER BY place LIMIT ?2) o"  \
		" WHERE (o.created_at<?1 OR o.place<?3) AND o.deadline IS NULL)")                  \
	X(SQL_VERIFICATION_FROM, "SELECT place,created_at FROM verification WHERE place>=?"        \
				 " ORDER BY place LIMIT 1")                                        \
	/* the kinds of backend/guard.c: after each commit nearly all records are others */        \
	X(SQL_AUDIT_GUARDED,                                                                       \
		"SELECT seq,at,kind,credential,terminal,verification,detail,prev,hash FROM audit"  \
		" WHERE seq>? AND kind<>'started' AND kind<>'accepted'" /* sooner than the list */ \
		" AND kind IN ('counted','pin-counted','void','frozen','unfrozen',"                \
		"'renewed','pin-locked','pin-unlocked','terminal-enrolled','terminal-revoked',"    \
		"'terminal-stopped','terminal-started','issuer-rotated') ORDER BY seq LIMIT 1")    \
	X(SQL_NUMBER_FORGET, "DELETE FROM number_used WHERE credential=?1 AND generation<?2")

#endif
