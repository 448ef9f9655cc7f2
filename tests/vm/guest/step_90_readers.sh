# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154 # variables from and for kit.sh
# A hand-held reader that types: whole codes come, and nothing of it reaches anybody else.
. /vm/kit.sh
modprobe evdev
modprobe uinput

# The machine may have other keyboards.
find_reader() {
	for node in /sys/class/input/event*; do
		grep -q "reader of the counter" "$node/device/name" || continue
		device=/dev/input/${node##*/}
		return 0
	done
	return 1
}

reader_on() { # what is written to descriptor 7 is typed
	rm -f typed
	mkfifo typed
	fake_reader <typed &
	reader=$!
	exec 7>typed
	until_true find_reader
}
reader_off() {
	exec 7>&-
	wait $reader
}

# Somebody else who listens to all keyboards, as a screen does.
reader_on
cat $device >heard 2>/dev/null 7>&- &
# Once: what is typed before it listens is not heard.
hears() {
	echo "before" >&7
	sleep 0.3
	test -s heard
}
until_true hears
ok $? "somebody who listens to keyboards hears this one"

countersign-scanner --print "reader:$device" >out 2>err 7>&- &
scanner=$!
until_true grabbed $device
ok $? "the scanner takes the reader for itself"
settled() {
	before=$(wc -c <heard)
	sleep 0.5
	[ "$before" = "$(wc -c <heard)" ]
}
until_true settled
echo "HTTPS://QR.EXAMPLE.COM/A-1?b=2&c=%25;(x)" >&7
sees out '"text":"HTTPS://QR.EXAMPLE.COM/A-1?b=2&c=%25;(x)"' "a code is read, exactly"
echo "second one" >&7
sees out '"text":"second one"' "and the next"
is "$(grep -c '"text"' out)" 2 "two codes, and nothing else"
is "$(wc -c <heard)" "$before" "nobody else has heard a character"
cat out err >&2
kill $scanner
wait $scanner
echo "after" >&7
until_true sh -c "[ \$(wc -c <heard) -gt $before ]"
ok $? "given back when the scanner ends"

read_in_terminal() {
	echo "$1" >&7
	sleep 1
	has events "\"event\":\"notice\".*$1"
}

# In the terminal: unplugged and plugged in again.
camera=reader:$device
terminal
until_true grabbed $device
until_true read_in_terminal "words of no meaning" # what was typed before it looked is not for it
sees events '"event":"notice".*plain-text.*words of no meaning' "the terminal reads from it"
reader_off
sees events '"event":"scanner".*unplugged' "unplugged: says so"
reader_on
until_true grabbed $device
until_true read_in_terminal "HTTP://EXAMPLE.COM/AGAIN"
sees events '"event":"notice".*web-address.*AGAIN' "plugged in again: reads by itself"
cat words events >&2
done_testing
