#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Counters over mutual TLS with the real programs: enrolment by a one-time code, a whole session,
# revocation, renewal, and certificates that are wrong on either side, with the words for each.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

server_speaks= # TLS
backend_make
server_start
till() { # NAME [ARGUMENTS of enrol...] -> $tmp/NAME.conf and its files
	till_name=$1
	shift
	enrol_code=$(admin terminal enrol "$till_name" | member code)
	"$bin/countersign" enrol "$url" "$enrol_code" --config "$tmp/$till_name.conf" "$@" >"$tmp/out" 2>"$tmp/err"
}
with_certificate() { # NAME URL-PATH -> status, body
	body=$(curl -s -m 20 --http1.1 --cacert "$dir/ca.pem" --cert "$tmp/$1.pem" --key "$tmp/$1.key" \
		-o - -w '\n%{http_code}' "$url$2")
	status=${body##*
}
	body=${body%
*}
}

# ---- what init makes ----
is "$(stat -c %a "$dir/ca.key" "$dir/server.key" "$dir/ca.pem" "$dir/server.pem" | tr '\n' ' ')" \
	"600 600 644 644 " "keys are for their owner"
curl -s -m 20 "$url/healthz" >/dev/null 2>&1
is $? 60 "a client that does not know the authority does not trust it"
is "$(curl -s -m 20 --cacert "$dir/ca.pem" "$url/healthz" | member status)" ok "one that knows it does"
is "$(curl -s -m 20 "http://127.0.0.1:$port/healthz" | member detail)" "this port speaks TLS: use https://" \
	"plain HTTP is told what to speak"
is "$(curl -s -m 20 --cacert "$dir/ca.pem" -H "Authorization: Bearer $token_a" "$url/v1/issuer" | member detail)" \
	"over TLS a terminal shows its certificate, not a token" "a terminal's token is not for TLS"

# ---- enrolment ----
till counter-1
is "$? $(sed -n 's/^Next: //p' "$tmp/out")" "0 countersign --config $tmp/counter-1.conf" "a terminal is enrolled, and told what is next"
is "$(stat -c %a "$tmp/counter-1.key" "$tmp/counter-1.conf" | tr '\n' ' ')" "600 600 " "its key and configuration are private"
with_certificate counter-1 /v1/issuer
is "$status $(get name)" "200 Corner Bank" "it is known by its certificate"
odd='odd ; "till" # \ 街角'
till "$odd"
is $? 0 "a name with everything in it that a configuration could take for its own"
"$bin/countersign" --config "$tmp/$odd.conf" --headless --json --source replay:fixtures/sessions/foreign-web/frames.mjpeg \
	>"$tmp/events" 2>"$tmp/err" </dev/null
is "$? $(cat "$tmp/err")" "1 " "its configuration is read, and its files are found" # 1: nothing was accepted
refused() { # STATUS PATTERN TEXT ARGUMENTS of enrol...
	want=$1 pattern=$2 text=$3
	shift 3
	"$bin/countersign" enrol "$@" >"$tmp/out" 2>"$tmp/err"
	is $? "$want" "$text"
	like "$(cat "$tmp/err")" "$pattern" "$text: the words"
}
refused 1 "*was used*" "a code works once" "$url" "$enrol_code" --config "$tmp/again.conf"
[ ! -e "$tmp/again.conf" ] && [ ! -e "$tmp/again.key" ]
ok $? "and nothing is written"
refused 3 "*there already*--force*" "files are not replaced unasked" "$url" "$enrol_code" --config "$tmp/counter-1.conf"
fresh=$(admin terminal enrol counter-2 | member code)
refused 3 "*mistyped*" "a code too short" "$url" "${fresh%?}" --config "$tmp/c2.conf"
refused 3 "*mistyped*" "a code with a digit that is none" "$url" "${fresh%?}1" --config "$tmp/c2.conf"
refused 3 "*https://*" "plain HTTP" "http://127.0.0.1:$port" "$fresh" --config "$tmp/c2.conf"
refused 1 "*not the backend that the code is for*not sent*" "the wrong authority" "$url" \
	"$(printf %s "$fresh" | cut -c1-20)AAAA-AAAA-AAAA-AAAA" --config "$tmp/c2.conf"
