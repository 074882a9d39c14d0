# Shared by the end-to-end tests:  . "$(dirname "$(readlink -f "$0")")/lib.sh"
# shellcheck shell=bash
#
# A test starts services and agents with the functions below and says with "check" what must
# hold; at its end everything that it started is gone, and it says how long it took.
set -euo pipefail

top=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
# shellcheck source=scripts/cgroup.sh
. "$top/scripts/cgroup.sh"
build=${LEAKDOG_BUILD:-$top/build}
services=$build/services
# A service of the tests that stands in for a real one is slow on a busy machine: this is
# no promise, only the moment to give up.
patience=60

own_tmp=
tmp=${TEST_TMP:-}
if [ -z "$tmp" ]; then
	tmp=$(mktemp -d)
	own_tmp=$tmp
fi
failures=0
children=() cgroups=() endings=()

# at_end COMMAND: done before all else when the test ends, however it ends.
at_end() { endings+=("$1"); }
finish() {
	local status=$? pid dir ending
	for ending in "${endings[@]}"; do
		eval "$ending" || true
	done
	for pid in "${children[@]}"; do
		kill -KILL "$pid" 2> /dev/null || true
		wait_for 10 gone "$pid" || true # before their files are removed
	done
	for dir in "${cgroups[@]}"; do
		cgroup_remove "$dir" || status=1
	done
	[ -z "$own_tmp" ] || rm -rf "$own_tmp"
	[ $failures = 0 ] || status=1
	echo "$SECONDS s, $failures failed"
	exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM

# check WHAT COMMAND...: COMMAND must succeed. The test goes on either way.
check() {
	local what=$1 begin=$SECONDS
	shift
	if "$@"; then
		echo "ok: $what"
	else
		failures=$((failures + 1))
		echo "NOT OK: $what ($*; after $((SECONDS - begin)) s)"
	fi
}

die() {
	echo "NOT OK: $*"
	failures=$((failures + 1))
	exit 1
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

build_services() {
	"$top/tests/services/build" "$services" "$@"
}

# make_cgroup BYTES: a cgroup of this test's own, in $cgroup.
make_cgroup() {
	cgroup=$(cgroup_make "leakdog-test-$$-${#cgroups[@]}" "$1")
	cgroups+=("$cgroup")
}

# start NAME COMMAND...: in the background, its output in $tmp/NAME.log; pid in $pid.
start() {
	local log=$tmp/$1.log
	shift
	"$@" > "$log" 2>&1 &
	pid=$!
	disown "$pid" # or the shell tells when it is killed
	children+=("$pid")
}

# start_in CGROUP NAME COMMAND...
start_in() {
	local dir=$1 name=$2
	shift 2
	start "$name" cgroup_exec "$dir" "$@"
}

# start_agent CONFIG: leakdog run; its pid in $agent, its log in $tmp/leakdog.log, its files in
# $tmp/run.
start_agent() {
	start leakdog "$build/leakdog" run --config "$1" --run-dir "$tmp/run"
	agent=$pid
	wait_for $patience agent_is_up_or_gone || true
	! gone "$agent" || die "the agent does not run: $(cat "$tmp/leakdog.log")"
}
agent_is_up_or_gone() { [ -e "$tmp/run/status.json" ] || gone "$agent"; }

# stop_agent: SIGTERM; it must obey, and leave an archive as promised.
stop_agent() {
	kill "$agent"
	check "the agent ends" wait_for $patience gone "$agent"
	check "the archive is as promised" "$build/leakdog" verify --archive "$tmp/archive"
	[ $failures = 0 ] || cat "$tmp/leakdog.log"
}

# address_of NAME: what the service announced, into $address.
address_of() {
	wait_for $patience grep -qs 'listens on' "$tmp/$1.log" || die "$1 did not start: $(cat "$tmp/$1.log")"
	export address
	address=$(sed -nE 's/.* listens on ([^ ]+) pid.*/\1/p' "$tmp/$1.log")
}

gone() { ! kill -0 "$1" 2> /dev/null; }

# field FILE PATH: see tests/services/field.
field() { "$services/field" "$@"; }

# is FILE PATH VALUE: the field has this value.
is() { [ "$(field "$1" "$2")" = "$3" ]; }

# names FUNCTION OPTION... PROFILE: go tool pprof finds the function among the first.
names() {
	local function=$1
	shift
	go tool pprof -top -nodecount=30 "$@" 2> /dev/null | grep -qF "$function"
}

# pages_hold DIRECTORY...: the report.html in each holds in a real browser, and shows what its
# report.json says.
pages_hold() {
	command -v chromium > /dev/null && command -v node > /dev/null || {
		echo "NOT LOOKED AT: pages of reports need chromium and node"
		return
	}
	node "$top/tests/browser/report.mjs" "$@" > "$tmp/pages.log" 2>&1 && tail -n 1 "$tmp/pages.log" && return
	grep -v '^ok' "$tmp/pages.log"
	return 1
}
