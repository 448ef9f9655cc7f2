/* SPDX-License-Identifier: Apache-2.0
 *
 * The schema and the table of statements. A migration that was released is never changed: what
 * comes later is a new one, numbered, at the end of store_migrations[]. Of migration 2, each area
 * has its piece in its own store_sql_<area>.h.
 *
 * SQL is written in SQLite's words, in what PostgreSQL can be told mechanically (see
 * store_postgres_sql.c): ON CONFLICT and no INSERT OR; no rowid, no PRAGMA; x'' for no bytes;
 * INTEGER, TEXT and BLOB only.
 *
 * Identifiers are 16 random bytes, times Unix seconds, tokens only ever SHA-256 digests, secrets
 * sealed by the keyring. Tables whose rows stay small are WITHOUT ROWID: one tree instead of two.
 */
#include "backend/store_sql.h"

#include <stddef.h>

#include "backend/store.h"

const char *const store_sql_text[STORE_SQL_COUNT] = {
#define STORE_SQL_TEXT(name, text) [name] = (text),
	STORE_SQL_LIST(STORE_SQL_TEXT)
#undef STORE_SQL_TEXT
};

const char *const store_sql_names[STORE_SQL_COUNT] = {
#define STORE_SQL_NAME(name, text) [name] = #name,
	STORE_SQL_LIST(STORE_SQL_NAME)
#undef STORE_SQL_NAME
};

/* Unfinished verifications (neither accepted nor authorised) are what the budgets count, so they
 * have indexes of their own; an accepted one leaves them.
 */
static const char core_1[] =
	"CREATE TABLE setting("
	" name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE issuer_key("
	" key_id BLOB PRIMARY KEY NOT NULL, public_key BLOB NOT NULL, seed BLOB NOT NULL,"
	" not_before INTEGER NOT NULL, not_after INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE holder("
	" id BLOB PRIMARY KEY NOT NULL CHECK(length(id)=16), name TEXT NOT NULL,"
	" phone TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE account("
	" id BLOB PRIMARY KEY NOT NULL CHECK(length(id)=16),"
	" holder BLOB NOT NULL REFERENCES holder(id), number TEXT NOT NULL UNIQUE,"
	" pin_hash TEXT NOT NULL, pin_failures INTEGER NOT NULL, pin_locked INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE credential("
	" id BLOB PRIMARY KEY NOT NULL CHECK(length(id)=16),"
	" holder BLOB NOT NULL REFERENCES holder(id),"
	" account BLOB NOT NULL REFERENCES account(id), generation INTEGER NOT NULL,"
	" void INTEGER NOT NULL, live INTEGER NOT NULL, digits INTEGER NOT NULL,"
	" pin INTEGER NOT NULL, purpose TEXT NOT NULL, face_value TEXT NOT NULL,"
	" registration BLOB NOT NULL, frozen_until INTEGER NOT NULL, failures INTEGER NOT NULL,"
	" freezes INTEGER NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE credential_key("
	" credential BLOB NOT NULL REFERENCES credential(id), generation INTEGER NOT NULL,"
	" not_after INTEGER NOT NULL, static_body BLOB NOT NULL, secret BLOB NOT NULL,"
	" PRIMARY KEY(credential,generation)) WITHOUT ROWID;"
	"CREATE TABLE activation("
	" token BLOB PRIMARY KEY NOT NULL, credential BLOB NOT NULL REFERENCES credential(id),"
	" generation INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER)"
	" WITHOUT ROWID;"
	"CREATE INDEX activation_credential ON activation(credential);"
	"CREATE TABLE wallet("
	" token BLOB PRIMARY KEY NOT NULL, credential BLOB NOT NULL REFERENCES credential(id),"
	" created_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX wallet_credential ON wallet(credential);"
	"CREATE TABLE terminal("
	" id BLOB PRIMARY KEY NOT NULL CHECK(length(id)=16), name TEXT NOT NULL UNIQUE,"
	" merchant TEXT NOT NULL, token BLOB NOT NULL UNIQUE, stopped INTEGER NOT NULL,"
	" wrong_row INTEGER NOT NULL, static_day INTEGER NOT NULL, static_wrong INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE tag_use("
	" credential BLOB NOT NULL, slot BLOB NOT NULL, terminal BLOB NOT NULL,"
	" starts INTEGER NOT NULL, failures INTEGER NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(credential,slot)) WITHOUT ROWID;"
	"CREATE INDEX tag_use_at ON tag_use(at);"
	"CREATE TABLE number_used("
	" credential BLOB NOT NULL, generation INTEGER NOT NULL, number INTEGER NOT NULL,"
	" PRIMARY KEY(credential,generation,number)) WITHOUT ROWID;"
	"CREATE TABLE verification("
	" id BLOB NOT NULL UNIQUE CHECK(length(id)=16), credential BLOB NOT NULL,"
	" generation INTEGER NOT NULL, terminal BLOB NOT NULL,"
	" state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 5), reason TEXT NOT NULL,"
	" created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, deadline INTEGER,"
	" number INTEGER NOT NULL, digits INTEGER NOT NULL, amount INTEGER NOT NULL,"
	" currency TEXT NOT NULL, min_binding INTEGER NOT NULL, timed INTEGER NOT NULL,"
	" pin INTEGER NOT NULL, slot BLOB NOT NULL,"
	" challenge BLOB NOT NULL, request BLOB NOT NULL, answer BLOB, pin_tries INTEGER NOT NULL,"
	" receipt TEXT UNIQUE, reference TEXT NOT NULL, operator TEXT NOT NULL,"
	" decided_at INTEGER);"
	"CREATE INDEX verification_deadline ON verification(deadline)"
	" WHERE deadline IS NOT NULL;"
	"CREATE INDEX verification_credential ON verification(credential,created_at)"
	" WHERE state<>1 AND state<>2;"
	"CREATE INDEX verification_terminal ON verification(terminal,created_at)"
	" WHERE state<>1 AND state<>2;"
	"CREATE TABLE audit("
	" seq INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,"
	" credential BLOB NOT NULL, terminal BLOB NOT NULL, verification BLOB NOT NULL,"
	" detail TEXT NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL);";

