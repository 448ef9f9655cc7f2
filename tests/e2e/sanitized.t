#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The end-to-end tests once more, on programs built with ASan and UBSan: a leak, an over-read or an
# undefined operation ends a program with a status that the test did not expect.
cd "$(dirname "$0")/../.." || exit 1
export COUNTERSIGN_BIN=build/clang-address-undefined
set -- replay terminal demo backend_session backend_hostile backend_admin
echo "1..$#"
n=0
for name; do
	n=$((n + 1))
	if out=$("tests/e2e/$name.t" 2>&1); then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "$out" | grep -v '^ *ok ' | tail -n 60 | sed 's/^/# /'
	fi
done
