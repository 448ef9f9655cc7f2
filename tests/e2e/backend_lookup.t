#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verification show and list: what became of a verification whose answer never reached the counter.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

backend_make
server_start
wallet_activate
show() {
	admin verification show "$1" >"$tmp/shown" 2>"$tmp/err"
	shown=$?
}
told() { member "$1" <"$tmp/shown"; }
# The members of "verifications", one word for each: NAME
each() {
	perl -MJSON::PP -e 'local $/; print join " ", map { $_->{$ARGV[0]} } @{ decode_json(<STDIN>)->{verifications} }' "$1"
}

# ---- open ----
is "$(admin verification list)" '{"verifications":[],"more":false}' "at first there is none"
start "$token_a" ',"amount":1280,"currency":"EUR","reference":"R-1","operator":"Grace"'
first=$id
show "$first"
is "$shown $(told id) $(told state) $(told open)" "0 $first challenged true" "an open one is shown"
is "$(told credential) $(told terminal) $(told amount) $(told currency) $(told reference) $(told operator)" \
	"$credential_id till-a 1280 EUR R-1 Grace" "with what it is about"
is "$(told decided_at)$(told receipt)$(told reason)" "" "and nothing of a decision"
grep -q "$number" "$tmp/shown"
is $? 1 "its number is not shown"
is "$(admin verification list --open | each id)" "$first" "and it is listed as open"

# ---- decided ----
respond "$token_a" "$(second_code "$number")"
pin "$token_a" 1111 1
pin "$token_a" 2468 2
show "$(echo "$first" | tr a-f A-F)"
is "$(told state) $(told open) $(told pin_tries) $(told receipt)" "authorised false 2 $(get receipt)" \
	"an authorised one has its receipt, and the id may be in capitals"
[ "$(told decided_at)" -ge "$(told started_at)" ]
ok $? "and the time of the decision"
credential_new "$tmp/wallet2" && wallet_activate
start "$token_b"
second=$id
respond "$token_b" "$(second_code "$(wrong_number "$number")")"
show "$second"
is "$(told state) $(told reason) $(told terminal) $(told amount)" "rejected wrong-answer till-b " "a refused one has the reason"
credential_new "$tmp/wallet3" && wallet_activate
start "$token_b"
third=$id
http DELETE "/v1/verifications/$id" "$token_b"
show "$third"
is "$(told state) $(told reason)" "cancelled cancelled" "a cancelled one"

# ---- lists ----
is "$(admin verification list | each id)" "$third $second $first" "the newest comes first"
is "$(admin verification list --last 2 | each id)" "$third $second" "as many as asked for"
is "$(admin verification list --last 2 | member more)" true "and there are more"
is "$(admin verification list --last 3 | member more)" false "or not"
is "$(admin verification list --open | each id)" "" "none is open"
sqlite3 "$dir/countersign.db" "UPDATE verification SET created_at = created_at - 86400 WHERE state IN (2, 3)"
is "$(admin verification list --today | each id)" "$third" "of today"

# ---- what is over but not swept, while no server runs ----
credential_new "$tmp/wallet4" && wallet_activate
start "$token_a"
server_stop
sqlite3 "$dir/countersign.db" "UPDATE verification SET deadline = created_at - 1 WHERE deadline IS NOT NULL"
show "$id"
is "$(told state) $(told reason) $(told open)" "expired number-expired false" "one that is over is told as expired"
is "$(admin verification list --open | each id)" "" "and not listed as open"

# ---- refusals ----
refused() { # STATUS PATTERN WORDS ARGUMENTS...
	want=$1 pattern=$2 words=$3
	shift 3
	admin verification "$@" >"$tmp/out" 2>"$tmp/err"
	is "$? $(wc -c <"$tmp/out")" "$want 0" "$words"
	like "$(cat "$tmp/err")" "*$pattern*" "$words: says why"
}
refused 1 "no such verification" "one that is not there" show 00000000000000000000000000000000
refused 3 "32 hexadecimal digits" "an id that is none" show 12
refused 3 "ID is missing" "no id" show
refused 3 "1 to 1000" "no verification at all" list --last 0
refused 3 "1 to 1000" "too many" list --last 1001
refused 3 "unexpected argument" "a word too many" list all

# ---- a thousand, as long as they get ----
sqlite3 "$dir/countersign.db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)
	INSERT INTO verification(place, id, credential, generation, terminal, state, reason, created_at,
		expires_at, deadline, number, digits, amount, currency, min_binding, timed, pin, slot, challenge,
		request, answer, pin_tries, receipt, reference, operator, account, level, decided_at)
	SELECT (SELECT max(place) FROM verification) + i, randomblob(16), credential, generation, terminal, state, reason, created_at,
		expires_at, NULL, number, digits, 9223372036854775807, 'EUR', min_binding, timed, pin, slot, challenge,
		request, answer, pin_tries, printf('20261121-%020d', i), printf('%.24c', '\"'), printf('%.63c', '\"'),
		account, level,
		created_at FROM verification, n WHERE id = x'$first'"
admin verification list >"$tmp/shown"
is "$? $(each state <"$tmp/shown" | wc -w) $(told more)" "0 1000 true" "at most a thousand"
done_testing
