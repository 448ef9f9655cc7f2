#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over every C file: slow, so it is a target of its own (make analyse).
set -eu
cd "$(dirname "$0")/../.."
command -v clang-tidy >/dev/null || tests/lib/deps.sh clang-tidy
checks='-*,clang-analyzer-*,bugprone-*,cert-*,-bugprone-easily-swappable-parameters'
checks="$checks,-bugprone-reserved-identifier,-cert-dcl37-c,-cert-dcl51-cpp,-bugprone-assignment-in-if-condition"
checks="$checks,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"
checks="$checks,-cert-err33-c,-bugprone-suspicious-include"
git ls-files 'base/*.c' 'crypto/*.c' 'scanner/*.c' 'verifier/*.c' 'ui/*.c' 'backend/*.c' \
	'wallet/holder/*.c' |
	xargs -P "$(nproc)" -n 4 sh -c 'clang-tidy --quiet --warnings-as-errors="*" --checks="$0" "$@" -- \
		-I. -D_GNU_SOURCE -std=c17 -DCOUNTERSIGN_VERSION="\"0\""' "$checks"
