#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The backend on PostgreSQL: the suites of store and rules, several processes on one database, the
# server killed and started again, and the move of a file into it.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh
. tests/lib/postgres_kit.sh
postgres_start

# ---- the suites that run on every store ----
COUNTERSIGN_TEST_STORE=$postgres_url
export COUNTERSIGN_TEST_STORE
for name in postgres postgres_shared postgres_sets store_both offline rules_event rules_start rules_answer rules_pin rules_activation rules_wallet service sign_in call issuer rotate amount limits dump retire enrol ends worker server; do
	"$bin/test_backend_$name" >"$tmp/suite" 2>&1
	suite=$?
	is "$suite" 0 "test_backend_$name on PostgreSQL"
	[ "$suite" = 0 ] || sed 's/^/# /' "$tmp/suite"
done
sanitized=build/clang-address-undefined/test_backend_postgres
if [ -x "$sanitized" ]; then
	"$sanitized" >"$tmp/suite" 2>&1
	is "$?" 0 "test_backend_postgres with sanitizers"
fi
unset COUNTERSIGN_TEST_STORE

# ---- a backend on a database of its own ----
store=$(postgres_database one)
init_more="--store $store"
backend_make
is "$(ls "$dir"/countersign.db* 2>/dev/null)" "" "there is no file of SQLite"
server_start
wallet_activate
start "$token_a"
respond "$token_a" "$(second_code "$number")"
pin "$token_a" 2468 1
is "$status $(get state)" "200 authorised" "a verification goes from the first code to the PIN"
is "$(admin audit verify | member good)" true "the audit chain is whole"

# init again, elsewhere: the database is in use
mv "$dir" "$dir.one" && dir=$tmp/again
admin init --name Other --host QR.EXAMPLE.COM --store "$store" >"$tmp/out" 2>"$tmp/err"
is "$?" 3 "a second backend in the same database is refused"
like "$(cat "$tmp/err")" "*a backend in it already*" "with words"
is "$(ls "$tmp/again" 2>/dev/null)" "" "and nothing is left of it"
dir=$tmp/backend && mv "$dir.one" "$dir"

# ---- a second process on the same database, with a directory of its own ----
cp -a "$dir" "$tmp/two"
"$bin/countersignd" --dir "$tmp/two" serve $server_speaks --port 0 --port-file "$tmp/port2" \
	>"$tmp/server2.out" 2>"$tmp/server2.err" &
second_pid=$!
wait_until 20 test -s "$tmp/port2"
first_url=$url
second_url=http://127.0.0.1:$(cat "$tmp/port2")
credential_new "$tmp/wallet2" --no-pin
wallet_activate
start "$token_a"
url=$second_url
respond "$token_a" "$(second_code "$number")"
is "$status $(get state)" "200 accepted" "a verification started on one is answered on the other"
url=$first_url
state "$token_a"
is "$(get state)" accepted "and the first knows it"

# what one process (here: a command) does is told to whoever listens at another
curl -s -N -m 60 -H "Authorization: Bearer $token_a" -H 'Accept: text/event-stream' \
	"$second_url/v1/events" >"$tmp/stream" 2>/dev/null &
stream_pid=$!
wait_until 20 test -s "$tmp/stream"
start "$token_a"
admin credential freeze "$credential_id" >/dev/null
heard() { grep -q "$id" "$tmp/stream"; }
wait_until 20 heard
ok "$?" "an event of one process reaches a terminal at another"
kill "$stream_pid" 2>/dev/null

# ---- a new master key: nobody is left without it ----
credential_new "$tmp/wallet-key" --no-pin
wallet_activate
admin key rotate master >"$tmp/out" 2>"$tmp/err"
like "$? $(cat "$tmp/err")" "3 *needs the new key before it is used*" "a master key that the others do not have is not made"
secret_file master.next "$(openssl rand -hex 32)" >"$tmp/out"
for of in "$dir" "$tmp/two"; do
	cp -p "$(cat "$tmp/out")" "$of/master.next"
done
is "$(admin key rotate master | member waits)" false "one that is in each directory is taken"
url=$second_url
start "$token_a"
is "$status" 201 "and the other process goes on"
url=$first_url
is "$("$bin/countersignd" --dir "$tmp/two" key rotate master | member waits)" false "which takes it for good, too"
is "$(cmp "$dir/master.key" "$tmp/two/master.key" 2>&1; ls "$dir/master.next" "$tmp/two/master.next" 2>/dev/null)" "" \
	"then both have it, and nothing else"

