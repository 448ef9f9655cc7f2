#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What stays in a running countersignd after an activation and a PIN: its writable memory is
# searched for the texts that went through it.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

long_pin=284619370551

# Counts the texts on standard input, one a line, in the process's writable memory.
# The last line is a text that must be there: what finds nothing at all proves nothing.
memory_search() { # PID
	perl -e '
		my ($pid) = @ARGV;
		my @texts = grep { length } map { chomp; $_ } <STDIN>;
		my @found = (0) x @texts;
		open my $maps, "<", "/proc/$pid/maps" or exit 2;
		open my $mem, "<:raw", "/proc/$pid/mem" or exit 2;
		while (<$maps>) {
			my ($from, $to) = /^([0-9a-f]+)-([0-9a-f]+) rw/ or next;
			my ($at, $left) = (hex $from, hex($to) - hex $from);
			my $bytes = "";
			sysseek $mem, $at, 0 or next;
			while ($left > 0) {
				my $n = sysread $mem, $bytes, $left, length $bytes;
				last unless $n;
				$left -= $n;
			}
			for my $i (0 .. $#texts) { $found[$i]++ if index($bytes, $texts[$i]) >= 0 }
		}
		print join(" ", @found), "\n"' "$1"
}

backend_make
account_id=$(admin account add --holder "$holder_id" --number 777 \
	--pin-file "$(secret_file longpin $long_pin)" | member account)
credential_new "$tmp/wallet"
server_start

# nothing_stays WORDS TEXT...: at once, before other requests write over what was given back
nothing_stays() {
	words=$1
	shift
	found=$(printf '%s\n' "$@" "$dir/countersign.db" | memory_search "$server_pid")
	if [ -z "$found" ]; then
		echo "ok $((tap_count += 1)) - $words # SKIP this user may not read that memory"
		return
	fi
	is "$(echo "${found% *}" | tr -d ' 0')" "" "$words"
	like "${found##* }" "[1-9]*" "and the search does find what is there"
}

# both links have gone out: a text on its way is in memory for a reason
messages_are_sent() {
	curl -s "$url/metrics" | grep -q '^countersign_messages_total{result="sent"} 2$'
}
wait_until 20 messages_are_sent
ok $? "the messages with the links were sent"

# the activation by hand, since its answer is what is looked for
http POST /v1/activations "" "{\"token\":\"$activation\"}"
is "$status" 201 "a credential is activated"
secret=$(get secret)
bearer=$(get token)
is "${#secret} ${#bearer}" "64 52" "secret and token came"
nothing_stays "the secret and both tokens are gone" "$secret" "$bearer" "$activation"

credential_new "$tmp/wallet" --policy static --digits 8
wallet_activate
start "$token_a"
respond "$token_a" "$(second_code "$number")"
is "$status $(get state)" "200 accepted" "a second code is accepted"
pin "$token_a" 111122223333 1
is "$(get reason)" wrong-pin "a wrong PIN is refused"
nothing_stays "the wrong PIN and the terminal's token are gone" 111122223333 "$token_a"
pin "$token_a" $long_pin 2
is "$(get state)" authorised "the right one authorises"
nothing_stays "the right PIN is gone" $long_pin

# more than one read of the socket brings, so that the server's buffers grow
http POST /v1/activations "" "$(printf '{"token":"%s"%14000s}' "$bearer" "")"
is "$status" 404 "a long request is answered"
nothing_stays "its token is gone" "$bearer"

# ---- no core file, no debugger of the same user ----
guarded() { # PID WORDS
	is "$(sed -n 's/^Max core file size *//p' "/proc/$1/limits" | tr -s ' ')" "0 0 bytes " "$2"
}
guarded "$server_pid" "countersignd leaves no core file"
mkfifo "$tmp/held"
"$bin/holder" activate --url "$url" --token-stdin --wallet "$tmp/w" --passcode-stdin \
	<"$tmp/held" 2>"$tmp/holder.err" &
holder_pid=$!
exec 9>"$tmp/held"
wait_until 5 test "$(readlink "/proc/$holder_pid/exe")" != "$(readlink /proc/$$/exe)"
sleep 0.2
guarded "$holder_pid" "nor does holder"
exec 9>&-
wait "$holder_pid"
"$bin/countersign" explain - <"$tmp/held" >"$tmp/explained" 2>&1 &
explain_pid=$!
exec 9>"$tmp/held"
sleep 0.2
guarded "$explain_pid" "nor does countersign"
exec 9>&-
wait "$explain_pid"
server_stop
is "$server_status" 0 "SIGTERM ends it with status 0"
done_testing
