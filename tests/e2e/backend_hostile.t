#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Clients that do what no client should, against the real program: it refuses, closes, and goes on.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

backend_make
server_start
wallet_activate

# Sends standard input as it is and prints what comes back until the server closes (10 s).
raw() {
	perl -MIO::Socket::INET -e '
		local $/; my $data = <STDIN>; local $SIG{PIPE} = "IGNORE"; local $| = 1;
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) or die;
		print {$s} $data; $s->flush; shutdown $s, 1; alarm 10; print scalar <$s>;' "$port"
}
status_of() { raw | sed -n '1s/^HTTP\/1.1 \([0-9]*\).*/\1/p'; }
alive() { http GET /healthz && [ "$status" = 200 ]; }

# ---- sizes ----
got=$(head -c 1000000000 /dev/zero | curl -s -m 20 -o /dev/null -w '%{http_code}' -X POST \
	-H "Authorization: Bearer $token_a" -H 'Content-Type: application/json' \
	-H 'Content-Length: 1000000000' -H 'Expect:' -H 'Transfer-Encoding:' \
	--data-binary @- "$url/v1/verifications" 2>/dev/null)
is "$got" 413 "a body of 1 GB is refused"
rss=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$server_pid/status")
[ "$rss" -lt 100000 ]
ok $? "and was not kept in memory ($rss KiB)"
printf '{"code":"%s"}' "$(head -c 16000 /dev/zero | tr '\0' A)" >"$tmp/large"
http POST /v1/verifications "$token_a" "@$tmp/large"
is "$status $(word)" "400 bad-request" "a code of 16000 characters is refused"
printf '{"code":"%s"}' "$(head -c 17000 /dev/zero | tr '\0' A)" >"$tmp/large"
http POST /v1/verifications "$token_a" "@$tmp/large"
is "$status $(word)" "413 too-large" "a body above 16 KiB is refused"
is "$({ printf 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: '; head -c 9000 /dev/zero | tr '\0' a; printf '\r\n\r\n'; } | status_of)" \
	431 "a head above 8 KiB is refused"

# ---- JSON that is none, or another ----
for text in '' 'x' '[]' '{"code":1}' '{"code":"A","code":"B"}' '{"code":"A"}{}' '{"cod":"A"}' \
	'{"code":"A","amount":-1}' '{"code":"A","amount":1.5}' '{"code":"A","amount":"1"}' \
	'{"code":"A","amount":99999999999999999999}' '{"code":"A","currency":"eur"}' \
	'{"code":"A","reference":"\u001b[2J"}' '{"code":"A","operator":"\ud800"}' \
	'{"code":"A","reference":"1234567890123456789012345"}'; do
	printf %s "$text" >"$tmp/text"
	http POST /v1/verifications "$token_a" "@$tmp/text"
	is "$status $(word)" "400 bad-request" "refused: $(printf %s "$text" | tr '#' '.')"
done
perl -e 'print "[" x 16000' >"$tmp/deep"
http POST /v1/verifications "$token_a" "@$tmp/deep"
is "$status" 400 "16000 brackets are refused"

# ---- HTTP that is none, or can be read in two ways ----
is "$(printf '\026\003\001\002\000\001\000\001' | status_of)" 400 "TLS on this port is told so"
is "$(head -c 20000 /dev/urandom | tr -d '[:upper:]' | status_of)" 400 "noise is refused"
is "$(printf 'POST /v1/activations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n' | status_of)" \
	411 "a chunked body is refused"
is "$(printf 'POST /v1/activations HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}' | status_of)" \
	400 "two lengths are refused"
is "$(printf 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n' | status_of)" 400 "two hosts are refused"
is "$(printf 'GET /healthz HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n' | status_of)" 400 "a folded field is refused"
is "$(printf 'GET /healthz HTTP/1.1\nHost: a\n\n' | status_of)" "" "bare line feeds never end a head"
is "$(printf 'POST /v1/activations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{' | raw)" "" \
	"a request cut short gets no answer"
http OPTIONS /v1/verifications "$token_a"
is "$status $(word)" "405 method-not-allowed" "OPTIONS is refused"
http GET '/v1/verifications?x=1' "$token_a"
is "$status" 404 "a query is another path"
http GET '/../../etc/passwd'
is "$status" 404 "there are no files"
got=$(curl -s -m 10 -o /dev/null -w '%{http_code}' -H 'Expect: 100-continue' -H 'Content-Type: application/json' \
	--data-binary '{"token":"x"}' "$url/v1/activations")
is "$got" 404 "100-continue is answered"
alive
ok $? "it still serves"

# ---- slow ones ----
begin=$(date +%s)
got=$(perl -MIO::Socket::INET -e '
	local $SIG{PIPE} = "IGNORE"; $| = 1;
	my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) or die;
	$s->autoflush(1); my $got = "";
	for my $c (split //, "GET /healthz HTTP/1.1\r\nHost: a\r\nX: " . "x" x 60) {
		print {$s} $c; my $r = ""; vec($r, fileno $s, 1) = 1;
		if (select($r, undef, undef, 0.5)) { sysread $s, $got, 20; last }
	}
	print $got;' "$port")
like "$got" "HTTP/1.1 408*" "a client that drips is closed"
[ $(($(date +%s) - begin)) -le 8 ]
ok $? "within its deadline"

# ---- many ----
first=$(first_code)
seq 200 | xargs -P 200 -I{} curl -s -m 30 -o /dev/null -w '%{http_code}\n' \
	-H "Authorization: Bearer $token_a" "$url/v1/issuer" | sort | uniq -c >"$tmp/many"
is "$(tr -s ' ' <"$tmp/many")" " 200 200" "200 connections at once are all answered"
seq 50 | xargs -P 50 -I{} curl -s -m 30 -H "Authorization: Bearer $token_a" \
	-H 'Content-Type: application/json' --data-binary "{\"code\":\"$first\"}" \
	"$url/v1/verifications" -o "$tmp/start.{}"
is "$(for i in $(seq 50); do member id <"$tmp/start.$i"; echo; done | sort -u | grep -c .)" 1 \
	"one live code shown fifty times at once is one verification"
alive
ok $? "it still serves"

# ---- where it listens ----
"$bin/countersignd" --dir "$dir" serve --plain --port 0 --bind 0.0.0.0 >"$tmp/out" 2>"$tmp/err"
is $? 3 "listening for the network is refused"
like "$(cat "$tmp/err")" "*without TLS*" "with the reason"
"$bin/countersignd" --dir "$dir" serve --port "$port" >"$tmp/out" 2>"$tmp/err"
is $? 3 "a port that is taken is a fault of set-up"
like "$(cat "$tmp/err")" "*in use*" "with the reason"

admin audit verify >"$tmp/shown"
is "$(member good <"$tmp/shown")" true "the audit chain is whole"
server_stop INT
is "$server_status" 0 "SIGINT ends it with status 0"
done_testing
