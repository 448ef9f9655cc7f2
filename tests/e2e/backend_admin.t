#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line of countersignd: what it takes, what it refuses and in which words.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh
umask 022 # what it writes must be private whatever the umask is

# refused STATUS PATTERN WORDS ARGUMENTS...: exit status, one line on standard error, nothing on output
refused() {
	want=$1 pattern=$2 words=$3
	shift 3
	"$bin/countersignd" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	is "$? $(wc -c <"$tmp/out") $(wc -l <"$tmp/err")" "$want 0 1" "$words: status $want and one line"
	like "$(cat "$tmp/err")" "countersignd: $pattern" "$words: says why"
}

# ---- words and options ----
like "$("$bin/countersignd" --version)" "countersignd [0-9]*" "--version"
like "$("$bin/countersignd" --help)" "*usage: countersignd*credential issue*terminal enrol*" "--help"
like "$("$bin/countersignd" credential issue --help)" "usage: countersignd*credential issue --holder*" "help of a command"
refused 3 "*no command*" "nothing"
refused 3 "*unknown command*" "an unknown command" dance
refused 3 "*unknown command*" "half a command" credential
refused 3 "*unknown option*" "an unknown global option" --speed 3 init
refused 3 "*--dir DIR*" "no directory" holder add --name A
refused 3 "*DIR is missing*" "init without a directory" init --name A --host B
refused 3 "*--host is missing*" "init without a host" init "$dir" --name A
refused 3 "*" "a host in lower case" init "$dir" --name A --host qr.example.com
refused 3 "*unexpected argument*" "too many words" init "$dir" more --name A --host B
refused 3 "*given twice*" "an option twice" init "$dir" --name A --name B --host C
refused 3 "*needs a value*" "an option without its value" init "$dir" --name
refused 3 "*" "a host that no code can name" init "$dir" --name A --host 'EXAMPLE COM'
refused 3 "*" "a server certificate that is not there" init "$dir" --name A --host B --server-cert "$tmp/none" --server-key "$tmp/none"
[ ! -e "$dir" ]
ok $? "and leaves no directory"
mkdir -m 700 "$tmp/empty"
refused 3 "*" "the same in a directory that is there" init "$tmp/empty" --name A --host B --server-cert "$tmp/none" --server-key "$tmp/none"
is "$(ls -A "$tmp/empty" 2>&1)" "" "which stays, empty"

backend_make
refused 3 "*" "init where a backend is" init "$dir" --name A --host B
refused 3 "*unknown option*" "an unknown option" --dir "$dir" serve --turbo
refused 3 "*0 to 65535*" "a port that is none" --dir "$dir" serve --port 70000
refused 3 "*--log must be*" "a log level that is none" --dir "$dir" serve --port 0 --log loud

# ---- values ----
refused 3 "*--name is missing*" "a holder without a name" --dir "$dir" holder add --phone 110
for bad in abc 12 '+' 12345678901234567 '138 0013 000x'; do
	refused 3 "*phone number must have*" "the telephone number '$bad'" --dir "$dir" holder add --name A --phone "$bad"
done
refused 3 "*control characters*" "a name with an escape sequence" --dir "$dir" holder add --name "$(printf 'A\033[2J')"
refused 3 "*too long*" "a name of 100 bytes" --dir "$dir" holder add --name "$(printf '%0100d' 0)"
refused 3 "*32 hexadecimal digits*" "an id that is none" --dir "$dir" account add --holder xyz --number 1
refused 1 "*holder*" "a holder that is not there" --dir "$dir" account add --holder 00000000000000000000000000000000 --number 1
refused 1 "*" "a credential that is not there" --dir "$dir" credential show 00000000000000000000000000000000
refused 3 "*ID is missing*" "no id" --dir "$dir" credential show
refused 3 "*live or static*" "a policy that is none" --dir "$dir" credential issue --holder "$holder_id" --account "$account_id" --policy dead
refused 3 "*from 6 to 10*" "eleven digits" --dir "$dir" credential issue --holder "$holder_id" --account "$account_id" --digits 11
refused 3 "*not both*" "two ends of validity" --dir "$dir" credential issue --holder "$holder_id" --account "$account_id" --not-after 2000000000 --valid-days 3

