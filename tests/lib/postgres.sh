#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL cluster of its own in a temporary directory, for tests. Prints one line, the URL of
# its first database, when it answers; then follows the lines it reads:
#   kill      kill -9 of the server and all its processes
#   start     start it again; prints the URL when it answers
#   stop      a clean stop, as for a restart
# and stops and removes everything when its input ends: so also when whoever started it was killed.
# Arguments are settings, "name=value", for the server.
set -u
# shellcheck disable=SC2086 # settings are words
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
if [ ! -x "$bin/initdb" ]; then
	echo 'no PostgreSQL server here' >&2
	exit 1
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/countersign-pg-XXXXXX") || exit 1
pid=

# The server refuses to run as root.
as=
if [ "$(id -u)" = 0 ]; then
	user=nobody
	id postgres >/dev/null 2>&1 && user=postgres
	chown "$user" "$dir"
	as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups --pdeathsig KILL"
else
	as="setpriv --pdeathsig KILL"
fi
cd "$dir" || exit 1

kill_all() {
	[ -n "$pid" ] || return 0
	# shellcheck disable=SC2046 # several numbers
	kill -9 "$pid" $(ps -o pid= --ppid "$pid") 2>/dev/null
	wait "$pid" 2>/dev/null
	pid=
}

clean() {
	trap - EXIT
	kill_all
	cd / && rm -rf "$dir"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM PIPE

start() {
	tries=0
	while [ $tries -lt 20 ]; do
		# the processes of a killed one may still hold its memory: then it ends at once
		$as "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= \
			-c shared_buffers=32MB -c max_connections=60 "$@" \
			>>"$dir/log" 2>&1 </dev/null &
		pid=$!
		waited=0
		while kill -0 "$pid" 2>/dev/null && [ $waited -lt 600 ]; do
			if "$bin/pg_isready" -q -h "$dir" -d postgres; then
				echo "postgresql:///postgres?host=$dir&user=tester"
				return 0
			fi
			sleep 0.05
			waited=$((waited + 1))
		done
		kill_all
		tries=$((tries + 1))
		sleep 0.1
	done
	cat "$dir/log" >&2
	return 1
}

settings=
for one; do
	settings="$settings -c $one"
done
$as "$bin/initdb" -D "$dir/data" -U tester -A trust -E UTF8 --locale=C --no-sync --no-instructions \
	>"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
# shellcheck disable=SC2086 # words on purpose
start $settings || exit 1
while read -r line; do
	case $line in
	kill) kill_all && echo killed ;;
	stop) kill -INT "$pid" && wait "$pid"; pid=; echo stopped ;;
	start) start $settings || exit 1 ;;
	*) echo "postgres.sh: no such command: $line" >&2 ;;
	esac
done
exit 0
