#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# countersign-scanner by hand: --print, its words and its exit statuses.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
scanner=${COUNTERSIGN_BIN:-build/gcc}/countersign-scanner
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT

# run STATUS WORDS ARGUMENTS...: exit status; output and words are kept
run() {
	want=$1 words=$2
	shift 2
	"$scanner" "$@" >"$tmp/out" 2>"$tmp/err"
	is "$?" "$want" "$words: status $want"
}
refused() { # PATTERN WORDS ARGUMENTS...
	pattern=$1 words=$2
	shift 2
	run 3 "$words" "$@" </dev/null
	is "$(wc -c <"$tmp/out") $(wc -l <"$tmp/err")" "0 1" "$words: one line"
	like "$(cat "$tmp/err")" "countersign-scanner: $pattern" "$words: says why"
}

# code FILE: a seed of fuzz_decode (sides less 16, then pixels) as PGM; it shows HELLO
code() {
	{ printf 'P5 %d %d 255\n' "$(od -An -tu1 -N1 "$1" | awk '{print $1 + 16}')" \
		"$(od -An -tu1 -j1 -N1 "$1" | awk '{print $1 + 16}')"
	tail -c +3 "$1"; }
}
mkdir "$tmp/pictures"
code fixtures/corpus/decode/hello >"$tmp/pictures/1.pgm"
code fixtures/corpus/decode/hello_dark >"$tmp/pictures/2.pgm"
printf 'P5 100000 1 255 ' >"$tmp/pictures/3.pgm"

run 0 "--help" --help
like "$(cat "$tmp/out")" "*helper process of countersign*--print*SOURCE*" "--help says what it is"
run 0 "--version" --version
like "$(cat "$tmp/out")" "countersign-scanner [0-9]*" "--version"

run 0 "a folder" --print "$tmp/pictures"
is "$(grep -c '"text":"HELLO"' "$tmp/out")" 2 "a light and a dark code are read"
like "$(tail -n 1 "$tmp/out")" '{"frames":3,"codes":2,"damaged":0,"unreadable":1,*}' "the summary"
like "$(cat "$tmp/err")" "*3.pgm: PGM: picture of 100000 x 1*" "the file that is none is named"
run 0 "replay: is understood, --quiet" --print --quiet "replay:$tmp/pictures"
is "$(wc -l <"$tmp/out")" 1 "--quiet leaves the summary"

run 0 "--frames" --print --frames 2 "$tmp/pictures"
like "$(tail -n 1 "$tmp/out")" '{"frames":2,*' "--frames: so many and no more"
refused "--frames: a number*" "--frames that is no number" --print --frames 2x "$tmp/pictures"

mkdir "$tmp/blank"
{ printf 'P5 64 64 255\n' && head -c 4096 /dev/zero; } >"$tmp/blank/1.pgm"
run 1 "no code" --print "$tmp/blank"
run 1 "a pipe of nothing" --print - </dev/null
mkfifo "$tmp/pipe"
{ printf 'YUV4MPEG2 W64 H64 Cmono\nFRAME\n' && head -c 4096 /dev/zero; } >"$tmp/pipe" &
run 1 "a pipe of y4m" --print - <"$tmp/pipe"
like "$(cat "$tmp/out")" '{"frames":1,*' "its frame was examined"

mkdir "$tmp/recording"
cat fixtures/sessions/accepted-640x480/frames.mjpeg >"$tmp/recording/frames.mjpeg"
echo '{}' >"$tmp/recording/session.jsonl"
run 0 "a recording without times" --print --quiet "$tmp/recording"
is "$(wc -l <"$tmp/err")" 1 "a recording without times: one line"
like "$(cat "$tmp/err")" "*no file times*" "a recording without times: says so"
echo words >"$tmp/recording/times"
run 3 "a recording with bad times" --print --quiet "$tmp/recording"
like "$(cat "$tmp/err")" "*times, line 1: not a number*" "a recording with bad times: says so"
like "$(cat "$tmp/out")" '{"frames":*' "a recording with bad times: the summary comes all the same"

film=fixtures/sessions/accepted-640x480/frames.mjpeg
{ printf '\377\330none\377\331%.0s' 1 2 3 && cat $film && printf '\377\330none\377\331'; } >"$tmp/film.mjpeg"
run 0 "a film with frames that are none" --print --quiet "$tmp/film.mjpeg"
like "$(cat "$tmp/out")" '*"unreadable":4,*' "frames that are none: each is counted"
is "$(wc -l <"$tmp/err")" 3 "frames that are none: told when it begins and when it ends"
like "$(cat "$tmp/err")" "*unreadable frame 0: JPEG*from frame 3 on they can be read*unreadable frame 20: JPEG*" \
	"frames that are none: with its numbers"
refused "/dev/video77: there is no such camera*" "a camera that is not there" --print /dev/video77

{ cat "$tmp/pictures/1.pgm" && head -c 300000 /dev/zero; } >"$tmp/long.pgm"
run 1 "a PGM with bytes behind its pixels" --print "$tmp/long.pgm"
like "$(cat "$tmp/err")" "*long.pgm: PGM says*300000 bytes follow*" "a PGM that lies: says so"

refused "option*--nonsense*" "unknown option" --nonsense
refused "this is a helper*" "no mode"
refused "exactly one SOURCE*" "no source" --print
refused "exactly one SOURCE*" "two sources" --print a b
refused "option*" "two modes" --print --serve x
refused "--fps: a number*" "a number that is none" --serve --fps 9x x
refused "cannot open /nonexistent*" "a source that is not there" --print /nonexistent
mkdir "$tmp/empty"
refused "*neither a recording nor*" "an empty folder" --print "$tmp/empty"

: >"$tmp/full"
"$scanner" --print "$tmp/pictures" >/dev/full 2>"$tmp/err"
is "$?" 3 "an output that is full: status 3"
like "$(cat "$tmp/err")" "*cannot write*" "an output that is full: says so"
refused "--serve is for countersign*" "--serve without the terminal" --serve "$tmp/pictures"
done_testing
