#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target: its whole corpus, then new inputs for FUZZ_SECONDS, under ASan and UBSan.
cd "$(dirname "$0")/../.." || exit 1
bin=build/clang-fuzzer-no-link-address-undefined
# shellcheck disable=SC2046 # a list of words
set -- $(make -s fuzz-list)
[ $# -gt 0 ] || { echo "1..1"; echo "not ok 1 - there are fuzz targets"; exit 1; }
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
echo "1..$#"
n=0
for name; do
	n=$((n + 1))
	mkdir -p "$tmp/$name"
	[ -d "fixtures/corpus/$name" ] || mkdir -p "$tmp/empty"
	if "$bin/fuzz_$name" -max_total_time="${FUZZ_SECONDS:-4}" -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$tmp/$name/" "$tmp/$name" \
		"fixtures/corpus/$name" >"$tmp/$name.log" 2>&1; then
		echo "ok $n - $name: $(sed -n 's/stat::number_of_executed_units: *//p' "$tmp/$name.log") inputs"
	else
		echo "not ok $n - $name"
		tail -n 40 "$tmp/$name.log" | sed 's/^/# /'
		for f in "$tmp/$name"/crash-* "$tmp/$name"/timeout-* "$tmp/$name"/oom-* "$tmp/$name"/leak-*; do
			[ -f "$f" ] && echo "# $(basename "$f") base64: $(base64 -w0 <"$f" | cut -c1-2000)"
		done
	fi
done
