#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a wallet asks of the server, call by call: the look before, an answer that got lost, its own
# credential and its own verifications.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

claim=00112233445566778899aabbccddeeff

# activate TOKEN [CLAIM] -> status, body
activate() {
	http POST /v1/activations "" "{\"token\":\"$1\"${2:+,\"claim\":\"$2\"}}"
}
look() { http POST /v1/activations/look "" "{\"token\":\"$1\"}"; }

backend_make
printf '[policy]\nreceipt_codes = 1\n' >>"$dir/countersignd.conf"
link=$(member link <"$tmp/issued")
code=$(member code <"$tmp/issued")
like "$activation" "[A-Z2-7][A-Z2-7][A-Z2-7][A-Z2-7]-*-*-????" "an activation is a short code in fours"
is "$link" "https://QR.EXAMPLE.COM/#$activation" "its link has it behind #"
like "$code" "HTTPS://QR.EXAMPLE.COM/A/AE*" "its code is of kind A"
"$bin/countersign" explain "$code" >"$tmp/explained" 2>&1
like "$(cat "$tmp/explained")" "*ctivation*" "and a terminal says so"
server_start

# ---- a look ----
typed=$(printf %s "$activation" | tr 'A-Z-' 'a-z ')
for token in "$activation" " $typed" "$code"; do
	look "$token"
	is "$status $(get issuer.name) $(get purpose) $(get face_value)" "200 Corner Bank payment 500.00" "a look at '$token'"
done
is "$(get expires_at)" "$(member token_expires_at <"$tmp/issued")" "tells when the activation ends"
is "$(get ends_at)" "$(member not_after <"$tmp/issued")" "and when the credential does"
is "$(printf %s "$body" | grep -c Ada)" 0 "and nobody's name"
http POST /v1/activations/look "" "{\"token\":\"$activation\",\"claim\":\"$claim\"}"
is "$status $(word)" "400 bad-request" "a look has no claim"
http GET /v1/activations/look
is "$status" 405 "a look is no page"

# ---- refused, and nothing is burnt ----
while read -r want token words; do
	look "$token"
	is "$status $(word)" "$(echo "$want" | tr : ' ')" "a look is refused: $words"
	activate "$token" $claim
	is "$status $(word)" "$(echo "$want" | tr : ' ')" "an activation, too"
