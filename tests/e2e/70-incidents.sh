#!/bin/bash
# The published incidents of goroutines, in miniature and with the real libraries: a gRPC
# client that is dialled again on every error, and SSH handshakes without a deadline. Both
# fire on the count of goroutines while memory says nothing. And 100,000 goroutines with
# 100 MB of headroom: what would kill the service is left out, and the manifest says so.
# needs: root
# limit: 400
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services grpc-redial ssh-hang leaker field

start backend "$services/grpc-redial" -backend -listen 127.0.0.1:0
address_of backend
backend=$address
start peers "$services/ssh-hang" -peers -listen 127.0.0.1:0
address_of peers
peers=$address

# 25 s of health: a base at 10 s, and counts of goroutines every 10 s.
make_cgroup 256M
start_in "$cgroup" grpc "$services/grpc-redial" -listen 127.0.0.1:0 -dial "$backend" \
	-healthy 25s
grpc_pid=$pid
address_of grpc
grpc=$address
make_cgroup 256M
start_in "$cgroup" ssh "$services/ssh-hang" -listen 127.0.0.1:0 -dial "$peers" -healthy 25s
ssh_pid=$pid
address_of ssh
ssh=$address
make_cgroup 1G
start_in "$cgroup" crowd "$services/leaker" -listen 127.0.0.1:0 -parked 100000 -delay 1h
crowd_pid=$pid
address_of crowd
crowd=$address
sleep 2 # the goroutines are there: what they take stays, and 100 MB are left
limit=$(($(cgroup_usage "$cgroup") + 100 * 1000 * 1000))
echo $limit > "$(echo "$cgroup"/memory.{limit_in_bytes,max} | tr ' ' '\n' | xargs ls -d 2> /dev/null)"

cat > "$tmp/leakdog.yaml" << END
archive: {dir: $tmp/archive, keep_free: 16M}
defaults: {base: {after: 10s}, again: 20s}
services:
  grpc: {pid: $grpc_pid, pprof: "http://$grpc", rules: [goroutines > 5x base]}
  ssh: {pid: $ssh_pid, pprof: "http://$ssh", rules: [goroutines > 5x base]}
  crowd: {pid: $crowd_pid, pprof: "http://$crowd", rules: [goroutines > 50000]}
END
start_agent "$tmp/leakdog.yaml"

# captured SERVICE N: the incident has so many captures.
manifest_of() { manifest=$(echo "$tmp/archive/$1"/*/manifest.json); }
captured() {
	manifest_of "$1"
	[ -e "$manifest" ] && field "$manifest" "captures.$(($2 - 1)).dir" > /dev/null
}
whole() { # SERVICE: heap and goroutines of both captures
	local n kind
	for n in 0 1; do
		for kind in heap goroutine; do
			check "$1: $kind of capture $((n + 1)) is complete" \
				is "$manifest" "captures.$n.artifacts.kind=$kind.result" complete
		done
	done
}
# at_least N COUNT
at_least() { [ "$2" -ge "$1" ]; }

for service in grpc ssh; do
	check "$service: the rule fires, twice captured" wait_for 120 captured $service 2
	captured $service 2 || continue
	check "$service: by the count of goroutines" \
		is "$manifest" reason.rule 'goroutines > 5x base'
	check "$service: its base was taken in time" is "$manifest" base.state taken
	whole $service
	dir=$(dirname "$manifest")
	echo "$service: $(field "$manifest" captures.1.goroutines) goroutines"
done
manifest_of grpc
dir=$(dirname "$manifest")
check "grpc: 4,000 goroutines" at_least 4000 "$(field "$manifest" captures.1.goroutines)"
check "grpc: the heap names the transport's buffers" \
	names newBufWriter -base "$dir/base/heap-gc.pb.gz" "$dir/02/heap-gc.pb.gz"
check "grpc: the goroutines name the transport" \
	names resetTransport -base "$dir/base/goroutine.pb.gz" "$dir/02/goroutine.pb.gz"
manifest_of ssh
dir=$(dirname "$manifest")
check "ssh: 1,000 goroutines" at_least 1000 "$(field "$manifest" captures.1.goroutines)"
check "ssh: the goroutines name the handshake" \
	names ssh.readVersion -cum -base "$dir/base/goroutine.pb.gz" "$dir/02/goroutine.pb.gz"
check "ssh: the stacks with their waits are there" \
	is "$manifest" captures.1.artifacts.kind=goroutine-text.result complete

check "crowd: captured" wait_for 60 captured crowd 1
check "crowd: it survives" kill -0 "$crowd_pid"
check "crowd: debug=2 is skipped" \
	is "$manifest" captures.0.artifacts.kind=goroutine-text.result skipped
field "$manifest" captures.0.artifacts.kind=goroutine-text.why || true
check "crowd: the heap is complete" is "$manifest" captures.0.artifacts.kind=heap.result complete

stop_agent
