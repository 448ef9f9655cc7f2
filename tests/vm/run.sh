#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/run.sh [STEP...]: boots the test machine and prints what the steps in it report, all or
# those whose name holds one of the words. Status 0 when everything passed. COUNTERSIGN_BIN names
# another build than build/gcc; VM_KEEP=DIR keeps console.log and results there.
#
# Plain emulation, never KVM: that /dev/kvm exists and opens says nothing, a kernel can hang in it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
: "${VM_SECONDS:=800}" # for all of it; a loaded machine takes several times what an idle one does
bin=${COUNTERSIGN_BIN:-build/gcc}
kernel=$("$here/fetch.sh")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/countersign-vm.XXXXXX")
machine=
trap 'test -z "$machine" || kill "$machine" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
keep=${VM_KEEP:-$tmp}
mkdir -p "$keep"
"$here/image.sh" "$kernel" "$bin" "$tmp"

status=0
: >"$keep/console.log"
: >"$keep/results"
# Whoever is killed takes what it started with it, also by a signal that no trap sees. In the
# background, because a trap waits for what runs before it.
setpriv --pdeathsig TERM timeout -k 5 "$VM_SECONDS" \
	setpriv --pdeathsig KILL qemu-system-x86_64 -accel tcg -cpu qemu64 -m 512 -nodefaults \
	-display none -no-reboot -nic none \
	-serial "file:$keep/console.log" -serial "file:$keep/results" \
	-device isa-debug-exit,iobase=0xf4,iosize=0x04 -kernel "$kernel/vmlinux" \
	-initrd "$tmp/initrd.img" -append "console=ttyS0 quiet panic=-1 no_timer_check \
lsm=landlock,yama STEPS=$(echo "$*" | tr ' ' ,)" </dev/null >&2 &
machine=$!
wait $machine || status=$?
machine=
cat "$keep/results"
# (0x10 << 1) | 1, which the machine asks for at its end. A panic or a plain halt is 0.
[ "$status" = 33 ] && exit 0
case $status in
124 | 137) echo "the machine did not end within $VM_SECONDS s" >&2 ;;
35) echo "a step in the machine failed" >&2 ;;
*) echo "the machine ended with status $status, which is neither passed nor failed" >&2 ;;
esac
echo "the end of its console:" >&2
tail -n 40 "$keep/console.log" | tr -cd '\t\n -~' >&2
exit 1
