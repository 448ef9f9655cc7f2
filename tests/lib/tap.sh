# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# TAP out of shell scripts: ok, is, like, done_testing. To be sourced.
tap_count=0
tap_failed=0

# ok STATUS WORDS: passed when STATUS is 0
ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_count - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $2"
	fi
}

# is GOT WANTED WORDS
is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '#  got:    %s\n#  wanted: %s\n' "$1" "$2" | tr -d '\033'
	fi
}

# like TEXT PATTERN WORDS: PATTERN as of case
like() {
	# shellcheck disable=SC2254 # it is a pattern
	case $1 in
	$2) ok 0 "$3" ;;
	*)
		ok 1 "$3"
		printf '#  got:    %s\n#  wanted: %s\n' "$1" "$2"
		;;
	esac
}

done_testing() {
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
}
