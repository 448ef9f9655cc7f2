# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # variables of kit.sh
# vivid as a webcam: the formats that few cameras have, controls by name, and another program that has
# the camera. Formats, sizes and rates: step_10.
. /vm/kit.sh
vivid_webcam

# What is asked for is what the driver has, and its frames are whole.
for format in VYUY YV12 422P Y10 Y16; do
	timeout 60 countersign-scanner --print --frames 2 --camera "format=$format size=320x180" \
		/dev/video0 >out 2>err
	like "$(tail -n 1 out)" '{"frames":2,*"damaged":0,"unreadable":0,*' "$format: frames are read"
	like "$(v4l2-ctl -d /dev/video0 -V)" "*Width/Height      : 320/180*'$format*" "$format: was set"
	is "$(cat err)" "" "$format: nothing to say"
done

timeout 60 countersign-scanner --print --frames 2 --camera size=640x360,rate=10 /dev/video0 >out 2>err
like "$(v4l2-ctl -d /dev/video0 -P)" "*10.000 (10/1)*" "a rate: was set"

timeout 60 countersign-scanner --print --frames 2 --camera \
	"size=320x180 brightness=99 Horizontal_Flip=on gain_automatic=off gain=7 test_pattern=100_black" \
	/dev/video0 >out 2>err
is "$(cat err)" "" "controls: nothing to say"
is "$(v4l2-ctl -d /dev/video0 -C brightness,horizontal_flip,gain_automatic,gain | tr '\n' ' ')" \
	"brightness: 99 horizontal_flip: 1 gain_automatic: 0 gain: 7 " "controls: were set"
like "$(v4l2-ctl -d /dev/video0 -C test_pattern)" "*100% Black*" "controls: an entry of a menu by its words"
timeout 60 countersign-scanner --print --frames 2 --camera \
	"size=320x180 brightness=256 gian=5" /dev/video0 >out 2>err
like "$(tail -n 1 out)" '{"frames":2,*' "wrong controls: pictures come all the same"
has err 'brightness=256 cannot be: 0 to 255'
ok $? "wrong controls: says the range"
has err 'no control gian; it has brightness, '
ok $? "wrong controls: says what there is"
timeout 60 countersign-scanner --print --camera "size=1000x700" /dev/video0 >out 2>err
is "$?" 3 "a size that it does not have: status 3"
has err 'does not give 1000x700; it has .* 320x180'
ok $? "a size that it does not have: says what there is"

countersign devices --controls | grep -q '^    brightness  *0 to 255 in steps of 1; now '
ok $? "devices: controls"

# While another program has it.
v4l2-ctl -d /dev/video0 --stream-mmap --stream-count=1000000 >/dev/null 2>&1 &
other=$!
until_true sh -c 'countersign devices >list; grep -q "another program" list'
has list "another program uses it: /dev/video0: .*(v4l2-ctl, process $other)"
ok $? "devices: who has it"
timeout 60 countersign-scanner --print /dev/video0 >out 2>err
is "$?" 3 "another program has it: status 3"
has err "another program uses the camera (v4l2-ctl, process $other); close it"
ok $? "another program has it: says who"
kill $other
cat list >&2
done_testing
