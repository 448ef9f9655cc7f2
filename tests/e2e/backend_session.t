#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whole sessions on the real programs: countersignd, curl as the terminal, holder as the wallet.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

backend_make
is "$(member host <"$tmp/init")" QR.EXAMPLE.COM "init tells the host"
is "$(member key <"$tmp/init" | tr -d '\n' | wc -c)" 64 "init tells the public key"
is "$(stat -c %a "$dir/master.key" "$tmp/till-a.conf" | tr '\n' ' ')" "600 600 " "secrets are for their owner only"
server_start
like "$(cat "$tmp/server.out")" "listening on http://127.0.0.1:$port" "the server says where it listens"

wallet_activate
is $? 0 "the wallet is activated"
http POST /v1/activations "" "{\"token\":\"$activation\"}"
is "$status $(word)" "404 not-found" "an activation token works once"
rm "$wallet"

# ---- the token comes from a file or from standard input, never from the command line ----
wallet_by() { # FLAG VALUE
	"$bin/holder" activate --url "$url" "$@" --wallet "$tmp/wallet-by-file" \
		--passcode-file "$passcode_file" >"$tmp/activated" 2>"$tmp/activate.err" </dev/null
}
credential_new "$tmp/wallet-by-file"
wallet_by --token "$activation"
is "$? $(grep -c "$activation" "$tmp/activate.err")" "3 0" "a token on the command line is refused, unrepeated"
wallet_by
is $? 3 "no token at all too"
token_file=$(secret_file token "$activation")
wallet_by --token-file "$token_file" --token-stdin
is $? 3 "and two places for it"
chmod 644 "$token_file"
wallet_by --token-file "$token_file"
is $? 3 "a file that others can read is refused"
chmod 600 "$token_file"
wallet_by --token-file "$token_file"
is "$? $(stat -c %a "$tmp/wallet-by-file")" "0 600" "a private file activates"
credential_new "$tmp/wallet" && wallet_activate

# ---- accepted, PIN wrong twice, then right ----
start "$token_a" ',"amount":1280,"currency":"EUR","reference":"R-1","operator":"Grace"'
is "$status" 201 "a real first code starts a verification"
is "$(get credential.holder)/$(get credential.face_value)/$(get pin_required)" \
	"Ada Lovelace/500.00/true" "the answer says whose it is"
is "$(printf %s "$number" | wc -c)" 6 "the number has six digits"
state "$token_a"
is "$status $(get state)" "200 challenged" "it waits for the second code"
code=$(second_code "$number")
respond "$token_a" "$code"
is "$status $(get state) $(get pin_required)" "200 accepted true" "the right second code is accepted"
first=$body
respond "$token_a" "$code"
is "$body" "$first" "the same code again gets the recorded answer"
respond "$token_a" "$(second_code "$(wrong_number "$number")")"
is "$status $(word)" "409 answered-already" "another code comes too late"
pin "$token_a" 1111 1
is "$(get state) $(get reason) $(get attempts_left)" "accepted wrong-pin 2" "a wrong PIN leaves two"
pin "$token_a" 1111 1
is "$(get attempts_left) $(get pin_tries)" "2 1" "the same try again does not count twice"
pin "$token_a" 2222 2
is "$(get state) $(get attempts_left)" "accepted 1" "a second wrong PIN leaves one"
pin "$token_a" 2468 3
is "$(get state)" authorised "the right PIN authorises"
receipt=$(get receipt)
like "$receipt" "?*" "there is a receipt"
state "$token_a"
is "$(get state) $(get receipt)" "authorised $receipt" "and it is recorded"
http DELETE "/v1/verifications/$id" "$token_a"
is "$status $(get state)" "200 authorised" "a decision cannot be cancelled"
state "$token_b"
is "$status $(word)" "404 not-found" "another terminal does not see it"

# ---- refused; a credential of its own for each, its live code is fresh ----
credential_new "$tmp/wallet2" && wallet_activate
start "$token_a"
respond "$token_a" "$(second_code "$(wrong_number "$number")")"
is "$status $(get state) $(get reason)" "200 rejected wrong-answer" "a wrong number is rejected"
respond "$token_a" "$(second_code "$number")"
is "$status $(word)" "409 answered-already" "and the right one after it is too late"

