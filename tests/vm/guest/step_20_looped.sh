# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# vivid's output looped to its input: our code through the kernel's own driver.
. /vm/kit.sh
vivid_looped GREY /world/code.grey
timeout 40 countersign-scanner --print /dev/video0 >out 2>err &
scanner=$!
sees 60 out '"text":"looped through vivid"' "vivid: the text is read exactly"
kill $scanner
cat out err >&2
done_testing
