# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034 # variables are for who sources it
# A simulated SMTP relay and SMS gateway for a shell test: to be sourced after backend.sh. It ends
# with the script.
: "${tmp:=}" # of backend.sh
relay=$tmp/relay
mkdir "$relay"
python3 tests/lib/simulated_relay.py "$relay" 2>"$tmp/relay.err" &
relay_pid=$!
# shellcheck disable=SC2064 # now
trap "kill $relay_pid; backend_cleanup" EXIT
wait_until 10 test -s "$relay/http.port"
wait_until 10 test -s "$relay/smtp.port"
smtp=smtp://127.0.0.1:$(cat "$relay/smtp.port")
gateway=http://127.0.0.1:$(cat "$relay/http.port")/send

mood() { echo "$1" >"$relay/mood"; }
seen() { grep -c "^$1" "$relay/seen" 2>/dev/null; }
gateway_got() { find "$relay" -name 'http.[0-9]*' ! -name '*.part' | wc -l; }
# The ids of the messages that it got, a line each.
gateway_ids() { cat "$relay"/http.[0-9]* | tr -d '\r' | sed -n 's/^Idempotency-Key: //p'; }
