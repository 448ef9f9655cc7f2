#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/world.sh BIN FOLDER: the bank of the test machine, which listens on port 8080 there, a
# customer with wallet, a terminal, and films of a code in the formats that the drivers take.
set -eu
bin=$1 world=$2
umask 077
server=
trap 'test -z "$server" || kill "$server"' EXIT
member() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }
backend() { "$bin/countersignd" --dir "$world/bank" "$@"; }

echo 2468 >"$world/pin"
echo "a passphrase of the tests" >"$world/passcode"
"$bin/countersignd" init "$world/bank" --name "Corner Bank" --host QR.EXAMPLE.COM
mkfifo "$world/ready"
# not by backend(): $! would be the shell that waits for it, and the server would be left running
"$bin/countersignd" --dir "$world/bank" serve --plain --port 0 >"$world/ready" 2>"$world/log" &
server=$!
read -r line <"$world/ready" || { cat "$world/log" >&2; exit 1; }
url=${line##* }
holder=$(backend holder add --name "Li Lei" --phone 13800130000 | member holder)
account=$(backend account add --holder "$holder" --number 6222-1 --pin-file "$world/pin" | member account)
backend terminal enrol counter --url http://127.0.0.1:8080 --config "$world/terminal.conf"
# Each session has a customer's card of its own: one that is begun again and again is slowed down.
for wallet in 1 2 3 4; do
	backend credential issue --holder "$holder" --account "$account" --purpose "Member card" |
		member token | "$bin/holder" activate --url "$url" --token-stdin \
		--wallet "$world/wallet$wallet" --passcode-file "$world/passcode"
done
kill "$server"
wait "$server" || :
server=

# film NAME FORMAT FRAMES TEXT
film() {
	printf 'show text "%s"\nwait 100000\n' "$4" >"$world/scenario"
	"$bin/holder" simulate --wallet "$world/wallet1" --passcode-file "$world/passcode" \
		--scenario "$world/scenario" --size 640x480 --format "$2" --frames "$3" \
		--fps 60 --seed 7 >"$world/$1"
}
film code.mjpeg mjpeg 4 'HTTP://QR.EXAMPLE.COM/MJPEG?a=1&b=2'
film code.y4m y4m 4 'text in YUYV, as it is: %25 {} 0123456789'
film looped.y4m y4m 1 'looped through vivid'
rm -f "$world/ready" "$world/scenario"