done <<EOF
404:not-found AAAA-AAAA-AAAA-AAAA unknown
404:not-found ${activation%?} one character is missing
404:not-found ${activation}A one too many
404:not-found $link the whole link
404:not-found ${code#HTTPS://QR.EXAMPLE.COM/A/} the body of a code
400:foreign-code ${code%?} a code with its end cut off
400:foreign-code HTTPS://QR.EXAMPLE.ORG/${code#HTTPS://*/} a code of another host
400:foreign-code HTTPS://QR.EXAMPLE.COM/T/${code#HTTPS://*/A/} another kind
EOF
activate "$activation" 0011
is "$status $(word)" "400 bad-request" "a claim has 32 digits"
activate "$activation" 00112233445566778899AABBCCDDEEFF
is "$status $(word)" "400 bad-request" "small ones"

# ---- once, and again for whoever lost the answer ----
activate "$typed" $claim
is "$status" 201 "activated, typed in small letters with spaces"
secret=$(get secret)
lost=$(get token)
http GET "/v1/credentials/$credential_id" "$lost"
is "$status" 200 "its bearer token is good"
activate "$activation" ffffffffffffffffffffffffffffffff
is "$status $(word)" "404 not-found" "nobody else activates it"
activate "$code" $claim
is "$status $(get secret)" "201 $secret" "the wallet itself gets it again"
bearer=$(get token)
http GET "/v1/credentials/$credential_id" "$lost"
is "$status" 401 "the lost token is worth nothing"
activate "$activation"
is "$status" 404 "without the claim it was used"

# ---- its own credential ----
http GET "/v1/credentials/$credential_id" "$bearer"
is "$status $(get id) $(get status) $(get generation)" "200 $credential_id active 1" "a wallet asks for its credential"
is "$(printf %s "$body" | grep -c '"account"\|"failures"\|Ada\|"pin')" 0 "it is told nothing more"
http GET /v1/credentials/00112233445566778899aabbccddeeff "$bearer"
is "$status $(word)" "404 not-found" "of another it is told nothing"
credential_new "$tmp/wallet"
other=$credential_id
wallet_activate
http GET "/v1/credentials/$other" "$bearer"
is "$status $(word)" "404 not-found" "not even of one that exists"

# ---- its own verifications: another wallet file, by the holder program ----
start "$token_a" ',"amount":1280,"currency":"EUR","reference":"R-1"'
is "$status" 201 "a verification"
of=$id
http GET "/v1/verifications/$of" "$bearer"
is "$status $(word)" "404 not-found" "a wallet of another credential does not see it"
respond "$token_a" "$(second_code "$number")"
pin "$token_a" 2468 1
receipt=$(get receipt)
receipt_code=$(get receipt_code)
like "$receipt_code" "HTTPS://QR.EXAMPLE.COM/X/*" "the terminal has receipt and code"
admin credential renew "$other" >"$tmp/issued"
activate "$(member token <"$tmp/issued")" $claim
mine=$(get token)
http GET "/v1/verifications/$of" "$mine"
is "$status $(get state) $(get receipt)" "200 authorised $receipt" "its own wallet sees it"
is "$(get amount) $(get currency) $(get merchant) $(get reference)" "1280 EUR till-a R-1" "with what was sold, and where"
is "$(get receipt_code)" "$receipt_code" "and the same code of the receipt"
is "$(printf %s "$body" | grep -c '"number"\|"challenge_code"\|operator')" 0 "and nothing of number and codes"
http DELETE "/v1/verifications/$of" "$mine"
is "$status $(word)" "403 forbidden" "it cannot cancel anything"
http POST "/v1/verifications/$of/response" "$mine" '{"code":"A"}'
is "$status $(word)" "403 forbidden" "nor answer"

# ---- frozen, void ----
admin credential freeze "$other" --until $(($(date +%s) + 3600)) >/dev/null
http GET "/v1/credentials/$other" "$mine"
is "$status $(get status)" "200 frozen" "a freeze is told"
like "$(get frozen_until)" "[0-9]*" "with its end"
http POST "/v1/credentials/$other/renewal" "$mine" '{}'
is "$status $(word)" "403 frozen" "and not renewed"
admin credential void "$other" >/dev/null
http GET "/v1/credentials/$other" "$mine"
is "$status $(word)" "401 unauthorised" "of a void one the token is worth nothing"
activate "$(member token <"$tmp/issued")" $claim
is "$status $(word)" "403 void" "nor is a claim"

# ---- the holder program takes all three forms, and asks again when an answer is lost ----
# given TEXT -> status of holder, $tmp/activate.err
given() {
	rm -f "$tmp/given"
	printf '%s\n' "$1" | "$bin/holder" activate --url "${through:-$url}" --token-stdin --wallet "$tmp/given" \
		--passcode-file "$passcode_file" >/dev/null 2>"$tmp/activate.err"
}
for form in token link code; do
	admin credential issue --holder "$holder_id" --account "$account_id" >"$tmp/issued"
	given "$(member $form <"$tmp/issued")"
	is "$?" 0 "holder activates by $form"
	given "$(member $form <"$tmp/issued")"
	is "$?" 1 "once"
	like "$(cat "$tmp/activate.err")" "*ask the issuer for a new one*" "and says what to do"
done
given "$(member code <"$tmp/issued" | cut -c1-100)"
like "$? $(cat "$tmp/activate.err")" "1 *this code is damaged: *" "a cut code is no code"
given "$receipt_code"
like "$? $(cat "$tmp/activate.err")" "1 *receipt, not of an activation*" "a receipt is no activation"
given "HTTPS://QR.EXAMPLE.ORG/A/${code#HTTPS://*/A/}"
like "$? $(cat "$tmp/activate.err")" "1 *not an activation of this backend*" "a code of another issuer is refused by the server"

# Passes requests on to the server, and hands back every answer but the first so many.
perl -MIO::Socket::INET -e '
	my ($to, $eaten, $file) = @ARGV;
	my $listen = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", Proto => "tcp") or die;
	open my $out, ">", "$file.new" or die;
	print {$out} $listen->sockport;
	close $out;
	rename "$file.new", $file;
	while (my $client = $listen->accept) {
		my $server = IO::Socket::INET->new("127.0.0.1:$to") or next;
		my ($text, $answer) = ("", "");
		while (sysread $client, $text, 4096, length $text) {
			last if $text =~ /\r\n\r\n(.*)/s && length $1 >= ($text =~ /^Content-Length: (\d+)/mi)[0];
		}
		syswrite $server, $text;
		while (sysread $server, $answer, 4096, length $answer) {
			last if $answer =~ /\r\n\r\n(.*)/s && length $1 >= ($answer =~ /^Content-Length: (\d+)/mi)[0];
		}
		syswrite $client, $answer if $eaten-- <= 0;
	}' "$port" 2 "$tmp/eater" &
eater=$!
trap 'kill $eater; backend_cleanup' EXIT
wait_until 20 test -s "$tmp/eater"
through=http://127.0.0.1:$(cat "$tmp/eater")
credential_new "$tmp/given"
given "$activation"
is "$?" 0 "two answers got lost, the third is the credential"
is "$("$bin/holder" info --wallet "$tmp/given" --passcode-file "$passcode_file" | member credential_id)" \
	"$credential_id" "which is the one that was issued"
is "$(sqlite3 "$dir/countersign.db" "SELECT count(*) FROM audit WHERE kind='activated' AND credential=x'$credential_id'")" \
	3 "each time is in the audit"
is "$(sqlite3 "$dir/countersign.db" "SELECT count(*) FROM wallet WHERE credential=x'$credential_id'")" 1 "one bearer token is left"

server_stop
is "$server_status" 0 "the server ends"
is "$(grep -c -e "$activation" -e "$secret" -e "$claim" -e "$bearer" "$tmp/server.err")" 0 "nothing of it is in the log"
is "$(sqlite3 "$dir/countersign.db" .dump | grep -ci -e "$claim" -e "$secret")" 0 "nor in a dump of the database"
done_testing
