#!/bin/bash
# The shipped unit in a guest with systemd and cgroup v2: tests/vm/guest/systemd.sh.
# limit: 900
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker hog field
check "the shipped unit watches, captures and survives" env BUILD="$build" \
	"$top/tests/vm/run" -t 600 -o "$tmp/out" "$top/tests/vm/guest/systemd.sh"
