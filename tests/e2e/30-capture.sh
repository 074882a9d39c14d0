#!/bin/bash
# The capture child on its own, with jobs written by hand, against a real Go service in a real
# cgroup: what it takes, and what it leaves so that the service lives.
# needs: root
# limit: 120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

archive=$tmp/archive
fetch=$build/leakdog-fetch
build_services leaker field

# capture KIND INCIDENT: takes it of $pid at $address; its records in $tmp/INCIDENT.out.
capture() {
	local status=0
	"$fetch" capture --archive "$archive" > "$tmp/$2.out" <<- END || status=$?
		kind=$1
		service=leaker
		key=0a1b2c3d-$pid-1
		incident=$2
		number=1
		reason.rule=memory > 1M
		reason.slug=memory-1M
		reason.signal=memory
		reason.unit=bytes
		base=$base
		base_why=${base/taken/}
		target.pid=$pid
		endpoint.url=http://$address
		capture.artifacts=8191
		capture.collect=${collect:-0}
		capture.debug2_at_most=10000
		capture.timeout_ms=30000
		capture.max_bytes=268435456

	END
	echo "$2: exit $status, $(sed -n 's/^result.ms=//p' "$tmp/$2.out") ms"
	return $status
}
collecting() { collect=1 capture "$@"; }
told() { grep -qxF "$2" "$tmp/$1.out"; }

# artifact INCIDENT KIND MEMBER: of the record in the manifest.
artifact() { field "$archive/leaker/$1/manifest.json" "captures.0.artifacts.kind=$2.$3"; }
skipped_because() { [[ $(artifact "$1" "$2" result) = skipped && $(artifact "$1" "$2" why) =~ $3 ]]; }
lives() { kill -0 "$1"; }

# --- A service in trouble ---
make_cgroup $((512 << 20))
start_in "$cgroup" leaker env GOGC=90 "$services/leaker" -listen 127.0.0.1:0 -rate 100 -max 100 -parked 300
address_of leaker
first=$pid
base=taken
wait_for $patience bash -c "[ \$(cat '$cgroup'/memory.usage_in_bytes '$cgroup'/memory.current 2> /dev/null) -gt 90000000 ]"
check "the base is taken" capture base i-base
check "of a service in trouble everything is taken" collecting capture i-leak
check "where the plain heap shows all, none is collected" capture capture i-known
check "and the manifest says why" skipped_because i-known heap-gc \
	'^heap shows [0-9.]+M of [0-9.]+M resident'
dir=$archive/leaker/i-leak
check "it is complete" told i-leak result.kind=complete
check "the heap names the leak" names main.rememberReply "$dir/01/heap-gc.pb.gz"
check "the goroutines are named" names runtime.gopark "$dir/01/goroutine.pb.gz"
check "the text has all goroutines" \
	[ "$(zcat "$dir/01/goroutine.txt.gz" | grep -c '^goroutine ')" -gt 300 ]
check "MemStats are told" bash -c "zcat '$dir/01/memstats.txt.gz' | grep -q '^# HeapAlloc = '"
check "the kernel's files are there" [ -s "$dir/01/proc/status" ]
check "its build information is there" grep -q '^path	leakdog/leaker$' "$dir/01/proc/buildinfo"
check "the settings of its runtime are there, nothing else of its environment" \
	[ "$(cat "$dir/01/proc/goenv")" = GOGC=90 ]
check "the cgroup's files are there" bash -c "ls '$dir'/01/cgroup/memory.* > /dev/null"
check "the limit's headroom is in the manifest" \
	bash -c "[ \$('$services/field' '$dir/manifest.json' captures.0.headroom) -gt 0 ]"
check "the base stands beside it" [ -s "$dir/base/heap-gc.pb.gz" ]
check "the endpoint is the service's own" is "$dir/manifest.json" captures.0.endpoint verified
check "a recording is taken" capture record i-none
check "the archive keeps its promises" "$build/leakdog" verify --archive "$archive"
kill -KILL "$first"

# --- 100,000 goroutines, 100 MB of headroom ---
make_cgroup $((2048 << 20))
start_in "$cgroup" many "$services/leaker" -listen 127.0.0.1:0 -rate 0 -parked 100000
address_of many
base=missing
sleep 2 # until they are all parked and the heap is at rest
usage=$(cgroup_usage "$cgroup")
cgroup_make "${cgroup##*/}" $((usage + (100 << 20))) > /dev/null
echo "usage $((usage >> 20)) MB, limit $(((usage >> 20) + 100)) MB"
check "of 100,000 goroutines a capture is taken" capture capture i-many
check "it is complete, what is dear left out" told i-many result.kind=complete
check "debug=2 is skipped for their number" skipped_because i-many goroutine-text \
	'^100[0-9]{3} goroutines, debug2_at_most is 10000$'
check "their profile is taken in binary" [ "$(artifact i-many goroutine result)" = complete ]
check "the service lives" lives "$pid"
check "it was not killed for it" \
	bash -c "! grep -hE '^oom_kill [1-9]' '$cgroup'/memory.oom_control '$cgroup'/memory.events 2> /dev/null"

# --- 40 MB of headroom: even the binary profile could kill it ---
usage=$(cgroup_usage "$cgroup")
cgroup_make "${cgroup##*/}" $((usage + (40 << 20))) > /dev/null
check "with 40 MB a capture is taken" capture capture i-tight
check "the goroutines are skipped for the headroom" skipped_because i-tight goroutine \
	'^headroom [0-9.]+M, and 100[0-9]{3} goroutines need more than 66\.[0-9]M$'
check "the heap is taken" [ "$(artifact i-tight heap result)" = complete ]
check "the service lives" lives "$pid"
check "the archive keeps its promises" "$build/leakdog" verify --archive "$archive"
