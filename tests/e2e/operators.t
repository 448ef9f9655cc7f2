#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Roles over mutual TLS: what a cashier, a teller and a supervisor may do, and where the activation
# code of a renewal is shown to the holder.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

server_speaks= # TLS
backend_make
phrase=$(secret_file phrase "correct horse battery")
for who in Cy:cashier Tess:teller Sue:supervisor; do
	admin operator add "${who%:*}" --role "${who#*:}" --passphrase-file "$phrase" >"$tmp/out"
	is "$(member role <"$tmp/out")" "${who#*:}" "a ${who#*:}"
done
admin holder questions "$holder_id" --set document --answer-file "$(secret_file a "AB-12 34")" >"$tmp/out"
admin holder questions "$holder_id" --set birth --answer-file "$(secret_file a "1990-01-02")" >"$tmp/out"
server_start
enrol_code=$(admin terminal enrol counter | member code)
"$bin/countersign" enrol "$url" "$enrol_code" --config "$tmp/counter.conf" >"$tmp/out" 2>"$tmp/err"
is $? 0 "a terminal"

# ask METHOD PATH TOKEN [BODY]: as somebody who signed in, at the terminal unless certificate is empty
certificate=yes
ask() {
	set -- "$1" "$2" "$3" "${4:-}"
	body=$(curl -s -m 20 --http1.1 --cacert "$dir/ca.pem" ${certificate:+--cert "$tmp/counter.pem" --key "$tmp/counter.key"} \
		-o - -w '\n%{http_code}' -X "$1" ${3:+-H "Authorization: Bearer $3"} \
		${4:+-H 'Content-Type: application/json' --data-binary "$4"} "$url$2")
	status=${body##*
}
	body=${body%
*}
}
sign_in() { # NAME -> token
	ask POST /v1/sessions "" "{\"name\":\"$1\",\"passphrase\":\"correct horse battery\"}"
	token=$(get token)
}
identified() { # TOKEN -> call
	ask POST /v1/service/calls "$1" '{"account":"12345"}'
	call=$(get id)
	ask POST "/v1/service/calls/$call/answers" "$1" '{"question":1,"answer":"ab1234"}'
	ask POST "/v1/service/calls/$call/answers" "$1" '{"question":2,"answer":"1990-01-02"}'
}
renew() { # TOKEN [MORE]
	ask POST "/v1/credentials/$credential_id/renewal" "$1" "{\"call\":\"$call\"${2:-}}"
}
audited() { sqlite3 "$dir/countersign.db" "SELECT count(*) FROM audit WHERE kind='$1'"; }

# ---- a cashier ----
sign_in Cy
is "$status $(get role)" "201 cashier" "a cashier signs in"
cy=$token
ask GET /v1/issuer "$cy"
is "$status" 200 "and is somebody"
ask GET "/v1/credentials/$credential_id" "$cy"
is "$status $(word)" "403 forbidden" "who may not look at credentials"
for path in "POST /v1/service/calls" "POST /v1/credentials/$credential_id/freeze" \
	"POST /v1/credentials/$credential_id/renewal" "POST /v1/verifications"; do
	ask "${path% *}" "${path#* }" "$cy" "{}"
	is "$status $(word)" "403 forbidden" "but may not $path"
done

# ---- nobody shows a code by default ----
sign_in Sue
sue=$token
identified "$sue"
is "$(get state)" identified "the holder is identified by a supervisor"
renew "$sue" ',"show":1'
is "$status $(word) $(audited renewed)" "403 not-allowed 0" "by default no code is shown, and nothing was renewed"
renew "$sue" ',"show":2'
is "$status $(word)" "400 bad-request" "show is 0 or 1"
renew "$sue"
is "$status $(get token)$(get link)" "201 " "renewed without it: no token is told"
ask DELETE /v1/sessions "$sue"
is "$status" 200 "signs out"
renew "$sue"
is "$status" 401 "which is the end of the session"

# ---- the policy lets supervisors ----
server_stop
sed -i "s/^\[policy\]/&\nactivation_shown = 1/" "$dir/countersignd.conf"
server_start
sign_in Tess
tess=$token
identified "$tess"
renew "$tess" ',"show":1'
is "$status $(word)" "403 not-allowed" "a teller is not a supervisor"
sign_in Sue
sue=$token
renew "$sue" ',"show":1'
is "$status $(word)" "404 not-found" "nor is the call of another one of use"
ask POST /v1/service/calls "$sue" '{"account":"12345"}'
call=$(get id)
ask POST "/v1/service/calls/$call/answers" "$sue" '{"question":1,"answer":"ab1234"}'
renew "$sue" ',"show":1'
is "$status $(word)" "403 not-identified" "a supervisor needs the holder's answers, too"
ask POST "/v1/service/calls/$call/answers" "$sue" '{"question":2,"answer":"1990-01-02"}'
certificate=
renew "$sue" ',"show":1'
is "$status $(word)" "403 not-allowed" "not away from an enrolled terminal"
certificate=yes
admin terminal stop counter >"$tmp/out"
renew "$sue" ',"show":1'
is "$status $(word)" "403 terminal-stopped" "nor at one that is stopped"
admin terminal allow counter >"$tmp/out"
is "$(audited renewed) $(audited activation-shown)" "1 0" "nothing of this renewed anything"
renew "$sue" ',"show":1'
link=$(get link)
like "$status $link" "201 https://*/#????-????-????-????" "the link is told"
shown=$(get code)
like "$shown" "HTTPS://*/A/AE*" "and the code that a phone scans"
is "${link#*#}" "$(get token)" "as the link of the message"
is "$(audited activation-shown)" 1 "and that is recorded"
is "$(sqlite3 "$dir/countersign.db" "SELECT hex(credential) || ' ' || (length(terminal) = 16) || ' ' ||
	(detail LIKE '%\"call\":\"$call\"%') FROM audit WHERE kind='activation-shown'")" \
	"$(printf %s "$credential_id" | tr a-f A-F) 1 1" "of which credential, at which terminal, in which call"
wait_until 10 grep -rqF "${link#*#}" "$dir/outbox"
is $? 0 "the holder gets the message as well"
echo "$shown" | "$bin/holder" activate --url "$url" --ca "$dir/ca.pem" --token-stdin --wallet "$tmp/shown" \
	--passcode-file "$passcode_file" >"$tmp/out" 2>"$tmp/err"
is $? 0 "the holder's wallet takes it"

# ---- a role that is taken away ----
admin operator role Sue --role cashier >"$tmp/out"
is "$(member role <"$tmp/out")" cashier "a supervisor becomes a cashier"
ask GET "/v1/service/calls/$call" "$sue"
is "$status" 401 "and her session is over"
is "$(admin audit verify | member good)" true "the audit chain is whole"
done_testing
