# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # variables of kit.sh
# Whole sessions: the backend, a phone before the camera, the terminal on /dev/video0; both scans,
# then the PIN.
. /vm/kit.sh
loopback
bank

# session WORDS WALLET SIMULATOR...
session() {
	words=$1 wallet=$2
	shift 2
	phone "$wallet" feed_loopback /dev/video0 "$@"
	terminal --pin-file /world/pin --amount 12.80 --currency EUR --reference A-1 --stats
	sees events '"event":"first_code"' "$words: the first code is seen"
	sees events '"event":"number"' "$words: the number is shown"
	sees events '"event":"second_code"' "$words: the second code is seen"
	sees events '"event":"pin_sent"' "$words: the PIN is asked for and given"
	terminal_ends
	is "$status" 0 "$words: status 0"
	like "$(grep '"event":"end"' events)" '*"verdict":"authorised"*"verifications":1*' "$words: authorised"
	is "$(grep -c '"event":"scanner"' events)" 0 "$words: no fault of the camera"
	like "$(countersignd --dir /world/bank verification show \
		"$(sed -n 's/.*"event":"number".*"verification":"\([^"]*\)".*/\1/p' events)")" \
		'*"authorised"*' "$words: the bank has it so"
	cat words events >&2
	exec 6>&-
	until_true gone feed_loopback
}
session MJPEG wallet1 --seed 3
session YUYV wallet2 --seed 4 --format y4m
done_testing
