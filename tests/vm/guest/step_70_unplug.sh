# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154 # variables from and for kit.sh
# The camera goes and comes back, or another program has it. The terminal runs on through all of it,
# says what is the matter, each once, and reads again by itself.
. /vm/kit.sh

faults() { grep '"event":"scanner"' events | grep -c -e "$1"; }
# told PATTERN WORDS: that was said once
told() { is "$(faults "$1")" 1 "$2: said once"; }
# again WORDS: the terminal's scanner runs again
running=0
again() {
	running=$((running + 1))
	until_true has events '"event":"scanner".*"running"' $running
	ok $? "$1"
}

# Before there is any camera.
mkdir -p /dev/v4l/by-id
ln -sf ../../video0 /dev/v4l/by-id/usb-Camera_of_the_counter-index0
camera=/dev/v4l/by-id/usb-Camera_of_the_counter-index0
terminal
sees events '"event":"scanner".*by-id.*there is no such camera' "no camera yet: says so, by the name that was given"
stays kill -0 $terminal
ok $? "no camera yet: waits"
told 'no such camera' "no camera yet"
loopback
feed /world/code.mjpeg --fps 8
again "plugged in: goes on by itself"
sees events '"event":"notice".*web-address' "and reads what it sees"

# The stream ceases, without a word from the driver, and comes again.
kill -STOP $feeder
sees events '"event":"scanner".*delivers no pictures' "pictures cease: says so"
other_life() { new=$(pidof countersign-scanner) && [ "$new" != "$1" ]; }
until_true other_life "$(pidof countersign-scanner)"
ok $? "still none: the device is opened anew"
told 'delivers no pictures' "pictures cease"
kill -CONT $feeder
again "pictures again: says so"

# The device goes, and comes as another one, with another format.
feed_stop
sees events '"event":"scanner".*\(no program feeds\|unplugged\)' "the stream has ended: says so"
until_true rmmod v4l2loopback
ok $? "the driver can be taken away: nobody holds the device"
sees events '"event":"scanner".*unplugged' "the device has gone: says that it was unplugged"
stays kill -0 $terminal
told 'unplugged' "unplugged"
loopback
feed /world/code.y4m --fps 8
again "plugged in again, with another format: goes on by itself"
sees events '"event":"notice".*plain-text' "and reads"
feed_stop
until_true rmmod v4l2loopback

# Unplugged in the middle of streaming, as USB does it.
vivid_webcam
again "another camera in its place: goes on by itself"
before=$(faults unplugged)
echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind
until_true has events '"event":"scanner".*unplugged' $((before + 1))
ok $? "unplugged while it streams: says so"
echo vivid.0 >/sys/bus/platform/drivers/vivid/bind
again "plugged in again: goes on by itself"

echo '{"command":"cancel"}' >&5
kill $terminal
wait $terminal
is $? 1 "ends when it is told to, status 1"
is "$(grep -c '"event":"verdict","at_ms":[0-9]*,"verdict":"\(accepted\|authorised\)"' events)" 0 "nothing was accepted"
cat words events >&2

# Another program has the camera.
camera=/dev/video0
v4l2-ctl -d /dev/video0 --stream-mmap --stream-count=1000000 >/dev/null 2>&1 &
other=$!
until_true sh -c 'v4l2-ctl -d /dev/video0 --set-fmt-video=width=320 2>&1 | grep -q -i busy'
running=0
terminal
sees events '"event":"scanner".*another program uses the camera (v4l2-ctl' "in use: says so, and by whom"
kill $other
again "free again: goes on by itself"
cat words events >&2
done_testing
