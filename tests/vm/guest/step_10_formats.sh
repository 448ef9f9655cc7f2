# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # variables of kit.sh
# vivid as a webcam, which has many formats and sizes: what we list is what the driver says, and
# frames come in each format that we read.
. /vm/kit.sh
vivid_webcam

for format in YUYV UYVY NV12 GREY YU12; do
	timeout 120 countersign-scanner --print --frames 3 --camera "format=$format size=640x360" \
		/dev/video0 >out 2>err
	is "$?" 1 "$format: runs, and there is no code in a test pattern"
	like "$(cat out)" '{"frames":3,"codes":0,"damaged":0,"unreadable":0,*' "$format: frames come"
	like "$(v4l2-ctl -d /dev/video0 --get-fmt-video)" \
		"*Width/Height*: 640/360*Pixel Format*'$format'*" "$format: is what the driver was set to"
	cat err >&2
done
timeout 120 countersign-scanner --print --frames 1 --camera "format=MJPG" /dev/video0 >out 2>err
is "$?" 3 "a format that it does not have: status 3"
like "$(cat err)" "*/dev/video0*MJPG*" "a format that it does not have: says so"
cat err >&2

# Both lists as lines "YUYV 640x360 12.5", of the formats that we read.
ours() {
	sed "s/{\"format\":/\n&/g; s/{\"width\":/\n&/g" devices | awk -F'"' '
		/^."format"/ { format = $4 }
		/^."width"/ {
			size = $3 "x" $5
			gsub(/[^0-9x]/, "", size)
			for (i = 8; i < NF && $(i - 1) !~ /]/; i += 2)
				print format, size, $i
		}'
}
theirs() {
	v4l2-ctl -d /dev/video0 --list-formats-ext | awk -F"[ '(]+" '
		/\]: / { split($0, part, "\047"); format = part[2] }
		/Size: Discrete/ { size = $NF }
		/Interval: Discrete/ { rate = $(NF - 1) + 0; print format, size, rate }'
}
read_by_us() { grep -E "^(YUYV|UYVY|NV12|NV21|422P|YU12|YV12|GREY) " | sort; }

timeout 120 countersign devices --json >devices
is "$?" 0 "countersign devices: a camera can be used"
like "$(cat devices)" '*"path":"/dev/video0","name":"vivid","driver":"vivid","bus":"platform:vivid-000"*' \
	"countersign devices: says which"
ours | read_by_us >ours
theirs | read_by_us >theirs
is "$(($(wc -l <theirs) > 300))" 1 "the driver has hundreds of modes"
is "$(diff ours theirs | head -n 4)" "" "countersign devices: formats, sizes and rates are those that v4l2-ctl lists"
like "$(timeout 120 countersign devices)" "*vivid*would be used with GREY 640x480, 25 frames*YUYV*320x180*" \
	"countersign devices: in words"
done_testing