small=$(printf %s "$fresh" | tr 'A-Z-' 'a-z ')
refused 1 "*nowhere*" "a folder that is not there" "$url" "$small" --config "$tmp/nowhere/c2.conf"
"$bin/countersign" enrol "$url" "$small" --config "$tmp/c2.conf" --language zh_CN >"$tmp/out" 2>"$tmp/err"
is "$? $(sed -n 's/^language = //p' "$tmp/c2.conf")" "0 zh_CN" "small letters and spaces do; none of the above used it up"

# ---- a whole session ----
echo "$activation" | "$bin/holder" activate --url "$url" --token-stdin --wallet "$wallet" \
	--passcode-file "$passcode_file" >"$tmp/out" 2>"$tmp/err"
is "$? $(grep -c 'not trusted.*--ca FILE' "$tmp/err")" "1 1" "a wallet does not trust an unknown authority, and says how it would"
echo "$activation" | "$bin/holder" activate --url "$url" --ca "$dir/ca.pem" --token-stdin --wallet "$wallet" \
	--passcode-file "$passcode_file" >"$tmp/out" 2>"$tmp/err"
ok $? "with --ca it does"
seed=1
terminal() { # CONFIG [ARGUMENTS...]: to its end; the events are in $tmp/events
	conf=$1
	shift
	seed=$((seed + 1))
	timeout 90 "$bin/countersign" --config "$conf" --headless --json --once --pin-file "$pin_file" "$@" --source \
		"simulator:holder simulate --wallet '$wallet' --passcode-file '$passcode_file' --size 640x480 --fps 15 --seed $seed" \
		>"$tmp/events" 2>"$tmp/err" </dev/null
}
verdict() { tail -n 1 "$tmp/events" | member "$1"; }
terminal "$tmp/counter-1.conf" --amount 12.80 --currency EUR
is "$? $(verdict verdict)" "0 authorised" "two scans and a PIN over mutual TLS"

# ---- certificates that are wrong: the terminal says which ----
# Starts a terminal and waits until it tells of a fault of its connection.
fault_of() { # CONFIG
	seed=$((seed + 1))
	: >"$tmp/events"
	"$bin/countersign" --config "$1" --headless --json --pin-file "$pin_file" --source \
		"simulator:holder simulate --wallet '$wallet' --passcode-file '$passcode_file' --size 640x480 --fps 15 --seed $seed" \
		>"$tmp/events" 2>"$tmp/err" </dev/null &
	terminal_pid=$!
	wait_until 30 grep -q '"fault":"127' "$tmp/events"
	kill "$terminal_pid" 2>/dev/null
	wait "$terminal_pid" 2>/dev/null
	fault=$(sed -n 's/.*"fault":"127[^ ]*: \([^"]*\)".*/\1/p' "$tmp/events" | head -n 1)
}
# A bank of its own, made at another time; --now is in milliseconds.
days_off() { # DAYS -> milliseconds
	echo $((($(date +%s) + $1 * 86400) * 1000))
}
old_bank() { # NAME DAYS CERTIFICATE_DAYS: as bank and terminal were made so many days ago
	bank=$tmp/$1
	now=$(days_off "$2")
	"$bin/countersignd-deterministic" --seed x --now "$now" init "$bank" --name "Old Bank" --host QR.EXAMPLE.COM >/dev/null
	sed -i "s/^;certificate_days = .*/certificate_days = $3/" "$bank/countersignd.conf"
	rm -f "$tmp/old.port"
	"$bin/countersignd-deterministic" --seed x --now "$now" --dir "$bank" serve --port 0 --port-file "$tmp/old.port" \
		>/dev/null 2>"$tmp/old.err" &
	old_pid=$!
	wait_until 20 test -s "$tmp/old.port"
	old_code=$("$bin/countersignd-deterministic" --seed "$1" --now "$now" --dir "$bank" terminal enrol "$1" | member code)
	"$bin/countersign" enrol "https://127.0.0.1:$(cat "$tmp/old.port")" "$old_code" --config "$tmp/$1.conf" >"$tmp/out" 2>"$tmp/err"
	old_status=$?
	kill "$old_pid"
	wait "$old_pid" 2>/dev/null
}
# The files of the first, at the backend of the second, trusting the second.
config_mix() { # NAME CERTIFICATE-OF CA-FILE
	sed "s|^url = .*|url = $url|;s|^ca = .*|ca = $3|;s|^certificate = .*|certificate = $2.pem|;s|^key = .*[.]key|key = $2.key|" \
		"$tmp/counter-1.conf" >"$tmp/$1.conf"
	chmod 600 "$tmp/$1.conf"
}
# Of an authority that calls itself as ours does only the signature is wrong.
"$bin/countersignd" init "$tmp/namesake" --name "Corner Bank" --host QR.EXAMPLE.COM >/dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout "$tmp/namesake.key" \
	-out "$tmp/namesake.csr" 2>/dev/null
