#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Operators and customer service as an administrator and a service screen use them: by command and
# over HTTP.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

# refused STATUS PATTERN WORDS ARGUMENTS...: exit status and one line on standard error
refused() {
	want=$1 pattern=$2 words=$3
	shift 3
	admin "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	is "$? $(wc -c <"$tmp/out") $(wc -l <"$tmp/err")" "$want 0 1" "$words: status $want and one line"
	like "$(cat "$tmp/err")" "countersignd: $pattern" "$words: says why"
}

backend_make
phrase=$(secret_file phrase "correct horse battery")

# ---- operators ----
is "$(admin operator add Ann --role operator --passphrase-file "$phrase" | member role)" teller "an operator"
is "$(echo "another good one" | admin operator add Root --role admin --passphrase-stdin | member role)" administrator "an administrator"
refused 1 "*already*" "a name twice" operator add Ann --role operator --passphrase-file "$phrase"
refused 3 "*--role*" "no role" operator add Eve --passphrase-file "$phrase"
refused 3 "*--role*" "a role that is none" operator add Eve --role king --passphrase-file "$phrase"
refused 1 "*at least 12 characters*" "a short passphrase" operator add Eve --role operator --passphrase-file "$(secret_file short elevenchars)"
chmod 644 "$tmp/short"
refused 3 "*$tmp/short*" "a passphrase that others may read" operator add Eve --role operator --passphrase-file "$tmp/short"
refused 1 "*no operator has this name*" "a passphrase for nobody" operator passphrase Eve --passphrase-file "$phrase"
refused 1 "*no operator has this name*" "to act as nobody" credential freeze "$credential_id" --operator Eve
refused 3 "*--operator NAME is missing*" "to act as nothing" credential freeze "$credential_id" --operator
refused 3 "*given twice*" "to act as two" credential freeze "$credential_id" --operator Ann --operator=Root

# typed at a terminal, twice, and never shown
typed() { # LINE LINE ARGUMENTS...
	one=$1 two=$2
	shift 2
	{ sleep 1 && printf '%s\n' "$one" && sleep 1 && printf '%s\n' "$two"; } |
		script -qec "$bin/countersignd --dir $dir $*" /dev/null >"$tmp/typed" 2>&1
}
typed "typed by hand 1" "typed by hand 1" operator add Eve --role operator
like "$(cat "$tmp/typed")" '*passphrase: *passphrase once more: *"name":"Eve"*' "a passphrase is asked for twice"
grep -q "typed by hand" "$tmp/typed"
is $? 1 "and not shown"
typed "typed by hand 1" "typed by hand 2" operator passphrase Eve
like "$(cat "$tmp/typed")" "*that was not the same passphrase*" "two that differ are refused"

# ---- questions ----
answer() { secret_file answer "$1"; }
is "$(admin holder questions "$holder_id" --set document --answer-file "$(answer "AB-12 34")" | grep -c "AB")" 0 "an answer is never told"
admin holder questions "$holder_id" --set other --words "First pet" --answer-file "$(answer Rex)" --operator Root >"$tmp/out"
like "$(cat "$tmp/out")" '*"question":2,"kind":"other","words":"First pet"*' "a question of one's own"
refused 3 "*--set is missing*" "an answer to nothing" holder questions "$holder_id" --words x
refused 3 "*document, phone, birth or other*" "a kind that is none" holder questions "$holder_id" --set pet --answer-file "$tmp/answer"
refused 1 "*no letter and no digit*" "an answer that is none" holder questions "$holder_id" --set phone --answer-file "$(answer "---")"
refused 1 "*no such holder*" "a holder that is not there" holder questions 00000000000000000000000000000000

# ---- a call by command ----
admin service call open --operator Ann --phone "+44 1" >"$tmp/call"
call=$(member call <"$tmp/call")
refused 1 "*no such call*" "another operator's call" service call show "$call" --operator Root
refused 3 "*--operator NAME is missing*" "a call of nobody" service call open --phone 1
refused 3 "*one of*" "a call of two" service call open --operator Ann --phone 1 --account 2
got=$(admin service call answer "$call" --operator Ann --question 1 --answer-file "$(answer "ab1234")")
is "$(echo "$got" | member state) $(echo "$got" | member may_freeze) $(echo "$got" | member may_act)" "open true false" "one right answer"
got=$(admin service call answer "$call" --operator Ann --question 2 --answer-file "$(answer " rex ")")
is "$(echo "$got" | member state) $(echo "$got" | member may_act)" "identified true" "two right answers"
is "$(admin service call end "$call" --operator Ann | member state)" ended "the call ends"

