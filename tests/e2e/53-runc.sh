#!/bin/bash
# A container of runc on this machine, whichever version its control groups have: found by the
# names of its pod, asked in its own network, killed; and the one that follows.
# needs: root
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field
SOURCE=$top
at() { echo "$*"; }
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$top/tests/vm/guest/containers-lib.sh"

limit=$((64 << 20)) root=$tmp/root names=$tmp/log status=$tmp/run/status.json archive=$tmp/archive
first_life=(/leaker -delay 7s -rate 12)
service_root "$root" "$services/leaker"
mkdir -p "$names/pods" "$names/containers"
uid=1a2b3c4d-0000-4000-8000-0000000000$(printf %02d $(($$ % 100)))
pod=/kubepods-leakdog-$$/burstable/pod$uid
remove() {
	local life
	for life in 0 1; do
		runc delete -f "$(id_of "$$ $life")" 2> /dev/null || true
	done
	find /sys/fs/cgroup -depth -path "*/kubepods-leakdog-$$*" -type d -exec rmdir {} + || true
}
at_end remove
start_order() {
	local life=$1 id
	shift
	id=$(id_of "$$ $life")
	kubelet_names shop order-7d9f5c-x2x4z "$uid" api "$id" "$life"
	make_bundle "$tmp/order-$life" root="$root" limit=$limit cgroup="$pod/$id" -- "$@"
	run_in_runc "$id" "$tmp/order-$life"
}

cat > "$tmp/leakdog.yaml" << END
runtime: { logs: $names }
services:
  order:
    pod: { namespace: shop, name: order-*, container: api }
    pprof: http://127.0.0.1:6060
    rules: [memory > 62%]
    base: { after: 3s }
    cooldown: 1s
archive: { dir: $tmp/archive, keep_free: 1M }
END
start_agent "$tmp/leakdog.yaml"
live order
lived order 0
check "it is captured in its own network before it is killed" evidence_of order "$pid" "own-counter parent-counter"
check "with the name of its pod" is "$manifest" target.container.pod order-7d9f5c-x2x4z
lived order 1
check "the next one has a base of its own" wait_for $patience watched order "$pid" base.state "taken late"
stop_agent
