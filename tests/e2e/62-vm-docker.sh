#!/bin/bash
# Docker in a guest with systemd and cgroup v2, its containers confined by AppArmor, watched
# from their machine (tests/vm/guest/docker.sh).
# tier: long
# limit: 700
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

[ -e "$top/build/peers/docker.io" ] || {
	echo "docker is not unpacked: scripts/setup long"
	exit 77
}
build_services leaker field
check "each is captured in its own network before it is killed" env BUILD="$build" \
	"$top/tests/vm/run" -t 600 -m 1536 -o "$tmp/out" "$top/tests/vm/guest/docker.sh"