# ---- freezing: at one process, and at once true at the other ----
frozen_at() { # URL WORDS
	url=$1
	start "$token_a"
	is "$status $(word)" "403 frozen" "$2"
	url=$first_url
}
admin operator add Ann --role operator --passphrase-file "$(secret_file phrase "correct horse battery")" >/dev/null
admin holder questions "$holder_id" --set document --answer-file "$(secret_file answer AB1234)" >/dev/null
credential_new "$tmp/wallet-call" --no-pin
wallet_activate
start "$token_a"
url=$second_url
http POST /v1/sessions "" '{"name":"Ann","passphrase":"correct horse battery"}'
ann=$(get token)
http POST /v1/service/calls "$ann" '{"account":"12345"}'
call=$(get id)
http POST "/v1/service/calls/$call/answers" "$ann" '{"question":1,"answer":"AB 1234"}'
http POST "/v1/credentials/$credential_id/freeze" "$ann" "{\"call\":\"$call\"}"
is "$status $(get status)" "200 frozen" "customer service freezes at one process"
url=$first_url
state "$token_a"
is "$(get state) $(get reason)" "rejected frozen" "which ends what runs at the other"
frozen_at "$first_url" "and nothing new is started there"
frozen_at "$second_url" "nor here"
# wrong answers at both count together: five freeze
credential_new "$tmp/wallet-wrong" --no-pin
wallet_activate
for away in -30 -30 0 0 30; do # two of each live code
	at() { echo $(($(date +%s) + away)); }
	start "$token_a"
	case $url in "$first_url") url=$second_url ;; *) url=$first_url ;; esac
	respond "$token_a" "$(second_code "$(wrong_number "$number")")"
	echo "$status $(get state) $(get reason)"
done >"$tmp/wrong"
is "$(sort "$tmp/wrong" | uniq -c | sed 's/^ *//')" "5 200 rejected wrong-answer" "wrong answers, started here and answered there"
at() { date +%s; }
frozen_at "$first_url" "after five the credential is frozen at one process"
frozen_at "$second_url" "and at the other"

# ---- the server of the database is killed ----
credential_new "$tmp/wallet3" --no-pin
wallet_activate
start "$token_a"
code=$(second_code "$number")
postgres kill
respond "$token_a" "$code"
is "$status $(word)" "503 store-failed" "without its database the backend says so"
kill -0 "$server_pid" 2>/dev/null
ok "$?" "and goes on"
postgres start
again() {
	respond "$token_a" "$code"
	[ "$status" = 200 ]
}
wait_until 20 again
is "$status $(get state)" "200 accepted" "when the server is back, the same answer is accepted"
url=$second_url
wait_until 20 state "$token_a" && state "$token_a"
is "$status $(get state)" "200 accepted" "the other process is back, too"
url=$first_url
kill "$second_pid" && wait "$second_pid"
is "$?" 0 "the second process stops cleanly"
server_stop
is "$server_status" 0 "and so does the first"
is "$(admin audit verify | member good)" true "the audit chain is whole"
like "$(cat "$tmp/server.err")" "*cannot begin a transaction*works again*" \
	"the log says when it began and when it ended"

# ---- an older database put in its place ----
"$(pg_program pg_dump)" -Fc -f "$tmp/old.dump" "$store" 2>/dev/null
credential_new "$tmp/wallet4" --no-pin
"$(pg_program pg_restore)" --clean -d "$store" "$tmp/old.dump" 2>/dev/null
admin audit verify >"$tmp/out" 2>"$tmp/err"
is "$?" 1 "an older database is refused"
like "$(cat "$tmp/err")" "*older than its audit checkpoint*" "with words"
"$bin/countersignd" restore "$dir" >/dev/null 2>"$tmp/err"
is "$?" 0 "restore accepts it"
is "$(admin audit verify | member good)" true "and then it is good"

# ---- settings that lose what was decided ----
for setting in fsync=off full_page_writes=off synchronous_commit=off; do
	name=${setting%=*}
	case $name in
	synchronous_commit) postgres_sql "$store" "ALTER DATABASE one SET $name=off" ;;
	*)
		postgres_sql "$store" "ALTER SYSTEM SET $name=off" >/dev/null
		postgres_sql "$store" "SELECT pg_reload_conf()" >/dev/null
		;;
	esac
	refused() {
		admin audit verify >"$tmp/out" 2>"$tmp/err"
		grep -q "$name is off and must be on" "$tmp/err"
	}
	wait_until 10 refused
	ok "$?" "$setting is refused, by name"
	postgres_sql "$store" "ALTER SYSTEM RESET $name" >/dev/null
	postgres_sql "$store" "ALTER DATABASE one RESET $name" >/dev/null
	postgres_sql "$store" "SELECT pg_reload_conf()" >/dev/null
done
wait_until 10 admin audit verify >/dev/null 2>&1
ok "$?" "and accepted again when it is on"

# ---- URLs ----
says() { # WORDS URL
	dir=$tmp/no
	admin init --name Other --host QR.EXAMPLE.COM --store "$2" >"$tmp/out" 2>"$tmp/err"
	is "$?" 3 "refused: $1"
	like "$(cat "$tmp/err")" "*$1*" "with words"
	case $(cat "$tmp/err") in *hunter2*) ok 1 "no password is shown" ;; esac
	dir=$tmp/backend
}
says "holds a password" "postgresql://me:hunter2@localhost/x"
says "holds a password" "postgresql:///x?password=hunter2"
says "malformed" "postgresql://me:hunter2@[::1/x"
says "must be postgresql" "mysql://localhost/x"
says "cannot connect" "postgresql:///x?host=$tmp"

