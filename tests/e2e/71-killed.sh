#!/bin/bash
# The published incidents that end with a kill, in miniature: a job that loads every row for
# one bad id, an upload that is parsed into fifty times its size, compressors that are never
# closed, a map that only grows; and tickers that never stop, of which the heap says nothing.
# Each is captured before the end, and the profile names what people searched for days.
# needs: root
# limit: 300
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services cron-sync report field
config=$tmp/leakdog.yaml
cat > "$config" << END
archive: {dir: $tmp/archive, keep_free: 16M}
defaults: {base: {after: 3s}, again: 1d}
services:
END

# incident NAME LIMIT RULE COMMAND...: healthy for some seconds, then it leaks.
incident() {
	local name=$1 limit=$2 rule=$3
	shift 3
	make_cgroup "$limit"
	start_in "$cgroup" "$name" "$@" -listen 127.0.0.1:0
	address_of "$name"
	echo "  $name: {pid: $pid, pprof: \"http://$address\", rules: [\"$rule\"]}" >> "$config"
}
incident cron 512M 'memory > 62%' "$services/cron-sync" -every 2s -bad-shop 7
incident upload 512M 'memory grows 150M in 10s' "$services/report" -leak upload -delay 12s
incident gzip 256M 'memory > 62%' "$services/report" -leak gzip -delay 12s -every 4ms
incident trace 256M 'memory > 62%' "$services/report" -leak trace -delay 12s -every 200us
incident ticker 256M 'goroutines > 5x base' "$services/report" -leak ticker -delay 15s \
	-max 20000
start_agent "$config"

manifest_of() {
	manifest=$(echo "$tmp/archive/$1"/*/manifest.json)
	dir=$(dirname "$manifest")
}
sealed() {
	manifest_of "$1"
	[ -e "$manifest" ] && is "$manifest" state sealed
}
# killed NAME FUNCTION: captured whole, killed, and the heap names the function.
killed() {
	check "$1: sealed" wait_for 120 sealed "$1"
	check "$1: oom-killed" is "$manifest" verdict.outcome oom-killed
	check "$1: heap is complete" \
		is "$manifest" captures.0.artifacts.kind=heap.result complete
	check "$1: goroutines are complete" \
		is "$manifest" captures.0.artifacts.kind=goroutine.result complete
	check "$1: the heap names $2" \
		names "$2" -cum -base "$dir/base/heap-gc.pb.gz" "$dir/01/heap-gc.pb.gz"
}
killed cron main.ScanCustomersToEsSync
check "cron: and reflect.New" \
	names reflect.New -base "$dir/base/heap-gc.pb.gz" "$dir/01/heap-gc.pb.gz"
killed upload main.parseUpload
killed gzip compress/flate.NewWriter
killed trace main.recordTrace

captured() {
	manifest_of "$1"
	[ -e "$manifest" ]
}
check "ticker: captured" wait_for 60 captured ticker
check "ticker: the goroutines name main.watchProgress" \
	names main.watchProgress -base "$dir/base/goroutine.pb.gz" "$dir/01/goroutine.pb.gz"
stop_agent
