# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2119 # variables are for who sources it
# A backend for shell tests: a scratch directory, countersignd on a free port, curl, the holder
# program as the wallet. To be sourced from the top of the tree, after tap.sh. Everything is removed
# and every process it started is ended when the script ends.
bin=${COUNTERSIGN_BIN:-build/gcc}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/countersign-test.XXXXXX")
unset STATE_DIRECTORY
export XDG_STATE_HOME="$tmp/state" # what terminals keep
dir=$tmp/backend
server_pid=
server_speaks=--plain # empty: TLS
status=
body=

backend_cleanup() {
	[ -z "$server_pid" ] || kill -9 "$server_pid" 2>/dev/null
	rm -rf "$tmp"
}
trap backend_cleanup EXIT
trap 'exit 1' HUP INT TERM

# A secret file as the programs want it.
secret_file() { # NAME TEXT -> path
	(umask 077 && printf '%s\n' "$2" >"$tmp/$1")
	echo "$tmp/$1"
}

# member NAME: a member of the JSON object on standard input, "a.b" one level down; empty when absent
member() {
	perl -MJSON::PP -e '
		local $/; my $v = eval { decode_json(<STDIN>) };
		for (split /\./, $ARGV[0]) { $v = ref $v eq "HASH" ? $v->{$_} : undef }
		print ref $v && !JSON::PP::is_bool($v) ? encode_json($v)
			: JSON::PP::is_bool($v) ? ($v ? "true" : "false") : $v // "";' "$1"
}

admin() { "$bin/countersignd" --dir "$dir" "$@"; }

# Waits until a command succeeds, at most SECONDS.
wait_until() { # SECONDS COMMAND...
	limit=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt $limit ] || return 1
		sleep 0.05
	done
}

server_start() { # ARGUMENTS of serve...
	rm -f "$tmp/port"
	"$bin/countersignd" --dir "$dir" serve $server_speaks --port 0 --port-file "$tmp/port" "$@" >"$tmp/server.out" 2>"$tmp/server.err" &
	server_pid=$!
	wait_until 20 test -s "$tmp/port" || {
		echo "Bail out! no server: $(cat "$tmp/server.err")"
		exit 1
	}
	port=$(cat "$tmp/port")
	url=http${server_speaks:-s}
	url=${url%%--*}://127.0.0.1:$port
}

server_stop() { # SIGNAL -> server_status
	kill "-${1:-TERM}" "$server_pid" 2>/dev/null
	wait "$server_pid" 2>/dev/null
	server_status=$?
	server_pid=
}

# init, one holder with account, PIN 2468 and credential, two terminals
backend_make() {
	# shellcheck disable=SC2086 # several words
	admin init --name "Corner Bank" --host QR.EXAMPLE.COM ${init_more:-} >"$tmp/init" || {
		echo "Bail out! init failed"
		exit 1
	}
	pin_file=$(secret_file pin 2468)
	passcode_file=$(secret_file passcode "correct horse battery")
	holder_id=$(admin holder add --name "Ada Lovelace" --phone "+44 1" | member holder)
	account_id=$(admin account add --holder "$holder_id" --number 12345 --pin-file "$pin_file" | member account)
	credential_new "$tmp/wallet"
	terminal_new till-a
	terminal_new till-b
	token_a=$(token_of till-a)
	token_b=$(token_of till-b)
}

# credential_new WALLET [ARGUMENTS of issue...] -> credential_id, activation
credential_new() {
	wallet=$1
	shift
	admin credential issue --holder "$holder_id" --account "$account_id" --face-value 500.00 "$@" >"$tmp/issued"
	credential_id=$(member credential <"$tmp/issued")
	activation=$(member token <"$tmp/issued")
}

terminal_new() { # NAME [ARGUMENTS...]
	name=$1
	shift
	admin terminal enrol "$name" --url "${url:-http://127.0.0.1:8080}" --config "$tmp/$name.conf" "$@" >"$tmp/enrolled"
}
token_of() { sed -n 's/^token = //p' "$tmp/$1.conf"; }

# Activates the wallet file of credential_new.
wallet_activate() {
	echo "$activation" | "$bin/holder" activate --url "$url" --token-stdin --wallet "$wallet" \
		--passcode-file "$passcode_file" >"$tmp/activated" 2>"$tmp/activate.err"
}

# http METHOD PATH [TOKEN [BODY]] -> status, body
http() {
	set -- "$1" "$2" "${3:-}" "${4:-}"
	body=$(curl -s -m 20 -o - -w '\n%{http_code}' -X "$1" ${3:+-H "Authorization: Bearer $3"} \
		${4:+-H 'Content-Type: application/json' --data-binary "$4"} "$url$2")
	status=${body##*
}
	body=${body%
*}
}
get() { printf %s "$body" | member "$1"; }
word() { get type | sed 's|.*/||'; }

# ---- the usual steps; each leaves status and body ----

at() { date +%s; } # the wallet's clock; scripts may redefine it
first_code() {
	"$bin/holder" show --wallet "$wallet" --passcode-file "$passcode_file" --at "$(at)"
}
start() { # TOKEN [MORE members]
	http POST /v1/verifications "$1" "{\"code\":\"$(first_code)\"${2:-}}"
	id=$(get id)
	number=$(get number)
	challenge=$(get challenge_code)
}
second_code() { # NUMBER [ARGUMENTS]
	"$bin/holder" answer "$@" --wallet "$wallet" --passcode-file "$passcode_file" --at "$(at)"
}
respond() { http POST "/v1/verifications/$id/response" "$1" "{\"code\":\"$2\"}"; }
pin() { http POST "/v1/verifications/$id/pin" "$1" "{\"pin\":\"$2\",\"try\":$3}"; }
state() { http GET "/v1/verifications/$id" "$1"; }
wrong_number() { # another one of as many digits
	case $1 in 9*) echo "0${1#?}" ;; *) echo "9${1#?}" ;; esac
}