# ---- PINs ----
refused 3 "*" "a PIN file that is not there" --dir "$dir" account add --holder "$holder_id" --number 2 --pin-file "$tmp/none"
chmod 644 "$tmp/pin"
refused 3 "*$tmp/pin*" "a PIN file that others may read" --dir "$dir" account add --holder "$holder_id" --number 2 --pin-file "$tmp/pin"
chmod 600 "$tmp/pin"
for bad in 123 1234567890123 12a4 ''; do
	f=$(secret_file badpin "$bad")
	refused 3 "*PIN*" "the PIN '$bad'" --dir "$dir" account add --holder "$holder_id" --number 2 --pin-file "$f"
done
refused 3 "*not both*" "two PINs" --dir "$dir" account add --holder "$holder_id" --number 2 --pin-file "$tmp/pin" --pin-stdin
got=$(printf '8642\n' | admin account add --holder "$holder_id" --number 3 --pin-stdin | member account)
is "$(printf %s "$got" | wc -c)" 32 "a PIN from standard input"
got=$(admin account add --holder "$holder_id" --number 4 | member account)
is "$(printf %s "$got" | wc -c)" 32 "an account without a PIN"
is "$(admin account unlock "$got" | member account)" "$got" "an account is unlocked"

# ---- terminals ----
refused 3 "*is there already*" "a configuration that is there" --dir "$dir" terminal enrol till-a --url http://127.0.0.1:1 --config "$tmp/till-a.conf"
is "$(token_of till-a)" "$token_a" "and the file is as it was"
refused 3 "*http*" "a URL that is none" --dir "$dir" terminal enrol till-c --url ftp://x --config "$tmp/c.conf"
while IFS='|' read -r bad words; do
	refused 3 "*--url: *$words*" "the URL $bad" --dir "$dir" terminal enrol till-c --url "$bad" --config "$tmp/c.conf"
done <<-END
	http://10.0.0.1:8080|plain http:// is for this machine only
	http://127.0.0.1.example.com|plain http:// is for this machine only
	http://bank.example.com|use https://
	https://user@bank.example.com|more than scheme, host, port and path
	https://|no host
	https://bank.example.com:0|port
END
for bad in de zh en_GB EN ''; do
	refused 3 "*--language must be en or zh_CN*" "the language '$bad'" --dir "$dir" terminal enrol till-c --url http://127.0.0.1:1 --language "$bad" --config "$tmp/c.conf"
done
[ ! -e "$tmp/c.conf" ]
ok $? "nothing was written"
for good in 'https://bank.example.com:8443/api' 'http://[::1]:8080' http://localhost:1; do
	admin terminal enrol till-e --url "$good" --language en --config "$tmp/e.conf" --force >"$tmp/out" 2>"$tmp/err"
	is "$? $(sed -n 's/^url = //p' "$tmp/e.conf")" "0 $good" "the URL $good"
done
admin terminal enrol 'a ; b' --url http://127.0.0.1:1 --config "$tmp/c.conf" >"$tmp/out" 2>"$tmp/err"
is "$? $(grep -c '^name = "a ' "$tmp/c.conf")" "0 1" "a name that the file has in quotes"
rm -f "$tmp/c.conf"
refused 1 "*" "a directory that is not there" --dir "$dir" terminal enrol till-c --url http://127.0.0.1:1 --config "$tmp/none/c.conf"
refused 1 "*" "a terminal that is not there" --dir "$dir" terminal stop nobody
terminal_new till-d --language zh_CN
is "$(stat -c %a "$tmp/till-d.conf") $(sed -n 's/^language = //p' "$tmp/till-d.conf")" "600 zh_CN" "a language for the screen"
is "$(sed -n 's/^key = //p' "$tmp/till-d.conf")" "$(member key <"$tmp/init")" "the file has the issuer's key"