# ---- the same over HTTP ----
server_start
wallet_activate
session() { http POST /v1/sessions "" "{\"name\":\"$1\",\"passphrase\":\"$2\"}"; }
session Ann "wrong passphrase"
is "$status $(word)" "403 wrong-passphrase" "a wrong passphrase"
ann_words=$body
session Nobody "wrong passphrase"
is "$status $body" "403 $ann_words" "a name that nobody has gets the same answer"
session Ann "correct horse battery"
is "$status $(get role)" "201 teller" "an operator signs in"
ann=$(get token)
session Root "another good one"
root=$(get token)
http POST "/v1/credentials/$credential_id/freeze" "$ann" "{}"
is "$status $(word)" "403 call-needed" "an operator needs a call"
http POST /v1/service/calls "$ann" '{"account":"12345"}'
is "$status $(get state)" "201 open" "a call by account number"
call=$(get id)
start "$token_a"
is "$status" 201 "a verification begins meanwhile"
http POST "/v1/service/calls/$call/answers" "$ann" '{"question":1,"answer":"AB 1234"}'
http POST "/v1/credentials/$credential_id/freeze" "$ann" "{\"call\":\"$call\"}"
is "$status $(get status)" "200 frozen" "frozen after one right answer"
state "$token_a"
is "$(get state) $(get reason)" "rejected frozen" "which ends what was running"
http POST "/v1/credentials/$credential_id/unfreeze" "$ann" "{\"call\":\"$call\"}"
is "$status $(word)" "403 not-identified" "unfreezing needs more"
http POST "/v1/service/calls/$call/answers" "$ann" '{"question":2,"answer":"Max"}'
is "$status $(get attempts_left)" "200 2" "a wrong answer"
http POST "/v1/service/calls/$call/answers" "$ann" '{"question":2,"answer":"ＲＥＸ"}'
is "$status $(get state)" "200 identified" "a right one, in full-width letters"
http GET "/v1/service/calls/$call/credentials" "$ann"
is "$status $(get holder)" "200 Ada Lovelace" "the holder's credentials"
http POST "/v1/credentials/$credential_id/unfreeze" "$ann" "{\"call\":\"$call\"}"
is "$status $(get status)" "200 active" "unfrozen"
http POST "/v1/credentials/$credential_id/renewal" "$ann" "{\"call\":\"$call\"}"
is "$status $(get generation) $(get token)" "201 2 " "renewed, and the operator does not see the token"
http GET "/v1/credentials/$credential_id" "$root"
is "$status $(get generation)" "200 2" "an administrator looks without a call"
http GET "/v1/credentials/$credential_id" "$ann"
is "$status $(word)" "403 forbidden" "an operator does not"
http POST "/v1/credentials/$credential_id/void" "$root" "{}"
is "$status $(get status)" "200 void" "an administrator acts without a call"
http GET /v1/issuer "$token_a"
is "$(printf %.16s "$credential_id")" "$(get list.void)" "the list tells it"
admin operator stop Ann >"$tmp/out"
http GET /v1/issuer "$ann"
is "$status" 401 "a stopped operator's session is over at once"
session Ann "correct horse battery"
is "$status $body" "403 $ann_words" "nor does the passphrase help"
admin operator list >"$tmp/out"
like "$(cat "$tmp/out")" '*"name":"Ann","role":"teller","stopped":true,*"name":"Root","role":"administrator","stopped":false,*' "operators are listed"
is "$(admin operator allow Ann --operator Root | member stopped)" false "allowed again"
session Ann "correct horse battery"
is "$status" 201 "signs in again"
http DELETE /v1/sessions "$root"
http GET /v1/issuer "$root"
is "$status" 401 "so is one that was ended"

# ---- what is left of it ----
is "$(admin audit verify | member good)" true "the audit chain is whole"
sqlite3 "$dir/countersign.db" "SELECT count(*) FROM audit WHERE kind IN ('frozen','unfrozen','renewed','void') AND detail NOT LIKE '%\"operator\":\"________________________________\"%'" >"$tmp/out"
is "$(cat "$tmp/out")" 0 "every act has its operator"
sqlite3 "$dir/countersign.db" .dump >"$tmp/dump"
grep -Eqi "correct horse|another good|typed by hand|AB.?12.?34" "$tmp/dump"
is $? 1 "no passphrase and no answer is in the database"
sqlite3 "$dir/countersign.db" "SELECT group_concat(detail) FROM audit" | grep -Eq 'Ann|Root|Ada|\+44'
is $? 1 "and no name and no telephone number in the audit"
done_testing
