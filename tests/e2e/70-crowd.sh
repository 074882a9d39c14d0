#!/bin/bash
# 100,000 goroutines with 100 MB of headroom: what would kill the service is left out, and
# the manifest says so.
# needs: root
# limit: 200
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
make_cgroup 1G
start_in "$cgroup" crowd "$services/leaker" -listen 127.0.0.1:0 -parked 100000 -delay 1h
crowd_pid=$pid
address_of crowd
sleep 2 # the goroutines are there: what they take stays, and 100 MB are left
limit=$(($(cgroup_usage "$cgroup") + 100 * 1000 * 1000))
echo $limit > "$(echo "$cgroup"/memory.{limit_in_bytes,max} | tr ' ' '\n' | xargs ls -d 2> /dev/null)"

cat > "$tmp/leakdog.yaml" << END
archive: {dir: $tmp/archive, keep_free: 16M}
services:
  crowd: {pid: $crowd_pid, pprof: "http://$address", rules: [goroutines > 50000]}
END
start_agent "$tmp/leakdog.yaml"

captured() {
	manifest=$(echo "$tmp/archive/crowd"/*/manifest.json)
	[ -e "$manifest" ] && field "$manifest" captures.0.dir > /dev/null
}
check "captured" wait_for 60 captured
check "it survives" kill -0 "$crowd_pid"
check "debug=2 is skipped" is "$manifest" captures.0.artifacts.kind=goroutine-text.result skipped
field "$manifest" captures.0.artifacts.kind=goroutine-text.why || true
check "the heap is complete" is "$manifest" captures.0.artifacts.kind=heap.result complete

stop_agent
