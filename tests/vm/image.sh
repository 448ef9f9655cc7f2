#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/image.sh KERNEL BIN FOLDER: what the test machine runs on, as FOLDER/initrd.img: busybox,
# the programs of BIN with their libraries, the modules of KERNEL (tests/vm/fetch.sh), the steps of
# tests/vm/guest, and a bank with a customer, a terminal and films of codes, made here because the
# machine is slow.
set -eu
kernel=$1 bin=$(cd "$2" && pwd) out=$3
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$out/root"
mkdir -p "$out/root"
cd "$out/root"
mkdir -p bin dev etc proc run sys tmp usr/local/bin vm world
cp "$(command -v busybox)" bin/busybox
ln -s busybox bin/sh
cp -a "$kernel/lib" .
cp -a "$here"/guest/* vm/
cp "$here/../lib/tap.sh" vm/tap.sh
ln -s vm/init init
printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\nvideo:x:44:\n' >etc/group
printf '127.0.0.1 localhost\n' >etc/hosts

# A program and what it links to, each library at the path where the loader will look.
program() {
	cp "$1" usr/local/bin/
	for library in $(ldd "$1" | grep -o '/[^ ]*'); do
		[ -e ".$library" ] && continue
		mkdir -p ".$(dirname "$library")"
		cp -L "$library" ".$library"
	done
}
for p in countersign countersign-scanner countersignd holder; do program "$bin/$p"; done
for source in "$here"/*.c; do program "$bin/$(basename "$source" .c)"; done
program "$(command -v v4l2-ctl)"
# Tests of ours that say more on a kernel like this one.
program "$bin/test_scan_sandbox"
# libv4l opens these by name; without them it works too, and a counter has them.
for plugins in /usr/lib/*-linux-gnu/libv4l; do
	mkdir -p ".$(dirname "$plugins")"
	cp -a "$plugins" ".$plugins"
done
cp -a "$bin/locale" usr/local/bin/

"$here/world.sh" "$bin" "$PWD/world" >/dev/null
find . | busybox cpio -o -H newc >../initrd.img 2>../cpio.log
