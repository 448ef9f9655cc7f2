# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The scanner's sandbox on a kernel that has landlock and seccomp, whatever the host's has: the
# test of every denial runs here again.
. /vm/kit.sh
like "$(cat /sys/kernel/security/lsm)" '*landlock*' "this kernel has landlock"
echo 1 >/proc/sys/vm/overcommit_memory # it asks for a gigabyte, and this machine has less
cd / || exit
test_scan_sandbox >/tmp/out 2>/tmp/err
is "$?" 0 "test_scan_sandbox: status 0"
cat /tmp/out /tmp/err >&2
grep -E '^(not )?ok [0-9]+ ' /tmp/out >/tmp/lines
while read -r line; do
	case $line in
	ok*) ok 0 "${line#* - }" ;;
	*) ok 1 "${line#* - }" ;;
	esac
done </tmp/lines
done_testing
