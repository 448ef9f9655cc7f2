#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The deterministic test build: the same commands and requests give the same answers, byte for byte.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

start_ms=1790000000000
now=$start_ms
det() { "$bin/countersignd-deterministic" --seed "$seed" --now "$now" --dir "$dir" "$@"; }
timed() { # METHOD PATH BODY: at $now
	curl -s -m 20 -i -X "$1" -H "Authorization: Bearer $token_a" -H "Countersign-Test-Time: $now" \
		${3:+-H 'Content-Type: application/json' --data-binary "$3"} "http://127.0.0.1:$port$2" | tr -d '\r'
}
at() { echo $((now / 1000)); }

# Everything that can be seen of one run, on standard output.
story() { # SEED
	seed=$1
	now=$start_ms
	rm -rf "$dir"
	det init --name "Corner Bank" --host QR.EXAMPLE.COM
	holder_id=$(det holder add --name Ada | member holder)
	account_id=$(det account add --holder "$holder_id" --number 1 --pin-file "$pin_file" | member account)
	other=$(det account add --holder "$holder_id" --number 2 | member account)
	echo "$holder_id $account_id $other"
	det credential issue --holder "$holder_id" --account "$account_id" >"$tmp/issued"
	cat "$tmp/issued"
	det terminal enrol till --url http://127.0.0.1:1 --config "$tmp/till.conf" --force >/dev/null
	cat "$tmp/till.conf"
	token_a=$(token_of till)
	rm -f "$tmp/port"
	"$bin/countersignd-deterministic" --seed "$seed" --now "$now" --dir "$dir" serve --plain --port 0 \
		--port-file "$tmp/port" >/dev/null 2>"$tmp/server.err" &
	server_pid=$!
	wait_until 20 test -s "$tmp/port"
	port=$(cat "$tmp/port")
	timed POST /v1/activations "{\"token\":\"$(member token <"$tmp/issued")\"}" >"$tmp/activation"
	cat "$tmp/activation"
	now=$((start_ms + 61000))
	timed GET /v1/issuer
	timed POST /v1/verifications '{"code":"HTTPS://QR.EXAMPLE.COM/C/AA"}'
	first=$(sed -n '$p' "$tmp/activation" | member first_code)
	timed POST /v1/verifications "{\"code\":\"$first\"}"
	now=$((start_ms + 62345))
	timed GET /healthz
	server_stop
	sqlite3 "$dir/countersign.db" "SELECT seq, at, hex(hash) FROM audit ORDER BY seq"
}

pin_file=$(secret_file pin 2468)
story one >"$tmp/first"
story one >"$tmp/second"
story two >"$tmp/third"
cmp -s "$tmp/first" "$tmp/second"
ok $? "the same seed gives the same bytes"
diff "$tmp/first" "$tmp/second" | sed 's/^/# /' | head -20
[ "$(grep -c . "$tmp/first")" -gt 40 ]
ok $? "of a whole story"
cmp -s "$tmp/first" "$tmp/third"
is $? 1 "another seed gives others"
# shellcheck disable=SC2046 # three words
set -- $(sed -n 2p "$tmp/first")
[ "$2" != "$3" ]
ok $? "the same command twice does not repeat itself"
one=$(det holder add --name "Ada Lovelace" --phone 110 | member holder)
two=$(det holder add --name "Ada Lovelace" --phone 110 | member holder)
is "$(printf %s "$one$two" | wc -c) $(sqlite3 "$dir/countersign.db" "SELECT count(*) FROM holder WHERE name = 'Ada Lovelace'")" \
	"64 2" "the same words twice give two holders"
[ "$one" != "$two" ]
ok $? "with ids of their own"
like "$(cat "$tmp/first")" "*Date: Mon, 21 Sep 2026 14:14:22 GMT*" "the time is that of the header"

"$bin/countersignd-deterministic" --dir "$dir" audit verify >"$tmp/out" 2>"$tmp/err"
is $? 3 "without seed and time it does not start"
"$bin/countersignd-deterministic" --seed a --now yesterday --dir "$dir" audit verify >"$tmp/out" 2>"$tmp/err"
is $? 3 "nor with a time that is none"
done_testing
