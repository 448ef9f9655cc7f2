# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # variables of kit.sh
# vivid's output looped to its input: our code through the kernel's own driver.
. /vm/kit.sh
vivid_looped
picture_on
timeout 120 countersign-scanner --print --frames 200 /dev/video0 >out 2>err &
scanner=$!
sees out '"text":"looped through vivid"' "vivid: the text is read exactly"
is "$(grep -v -c -F '"text":"looped through vivid"' out)" 0 "and no other"
kill $scanner
cat out err >&2
done_testing
