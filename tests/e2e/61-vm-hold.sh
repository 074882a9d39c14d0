#!/bin/bash
# hold in a guest with systemd and cgroup v2: tests/vm/guest/hold.sh.
# tier: long
# limit: 900
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
check "a unit's limit is raised and put back in every end" env BUILD="$build" \
	"$top/tests/vm/run" -t 800 -o "$tmp/out" "$top/tests/vm/guest/hold.sh"
