#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make install` puts where, with which modes, and that it works from there.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
bin=${COUNTERSIGN_BIN:-build/gcc}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/countersign-install.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
export XDG_STATE_HOME="$tmp/state" # what terminals keep
trap 'exit 1' HUP INT TERM

umask 077 # the installer's umask must not matter
make --no-print-directory -o all install "B=$bin" "DESTDIR=$tmp/root" PREFIX=/usr >"$tmp/log" 2>&1
is $? 0 "make install" || cat "$tmp/log"
usr=$tmp/root/usr
# shellcheck disable=SC2012
is "$(ls "$usr/bin" | tr '\n' ' ')" "countersign countersign-scanner countersignd holder " \
	"the programs, and no test build"
is "$(find "$usr" -type f -path "*/bin/*" ! -perm 755)" "" "programs are for everybody to run"
is "$(find "$usr" -type f ! -path "*/bin/*" ! -perm 644)" "" "everything else for everybody to read"
is "$(find "$usr" -type d ! -perm 755)" "" "and every folder can be entered"
is "$(cd "$usr/share/locale" && find . -type f)" "./zh_CN/LC_MESSAGES/countersign.mo" "the catalogue"
is "$(ls "$usr/lib/countersign")" "countersign-symbologies.so" "what --all-symbologies loads"
is "$(ls "$usr/include")" "countersign_till.h" "the C client of tills"
[ -s "$usr/share/man/man1/countersign.1" ] && [ -s "$usr/share/man/man8/countersignd.8" ]
ok $? "the manuals"

# ---- the units ----
units=$usr/lib/systemd/system
is "$(ls "$units" 2>/dev/null | tr '\n' ' ')" "countersignd.service countersignd.socket " "units of systemd"
is "$(grep -c '^ExecStart=/usr/bin/countersignd ' "$units/countersignd.service")" 1 "the service runs what was installed"
is "$(grep -c '@PREFIX@' "$units/countersignd.service")" 0 "no place is left open"
if command -v systemd-analyze >/dev/null; then
	# the program is where it will be, for the one who checks; nothing is started
	sed "s|=/usr/bin/countersignd|=$usr/bin/countersignd|" "$units/countersignd.service" >"$tmp/countersignd.service"
	cp "$units/countersignd.socket" "$tmp"
	chmod 644 "$tmp"/countersignd.*
	SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$tmp/countersignd.service" "$tmp/countersignd.socket" >"$tmp/said" 2>&1
	is "$(grep -c 'countersignd\.' "$tmp/said")" 0 "systemd finds nothing wrong with them" || cat "$tmp/said"
fi

help=$("$usr/bin/countersign" --language zh_CN --help)
is "$?" 0 "the installed program runs"
wanted=$("$bin/countersign" --language zh_CN --help)
is "$help" "$wanted" "and finds its catalogue beside itself"
printf %s "$help" | LC_ALL=C grep -q "$(printf '\344')"
ok $? "which is Chinese"

# One white picture, read by the scanner that was installed beside the terminal.
cat >"$tmp/till.conf" <<END
[terminal]
name = till
[backend]
url = http://127.0.0.1:9
token = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
[issuer]
name = Bank
host = QR.EXAMPLE.COM
key = 03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8
END
mkdir "$tmp/film"
{ printf 'P5 64 64 255\n' && head -c 4096 /dev/zero | tr '\0' '\377'; } >"$tmp/film/1.pgm"
"$usr/bin/countersign" --config "$tmp/till.conf" --source "replay:$tmp/film" --headless --json --once \
	</dev/null >"$tmp/events" 2>"$tmp/err"
is "$?" 1 "the installed terminal runs, and decides nothing"
like "$(cat "$tmp/events" "$tmp/err")" '*"state":"ended"*"reason":"end-of-frames"*' \
	"the scanner beside it read the frames to their end"
rm "$usr/bin/countersign-scanner"
"$usr/bin/countersign" --config "$tmp/till.conf" --source "replay:$tmp/film" --headless --json --once \
	</dev/null >"$tmp/events" 2>"$tmp/err"
is "$?" 3 "without it, it says so and stops"
done_testing
