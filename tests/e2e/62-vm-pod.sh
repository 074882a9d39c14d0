#!/bin/bash
# A container of a pod in a guest with systemd and cgroup v2, watched from its node, as the
# kubelet starts it (tests/vm/guest/containers.sh). The other runtimes: 62-vm-containers.sh.
# limit: 300
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
mkdir "$tmp/out"
echo by-systemd > "$tmp/out/services"
check "it is captured in its own network before it is killed" env BUILD="$build" \
	"$top/tests/vm/run" -t 240 -o "$tmp/out" "$top/tests/vm/guest/containers.sh"
