# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034 # variables are for who sources it
# A PostgreSQL of its own for a shell test: to be sourced after backend.sh. It ends with the script.
postgres_url=
: "${tmp:=}" # of backend.sh

# postgres_start [SETTING=VALUE...]
postgres_start() {
	mkfifo "$tmp/postgres.in" "$tmp/postgres.out"
	tests/lib/postgres.sh "$@" <"$tmp/postgres.in" >"$tmp/postgres.out" 2>"$tmp/postgres.err" &
	exec 7>"$tmp/postgres.in" 8<"$tmp/postgres.out"
	if ! read -r postgres_url <&8; then
		echo "Bail out! no PostgreSQL: $(cat "$tmp/postgres.err")"
		exit 1
	fi
}

# A program of the server package: pg_program pg_dump -> its path
pg_program() {
	find /usr/lib/postgresql -path "*/bin/$1" | sort -V | tail -n 1
}

# kill, stop or start; waits until it is done
postgres() {
	echo "$1" >&7
	read -r postgres_said <&8
}

# An empty database: postgres_database NAME -> its URL
postgres_database() {
	psql -q "$postgres_url" -c "CREATE DATABASE $1" >/dev/null 2>&1
	echo "$postgres_url" | sed "s|///postgres?|///$1?|"
}
postgres_sql() { # URL STATEMENT
	psql -q -t -A "$1" -c "$2" 2>&1
}