credential_new "$tmp/wallet3" && wallet_activate
start "$token_a"
http DELETE "/v1/verifications/$id" "$token_a"
is "$status $(get state)" "200 cancelled" "an open verification is cancelled"
respond "$token_a" "$(second_code "$number")"
is "$(get state)" cancelled "and takes no answer"

credential_new "$tmp/wallet4" && wallet_activate
seen=$(first_code)
http POST /v1/verifications "$token_a" "{\"code\":\"$seen\"}"
is "$status" 201 "a live code at one terminal"
http POST /v1/verifications "$token_b" "{\"code\":\"$seen\"}"
is "$status $(word)" "403 stale-code" "is not taken at another"

at() { echo $(($(date +%s) - 600)); }
credential_new "$tmp/wallet5" && wallet_activate
start "$token_a"
is "$status $(word)" "403 stale-code" "a phone ten minutes late is told so"
at() { date +%s; }

# ---- a large amount wants the challenge code ----
credential_new "$tmp/wallet6" && wallet_activate
start "$token_a" ',"amount":250000,"currency":"EUR"'
respond "$token_a" "$(second_code "$number")"
is "$status $(word)" "403 weak-binding" "a typed number is too weak for 2500.00"
respond "$token_a" "$("$bin/holder" scan "$challenge" --yes --text --wallet "$wallet" \
	--passcode-file "$passcode_file" --at "$(at)" | grep -o 'HTTPS://[^ "]*' | tail -n 1)"
is "$status $(get state)" "200 accepted" "the scanned challenge is strong enough"

# ---- administration while the server runs ----
admin credential freeze "$credential_id" >"$tmp/shown"
is "$? $(member status <"$tmp/shown")" "0 frozen" "a credential is frozen beside the server"
start "$token_a"
is "$status $(word)" "403 frozen" "and refused at once"
admin credential unfreeze "$credential_id" >"$tmp/shown"
is "$(member status <"$tmp/shown")" active "and active again"
admin credential void "$credential_id" >"$tmp/shown"
is "$(member status <"$tmp/shown")" void "and void"
start "$token_a"
is "$status $(word)" "403 void" "and refused for good"
admin credential renew "$credential_id" >"$tmp/shown" 2>"$tmp/err"
is $? 1 "what is void is not renewed"

credential_new "$tmp/wallet7" && wallet_activate
admin credential renew "$credential_id" >"$tmp/shown"
is "$? $(member generation <"$tmp/shown")" "0 2" "a credential is renewed"
start "$token_a"
is "$status $(word)" "403 superseded" "and the old one is refused"

admin terminal stop till-b >"$tmp/shown"
is "$(member stopped <"$tmp/shown")" true "a terminal is stopped"
start "$token_b"
is "$status $(word)" "403 terminal-stopped" "and refused"
old=$token_b
terminal_new till-b --force
token_b=$(token_of till-b)
http GET /v1/issuer "$old"
is "$status" 401 "enrolling again ends the old token"
http GET /v1/issuer "$token_b"
is "$status $(get name)" "200 Corner Bank" "and the new one works"

# ---- every key is rotated while the server runs: it learns of each by the store ----
credential_new "$tmp/wallet8" && wallet_activate
start "$token_a"
for key in master number issuer; do
	admin key rotate $key >"$tmp/shown"
	is $? 0 "a new $key key while the server runs"
done
respond "$token_a" "$(second_code "$number")"
is "$status $(get state)" "200 accepted" "a number of before is answered"
http GET /v1/issuer "$token_a"
is "$status $(printf %s "$body" | grep -o '"key":' | wc -l)" "200 2" "the server tells both issuer keys"
pin "$token_a" 2468 1
is "$(get state)" authorised "PINs are what they were"
credential_new "$tmp/wallet9" && wallet_activate
sleep 1 # the new key is good from its second on
start "$token_a"
respond "$token_a" "$(second_code "$number")"
is "$status $(get state)" "200 accepted" "a credential of the new key is good"
is "$(admin key list | member left_to_seal)" 0 "nothing is sealed under the old master key"

admin audit verify >"$tmp/shown"
is "$? $(member good <"$tmp/shown")" "0 true" "the audit chain is whole"
server_stop
is "$server_status" 0 "SIGTERM ends it with status 0"
grep -qE "$token_a|$token_b|$activation|2468" "$tmp/server.err"
is $? 1 "no token and no PIN in its log"
done_testing
