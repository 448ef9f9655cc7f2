#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Messages to holders: by files, by a simulated SMTP relay and a simulated SMS gateway that are good,
# slow, refusing, or hang up; written with what they tell, sent once, given up in the end.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh
. tests/lib/relay_kit.sh

base_conf=
conf() { # LINES of [messenger]
	[ -n "$base_conf" ] || base_conf=$(cat "$dir/countersignd.conf")
	printf '%s\n\n[messenger]\n' "$base_conf" >"$dir/countersignd.conf"
	printf '%s\n' "$@" >>"$dir/countersignd.conf"
}
outbox_has() { [ "$(find "$dir/outbox" -name '*.json' 2>/dev/null | wc -l)" -ge "$1" ]; }
outbox_of() { grep -l "\"kind\":\"$1\"" "$dir"/outbox/*.json | head -n 1; }
sent() { [ "$(sqlite3 "$dir/countersign.db" 'SELECT count(*) FROM message WHERE state=1')" = "$1" ]; }
rows() { sqlite3 "$dir/countersign.db" "$1"; }

# ---- the outbox ----
backend_make
conf "retry_s = 1" # and so it looks each second for what commands wrote
link_token=$activation
is "$(rows "SELECT count(*) FROM message WHERE state=0 AND kind='activation'")" 1 "a link waits from the moment of issuing"
is "$(sqlite3 "$dir/countersign.db" .dump | grep -c -e "$link_token" -e 'Ada Lovelace, your')" 0 "nothing of it is in a dump"
server_start
wait_until 20 outbox_has 1
f=$(outbox_of activation)
is "$(stat -c %a "$f") $(stat -c %a "$dir/outbox")" "600 700" "the file is private, and so is the folder"
is "$(member phone <"$f")" "+44 1" "it says to whom"
like "$(member text <"$f")" "*https://QR.EXAMPLE.COM/#$link_token*" "and has the link, with the token behind #"
wait_until 10 sent 1
is "$(rows 'SELECT length(body) FROM message')" 0 "once it is sent, its text is gone"
admin holder contact "$holder_id" --language zh_CN >/dev/null
admin credential freeze "$credential_id" >/dev/null
admin credential unfreeze "$credential_id" >/dev/null
admin credential renew "$credential_id" >"$tmp/renewed"
wait_until 20 outbox_has 4
admin credential void "$credential_id" >/dev/null
wait_until 20 outbox_has 5
is "$(cat "$dir"/outbox/*.json | sed 's/.*"kind":"\([a-z-]*\)".*/\1/' | sort | tr '\n' ' ')" \
	"activation activation frozen unfrozen void " "one message for each act"
like "$(sed 's/.*"subject":"\([^"]*\)".*/\1/' "$(outbox_of frozen)")" "Corner Bank：您的凭证已冻结" "in the holder's language"
is "$(grep -c "$link_token\|Ada\|您" "$tmp/server.err")" 0 "nothing of them is in the log"
server_stop
is "$server_status" 0 "the server stops"

# ---- addresses that are none ----
for bad in 'a' '@b' 'a@' 'a b@c' 'a@b@c' '<a@b>' 'a@b
Bcc: x@y' '-a@b' 'a,b@c'; do
	admin holder contact "$holder_id" --email "$bad" >/dev/null 2>"$tmp/err"
	is $? 3 "refused as a mail address: $(printf %s "$bad" | tr '\n' '|')"
done
admin holder contact "$holder_id" --language de 2>/dev/null
is $? 3 "a language without words is refused"
admin holder contact 00000000000000000000000000000000 --email a@b.example 2>/dev/null
is $? 1 "nobody's address is refused"

# ---- a configuration that is none ----
for bad in 'kind = pigeon' 'kind = smtp' 'kind = http
url = http://gateway.example/x' 'kind = http
url = http://127.0.0.1.example/x' 'kind = http
url = ftp://127.0.0.1/x' 'kind = smtp
url = smtps://relay.example
from = nobody' 'kind = smtp
url = smtps://user:word@relay.example
from = a@b.example' 'language = fr' 'tries = 0' 'link = https://x/#y'; do
	conf "$bad"
	admin audit verify >/dev/null 2>"$tmp/err"
	is $? 3 "refused: $(printf %s "$bad" | tr '\n' ' ')"
done

# ---- mail ----
secret_file relay.secret "me:open sesame" >/dev/null
conf "kind = smtp" "url = $smtp" "from = bank@bank.example" "secret = $tmp/relay.secret" "retry_s = 1" "tries = 3" "timeout_s = 1"
mood good
credential_new "$tmp/wallet2"
is "$(rows 'SELECT count(*) FROM message WHERE state=0')" 0 "who has no mail address gets no mail"
admin holder contact "$holder_id" --email ada@home.example --language en >/dev/null
credential_new "$tmp/wallet2"
server_start --log-format json
wait_until 20 test -s "$relay/smtp.1"
is "$(grep -c '^RCPT TO:<ada@home.example>' "$relay/smtp.1")" 1 "the relay is told for whom"
is "$(sed -n 's/^AUTH PLAIN //p' "$relay/smtp.1" | tr -d '\r' | base64 -d | tr '\0' '|')" "|me|open sesame" "and by whom"
like "$(sed '1,/^\r$/d' "$relay/smtp.1" | tr -d '\r' | base64 -d)" "Ada Lovelace, your*#$activation*" "the text arrives"
is "$(sed -n 's/^Subject: =?UTF-8?B?\(.*\)?=\r$/\1/p' "$relay/smtp.1" | base64 -d)" "Corner Bank: your credential is ready" "so does the subject"
is "$(tr -d '\r' <"$relay/smtp.1" | LC_ALL=C awk 'length > 78' | wc -l)" 0 "no line is too long for a relay"

# what a relay does is in nobody's way: decisions are made while it says nothing
mood slow
# shellcheck disable=SC2154 # of terminal_new
admin credential freeze "$credential_id" >/dev/null
wait_until 20 eval '[ "$(seen "smtp slow")" -ge 1 ]'
http GET /healthz
is "$status" 200 "a relay that says nothing does not make the server ill"
mood good
wait_until 30 test -s "$relay/smtp.2"
ok $? "and the message is tried again"
is "$(grep -c '"fault":"begin"' "$tmp/server.err")" 1 "the fault is told when it begins"
wait_until 20 grep -q '"fault":"end"' "$tmp/server.err"
ok $? "and when it ends"
mood drop
admin credential unfreeze "$credential_id" >/dev/null
wait_until 20 eval '[ "$(seen "smtp drop")" -ge 1 ]'
mood good
wait_until 30 test -s "$relay/smtp.3"
ok $? "a relay that hangs up is asked again"
mood refuse
admin credential void "$credential_id" >/dev/null
wait_until 40 eval '[ "$(rows "SELECT count(*) FROM message WHERE state=2 AND length(kind)=4")" = 1 ]'
is "$(rows "SELECT kind||' '||tries||' '||length(body) FROM message WHERE state=2 AND length(kind)=4")" "void 3 0" "one that is refused for ever is given up after three tries, and its text is gone"
wait_until 10 grep -q 'given up after 3 tries' "$tmp/server.err"
is "$(grep -c 'given up' "$tmp/server.err")" 1 "that is told once"
is "$(grep -c 'home.example\|sesame\|Ada' "$tmp/server.err")" 0 "without address, secret or name, whatever the relay said"
http GET /metrics
is "$(echo "$body" | sed -n 's/^countersign_messages_total{result="\(sent\|failed\)"} //p' | tr '\n' ' ')" "3 1 " "the figures agree"
server_stop
is "$server_status" 0 "the server stops"

# ---- the gateway ----
secret_file gateway.secret tokentoken >/dev/null
conf "kind = http" "url = $gateway" "secret = $tmp/gateway.secret" "retry_s = 1" "timeout_s = 2"
mood refuse
credential_new "$tmp/wallet3"
server_start
wait_until 20 eval '[ "$(seen "http refuse")" -ge 1 ]'
mood good
wait_until 20 test -s "$relay/http.1"
is "$(grep -c '^Authorization: Bearer tokentoken' "$relay/http.1")" 1 "the gateway gets the token"
is "$(tail -n 1 "$relay/http.1" | member to)" "+44 1" "and the number"
like "$(tail -n 1 "$relay/http.1" | member text)" "*#$activation*" "and the text"
is "$(grep -c '^Idempotency-Key: [0-9a-f]\{32\}' "$relay/http.1")" 1 "and an id, the same for each try"
# a stop in the middle of a try gives it back, and the next start sends it
mood slow
before=$(seen 'http slow')
credential_new "$tmp/wallet4"
wait_until 20 eval '[ "$(seen "http slow")" -gt "${before:-0}" ]'
server_stop
is "$server_status" 0 "a stop does not wait for the gateway"
mood good
server_start
wait_until 20 test -s "$relay/http.2"
like "$(tail -n 1 "$relay/http.2" | member text)" "*#$activation*" "the next start sends what was given back"
# a secret that others may read is not used
chmod 644 "$tmp/gateway.secret"
credential_new "$tmp/wallet5"
wait_until 20 grep -q 'gateway.secret' "$tmp/server.err"
ok $? "a secret that others may read is refused, and the log says so"
chmod 600 "$tmp/gateway.secret"
wait_until 20 test -s "$relay/http.3"
ok $? "and used when it is private again"

# ---- two processes on one directory: each message is sent once ----
first_pid=$server_pid
"$bin/countersignd" --dir "$dir" serve --plain --port 0 >"$tmp/second.out" 2>"$tmp/second.err" &
second_pid=$!
wait_until 20 test -s "$tmp/second.out"
for i in 1 2 3 4 5 6 7 8; do
	credential_new "$tmp/many$i"
done
wait_until 40 eval '[ "$(gateway_got)" -ge 11 ]'
wait_until 20 eval '[ "$(rows "SELECT count(*) FROM message WHERE state=0")" = 0 ]'
is "$(gateway_got)" 11 "eight messages with two processes are eight"
is "$(gateway_ids | sort | uniq -d | wc -l)" 0 "none twice"
kill "$second_pid"
wait "$second_pid"
server_pid=$first_pid
server_stop

conf "kind = none"
credential_new "$tmp/wallet6"
is "$(rows 'SELECT count(*) FROM message WHERE state=0')" 0 "without a messenger nothing is written"
done_testing
