# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154 # variables from and for kit.sh
# Readers on the HID bus: one that reports bar codes, with a whole session, and one that is a
# keyboard, of which hidraw alone would let every character through.
. /vm/kit.sh
modprobe hid-generic
modprobe evdev
modprobe uhid
device=/dev/hidraw0

plug() { # KIND: what is written to descriptor 7 are its codes
	rm -f codes
	mkfifo codes
	fake_hid "$1" <codes &
	reader=$!
	exec 7>codes
	until_true test -c $device
}
unplug() { # the terminal may have inherited the other end of its codes
	exec 7>&-
	kill $reader
	wait $reader
	until_true test ! -e $device
}
holds() { # PROCESS FILE
	for fd in /proc/"$1"/fd/*; do
		[ "$(readlink "$fd")" = "$2" ] && return 0
	done
	return 1
}
# The keyboard that the kernel has made of the reader
typist() { grep -l "Reader of the counter" /sys/class/input/event*/device/name | cut -d/ -f5; }

plug pos
is "$(typist)" "" "the kernel types nothing for it"
countersign devices --json >list
like "$(cat list)" '*"path":"/dev/hidraw0","name":"Reader of the counter","driver":"hid-pos"*"state":"usable"*' \
	"is listed as what it is"
countersign-scanner --print "reader:$device" >out 2>err &
scanner=$!
until_true holds $scanner $device
like "$(countersign-scanner --print "reader:$device" 2>&1)" "*in use by another program*" "two do not share it"
long="HTTPS://QR.EXAMPLE.COM/A-1?$(seq -s, 1 40)"
echo "$long" >&7
sees out "\"symbology\":\"qr\",\"text\":\"$long\"" "a code of several reports is read, exactly"
kill $scanner
wait $scanner
cat out err >&2

# A whole session; between the scans the reader is unplugged and plugged in again.
bank
holder() { command holder "$@" --wallet /world/wallet4 --passcode-file /world/passcode; }
camera=reader:$device
terminal --pin-file /world/pin --amount 12.80 --currency EUR
sees events '"event":"ready"' "the terminal is ready"
holder show >&7
sees events '"event":"number"' "the first code: the number is shown"
unplug
sees events '"event":"scanner".*unplugged' "unplugged: says so"
plug pos
sees events '"event":"scanner".*"running"' "plugged in again: goes on by itself"
holder answer "$(sed -n 's/.*"event":"number".*"number":"\([0-9]*\)".*/\1/p' events)" >&7
sees events '"event":"pin_sent"' "the second code: the PIN is asked for and given"
terminal_ends
is "$status" 0 "status 0"
like "$(grep '"event":"end"' events)" '*"verdict":"authorised"*' "authorised"
cat words events >&2
unplug

plug keyboard
until_true sh -c "grep -q 'Reader of the counter' /sys/class/input/event*/device/name"
keyboard=/dev/input/$(typist)
until_true test -c "$keyboard"
cat "$keyboard" >heard &
until_true holds $! "$keyboard"
echo before >&7
until_true test -s heard
ok $? "the kernel types what the other one reads"
countersign-scanner --print "reader:$device" >out 2>err &
until_true grabbed "$keyboard"
ok $? "its keyboard is taken in place of its reports"
before=$(wc -c <heard)
echo 'HTTPS://x.y/~"Z"' >&7
sees out '"text":"HTTPS://x.y/~.*Z' "a code is read"
is "$(grep -c '"text"' out)" 1 "once"
is "$(wc -c <heard)" "$before" "nobody else has heard a character"
cat out err >&2
done_testing
