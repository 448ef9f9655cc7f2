#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A server certificate that ends soon: who is told, and what renewing it changes.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh
server_speaks=

# given DAYS: init with a certificate of another authority that is good for so long
given() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/own-ca.key" 2>"$tmp/err" &&
		openssl req -x509 -new -key "$tmp/own-ca.key" -subj "/CN=Test authority" -days 365 -out "$tmp/own-ca.pem" 2>>"$tmp/err" &&
		openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/own.key" 2>>"$tmp/err" &&
		openssl req -new -key "$tmp/own.key" -subj "/CN=localhost" -out "$tmp/own.csr" 2>>"$tmp/err" &&
		printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >"$tmp/ext" &&
		openssl x509 -req -in "$tmp/own.csr" -CA "$tmp/own-ca.pem" -CAkey "$tmp/own-ca.key" -CAcreateserial \
			-days "$1" -extfile "$tmp/ext" -out "$tmp/own.pem" 2>>"$tmp/err" &&
		chmod 600 "$tmp/own.key" &&
		admin init --name "Corner Bank" --host QR.EXAMPLE.COM --server-cert "$tmp/own.pem" \
			--server-key "$tmp/own.key" --server-ca "$tmp/own-ca.pem" >"$tmp/init" 2>>"$tmp/err"
}
health() { curl -s --cacert "$1" "$url/healthz"; }
figures() { curl -s --cacert "$1" "$url/metrics"; }
warned() { grep -c "warning certificates: the server's certificate ends on 20..-..-..: run .ca renew-server., then SIGHUP" "$tmp/server.err"; }

given 10 || {
	echo "Bail out! no certificates: $(cat "$tmp/err")"
	exit 1
}
end=$(date -d "$(openssl x509 -in "$tmp/own.pem" -noout -enddate | sed 's/.*=//')" +%s)
admin ca show >"$tmp/shown"
is "$(member server.not_after <"$tmp/shown") $(member server.ends_soon <"$tmp/shown") $(member authority.ends_soon <"$tmp/shown")" \
	"$end true false" "ca show says which ends soon"
is "$(member server_names <"$tmp/shown")" '["localhost","127.0.0.1"]' "and its names"
server_start
is "$(health "$tmp/own-ca.pem" | member certificate_ends_at)" "$end" "/healthz says when it ends"
is "$(health "$tmp/own-ca.pem" | member status)" ok "and that it is well till then"
is "$(warned)" 1 "the log warned at the start"
is "$(figures "$tmp/own-ca.pem" | sed -n 's/^countersign_certificate_not_after_seconds{certificate="server"} //p')" "$end" "/metrics has the end"
kill -HUP "$server_pid"
wait_until 10 grep -q "were read again" "$tmp/server.err"
is "$(warned)" 2 "files read again that change nothing: warned of again"

admin ca renew-server --server-name localhost,127.0.0.1 >"$tmp/renewed"
is "$(health "$tmp/own-ca.pem" | member certificate_ends_at)" "$end" "what is not in use yet counts for nothing"
: >"$tmp/server.err"
kill -HUP "$server_pid"
wait_until 10 grep -q "were read again" "$tmp/server.err"
is "$(health "$dir/ca.pem" | member status) $(health "$dir/ca.pem" | member certificate_ends_at)" "ok " "/healthz has no note any more"
is "$(figures "$dir/ca.pem" | sed -n 's/^countersign_certificate_not_after_seconds{certificate="server"} //p')" \
	"$(member server_not_after <"$tmp/renewed")" "/metrics has the new end"
like "$(figures "$dir/ca.pem")" "*certificate_not_after_seconds{certificate=\"authority\"} 2*" "and the authority's"
is "$(grep -c "warning certificates" "$tmp/server.err")" 0 "and nothing is warned of"
is "$(admin ca show | member server.ends_soon)" false "nor by ca show"
server_stop

server_speaks=--plain
server_start
is "$(curl -s "$url/healthz" | member certificate_ends_at)" "" "a server without TLS has nothing that ends"
is "$(curl -s "$url/metrics" | grep -c "^countersign_certificate")" 0 "nor figures of it"
server_stop
done_testing
