#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages named on the command line that are missing. Says what it does.
# PACKAGE:PROGRAM is not missing where the program is there, whoever brought it.
set -eu
missing=
for p; do
	case $p in
	*:*) command -v "${p#*:}" >/dev/null && continue ;;
	esac
	p=${p%%:*}
	state=$(dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | sort -u) || state=
	# Two architectures of a package give two lines; "not-installed" is a state, too.
	echo "$state" | grep -qx installed || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
	echo "These packages (Debian names) are needed and this is no Debian:$missing" >&2
	echo "Install what they are called here, then run make all." >&2
	exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "Missing:$missing" >&2
		echo "Run as root: apt-get install$missing" >&2
		exit 1
	fi
	sudo=sudo
fi
echo "installing by apt:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -q -o Dpkg::Use-Pty=0 update
install() { $sudo apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@"; }

# The tests start servers of their own: no cluster is to be made and started for the machine.
case "$missing " in
*" postgresql-1"*)
	install postgresql-common
	conf=/etc/postgresql-common/createcluster.conf
	grep -q '^create_main_cluster' $conf 2>/dev/null ||
		echo 'create_main_cluster = false' | $sudo tee -a $conf >/dev/null
	;;
esac
# shellcheck disable=SC2086 # a list of words
install $missing
