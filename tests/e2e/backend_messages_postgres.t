#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Messages to holders by two processes on one PostgreSQL, each with a directory of its own: every one
# is sent, and none twice; also when a process dies in the middle of sending, or sleeps through it.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh
. tests/lib/postgres_kit.sh
. tests/lib/relay_kit.sh
postgres_start

has() { [ "$(gateway_got)" -ge "$1" ]; }
rows() { postgres_sql "$store" "$1"; }
waiting() { rows "SELECT count(*) FROM message WHERE state=0"; }
none_waits() { [ "$(waiting)" = 0 ]; }
one_waits() { [ "$(waiting)" = 1 ]; }
# Whoever took a message and does not come back has it for POST_LEASE_S; they go by.
lease_ends() { rows "UPDATE message SET due=due-600 WHERE state=0" >/dev/null; }
asked() { [ "$(seen "http $1")" -gt "$2" ]; }
one_is_being_sent() { # by the first; nobody answers it
	before=$(seen "http slow")
	mood slow
	credential_new "$tmp/wallet$1"
	wait_until 20 asked slow "${before:-0}"
}
second_start() {
	rm -f "$tmp/port2"
	"$bin/countersignd" --dir "$tmp/two" serve --plain --port 0 --port-file "$tmp/port2" \
		>"$tmp/second.out" 2>"$tmp/second.err" &
	second_pid=$!
	wait_until 20 test -s "$tmp/port2"
}
second_stop() {
	kill "$second_pid"
	wait "$second_pid"
}

store=$(postgres_database messages)
init_more="--store $store"
backend_make
rows "DELETE FROM message" >/dev/null
secret_file gateway.secret tokentoken >/dev/null
printf '\n[messenger]\nkind = http\nurl = %s\nsecret = %s\nretry_s = 1\ntimeout_s = 2\n' \
	"$gateway" "$tmp/gateway.secret" >>"$dir/countersignd.conf"
cp -a "$dir" "$tmp/two"

# ---- each looks while the other sends ----
mood late
server_start
second_start
for i in 1 2 3; do
	credential_new "$tmp/wallet$i"
	echo "$activation" >>"$tmp/links"
done
wait_until 30 has 3
wait_until 20 none_waits
is "$(gateway_ids | sort -u | wc -l) $(gateway_got)" "3 3" "three messages, each sent once"
is "$(while read -r link; do grep -q "#$link" "$relay"/http.[0-9]* || echo "$link"; done <"$tmp/links")" "" \
	"each link is in one of them"
second_stop
is $? 0 "the second process stops"

# ---- the one that sends dies ----
one_is_being_sent 4
server_stop KILL
mood good
second_start
credential_new "$tmp/wallet5"
wait_until 20 has 4
wait_until 20 one_waits
is "$(waiting) $(rows "SELECT tries FROM message WHERE state=0")" "1 1" "what a dead process was sending waits for its lease to end"
like "$(cat "$relay/http.4")" "*#$activation*" "what came later does not wait for it"
lease_ends
wait_until 20 has 5
wait_until 20 none_waits
is "$(gateway_ids | sort | uniq -d | wc -l) $(gateway_got)" "0 5" "then the other process sends it"
second_stop

# ---- the one that sends sleeps through its lease ----
server_start
one_is_being_sent 6
kill -STOP "$server_pid"
mood good
second_start
lease_ends
wait_until 20 has 6
wait_until 20 none_waits
kill -CONT "$server_pid"
wait_until 20 grep -q "tried again" "$tmp/server.err"
ok $? "who wakes up finds that its try came to nothing"
http GET /healthz
is "$status $(waiting) $(gateway_got)" "200 0 6" "and does not send again what the other one sent"
second_stop
server_stop
is "$server_status" 0 "the first process stops"
done_testing
