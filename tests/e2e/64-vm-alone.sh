#!/bin/bash
# The image in a guest with systemd and cgroup v2, beside a service of which it sees no process:
# watched over HTTP alone, as config/kubernetes/sidecar-http.yaml has it
# (tests/vm/guest/alone.sh).
# tier: long
# limit: 600
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
mkdir "$tmp/out"
check "the image is built" env LEAKDOG_BUILD="$build" "$top/scripts/image" "$tmp/out/leakdog.tar"
check "over HTTP alone the evidence is there before the kill" env BUILD="$build" \
	"$top/tests/vm/run" -t 500 -o "$tmp/out" "$top/tests/vm/guest/alone.sh"
