#!/bin/bash
# The pages of config/places.md for systemd and for Podman, typed word by word in a guest
# (tests/vm/guest/pages.sh). What they name is looked up in each round: 30-pages.sh.
# tier: long
# limit: 700
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
mkdir "$tmp/out"
check "the image is built" env LEAKDOG_BUILD="$build" "$top/scripts/image" "$tmp/out/leakdog.tar"
check "what they say works" env BUILD="$build" \
	"$top/tests/vm/run" -t 600 -m 2048 -o "$tmp/out" "$top/tests/vm/guest/pages.sh"
