#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make demo: a whole counter on this machine, and nothing left of it afterwards. Starts the backend
# on a free loopback port with a new database in a temporary folder, makes a holder with an account,
# a PIN and a credential, enrols a terminal by a one-time code, activates the wallet, and runs the
# terminal over mutual TLS on the simulated phone and camera. With a terminal: the real screen.
# Without one: JSON lines.
# Exit status 0 only when the transaction was authorised.
set -eu

bin=$(cd "$1" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/countersign-demo.XXXXXX")
server=
finish() {
	status=$?
	trap - EXIT INT TERM HUP
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || :
		wait "$server" 2>/dev/null || :
	fi
	rm -rf "$tmp"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
umask 077
export XDG_STATE_HOME="$tmp/state" # where the terminal keeps what it sold

say() { echo "demo: $*" >&2; }
# One text member of a one-line JSON object; the values here hold no quotes.
member() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }

pin=2468
echo "$pin" >"$tmp/pin"
echo "a passphrase for the demo wallet" >"$tmp/passcode"
backend() { "$bin/countersignd" --dir "$tmp/backend" "$@"; }

say "a backend with a new database in $tmp"
"$bin/countersignd" init "$tmp/backend" --name "Corner Bank" --host QR.EXAMPLE.COM >/dev/null
mkfifo "$tmp/ready"
"$bin/countersignd" --dir "$tmp/backend" serve --port 0 >"$tmp/ready" 2>"$tmp/backend.log" &
server=$!
exec 3<"$tmp/ready"
if ! read -r line <&3; then
	cat "$tmp/backend.log" >&2
	say "the backend did not start"
	exit 3
fi
url=${line##* }

say "a holder with an account, a PIN and a credential; a terminal; a wallet"
holder=$(backend holder add --name "Li Lei" --phone 13800130000 | member holder)
account=$(backend account add --holder "$holder" --number 6222-0000 --pin-file "$tmp/pin" | member account)
token=$(backend credential issue --holder "$holder" --account "$account" \
	--purpose "Member card" --face-value "Gold" | member token)
code=$(backend terminal enrol demo-counter | member code)
"$bin/countersign" enrol "$url" "$code" --config "$tmp/terminal.conf" >/dev/null
echo "$token" | "$bin/holder" activate --url "$url" --ca "$tmp/backend/ca.pem" --token-stdin \
	--wallet "$tmp/wallet" --passcode-file "$tmp/passcode" >/dev/null

simulator="holder simulate --wallet '$tmp/wallet' --passcode-file '$tmp/passcode'"
simulator="$simulator --size 1280x720 --fps 15 --seed 7"
set -- --config "$tmp/terminal.conf" --source "simulator:$simulator" --once \
	--amount 12.80 --currency EUR --reference "DEMO: the PIN is $pin"
status=0
if [ -t 0 ] && [ -t 1 ]; then
	say "the simulated phone comes now; when the terminal asks for the PIN, type $pin and Enter"
	"$bin/countersign" "$@" || status=$?
	case $status in
	0) say "authorised" ;;
	1) say "refused, or nothing was decided" ;;
	2) say "uncertain" ;;
	*) say "could not run (exit status $status)" ;;
	esac
else
	"$bin/countersign" "$@" --headless --json --pin-file "$tmp/pin" </dev/null || status=$?
fi
exit "$status"