# ---- credentials ----
admin credential show "$credential_id" >"$tmp/shown"
is "$(member status <"$tmp/shown") $(member activated <"$tmp/shown") $(member policy <"$tmp/shown") $(member pin <"$tmp/shown")" \
	"active false live true" "a new credential"
like "$(member first_code <"$tmp/shown")" "HTTPS://QR.EXAMPLE.COM/C/*" "its first code"
credential_new "$tmp/w" --policy static --digits 8 --not-after 2000000000 --no-pin --purpose voucher
admin credential show "$credential_id" >"$tmp/shown"
is "$(member policy <"$tmp/shown") $(member digits <"$tmp/shown") $(member not_after <"$tmp/shown") $(member pin <"$tmp/shown") $(member purpose <"$tmp/shown")" \
	"static 8 2000000000 false voucher" "a credential with everything set"
admin credential freeze "$credential_id" --until 1999999999 >"$tmp/shown"
is "$(member frozen_until <"$tmp/shown")" 1999999999 "frozen until a time"

# ---- what was damaged ----
cp -r "$dir" "$tmp/copy"
printf 'this is not a database, and long enough to look at' >"$tmp/copy/countersign.db"
refused 3 "*countersign.db*" "a database that is none" --dir "$tmp/copy" audit verify
rm -rf "$tmp/copy" && cp -r "$dir" "$tmp/copy" && rm "$tmp/copy/countersign.db"
refused 3 "*countersign.db*" "no database" --dir "$tmp/copy" audit verify
rm -rf "$tmp/copy" && cp -r "$dir" "$tmp/copy" && chmod 644 "$tmp/copy/master.key"
refused 3 "*master.key*" "a master key that others may read" --dir "$tmp/copy" audit verify
chmod 600 "$tmp/copy/master.key" && printf '%064d\n' 0 >"$tmp/copy/master.key"
refused 3 "*" "another master key" --dir "$tmp/copy" audit verify
refused 3 "*$tmp/nowhere*" "a directory that is not there" --dir "$tmp/nowhere" audit verify
rm -rf "$tmp/copy" && cp -r "$dir" "$tmp/copy" && echo 'speed = 3' >>"$tmp/copy/countersignd.conf"
refused 3 "*countersignd.conf*" "a configuration with an unknown key" --dir "$tmp/copy" audit verify
rm -rf "$tmp/copy" && cp -r "$dir" "$tmp/copy" && chmod 664 "$tmp/copy/countersignd.conf"
refused 3 "*countersignd.conf: mode 0664 lets others write it; run: chmod go-w*" "a configuration that the group may write" --dir "$tmp/copy" audit verify
rm -rf "$tmp/copy" && cp -r "$dir" "$tmp/copy"
sqlite3 "$tmp/copy/countersign.db" "UPDATE audit SET at = at + 1 WHERE seq = 3"
"$bin/countersignd" --dir "$tmp/copy" audit verify >"$tmp/out" 2>"$tmp/err"
is "$? $(member good <"$tmp/out") $(member bad_record <"$tmp/out")" "1 false 3" "a changed audit record is found"
admin holder add --name "full" >/dev/full 2>"$tmp/err"
is $? 1 "an answer that cannot be written is a failure"

# ---- the installed program has nothing of the test build ----
grep -qc "Countersign-Test-Time" "$bin/countersignd"
is $? 1 "no header that sets the time"
nm "$bin/countersignd" | grep -q sec_random_seed
is $? 1 "no way to seed its randomness"
refused 3 "*unknown option*" "a seed" --seed x --now 1 --dir "$dir" audit verify
done_testing