/* Places of verifications are a column of their own (an order that both databases know); what was
 * there is put in the order it was made in.
 */
static const char core_2[] =
	"CREATE TABLE verification_2("
	" place INTEGER PRIMARY KEY NOT NULL,"
	" id BLOB NOT NULL UNIQUE CHECK(length(id)=16), credential BLOB NOT NULL,"
	" generation INTEGER NOT NULL, terminal BLOB NOT NULL,"
	" state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 5), reason TEXT NOT NULL,"
	" created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, deadline INTEGER,"
	" number INTEGER NOT NULL, digits INTEGER NOT NULL, amount INTEGER NOT NULL,"
	" currency TEXT NOT NULL, min_binding INTEGER NOT NULL, timed INTEGER NOT NULL,"
	" pin INTEGER NOT NULL, slot BLOB NOT NULL,"
	" challenge BLOB NOT NULL, request BLOB NOT NULL, answer BLOB, pin_tries INTEGER NOT NULL,"
	" receipt TEXT UNIQUE, reference TEXT NOT NULL, operator TEXT NOT NULL,"
	" decided_at INTEGER);"
	"INSERT INTO verification_2 SELECT row_number() OVER (ORDER BY created_at,id),"
	" id,credential,generation,terminal,state,reason,created_at,expires_at,deadline,number,"
	" digits,amount,currency,min_binding,timed,pin,slot,challenge,request,answer,pin_tries,"
	" receipt,reference,operator,decided_at FROM verification;"
	"DROP TABLE verification;"
	"ALTER TABLE verification_2 RENAME TO verification;"
	"CREATE INDEX verification_deadline ON verification(deadline)"
	" WHERE deadline IS NOT NULL;"
	"CREATE INDEX verification_credential ON verification(credential,created_at)"
	" WHERE state<>1 AND state<>2;"
	"CREATE INDEX verification_terminal ON verification(terminal,created_at)"
	" WHERE state<>1 AND state<>2;";

/* Receipts are made of the numbers of the audit, of which none is there twice: no tree of their
 * own, to which a verification came three times (as nothing, out again, and with its receipt).
 */
static const char core_3[] =
	"CREATE TABLE verification_3("
	" place INTEGER PRIMARY KEY NOT NULL,"
	" id BLOB NOT NULL UNIQUE CHECK(length(id)=16), credential BLOB NOT NULL,"
	" generation INTEGER NOT NULL, terminal BLOB NOT NULL,"
	" state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 5), reason TEXT NOT NULL,"
	" created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, deadline INTEGER,"
	" number INTEGER NOT NULL, digits INTEGER NOT NULL, amount INTEGER NOT NULL,"
	" currency TEXT NOT NULL, min_binding INTEGER NOT NULL, timed INTEGER NOT NULL,"
	" pin INTEGER NOT NULL, slot BLOB NOT NULL,"
	" challenge BLOB NOT NULL, request BLOB NOT NULL, answer BLOB, pin_tries INTEGER NOT NULL,"
	" receipt TEXT, reference TEXT NOT NULL, operator TEXT NOT NULL,"
	" decided_at INTEGER, account BLOB NOT NULL, level INTEGER NOT NULL);"
	"INSERT INTO verification_3 SELECT place,id,credential,generation,terminal,state,reason,"
	" created_at,expires_at,deadline,number,digits,amount,currency,min_binding,timed,pin,slot,"
	" challenge,request,answer,pin_tries,receipt,reference,operator,decided_at,account,level"
	" FROM verification ORDER BY place;"
	"DROP TABLE verification;"
	"ALTER TABLE verification_3 RENAME TO verification;"
	"CREATE INDEX verification_deadline ON verification(deadline)"
	" WHERE deadline IS NOT NULL;"
	"CREATE INDEX verification_credential ON verification(credential,created_at)"
	" WHERE state<>1 AND state<>2;"
	"CREATE INDEX verification_terminal ON verification(terminal,created_at)"
	" WHERE state<>1 AND state<>2;"
	"CREATE INDEX verification_day ON verification(account,level,created_at,amount)"
	" WHERE state<>0 AND state<>3 AND state<>4 AND state<>5 AND amount<>0;";

/* What the wallet that took an activation said when it did: whoever says it again gets it again. */
static const char core_5[] =
	"ALTER TABLE activation ADD COLUMN claim BLOB NOT NULL DEFAULT x'';";

static const char *const to_1[] = {core_1, NULL};
static const char *const to_2[] = {core_2, STORE_SCHEMA_2_ENROL, STORE_SCHEMA_2_EVENT,
	STORE_SCHEMA_2_KEYS, STORE_SCHEMA_2_MESSAGE, STORE_SCHEMA_2_PEOPLE, NULL};

static const char *const to_3[] = {core_3, NULL};

static const char *const to_4[] = {STORE_SCHEMA_4_PEOPLE, NULL};

static const char *const to_5[] = {core_5, NULL};

const char *const *const store_migrations[STORE_SCHEMA_VERSION] = {
	to_1, to_2, to_3, to_4, to_5};
