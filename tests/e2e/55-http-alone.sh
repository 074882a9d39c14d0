#!/bin/bash
# A service of which nothing is known but its addresses: no process, no cgroup, no right. Counts
# and memory come over HTTP, the limit is said by hand, and a new life at the same address is
# another target with a base of its own.
# needs: root
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field
archive=$tmp/archive
make_cgroup $((96 << 20))
port=$((20000 + $$ % 10000))
life() { # NAME OPTION...
	local name=$1
	shift
	start_in "$cgroup" "$name" "$services/leaker" -listen 127.0.0.1:$port "$@"
	address_of "$name"
}
life first -delay 6s -rate 12
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $archive, keep_free: 16M }
defaults: { again: off, base: { after: 2s } }
services:
  both:
    pprof: http://127.0.0.1:$port
    metrics: http://127.0.0.1:$port/metrics
    limit: 96M
    rules: [ memory > 50% ]
  counted:
    pprof: http://127.0.0.1:$((port + 1))
    rules: [ goroutines > 3 ]
END
start calm "$services/leaker" -listen 127.0.0.1:$((port + 1)) -max 1 -parked 3000
address_of calm
calm=$pid
"$build/leakdog" check "$tmp/leakdog.yaml" > "$tmp/checked" 2>&1 && code=0 || code=$?
check "check finds nothing wrong" [ "$code" = 0 ]
printf 'services: { x: { pprof: "http://127.0.0.1:%s", rules: [ memory > 5G, fds > 9, pressure > 5 ] } }\n' "$port" > "$tmp/bad.yaml"
"$build/leakdog" check "$tmp/bad.yaml" > "$tmp/bad" 2>&1 && code=0 || code=$?
check "what cannot be had over HTTP is refused" [ "$code" = 2 ]
check "each with what to do" [ "$(grep -cE 'add metrics: http|add a process selector' "$tmp/bad")" = 3 ]

start_agent "$tmp/leakdog.yaml"
manifest() { printf '%s\n' "$archive/$1"/2*/manifest.json | sed -n "${2:-1}p"; }
of() { is "$(manifest "$1")" "$2" "$3" 2> /dev/null; }
check "counted: an incident of its goroutines" wait_for $patience of counted reason.signal goroutines
check "counted: the goroutines are there" wait_for $patience of counted captures.0.artifacts.kind=goroutine.result complete
check "both: memory of its page of metrics fires" wait_for $patience of both reason.rule 'memory > 50%'
check "both: a heap is complete" wait_for $patience of both captures.0.artifacts.kind=heap-gc.result complete
check "both: the kernel's files are not there, and why" of both captures.0.artifacts.kind=sockets.why \
	"the service has no process selector: it is watched over HTTP alone"
based() { of both base.state taken || of both base.state late; } # as busy as the machine is
check "both: it has a base" based
check "both: its end is a kill, inferred" wait_for $patience of both verdict.outcome oom-killed
check "both: inferred" of both verdict.evidence inferred
field "$(manifest both)" verdict.detail
life second -max 1
bases() { [ "$(grep -c "base of 'both' pid 0 complete" "$tmp/leakdog.log")" -ge 2 ]; }
check "both: the next life has a base of its own" wait_for $patience bases

# Another life at once, so that no question ever met a closed port.
kill -KILL "$calm"
wait_for $patience gone "$calm"
start calm2 "$services/leaker" -listen 127.0.0.1:$((port + 1)) -max 1
younger() { grep -qE "'counted' at .*: (what answers there is younger|nothing listens)" "$tmp/leakdog.log"; }
check "counted: a new life is told from the old one" wait_for $patience younger
sealed() { of counted verdict.outcome exited; }
check "counted: the old one's incident is sealed" wait_for $patience sealed
stop_agent
