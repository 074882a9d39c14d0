#!/bin/bash
# The image in Docker in a guest with systemd and cgroup v2, by the command of config/places.md,
# confined by AppArmor and without (tests/vm/guest/docker-image.sh).
# tier: long
# limit: 700
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

[ -e "$top/build/peers/docker.io" ] || {
	echo "docker is not unpacked: scripts/setup long"
	exit 77
}
build_services leaker field
mkdir "$tmp/out"
check "the image is built" env LEAKDOG_BUILD="$build" "$top/scripts/image" "$tmp/out/leakdog.tar"
check "in docker the evidence is there before the kill" env BUILD="$build" \
	"$top/tests/vm/run" -t 600 -m 1536 -o "$tmp/out" "$top/tests/vm/guest/docker-image.sh"
