# Shared by the tests that run in the guest:  . "$SOURCE/tests/vm/guest/lib.sh"
# shellcheck shell=bash
#
# Under emulation all is ten times slower than on a real machine: patience is no promise,
# only the moment to give up.
set -euo pipefail
failures=0
patience=120

# check WHAT COMMAND...: COMMAND must succeed. The test goes on either way.
check() {
	local what=$1
	shift
	if "$@"; then
		echo "ok: $what"
	else
		echo "NOT OK: $what ($*)"
		failures=$((failures + 1))
	fi
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.3
	done
}

at() { printf '\n%s (%s s of guest)\n' "$*" "$(cut -d' ' -f1 /proc/uptime)"; }
