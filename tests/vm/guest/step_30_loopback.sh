# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# v4l2loopback: frames of our own through a kernel device that looks like a webcam.
. /vm/kit.sh
loopback

# reads FILM TEXT WORDS
reads() {
	feed "$1" --fps 10
	timeout 120 countersign-scanner --print --frames 3 /dev/video0 >out 2>err
	is "$?" 0 "$3: status 0"
	is "$(sed -n 's/.*"text":"\(.*\)","cut.*/\1/p' out | sort -u)" "$2" "$3: the text, exactly, and no other"
	like "$(tail -n 1 out)" '{"frames":3,"codes":3,"damaged":0,"unreadable":0,*' "$3: each frame is good"
	cat err >&2
	feed_stop
}
reads /world/code.y4m 'text in YUYV, as it is: %25 {} 0123456789' YUYV
reads /world/code.mjpeg 'HTTP://QR.EXAMPLE.COM/MJPEG?a=1&b=2' MJPEG

timeout 120 countersign-scanner --print /dev/video0 >out 2>err
is "$?" 3 "without a writer: status 3"
is "$(wc -l <err)" 1 "without a writer: one line"
like "$(cat err)" "*/dev/video0*" "without a writer: names the device"
cat err >&2

# One frame of the film, cut off in the middle of its data; and bytes that are no JPEG at all.
size=$(wc -c </world/code.mjpeg)
head -c $((size / 4 * 3 / 4)) /world/code.mjpeg >short.jpeg
feed short.jpeg --fps 10 --whole 640x480
timeout 120 countersign-scanner --print --frames 5 /dev/video0 >out 2>err
status=$?
cat out err >&2
is "$((status < 3))" 1 "a JPEG cut short: goes on"
like "$(tail -n 1 out)" '{"frames":5,*' "a JPEG cut short: each frame is looked at"
like "$(head -n 1 err)" "*frame 0:*JPEG*" "a JPEG cut short: says so"
feed_stop
head -c 20000 /dev/urandom >noise.jpeg
feed noise.jpeg --fps 10 --whole 640x480
timeout 120 countersign-scanner --print --frames 5 /dev/video0 >out 2>err
status=$?
cat out err >&2
is "$status" 1 "bytes that are no JPEG: no code, status 1"
like "$(tail -n 1 out)" '{"frames":5,"codes":0,*"unreadable":5,*' "bytes that are no JPEG: each is counted"
feed_stop
done_testing