# ---- a newer schema ----
postgres_sql "$store" "UPDATE store_schema SET version=version+1"
admin audit verify >"$tmp/out" 2>"$tmp/err"
like "$?$(cat "$tmp/err")" "3*made by a newer program*" "a newer schema is refused, with words"
postgres_sql "$store" "UPDATE store_schema SET version=version-1"

# ---- an older schema: two programs come at once, one of them brings it forward ----
phrase=$(secret_file phrase "correct horse battery")
for who in Nora:teller Root:admin; do
	admin operator add "${who%:*}" --role "${who#*:}" --passphrase-file "$phrase" >"$tmp/out"
	is "$?" 0 "a ${who#*:}"
done
postgres_sql "$store" "ALTER TABLE staff DROP COLUMN duty"
postgres_sql "$store" "ALTER TABLE activation DROP COLUMN claim"
postgres_sql "$store" "UPDATE store_schema SET version=3"
admin operator list >"$tmp/older1" 2>"$tmp/older1.err" &
other=$!
admin operator list >"$tmp/older2" 2>"$tmp/older2.err"
is "$?" 0 "a database of schema 3 is worked on"
wait "$other"
is "$?" 0 "by both"
for n in older1 older2; do
	like "$(cat "$tmp/$n")" '*"Nora","role":"teller"*"Root","role":"administrator"*' "who was an operator is a teller"
done
is "$(cat "$tmp/older1.err" "$tmp/older2.err" | grep -c 'brought from schema')" "$(cat "$tmp/older1.err" "$tmp/older2.err" | grep -c 'brought from schema 3 to ')" \
	"nobody says that it was brought from its own schema"
is "$(postgres_sql "$store" "SELECT version>3 FROM store_schema")" t "and it is of today's"
admin operator role Nora --role supervisor >"$tmp/out" 2>"$tmp/err"
is "$?:$(member role <"$tmp/out")" 0:supervisor "where there are supervisors"
is "$(admin audit verify | member good)" true "the audit chain is whole"

# ---- the move of a file ----
dir=$tmp/file
init_more=
rm -f "$tmp"/till-?.conf "$tmp"/wallet*
backend_make
server_start
wallet_activate
start "$token_a"
code=$(second_code "$number")
target=$(postgres_database moved)
admin store copy "$dir/countersign.db" "$target" >"$tmp/out" 2>"$tmp/err"
is "$?" 1 "a copy while a server works on the file is refused"
like "$(cat "$tmp/err")" "*another program has it open*" "with words"
server_stop
admin store copy "$dir/countersign.db" "$store" >"$tmp/out" 2>"$tmp/err"
is "$?" 1 "a copy into a database in use is refused"
like "$(cat "$tmp/err")" "*a backend in it already*" "with words"
admin store copy "$target" "$dir/countersign.db" >"$tmp/out" 2>"$tmp/err"
is "$?" 3 "a copy the other way is refused"
# it is killed when half of it is copied: whoever makes the audit's table makes it wait there
postgres_sql "$target" "
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
 'BEGIN PERFORM pg_sleep(120); RETURN NEW; END';
CREATE FUNCTION made() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN
 IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity=''public.audit'')
 THEN CREATE TRIGGER wait BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION wait(); END IF;
 END';
CREATE EVENT TRIGGER made ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
 EXECUTE FUNCTION made()"
"$bin/countersignd" --dir "$dir" store copy "$dir/countersign.db" "$target" \
	>"$tmp/out" 2>"$tmp/copy.err" &
copy_pid=$!
wait_until 20 grep -q 'copied credential' "$tmp/copy.err"
"$bin/countersignd" --dir "$dir" terminal list >"$tmp/out" 2>"$tmp/err"
is "$?" 3 "nobody works on the file meanwhile"
like "$(cat "$tmp/err")" "*locked*" "with words"
kill -9 "$copy_pid"
wait "$copy_pid" 2>/dev/null
is "$(postgres_sql "$target" "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE query LIKE 'COPY%'")" 1 "a copy is killed half way"
postgres_sql "$target" "DROP EVENT TRIGGER made; DROP FUNCTION made(); DROP FUNCTION wait() CASCADE" \
	>/dev/null
is "$(postgres_sql "$target" "SELECT count(*) FROM setting")" 0 "and left nothing behind"
admin store copy "$dir/countersign.db" "$target" >"$tmp/out" 2>"$tmp/err"
is "$?" 0 "a file is copied"
is "$(member equal <"$tmp/out")" true "and compared"
like "$(cat "$tmp/err")" "*copied audit: * rows*compared audit: * rows*" "it says how far it is"
admin store copy "$dir/countersign.db" "$target" >"$tmp/out" 2>"$tmp/err"
is "$?" 1 "a second copy is refused"
rm "$dir"/countersign.db*
printf '\n[store]\nurl = %s\n' "$target" >>"$dir/countersignd.conf"
server_start
respond "$token_a" "$code"
is "$status $(get state)" "200 accepted" "what was started before the move is answered after it"
is "$(admin audit verify | member good)" true "the audit chain is whole"
done_testing
