#!/bin/bash
# The race by the shipped unit on cgroup v2, in a guest of 256 MB: 20 times by a limit, and 20
# times where the machine itself has no memory left (tests/vm/guest/race.sh).
# tier: long
# limit: 3600
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker hog field
mkdir -p "$tmp/out"
echo "${LEAKDOG_ROUNDS:-20}" > "$tmp/out/rounds"
check "a heap is on the disk before each kill" env BUILD="$build" \
	"$top/tests/vm/run" -t 3500 -m 256 -o "$tmp/out" "$top/tests/vm/guest/race.sh"
sort "$tmp/out/results" | awk '{ n[$1 " " $2]++ } END { for (what in n) print what ": " n[what] }'
