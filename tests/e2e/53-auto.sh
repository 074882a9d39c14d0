#!/bin/bash
# pprof: auto. Of the ports of a process the one that answers as pprof does is found, also in
# a network namespace of its own; nobody else's port is asked, and its other ports only for
# their index page, once in a while.
# needs: root
# limit: 180
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker plain field

start decoy "$services/plain" -listen 127.0.0.1:0
address_of decoy
apart() { # NAME COMMAND...
	local name=$1
	shift
	# shellcheck disable=SC2016 # of the inner shell
	start "$name" unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
	wait_for $patience grep -qs 'listens on' "$tmp/$name.log" || die "$name: $(cat "$tmp/$name.log")"
}
start near "$services/leaker" -listen 127.0.0.1:0 -beside 127.0.0.1:0 -max 5 -parked 300
near=$pid
address_of near
near_address=$address
apart far "$services/leaker" -listen "$address" -beside 0.0.0.0:0 -max 5 -parked 700
far=$pid
start none "$services/plain" -listen 127.0.0.1:0
none=$pid
address_of none

config=$tmp/leakdog.yaml
cat > "$config" << END
archive: {dir: $tmp/archive, keep_free: 16M}
defaults: {pprof: auto, rules: [goroutines > 100000]}
services:
  near: {pid: $near}
  far: {pid: $far}
END
check "check finds them" "$build/leakdog" check "$config"
sed "\$a\\  none: {pid: $none}" "$config" > "$tmp/with-none.yaml"
gaps() {
	local code=0
	"$build/leakdog" check "$tmp/with-none.yaml" > "$tmp/out" 2>&1 || code=$?
	[ $code = 5 ] && grep -q 'none of its 1 ports on loopback serves pprof' "$tmp/out" && return
	echo "exit code $code" && cat "$tmp/out" && return 1
}
check "check says where there is none" gaps

start_agent "$config"
goroutines() { field "$tmp/run/status.json" "targets.service=$1.signals.goroutines" 2> /dev/null; }
counted() { [[ $(goroutines near) -gt 300 && $(goroutines near) -lt 400 && $(goroutines far) -gt 700 ]]; }
check "the agent counts their goroutines" wait_for $patience counted
check "it says where" grep -q "pprof of 'near' pid $near is at http://$near_address" "$tmp/leakdog.log"
asked=$(grep -c 'asked for' "$tmp/near.log" || true)
by_agent() { RUNTIME_DIRECTORY=$tmp/run "$build/leakdog" capture "$1" > "$tmp/out" 2>&1; }
filed() { manifest=$(compgen -G "$tmp/archive/$1/2*/manifest.json") && is "$manifest" captures.0.artifacts.kind=heap.result complete 2> /dev/null; }
for service in near far; do
	check "a capture of $service is asked for" by_agent $service
	check "and taken" wait_for $patience filed $service
	check "at an address that is proved" is "$manifest" captures.0.endpoint verified
done
check "what was found is remembered" [ "$(grep -c 'asked for' "$tmp/near.log" || true)" = "$asked" ]
stop_agent

by_hand() { "$build/leakdog" capture --archive "$tmp/hand" --pprof auto "$1" > "$tmp/out" 2> "$tmp/error" && manifest=$(cat "$tmp/out")/manifest.json; }
check "a person does it, too" by_hand "$far"
check "with its heap" is "$manifest" captures.0.artifacts.kind=heap.result complete
check "of one without pprof there is what the kernel says" by_hand "$none"
check "and why there is no more" is "$manifest" captures.0.artifacts.kind=heap.why \
	'auto: none of its 1 ports on loopback serves pprof'
only_indexes() { ! grep -h 'asked for' "$tmp/near.log" "$tmp/far.log" "$tmp/none.log" | grep -v 'asked for /debug/pprof/$'; }
check "other ports were asked for an index page only" only_indexes
nobody() { ! grep 'asked for' "$tmp/decoy.log"; }
check "and nobody else's at all" nobody