openssl x509 -req -in "$tmp/namesake.csr" -CA "$tmp/namesake/ca.pem" -CAkey "$tmp/namesake/ca.key" -days 2 \
	-CAserial "$tmp/namesake.srl" -CAcreateserial -out "$tmp/namesake.pem" 2>/dev/null
! curl -s -m 20 --http1.1 --cacert "$dir/ca.pem" --cert "$tmp/namesake.pem" --key "$tmp/namesake.key" "$url/healthz" >"$tmp/out" 2>&1
is "$? $(cat "$tmp/out")" "0 " "a certificate of the authority's namesake is refused before it asks for anything"
wait_until 20 grep -q "a client's certificate is of another authority" "$tmp/server.err"
ok $? "and the log says why"
old_bank foreign 0 365
is $old_status 0 "another bank has a terminal, too"
config_mix mixed foreign "$dir/ca.pem"
fault_of "$tmp/mixed.conf"
is "$fault" "this terminal's certificate is of another backend" "a foreign certificate"
config_mix mixed counter-1 "$tmp/foreign.ca.pem"
fault_of "$tmp/mixed.conf"
is "$fault" "this is another backend: certificate not trusted" "a foreign backend"
old_bank early 100 365
is "$old_status $(cat "$tmp/err")" "1 countersign enrol: 127.0.0.1:$(cat "$tmp/old.port"): the backend's certificate is not valid yet: is the clock right?" \
	"a clock that is a hundred days behind"
old_bank late -100 30
grep -q "clock is wrong" "$tmp/err"
is "$old_status $?" "0 0" "a certificate that is over when it comes: the clock is named"
server_stop
real_dir=$dir
dir=$tmp/late
server_start
config_mix mixed late "$dir/ca.pem"
fault_of "$tmp/mixed.conf"
is "$fault" "this terminal's certificate has expired" "an expired certificate"
server_stop

# ---- renewal ----
dir=$real_dir
old_bank renewal -25 30
dir=$tmp/renewal
server_start
config_mix renewal renewal "$dir/ca.pem"
before=$(openssl x509 -in "$tmp/renewal.pem" -noout -enddate)
"$bin/countersign" --config "$tmp/renewal.conf" --headless --json --source replay:fixtures/sessions/foreign-web/frames.mjpeg \
	--loop >"$tmp/events" 2>"$tmp/err" </dev/null &
terminal_pid=$!
# shellcheck disable=SC2317
renewed() { [ "$(openssl x509 -in "$tmp/renewal.pem" -noout -enddate 2>/dev/null)" != "$before" ]; }
wait_until 30 renewed
ok $? "a certificate in its last third is renewed by itself"
kill "$terminal_pid"
wait "$terminal_pid" 2>/dev/null
openssl x509 -in "$tmp/renewal.pem" -noout -checkend $((20 * 86400)) >/dev/null
ok $? "for another thirty days"
with_certificate renewal /v1/issuer
is "$status" 200 "and it is good"
like "$(admin audit verify | member good)" true "the audit has it all"
server_stop

