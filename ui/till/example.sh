#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A till in the shell:  example.sh SOCKET ID AMOUNT CURRENCY
# Sells with socat, prints how the sale goes on, and ends with 0 when it was accepted, 1 when not, 2
# when that is not known: then run it again with the same id.
set -eu
if [ $# -ne 4 ]; then
	echo "usage: $0 SOCKET ID AMOUNT CURRENCY" >&2
	exit 3
fi
start="{\"command\":\"start\",\"id\":\"$2\",\"amount\":\"$3\",\"currency\":\"$4\"}"
# The terminal closes the connection when the sale is over: all that was asked for was told.
lines=$(printf '%s\n' "$start" | socat -t 600 - "UNIX-CONNECT:$1") || exit 2
printf '%s\n' "$lines"
case $(printf '%s\n' "$lines" | tail -n 1) in
*'"error":"too-many-clients"'*) exit 2 ;; # nobody has read the start
*'"error":'*) exit 3 ;;
*'"state":"finished","verdict":"accepted"'*) exit 0 ;;
*'"state":"finished","verdict":"authorised"'*) exit 0 ;;
*'"state":"finished","verdict":"refused"'*) exit 1 ;;
*'"state":"finished","verdict":"none"'*) exit 1 ;;
*) exit 2 ;;
esac
