#!/bin/bash
# leakdog-capture.socket in a guest with systemd and cgroup v2: tests/vm/guest/capture.sh.
# tier: long
# limit: 900
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
check "an agent without a capability captures in another network" env BUILD="$build" \
	"$top/tests/vm/run" -t 600 -o "$tmp/out" "$top/tests/vm/guest/capture.sh"
