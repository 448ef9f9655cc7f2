#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/fetch.sh: a Debian kernel for the test machine, in build/vm/<kernel version>/. Prints that
# folder. Nothing is installed and root is not needed: packages are downloaded by apt-get and unpacked.
#
#   vmlinux          the kernel, uncompressed: starts in a third of the time
#   lib/modules/...  the modules named below, v4l2loopback built from its Debian source, modules.dep
#
# What is there already is used as it is. Without a network the newest that is there is used; when
# there is none, it fails and says so.
set -eu
recipe=$(cksum <"$0" | cut -d" " -f1) # a cache that other lines made is of no use
cd "$(dirname "$0")/../.."
cache=$PWD/build/vm
mkdir -p "$cache"

# Folders under kernel/ and single modules; what they depend on is among them.
modules='drivers/media/mc drivers/media/v4l2-core drivers/media/common/videobuf2
	drivers/media/common/v4l2-tpg drivers/media/cec/core drivers/media/rc/rc-core.ko
	drivers/media/test-drivers/vivid drivers/input/misc/uinput.ko drivers/input/evdev.ko
	drivers/hid/hid.ko drivers/hid/uhid.ko drivers/hid/hid-generic.ko'

say() { echo "tests/vm/fetch.sh: $*" >&2; }

# A list of packages of our own: the machine's may be old or absent, and only root may renew it.
own_list() {
	mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial"
	set -- -o "Dir::State::Lists=$cache/apt/lists" -o "Dir::Cache=$cache/apt" \
		-o Debug::NoLocking=1 -o APT::Sandbox::User=
	say "asking for the list of packages"
	apt-get -q "$@" update >"$cache/apt.log" 2>&1 || return 1
	apt="$*"
}

# The kernel that the list of packages names now: 6.1.0-56-amd64
version() {
	# shellcheck disable=SC2086 # a list of words
	apt-cache $apt depends linux-image-amd64 2>/dev/null |
		sed -n '/Depends: linux-image-/{s/.*Depends: linux-image-//p;q;}'
}

download() { # FOLDER VERSION
	abi=${2%-amd64}
	say "downloading kernel $2 (85 MB)"
	# shellcheck disable=SC2086
	(cd "$1" && apt-get -q $apt download "linux-image-$2" "linux-headers-$2" \
		"linux-headers-$abi-common" "linux-kbuild-${abi%%.0-*}" v4l2loopback-dkms) \
		>"$cache/apt.log" 2>&1
}

# The kernel image holds its compressed self; where, says its header (Documentation/x86/boot.rst).
extract_vmlinux() { # vmlinuz vmlinux
	setup=$(od -An -tu1 -j497 -N1 "$1")
	offset=$(od -An -tu4 -j584 -N4 "$1")
	length=$(od -An -tu4 -j588 -N4 "$1")
	tail -c +$(((setup + 1) * 512 + offset + 1)) "$1" | head -c $((length - 4)) | xz -dc >"$2"
}

build() { # FOLDER VERSION, with the packages in it
	cd "$1"
	wanted=
	for m in $modules; do wanted="$wanted ./lib/modules/$2/kernel/$m"; done
	# shellcheck disable=SC2086
	dpkg-deb --fsys-tarfile linux-image-*.deb |
		tar -x "./boot/vmlinuz-$2" "./lib/modules/$2/modules.builtin" \
			"./lib/modules/$2/modules.order" $wanted
	extract_vmlinux "boot/vmlinuz-$2" vmlinux
	for deb in linux-headers-*.deb linux-kbuild-*.deb v4l2loopback-*.deb; do
		dpkg-deb -x "$deb" h
	done
	# The headers expect to be installed.
	sed -i "s#/usr/src#$PWD/h/usr/src#" "h/usr/src/linux-headers-$2/Makefile"
	source=$(echo "$PWD"/h/usr/src/v4l2loopback-*)
	make -s -C "h/usr/src/linux-headers-$2" M="$source" modules >make.log 2>&1 || {
		cat make.log >&2
		return 1
	}
	strip --strip-debug "$source/v4l2loopback.ko"
	mv "$source/v4l2loopback.ko" "lib/modules/$2/kernel/"
	busybox depmod -b "$PWD" "$2"
	rm -rf -- *.deb h boot
	cd "$cache"
}

apt=
kernel=$(version)
if [ -z "$kernel" ] && own_list; then kernel=$(version); fi
if [ -n "$kernel" ] && [ -d "$cache/$kernel.$recipe" ]; then
	echo "$cache/$kernel.$recipe"
	exit 0
fi

# In a folder of its own until it is complete.
work=$(mktemp -d "$cache/new.XXXXXX")
trap 'rm -rf "$work"' EXIT
if [ -n "$kernel" ] && { download "$work" "$kernel" ||
	{ own_list && kernel=$(version) && [ -n "$kernel" ] && download "$work" "$kernel"; }; }; then
	build "$work" "$kernel"
	chmod 755 "$work"
	find "$cache" -mindepth 1 -maxdepth 1 -name "[0-9]*-amd64.*" -exec rm -rf {} + # older ones
	mv -T "$work" "$cache/$kernel.$recipe"
	echo "$cache/$kernel.$recipe"
	exit 0
fi
last=$(find "$cache" -mindepth 1 -maxdepth 1 -name "[0-9]*-amd64.$recipe" | sort -V | tail -n 1)
if [ -n "$last" ]; then
	say "no newer kernel to be had; going on with $(basename "$last")"
	echo "$last"
	exit 0
fi
say "no kernel: it cannot be downloaded and none is in build/vm. apt-get said:"
tail -n 5 "$cache/apt.log" >&2 || :
exit 1
