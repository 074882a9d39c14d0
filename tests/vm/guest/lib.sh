# Shared by the tests that run in the guest:  . "$SOURCE/tests/vm/guest/lib.sh"
# shellcheck shell=bash
#
# Under emulation all is ten times slower than on a real machine: patience is no promise,
# only the moment to give up.
set -euo pipefail
failures=0
patience=120
services=$BUILD/services

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

field() { "$services/field" "$@"; }
is() { [ "$(field "$1" "$2")" = "$3" ]; }
property() { systemctl show -p "$2" --value "$1"; }

# install_leakdog SERVICE...: the programs, the shipped unit and its user, and services of the
# tests; what a failed test is to show is for the function "tell".
install_leakdog() {
	at "install"
	install -m 755 "$BUILD/leakdog" "$BUILD/leakdog-fetch" /usr/bin/
	install -m 755 "${@/#/$services/}" /usr/local/bin/
	cp "$SOURCE/systemd/leakdog.service" /etc/systemd/system/
	cp "$SOURCE/systemd/leakdog.sysusers.conf" /usr/lib/sysusers.d/leakdog.conf
	systemd-sysusers /usr/lib/sysusers.d/leakdog.conf
	mkdir -p /etc/leakdog /etc/systemd/system/leakdog.service.d
}

# However the test ends: what there is to know about a failure, and the status.
finish() {
	local status=$?
	if [ $failures != 0 ] || [ $status != 0 ]; then
		status=1
		at "what is known"
		tell || true
	fi
	at "$failures failed"
	exit $status
}
tell() { journalctl -o short-monotonic --no-pager | tail -n 200; }
trap finish EXIT
