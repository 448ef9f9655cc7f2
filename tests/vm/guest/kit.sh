# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034 # variables are for who sources it
# For the steps: to be sourced. TAP on standard output goes to the host, standard error to the console.
. /vm/tap.sh

# until_true COMMAND...: waits for it. The bound is for what never comes; a loaded machine is slow.
until_true() {
	until_end=$(($(date +%s) + 120))
	until "$@"; do
		[ "$(date +%s)" -lt $until_end ] || return 1
		sleep 0.05
	done
}

# has FILE PATTERN [COUNT]: at least so many lines (1) match
has() { [ "$(grep -c -e "$2" "$1")" -ge "${3:-1}" ]; }

# sees FILE PATTERN WORDS: a line comes that matches
sees() {
	if until_true has "$1" "$2"; then
		ok 0 "$3"
	else
		ok 1 "$3"
		sed 's/^/# /' "$1" | tail -n 12
	fi
}

# stays COMMAND...: it is true now and for a while; for what must not change
stays() {
	for _ in 1 2 3 4 5 6; do
		"$@" || return 1
		sleep 0.5
	done
}

# gone PROGRAM: no process of it is left
gone() { ! pidof "$1" >/dev/null; }

# A webcam at /dev/video0. Its picture is a test pattern.
vivid_webcam() {
	modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0 vid_cap_nr=0 no_error_inj=0
	until_true test -c /dev/video0
}

# A camera at /dev/video0 that sees what is put into /dev/video1, both 640x480 and grey: vivid does not
# convert. The text that it writes over its pictures is off. Each line here was found to be needed.
vivid_looped() {
	modprobe vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=3 num_outputs=1 \
		output_types=1 vid_cap_nr=0 vid_out_nr=1
	until_true test -c /dev/video1
	v4l2-ctl -d /dev/video1 --set-dv-bt-timings index=0 >&2
	v4l2-ctl -d /dev/video0 --set-dv-bt-timings index=0 >&2
	v4l2-ctl -d /dev/video0 --set-ctrl=loop_video=1,osd_text_mode=2 >&2
}

inject() { v4l2-ctl -d /dev/video0 --set-ctrl="$1=${2:-1}" >&2; }

# The picture in /dev/video1. An error that vivid makes on demand can hit this side in place of the
# camera's, so it is off while one is made.
picture_on() {
	feed_vivid /dev/video1 </world/looped.y4m &
	feeder=$!
}

picture_off() {
	kill $feeder
	wait $feeder 2>/dev/null
}

# /dev/video0 of v4l2loopback: a camera while something is fed into it
loopback() {
	modprobe v4l2loopback exclusive_caps=1 video_nr=0 card_label=loopback
	until_true test -c /dev/video0
}

captures() { v4l2-ctl -d /dev/video0 -D | sed "1,/Device Caps/d" | grep -q "Video Capture"; }

# feed FILM ARGUMENTS of feed_loopback...; $feeder is its process. Goes on until it is killed.
feed() {
	film=$1
	shift
	feed_loopback /dev/video0 "$@" <"$film" &
	feeder=$!
	until_true captures
}

feed_stop() {
	kill $feeder
	wait $feeder 2>/dev/null
}

# terminal ARGUMENTS...: the real program on /dev/video0 (or $camera); its events, its words, $terminal is its
# process. What is written to descriptor 5 are its commands. A phone sees the events, too.
terminal() {
	rm -f commands printed
	mkfifo commands printed
	: >events
	{ [ -e /dev/fd/6 ] || exec 6>/dev/null; tee -a events <printed >&6; } 7>&- &
	countersign --config /world/terminal.conf --source "${camera:-/dev/video0}" --headless --json "$@" \
		<commands >printed 2>words 7>&- &
	terminal=$!
	exec 5>commands
}

terminal_ends() { # -> $status
	exec 5>&-
	until_true has events '"event":"end"'
	kill $terminal 2>/dev/null
	wait $terminal
	status=$?
}

bank() {
	countersignd --dir /world/bank serve --plain --port 8080 --port-file /tmp/port >&2 &
	until_true test -s /tmp/port
}

# phone WALLET FEEDER DEVICE ARGUMENTS of the simulator...: a customer's phone before the camera. It
# sees the terminal's screen by the events that are written to descriptor 6.
phone() {
	wallet=$1 feeder=$2 device=$3
	shift 3
	rm -f screen
	mkfifo screen
	exec 6<>screen
	holder simulate --wallet "/world/$wallet" --passcode-file /world/passcode --size 640x480 \
		--fps 8 "$@" <screen 6>&- | "$feeder" "$device" 6>&- &
	until_true captures
}

# grabbed DEVICE: one program has it for itself, so that nobody else can
grabbed() { ! fake_reader --grab "$1"; }
