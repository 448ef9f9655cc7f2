#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill -9 in the middle of a request, again and again: a decision that was told stands, one that was
# not told is made once, and the audit chain is whole.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

rounds=${CRASH_ROUNDS:-12}
backend_make
server_start

# A request of which the answer may never come, and the server killed MS milliseconds after it left.
kill_during() { # MS PATH BODY
	curl -s -m 20 -H "Authorization: Bearer $token_a" -H 'Content-Type: application/json' \
		--data-binary "$3" "$url$2" >"$tmp/answer" 2>/dev/null &
	curl_pid=$!
	sleep "0.0$(printf %02d "$1")"
	kill -9 "$server_pid"
	wait "$server_pid" 2>/dev/null
	wait "$curl_pid"
	server_start
}

told=0
stood=0
open=0
once=0
good=0
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	credential_new "$tmp/wallet$round" --no-pin # one live code starts only so many
	wallet_activate
	start "$token_a"
	[ "$status" = 201 ] || break
	code=$(second_code "$number")
	kill_during $((round * 2 - 2)) "/v1/verifications/$id/response" "{\"code\":\"$code\"}"
	before=$(member state <"$tmp/answer")
	receipt=$(member receipt <"$tmp/answer")
	state "$token_a"
	if [ -n "$before" ]; then
		told=$((told + 1))
		[ "$before $receipt" = "$(get state) $(get receipt)" ] && stood=$((stood + 1))
	elif [ "$(get state)" = challenged ]; then
		open=$((open + 1))
	fi
	respond "$token_a" "$code"
	[ "$status $(get state)" = "200 accepted" ] && once=$((once + 1))
	[ "$(admin audit verify | member good)" = true ] && good=$((good + 1))
done
echo "# $told of $round answers arrived, $open had not been decided when the server died"
is "$round" "$rounds" "every round began"
is "$stood" "$told" "what was told stands"
is "$once" "$rounds" "the same code afterwards gets one decision: accepted"
is "$good" "$rounds" "the audit chain is whole after each crash"

# ---- the same for the PIN ----
credential_new "$tmp/wallet"
wallet_activate
start "$token_a"
respond "$token_a" "$(second_code "$number")"
is "$(get state)" accepted "accepted, a PIN is wanted"
kill_during 15 "/v1/verifications/$id/pin" '{"pin":"1111","try":1}'
pin "$token_a" 1111 1
is "$(get attempts_left) $(get pin_tries)" "2 1" "a PIN try repeated after a crash counts once"
pin "$token_a" 2468 2
is "$(get state)" authorised "and the right one authorises"

# ---- the database of a minute ago, put back after a crash ----
credential_new "$tmp/wallet" --no-pin
wallet_activate
start "$token_a"
sqlite3 "$dir/countersign.db" ".backup $tmp/older.db"
respond "$token_a" "$(second_code "$number")"
is "$(get state)" accepted "accepted, and told so"
kill -9 "$server_pid"
wait "$server_pid" 2>/dev/null
cp -a "$dir" "$tmp/newest"
rm -f "$dir/countersign.db-wal" "$dir/countersign.db-shm"
cp "$tmp/older.db" "$dir/countersign.db"
timeout 20 "$bin/countersignd" --dir "$dir" serve --port 0 >"$tmp/out" 2>"$tmp/err" </dev/null
is "$? $(wc -c <"$tmp/out")" "1 0" "an older database is not served, however new the newer one was"
like "$(cat "$tmp/err")" "*older*restore*" "and is told what it is"
rm -rf "$dir" && mv "$tmp/newest" "$dir"
server_start
state "$token_a"
is "$(get state)" accepted "the newest one is served again"

# ---- stopped in the middle of work, gently ----
server_stop TERM
is "$server_status" 0 "SIGTERM is a clean end"
server_start
state "$token_a"
is "$(get state)" accepted "and everything is there afterwards"
server_stop
done_testing
