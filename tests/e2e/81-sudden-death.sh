#!/bin/bash
# From a calm life to the limit in less than a second, and no rule that foresaw it: the kernel
# kills, and there is an incident all the same, with its timeline, its verdict and a profile of
# before. At 1,000 MB/s there is no time for more.
# needs: root
# tier: full
# limit: 120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field

make_cgroup $((256 << 20))
start_in "$cgroup" leaker "$services/leaker" -listen 127.0.0.1:0 -rate 1000 -delay 6s
leaker=$pid
address_of leaker
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive, keep_free: 16M }
services:
  shop: { pid: $leaker, pprof: "http://$address", rules: [ goroutines > 100000 ] }
END
chmod 644 "$tmp/leakdog.yaml"
start_agent "$tmp/leakdog.yaml"

check "the kernel kills it" wait_for $patience gone "$leaker"
sealed() {
	manifest=$(echo "$tmp"/archive/shop/2*/manifest.json)
	[ -e "$manifest" ] && is "$manifest" state sealed
}
check "there is an incident, and it is sealed" wait_for $patience sealed
incident=${manifest%/*}
check "its rule is the built-in one" is "$manifest" reason.rule "oom kill"
check "its verdict is oom-killed" is "$manifest" verdict.outcome oom-killed
check "its timeline is there" [ -s "$incident/timeline.csv" ]
profile=$(find "$incident/recorder" -name '*.pb.gz' | sort | tail -n 1)
check "a heap of before is there" [ -n "$profile" ]
check "it is one of its heap" names Type: "$profile"
age=$(($(date +%s) - $(stat -c %Y "$profile")))
reported() { [ -s "$incident/report.json" ] && ! is "$manifest" reported.result failed; }
check "its report is written" wait_for $patience reported
check "and says that this heap is the recorder's" \
	grep -q "is the recorder's last one" "$incident/summary.txt"
check "it is not older than recorder.every, 10 minutes" [ "$age" -le 600 ]
stop_agent