# ---- the server's certificate ----
dir=$real_dir
admin ca renew-server --server-name bank.example.com >"$tmp/out"
like "$(cat "$tmp/out")" '*"server_names":\["bank.example.com"\],*' "the names of the certificate are told"
like "$(admin ca show)" '*"server_names":\["bank.example.com"\]*' "and shown, as an array"
server_start
config_mix mixed counter-1 "$dir/ca.pem"
fault_of "$tmp/mixed.conf"
is "$fault" "the backend's certificate is for another address" "a certificate for another address"
server_stop
admin ca renew-server >"$tmp/out"
like "$(cat "$tmp/out")" '*"server_names":\["bank.example.com"\],*' "renewed without names it keeps them"
cp "$dir/ca.pem" "$dir/server-ca.pem"
admin ca renew-server >"$tmp/out" 2>"$tmp/err"
is "$?" 3 "one that was given is not replaced by one of our own"
like "$(cat "$tmp/err")" "*renew it where it came from*" "and says what to do"
rm "$dir/server-ca.pem"
admin ca renew-server --server-name localhost,127.0.0.1,::1 >"$tmp/out"
server_start

# ---- revocation ----
with_certificate counter-1 /v1/issuer
is "$status" 200 "the terminal has outlived all this"
admin terminal revoke counter-1 >"$tmp/out"
with_certificate counter-1 /v1/issuer
is "$status $(word)" "403 terminal-revoked" "a stolen terminal is refused at once"
config_mix mixed counter-1 "$dir/ca.pem"
terminal "$tmp/mixed.conf"
is "$? $(verdict verdict) $(verdict reason)" "1 refused terminal-revoked" "and says so itself"
till counter-1 --force
with_certificate counter-1 /v1/issuer
is "$? $status" "0 200" "a new code lets it in again"
refused_admin() { "$bin/countersignd" --dir "$dir" "$@" >"$tmp/out" 2>"$tmp/err"; }
refused_admin terminal revoke nobody
is "$? $(cat "$tmp/err")" "1 countersignd: terminal revoke: no terminal has this name" "nobody is not revoked"
refused_admin terminal enrol x --url https://a
is $? 3 "a code needs no URL"
refused_admin ca create
like "$? $(cat "$tmp/err")" "3 *there is an authority already" "there is one authority"
server_stop

# ---- init with names, with given files ----
"$bin/countersignd" init "$tmp/b2" --name B --host B --server-name "a b" >"$tmp/out" 2>"$tmp/err"
is "$?" 3 "a name that is none"
[ ! -e "$tmp/b2" ]
ok $? "nothing is made"
"$bin/countersignd" init "$tmp/b2" --name B --host B --server-cert "$dir/server.pem" >"$tmp/out" 2>"$tmp/err"
like "$? $(cat "$tmp/err")" "3 *go together" "a certificate without its key"
"$bin/countersignd" init "$tmp/b2" --name B --host B --server-cert "$dir/server.pem" --server-key "$dir/server.key" >"$tmp/out" 2>"$tmp/err"
like "$? $(cat "$tmp/err")" "3 *--server-ca" "a given certificate of an unknown authority"
"$bin/countersignd" init "$tmp/b3" --name B --host B --server-cert "$dir/server.pem" --server-key "$dir/server.key" \
	--server-ca "$dir/ca.pem" >"$tmp/out" 2>"$tmp/err"
ok $? "and of a known one"
dir=$tmp/b3
server_start
till counter-3
is "$?" 0 "a terminal is enrolled there"
cmp -s "$tmp/counter-3.ca.pem" "$real_dir/ca.pem"
ok $? "and trusts who signed the server's"
is "$(admin serve --plain --bind 0.0.0.0 2>&1 | grep -c 'without TLS')" 1 "plain HTTP is not for the network"
done_testing
