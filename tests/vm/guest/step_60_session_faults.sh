# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # variables of kit.sh
# One whole session on vivid, and while the customer types the number the camera has every fault that
# there is. The terminal says each, goes on by itself, and decides the same.
. /vm/kit.sh
vivid_looped
bank
cat >scenario <<'END'
show first
wait number
type 100
wait notice
show second
wait verdict
wait 1000
end
END
phone wallet3 feed_vivid /dev/video1 --format y4m --seed 5 --scenario scenario
terminal --pin-file /world/pin --stats
sees events '"event":"number"' "the first code is seen, the number is shown"

inject inject_v4l2_buf_flag_error
inject inject_vidioc_qbuf_error
inject percentage_of_dropped_buffers 100
sees events '"scanner".*delivers no pictures' "no frames: says so"
inject percentage_of_dropped_buffers 0
sees events '"scanner".*works again' "frames again: says so"
inject inject_fatal_streaming_error
sees events '"scanner".*stream broke' "a fatal error of the stream: says so"
inject disconnect
sees events '"scanner".*unplugged' "unplugged: says so"
sees events '"scanner".*"running"' "plugged in again: goes on by itself"
is "$(grep -c '"event":"verdict"' events)" 0 "nothing is decided meanwhile"

echo '{"v":1,"event":"notice","reason":"the camera is well again"}' >&6 # the phone waits for it
sees events '"event":"second_code"' "the second code is seen"
terminal_ends
is "$status" 0 "status 0"
like "$(grep '"event":"end"' events)" '*"verdict":"authorised"*"verifications":1*' "authorised, and once"
cat words events >&2
done_testing
