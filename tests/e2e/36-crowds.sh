#!/bin/bash
# Several processes where one is expected: a fork of the service, two services in one
# cgroup, four instances and one address.
# needs: root
# limit: 200
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
status=$tmp/run/status.json
config=$tmp/leakdog.yaml

# copy NAME: the leaker under a name of its own, so that name: finds nothing else.
copy() { cp "$services/leaker" "$tmp/$1"; }

copy forking
start forking "$tmp/forking" -listen 127.0.0.1:0 -delay 1h -fork
address_of forking
forking=$pid forking_address=$address
make_cgroup 512M
shared=$cgroup
copy large
start_in "$shared" large "$tmp/large" -listen 127.0.0.1:0 -rate 40 -max 200 -delay 12s
address_of large
large=$pid large_address=$address
copy small
start_in "$shared" small "$tmp/small" -listen 127.0.0.1:0 -delay 1h
address_of small
small=$pid small_address=$address

cat > "$config" << END
archive: {dir: $tmp/archive, keep_free: 16M}
defaults: {base: {after: 3s}, again: 1d}
services:
  forking: {name: forking, pprof: "http://$forking_address", rules: [memory > 4G]}
  large: {pid: $large, pprof: "http://$large_address", rules: [memory > 150M]}
  small: {pid: $small, pprof: "http://$small_address", rules: [memory > 150M]}
END
check "the configuration is fine" "$build/leakdog" check "$config"
start_agent "$config"
watched() { [ "$(field "$status" "targets.service=$1.pid" 2> /dev/null)" = "$2" ]; }
check "of parent and child the one that listens is watched" \
	wait_for $patience watched forking "$forking"
count() { field "$status" targets | grep -o '"service":"forking"' | wc -l; }
sleep 3 # three more scans: the other is not met later either
check "and nothing else" [ "$(count)" = 1 ]
filed() { [ -e "$(echo "$tmp/archive/$1"/*/manifest.json)" ]; }
check "the larger of two in one cgroup is captured" wait_for $patience filed large
sleep 3 # the smaller would have been captured by now
check "the smaller is not" eval '! filed small'
stop_agent

copy worker
for n in 1 2 3 4; do
	start "worker-$n" "$tmp/worker" -listen 127.0.0.1:0 -delay 1h
	address_of "worker-$n"
done
cat > "$config" << END
archive: {dir: $tmp/archive2, keep_free: 16M}
services:
  worker: {name: worker, pprof: "http://$address", rules: [memory > 4G]}
END
refused() {
	local status=0
	"$build/leakdog" check "$config" > "$tmp/check.log" 2>&1 || status=$?
	cat "$tmp/check.log"
	[ $status = 2 ] && grep -q worker "$tmp/check.log"
}
check "four instances and one address are an error" refused
