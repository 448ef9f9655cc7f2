#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A backend directory that cannot be trusted: pages overwritten, a key lost, files open to others.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh
backend_make
copy=$tmp/copy
copy() { rm -rf "$copy" && cp -pr "$dir" "$copy"; }

# refused STATUS PATTERN WORDS ARGUMENTS...: one line on standard error, nothing on output
refused() {
	want=$1 pattern=$2 words=$3
	shift 3
	timeout 60 "$bin/countersignd" --dir "$copy" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	is "$? $(wc -c <"$tmp/out") $(wc -l <"$tmp/err")" "$want 0 1" "$words: status $want and one line"
	like "$(cat "$tmp/err")" "countersignd: $pattern" "$words: says why"
}
# Overwrites 8 KiB from a page on.
overwrite() { # PAGE SOURCE
	dd if="$2" of="$copy/countersign.db" bs=4096 seek="$1" count=2 conv=notrunc 2>/dev/null
}
damaged="*countersign.db: the database is damaged*put a backup*"

# ---- the whole file ----
copy
overwrite 5 /dev/urandom
refused 1 "serve: $damaged" "8 KiB of noise at 20 KiB" serve --port 0
refused 1 "audit verify: $damaged" "and the chain is not called good" audit verify
missed=
pages=$(($(stat -c %s "$dir/countersign.db") / 4096))
page=1
while [ $page -lt $pages ]; do
	copy
	overwrite $page /dev/zero
	timeout 60 "$bin/countersignd" --dir "$copy" audit verify >"$tmp/out" 2>"$tmp/err"
	[ $? = 1 ] && grep -q "put a backup" "$tmp/err" || missed="$missed $page"
	page=$((page + 1))
done
[ $pages -gt 20 ]
ok $? "there are pages to damage"
is "$missed" "" "8 KiB of zeroes from any page on are noticed"

# An index that lacks a row: only the full check compares it with its table.
copy
sqlite3 "$copy/countersign.db" "CREATE TABLE spare(a, b); CREATE INDEX wallet_spare ON spare(a);
	INSERT INTO spare VALUES(1, 2); PRAGMA writable_schema=ON;
	UPDATE sqlite_schema SET sql='CREATE INDEX wallet_spare ON spare(b)' WHERE name='wallet_spare'"
refused 1 "audit verify: $damaged" "an index that does not agree with its table" audit verify

# ---- a large file: the schema and the last records only ----
copy
truncate -s 300M "$copy/countersign.db"
sqlite3 "$copy/countersign.db" "UPDATE audit SET at = at + 1 WHERE seq = (SELECT max(seq) - 1 FROM audit)"
truncate -s 300M "$copy/countersign.db"
timeout 60 "$bin/countersignd" --dir "$copy" serve --port 0 >"$tmp/out" 2>"$tmp/err"
is $? 1 "a large file with a changed record does not start"
like "$(cat "$tmp/err")" "*has 300 MiB: only its last audit records*countersign.db: record * it was changed*backup*" "and says what was looked at"

# ---- who may write ----
for mode in 666 620 602; do
	copy && chmod $mode "$copy/countersign.db"
	refused 3 "*countersign.db: mode 0$mode lets others write it; run: chmod go-w *" "a database of mode $mode" audit verify
done
for mode in 777 770 702; do
	copy && chmod $mode "$copy"
	refused 3 "*$copy: mode 0$mode lets others write it; run: chmod go-w $copy" "a directory of mode $mode" serve --port 0
done
copy && : >"$copy/countersign.db-wal" && chmod 666 "$copy/countersign.db-wal"
refused 3 "*countersign.db-wal: mode 0666*chmod*" "a log of the database that others may write" audit verify
copy && chmod 755 "$copy" && chmod 644 "$copy/countersign.db"
"$bin/countersignd" --dir "$copy" audit verify >"$tmp/out" 2>"$tmp/err"
is $? 0 "what others may only read is opened"
rm -rf "$copy" && mkdir "$copy" && chmod 777 "$copy"
refused 3 "init: $copy: mode 0777*chmod*" "init in a directory that others may write" init --name A --host B

# ---- the key ----
copy && rm "$copy/master.key"
refused 3 "*master.key: the master key is missing: put your copy*a new key cannot open*" "no master key" serve --port 0
done_testing
