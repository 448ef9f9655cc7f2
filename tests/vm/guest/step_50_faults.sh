# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # variables of kit.sh
# Faults that the driver makes when it is told to: each is said in one line, and passes.
. /vm/kit.sh
vivid_looped
picture_on
picture='"text":"looped through vivid"'

# A call that fails once while the camera is opened.
for call in reqbufs qbuf streamon; do
	picture_off
	inject inject_vidioc_${call}_error
	countersign-scanner --print /dev/video0 >out 2>err &
	scanner=$!
	sees err "/dev/video0: .*VIDIOC_$(echo $call | tr a-z A-Z).*second try" "$call fails once: says so"
	picture_on
	sees out "$picture" "$call fails once: read all the same"
	is "$(wc -l <err)" 1 "$call fails once: one line"
	cat err >&2
	kill $scanner
	wait $scanner
done

# goes_on WORDS: more is read, by the process that was started before the fault
goes_on() {
	before=$(wc -l <out)
	until_true has out "$picture" $((before + 3))
	ok $? "$1"
}

# And while it streams.
countersign-scanner --print /dev/video0 >out 2>err &
scanner=$!
goes_on "frames come"
picture_off
inject inject_v4l2_buf_flag_error
picture_on
goes_on "a buffer marked damaged: goes on"
is "$(cat err)" "" "a buffer marked damaged: one is no news"
inject percentage_of_dropped_buffers 50
goes_on "half of the frames are lost: goes on"
is "$(cat err)" "" "half of the frames are lost: those that come are enough"
inject percentage_of_dropped_buffers 100
sees err 'delivers no pictures' "all frames are lost: says so"
inject percentage_of_dropped_buffers 0
sees err 'works again' "frames again: says so"
goes_on "frames again: goes on"
is "$(wc -l <err)" 2 "all frames are lost: one line, and one when they come again"
inject inject_fatal_streaming_error
sees err 'stream broke and was started again' "a fatal error of the stream: says so"
goes_on "a fatal error of the stream: goes on by itself"
inject disconnect
sees err 'was unplugged' "a disconnect: says that it was unplugged"
wait $scanner
is $? 1 "a disconnect: ends with status 1"
cat err >&2
picture_off
timeout 120 countersign-scanner --print --frames 3 /dev/video0 >out 2>err
like "$(cat out)" '{"frames":3,*' "a disconnect: there again for the next"
cat err >&2
done_testing
