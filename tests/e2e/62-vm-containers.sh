#!/bin/bash
# Containers in a guest with systemd and cgroup v2, watched from their node: podman, containerd,
# and runc as the kubelet starts it with both of its drivers (tests/vm/guest/containers.sh).
# tier: long
# limit: 900
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
check "each is captured in its own network before it is killed" env BUILD="$build" \
	"$top/tests/vm/run" -t 800 -o "$tmp/out" "$top/tests/vm/guest/containers.sh"
