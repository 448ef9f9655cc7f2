#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# holder derive: every case of vectors.json by plain comparison of members, and what is no case.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
holder=${COUNTERSIGN_BIN:-build/gcc}/holder
vectors=fixtures/vectors/vectors.json
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT

# split: each case into a file of its own; compare CASE OUTPUT: words about members that differ
split() {
	perl -MJSON::PP -e 'local $/; my $n = 0; my $j = JSON::PP->new->utf8->canonical;
		for my $c (@{$j->decode(<STDIN>)->{cases}}) {
			open my $f, ">", "$ARGV[0]/case" . $n++; print $f $j->encode($c); }' "$1"
}
compare() {
	perl -MJSON::PP -e 'my $j = JSON::PP->new->utf8->canonical->allow_nonref;
		my ($want, $got) = map { local (@ARGV, $/) = $_; $j->decode(<>) } @ARGV;
		for (sort keys %$got) {
			print "$_ differs\n" if $j->encode($want->{$_}) ne $j->encode($got->{$_}); }
		print scalar(keys %$got) > 15 ? "compared\n" : "too few members\n";' "$1" "$2"
}
refused() { # PATTERN WORDS; the input is standard input
	"$holder" derive >"$tmp/out" 2>"$tmp/err"
	is "$?" 3 "$2: status 3"
	is "$(wc -c <"$tmp/out") $(wc -l <"$tmp/err")" "0 1" "$2: one line"
	like "$(cat "$tmp/err")" "holder: $1" "$2: says why"
}

split "$tmp" <"$vectors"
for case in "$tmp"/case*; do
	"$holder" derive <"$case" >"$case.out"
	is "$?" 0 "${case##*/} is derived"
	is "$(compare "$case" "$case.out")" "compared" "${case##*/}: every member is the same"
done

refused "*empty*" "an empty input" </dev/null
printf '{"secret":' >"$tmp/in"
refused "*" "cut JSON" <"$tmp/in"
printf 'words' >"$tmp/in"
refused "*" "no JSON" <"$tmp/in"
printf '[]' >"$tmp/in"
refused "*" "no object" <"$tmp/in"
printf '{}' >"$tmp/in"
refused "*issuer_seed*" "no members" <"$tmp/in"
sed 's/"digits":/"figures":/' "$tmp/case0" >"$tmp/in"
refused "*digits*" "a member that is missing" <"$tmp/in"
sed 's/"currency":"[A-Z]*"/"currency":"eur"/' "$tmp/case0" >"$tmp/in"
refused "*currency*" "a bad member" <"$tmp/in"
refused "*whole of vectors.json*one element of*cases*" "all of vectors.json" <"$vectors"
head -c 70000 /dev/zero >"$tmp/in"
refused "*longer than 65536 bytes*" "too long an input" <"$tmp/in"
"$holder" derive --nonsense </dev/null 2>"$tmp/err"
is "$?" 3 "an unknown flag: status 3"
done_testing
